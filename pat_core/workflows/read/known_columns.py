"""Which files of an import have columns that are remembered, and which are tables whose columns somebody has to name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO

from pat_core.errors import RecordingError
from pat_core.recordings import archive
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapping_record import Mapping, fingerprint, summary
from pat_core.recordings.mapping.text_table import UNREADABLE, fitting
from pat_core.recordings.source import Source, file_source
from pat_core.workflows.read.column_mapping import Remembered
from pat_core.workflows.read.uploaded_files import KeptUpload

SHOWN = 3
Why = Callable[[str, Source], str | None]
"""(another key for every other file, file) -> why its columns have to be named, in a sentence; None where they need not be."""


@dataclass(frozen=True)
class Used:
    """Remembered columns and the names of the files that have them. first: one of these files."""

    entry: Remembered
    files: tuple[str, ...]
    first: Source = field(compare=False)

    @property
    def mapping(self) -> Mapping:
        """What its columns mean. Raises RecordingError where that is damaged."""
        if self.entry.mapping is None:
            raise RecordingError(self.entry.why)
        return self.entry.mapping

    @property
    def words(self) -> str:
        """Which files are read how, in a sentence."""
        origin = "" if self.files == (self.entry.file,) else f" from {self.entry.file}"
        return f"{some_names(self.files)}: read by the columns remembered{origin}. {summary(self.mapping)}"


@dataclass(frozen=True)
class Unknown:
    """A table whose columns have to be named, and why. key: another for every other file."""

    source: Source
    key: str
    why: str


@dataclass(frozen=True)
class Looked:
    """What a look at the files of an import found.

    used: also what is remembered but damaged; files: names of all that were looked at; left: how many were not.
    """

    used: tuple[Used, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    files: tuple[str, ...] = ()
    left: int = 0


def look(brought: Sequence[Source], entries: Sequence[Remembered], most: int | None = None, why: Why | None = None) -> Looked:
    """Which of the files, those inside zips among them, have the columns of which entry; damaged entries hold files with their columns.

    most: so many are looked at, the rest is counted. why: asked of the others; where it is None, nothing is told of them.
    """
    files: dict[str, list[Source]] = {}
    unknown: list[Unknown] = []
    seen: list[str] = []
    left = 0
    with ExitStack() as opened:
        for now, later in _inner(brought, opened):
            if most is not None and len(seen) >= most:
                left += 1
                continue
            seen.append(now.filename)
            if entry := _entry_of(now, entries):
                files.setdefault(entry.key, []).append(later)
            elif why and (found := _unknown(now, later, why)):
                unknown.append(found)
    used = [(entry, files[entry.key]) for entry in entries if entry.key in files]
    known = tuple(Used(entry, tuple(source.filename for source in same), same[0]) for entry, same in used)
    return Looked(known, tuple(unknown), tuple(seen), left)


def uploaded(files: Sequence[io.BytesIO | KeptUpload]) -> list[Source]:
    """Uploads, which bear their names."""
    return [Source(file.name, Path(file.name).name, _size(file), partial(_stream, file)) for file in files]


def lying_at(path: Path) -> list[Source]:
    """A file, or the files of a folder, on this machine; none where nothing is there or nobody may look."""
    try:
        return archive.folder_sources(path) if path.is_dir() else [file_source(path)] if path.is_file() else []
    except OSError:
        return []


def refused_tables(brought: Sequence[Source], refused: Sequence[str], most: int = 60) -> list[Source]:
    """Those of the files, inside zips too, that a refusal names and that are tables of text: what their columns mean can be told.

    refused: what was refused, "ward.csv" or "ward.csv: A". most: so many files are looked at."""
    found = []
    with ExitStack() as opened:
        for now, later in islice(_inner(brought, opened), most):
            if any(what == now.name or what.startswith(f"{now.name}: ") for what in refused) and is_table(now):
                found.append(later)
    return found


def is_table(source: Source) -> bool:
    """Whether a file is a table of text whose columns' meanings can be told."""
    try:
        guess(source)
    except UNREADABLE:
        return False
    return True


def content_key(source: Source) -> str:
    """Another for every other file, as far as its name, size and first bytes tell."""
    return sha256(f"{source.name}\n{source.size}\n".encode() + source.head()).hexdigest()


def some_names(names: Sequence[str]) -> str:
    """The first names, and how many more."""
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")


def _inner(brought: Sequence[Source], opened: ExitStack) -> Iterator[tuple[Source, Source]]:
    """Every file, zips unfolded: to be read while `opened` holds, and to be read at any time after."""
    for outer in brought:
        for source in archive.unpacked([outer], opened)[0]:
            yield source, source if source is outer else replace(source, opener=partial(_opened_anew, outer, source.path))


def _opened_anew(outer: Source, member: str) -> IO[bytes]:
    return zipfile.ZipFile(outer.open()).open(member)


def _stream(file: io.BytesIO | KeptUpload) -> IO[bytes]:
    return file.path.open("rb") if isinstance(file, KeptUpload) else io.BytesIO(file.getvalue())


def _size(file: io.BytesIO | KeptUpload) -> int:
    return file.size if isinstance(file, KeptUpload) else len(file.getvalue())  # its buffer would be a second copy of all of it


def _entry_of(source: Source, entries: Sequence[Remembered]) -> Remembered | None:
    mappings = [entry.mapping for entry in entries if entry.mapping is not None]
    if found := fitting(source, mappings):
        return next(entry for entry in entries if entry.mapping == found)
    damaged = {entry.key: entry for entry in entries if entry.mapping is None}
    if not damaged:
        return None
    try:
        return damaged.get(fingerprint(guess(source).mapping.columns))
    except UNREADABLE:
        return None


def _unknown(now: Source, later: Source, why: Why) -> Unknown | None:
    try:
        key = content_key(now)
    except UNREADABLE:
        return None
    reason = why(key, now)
    return Unknown(later, key, reason) if reason else None
