"""Results that can be made again: one .npz for each question, of arrays and plain text. Never pickled; a damaged file counts as missing.

Arrays of a record stand under their path in it ("attribution.cases.mean"); all else is JSON under PLAIN. How a value is built again follows
from the annotations of its record.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import IO, Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from pat_core import __version__
from pat_core.cohorts import workspace_trouble
from pat_core.cohorts.database import Database
from pat_core.cohorts.database_values import to_json
from pat_core.cohorts.kept.shelf import temporary
from pat_core.errors import WorkspaceError, WorkspaceTrouble
from pat_core.files import open_private

PLAIN = "record"
Kept = TypeVar("Kept")
Arrays = Mapping[str, np.ndarray]


class Codec(Generic[Kept]):
    """For values of one kind: a dataclass of arrays, plain values, tuples and further such dataclasses; an array; a dict of arrays; or,
    with `Any`, plain JSON."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def encode(self, value: Kept) -> dict[str, np.ndarray]:
        """The value as arrays of numbers. TypeError for what is neither an array nor plain."""
        arrays: dict[str, np.ndarray] = {}
        plain = _plain(value, "", arrays)
        return arrays if _without_plain(plain) else arrays | {PLAIN: np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)}

    def decode(self, arrays: Arrays) -> Kept:
        """The value back. KeyError, TypeError or ValueError where the arrays are of another kind or an earlier form."""
        plain = json.loads(arrays[PLAIN].tobytes().decode()) if PLAIN in arrays else None
        return _built(self.kind, plain, "", arrays)


def _without_plain(plain: object) -> bool:
    """Nothing but arrays was in it."""
    return plain is None or plain == {}


def _plain(value: object, path: str, arrays: dict[str, np.ndarray]) -> Any:
    """What of a value is no array; arrays go to their path. None in the place of an array."""
    if isinstance(value, np.ndarray):
        arrays[path or "values"] = value
        return None
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        parts = {name: _plain(inner, _under(path, name), arrays) for name, inner in value.items()}
        return {name: inner for name, inner in parts.items() if not isinstance(value[name], np.ndarray)}
    if isinstance(value, list | tuple):
        return [_plain(inner, _under(path, number), arrays) for number, inner in enumerate(value)]
    return value.item() if isinstance(value, np.generic) else value


