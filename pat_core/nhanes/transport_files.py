"""NHANES files that lie in a folder already: transport files, or zips that hold them, found by the table's name."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np

from pat_core.errors import RecordingError
from pat_core.recordings.tables import xpt

_TABLE_AT_MOST = 512 * 1024**2
BREAKS = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error)
"""How reading fails where the bytes of a file are damaged."""


@dataclass(frozen=True)
class TransportFile:
    """A SAS transport file on disk, or inside a zip (member). size: its bytes, unfolded."""

    path: Path
    size: int
    member: str | None = None

    @property
    def shown(self) -> str:
        """How it is named to a reader."""
        return self.path.name if self.member is None else f"{self.path.name}: {self.member}"

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """A stream from the first byte."""
        if self.member is None:
            with self.path.open("rb") as stream:
                yield stream
            return
        with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
            yield stream


def transport_files(folder: Path) -> dict[str, TransportFile]:
    """Table name in upper case (PAXRAW_C) -> its file, of everything below a folder; a plain file is preferred to a zipped one.

    Zips are opened by their list of members alone. Raises RecordingError where there is no such folder.
    """
    if not folder.is_dir():
        raise RecordingError(f"A folder with NHANES files was expected at {folder}, but there is none. Check --files.")
    plain: dict[str, TransportFile] = {}
    zipped: dict[str, TransportFile] = {}
    for path in sorted(folder.rglob("*")):
        if path.name.startswith(".") or not path.is_file():
            continue
        if path.suffix.lower() == ".xpt":
            plain.setdefault(path.stem.upper(), TransportFile(path, path.stat().st_size))
        elif path.suffix.lower() == ".zip":
            for name, file in _members(path):
                zipped.setdefault(name, file)
    return zipped | plain


def transport_file(path: Path, name: str) -> TransportFile:
    """The table `name` in a downloaded file. Raises RecordingError where a zip does not hold it."""
    if path.suffix.lower() != ".zip":
        return TransportFile(path, path.stat().st_size)
    member = dict(_members(path)).get(name)
    if member is None:
        raise RecordingError(f"{path} should hold {name.lower()}.xpt but does not, or is damaged. Delete it and run the command again.")
    return member


def _members(path: Path) -> list[tuple[str, TransportFile]]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [(PurePosixPath(member.filename), member) for member in archive.infolist() if not member.is_dir()]
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return []
    return [
        (name.stem.upper(), TransportFile(path, member.file_size, member.filename))
        for name, member in names
        if name.suffix.lower() == ".xpt"
    ]


def read_table(file: TransportFile, wanted: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """The wanted columns of a table about people, and the optional ones that are there: (rows,) float64, or text without blanks.

    Rows without a number (SEQN) are left out. Raises RecordingError where it is damaged, or a wanted column is missing.
    """
    if file.size > _TABLE_AT_MOST:
        raise RecordingError(f"{file.shown} should be a table about people, but is {file.size / 1000000.0:,.0f} MB long. Check --files.")
    try:
        with file.open() as stream:
            layout = xpt.read_layout(stream)
            if missing := [name for name in wanted if name not in layout.names]:
                raise RecordingError(f"{', '.join(missing)} should be among its columns, which are {', '.join(layout.names[:12])}.")
            names = [*wanted, *(name for name in optional if name in layout.names)]
            blocks = list(xpt.read_blocks(stream, layout, names))
    except RecordingError as error:
        raise RecordingError(f"{file.shown} cannot be read. {error}") from error
    except BREAKS as error:
        raise RecordingError(f"{file.shown} is damaged ({error}). Download it again.") from error
    table = {name: np.concatenate([block[name] for block in blocks]) if blocks else np.zeros(0) for name in names}
    known = np.isfinite(table["SEQN"]) if "SEQN" in table else slice(None)
    return {name: _text(column[known]) if column.dtype.kind == "S" else column[known] for name, column in table.items()}


def _text(column: np.ndarray) -> np.ndarray:
    return np.char.strip(np.char.decode(column, "latin-1"))