def _under(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _built(kind: Any, plain: Any, path: str, arrays: Arrays) -> Any:
    """A value of this kind at this path."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        there = path in arrays or plain is not None
        return _built(next(part for part in inner if part is not NoneType), plain, path, arrays) if there else None
    if kind is np.ndarray or origin is np.ndarray:
        return arrays[path or "values"]
    if is_dataclass(kind):
        record: Any = kind
        hints, stored = get_type_hints(record), plain or {}
        names = [field.name for field in fields(record)]
        return record(**{name: _built(hints[name], stored.get(name), _under(path, name), arrays) for name in names})
    if origin is tuple:
        each = inner[0] if len(inner) == 2 and inner[1] is Ellipsis else None
        return tuple(_built(each or inner[number], part, _under(path, number), arrays) for number, part in enumerate(plain))
    if origin is dict and inner[1] is np.ndarray:
        return {name: values for name, values in arrays.items() if name != PLAIN}
    return plain


_ABOUT = "about.json"
_DAMAGE = (OSError, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)
MOST_IN_MEMORY = 64
_in_memory: dict[Path, dict[str, np.ndarray]] = {}
"""What could not be written, by the file that it should be in."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """What a result is the answer to. what: a kind of result, in words. parts: plain values, all that it depends on (hashes of content,
    method, settings, versions of rules); the version of the engine goes without saying."""

    what: str
    parts: Mapping[str, object]

    @property
    def key(self) -> str:
        """One text for one question."""
        return f"{self.what} " + json.dumps({**self.parts, "engine": __version__}, sort_keys=True)


def digest(plain: object) -> str:
    """sha256 of plain values, for parts of a question that are many."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


class Cache(Database):
    """The part of the workspace that keeps results: `remember` is all that most need of it."""

    def remember(self, question: Question, make: Callable[[], Kept], codec: Codec[Kept]) -> Kept:
        """The answer to this question: as it was kept, else made now and kept (`keep`)."""
        answer = self.kept(question, codec)
        if answer is None:
            answer = make()
            self.keep(question, answer, codec)
        return answer

    def kept(self, question: Question, codec: Codec[Kept]) -> Kept | None:
        """The answer where it is kept already; None where it is not, or was kept in an earlier form."""
        arrays = self.cache_get(question.key)
        try:
            return None if arrays is None else codec.decode(arrays)
        except (KeyError, TypeError, ValueError) as error:
            logger.warning("a result that was kept in another form is made again: %s", error)
            return None

    def keep(self, question: Question, answer: Kept, codec: Codec[Kept], surely: bool = False) -> None:
        """Keep an answer on the disk, in memory where that is full or read-only. surely: WorkspaceTrouble there instead."""
        (self.cache_put if surely else self.cache_keep)(question.key, codec.encode(answer))

    def cache_put(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keeps arrays under a key. WorkspaceError for arrays of Python objects, WorkspaceTrouble for a disk that cannot be written."""
        about = to_json({"key": key})
        plain = {name: np.asarray(values) for name, values in arrays.items()}
        objects = [name for name, values in plain.items() if values.dtype.hasobject]
        if objects:
            raise WorkspaceError(f"Expected arrays of numbers or text for the cache, got Python objects in {', '.join(objects)}.")
        if self.read_only:
            raise workspace_trouble.read_only(self.folder)
        final = self._file(key)
        draft = temporary(final.parent)
        try:
            with open_private(draft, "wb") as file:
                _write(file, about, plain)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, final)
        except OSError as error:
            raise workspace_trouble.of_system(error, self.folder) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def cache_keep(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        """As `cache_put`, for what is shown at once and only kept to be faster next time: on a full or read-only disk it is kept in memory,
        for as long as this process lives and not many others come after it."""
        try:
            self.cache_put(key, arrays)
        except WorkspaceTrouble as error:
            logger.warning("a result was not kept: %s", error)
            _in_memory[self._file(key)] = {name: np.asarray(values) for name, values in arrays.items()}
            while len(_in_memory) > MOST_IN_MEMORY:
                _in_memory.pop(next(iter(_in_memory)), None)

    def cache_get(self, key: str) -> dict[str, np.ndarray] | None:
        """The arrays that were put under this key, or None."""
        path = self._file(key)
        try:
            with zipfile.ZipFile(path) as archive:
                return _read(archive, key)
        except FileNotFoundError:
            return _in_memory.get(path)
        except _DAMAGE as error:
            logger.warning("dropped a damaged file of the cache, %s: %s", path, error)
            try:
                path.unlink(missing_ok=True)
            except OSError as stuck:
                logger.warning("it cannot be removed: %s", stuck)
            return None

    def _file(self, key: str) -> Path:
        return self.folder / "cache" / f"{hashlib.sha256(key.encode()).hexdigest()}.npz"


def key_of(path: Path) -> str:
    """The key under which a file of the cache was put. OSError, ValueError, KeyError or BadZipFile where it is damaged."""
    with zipfile.ZipFile(path) as archive:
        return str(json.loads(archive.read(_ABOUT))["key"])


def _write(file: IO[bytes], about: str, arrays: Mapping[str, np.ndarray]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_ABOUT, about)
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, values, allow_pickle=False)


def _read(archive: zipfile.ZipFile, key: str) -> dict[str, np.ndarray]:
    if json.loads(archive.read(_ABOUT))["key"] != key:
        raise ValueError("it was made for another key")
    names = [name for name in archive.namelist() if name.endswith(".npy")]
    # Read whole members: that is what compares each with its checksum.
    return {name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)), allow_pickle=False) for name in names}
