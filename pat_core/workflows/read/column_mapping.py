"""Tables whose columns the reader has to name: what a mapping makes of a file, and which files have which remembered columns."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO
from zoneinfo import available_timezones

from pat_core.cohorts import Workspace
from pat_core.errors import PatError, RecordingError
from pat_core.recordings import reading
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapped_table import first_rows, in_minutes, read_epochs
from pat_core.recordings.mapping.mapping_record import Mapping, MappingError, fingerprint, from_json, problems, summary, to_json
from pat_core.recordings.mapping.text_table import UNREADABLE, fitting
from pat_core.recordings.source import Source, file_source
from pat_core.records import UNKNOWN_UNIT, Recording
from pat_core.workflows.read.uploaded_files import KeptUpload

KEY = "mappings"
MOST_REMEMBERED = 200
MOST_ODD = 6
WEEK_DAYS = 7


@dataclass(frozen=True)
class Row:
    """A row as understood. time: as in the file, None where not read; activity: NaN where missing; worn: None where not said."""

    participant: str
    time: datetime | None
    activity: float
    worn: bool | None


@dataclass(frozen=True)
class Preview:
    """What a mapping makes of a file. wrong: field of the mapping ("" for the file) -> what is wrong with it; the rest is empty then.

    epoch_seconds: of the file's rows. first, last: wall clock over all people, None where nobody came in. days: whole days of the longest
    recording. short: people with less than a week. odd: sentences on what was refused or corrected, each with how many people it is about.
    """

    rows: tuple[Row, ...] = ()
    people: int = 0
    epoch_seconds: int | None = None
    unit: str = UNKNOWN_UNIT
    first: datetime | None = None
    days: float = 0.0
    short: int = 0
    odd: tuple[str, ...] = ()
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Remembered:
    """A mapping kept in the workspace. mapping: None where it is damaged, with why; file: the one that it was first made for."""

    key: str
    mapping: Mapping | None
    file: str
    why: str = ""


def preview(source: Source, mapping: Mapping, rows: int = 6) -> Preview:
    """What the mapping makes of the whole file: the first rows, who and how long, and what is odd. Raises nothing that is PatError."""
    if wrong := problems(mapping):
        return Preview(wrong=wrong)
    try:
        shown = tuple(Row(*row) for row in first_rows(source, mapping, rows))
        raw = read_epochs(source, mapping)
        epochs = {recording.epoch_seconds for recording in raw.recordings}
        if mapping.unit == UNKNOWN_UNIT and epochs and min(epochs) < 60:
            sentence = f"Rows of {min(epochs)} seconds are summed or averaged to minutes by their unit. Choose the unit."
            return Preview(shown, epoch_seconds=min(epochs), wrong={"unit": sentence})
        reading = in_minutes(raw)
    except MappingError as error:
        return Preview(wrong={error.field: str(error)})
    except PatError as error:
        return Preview(wrong={"": str(error)})
    lengths = [_days(recording) for recording in reading.recordings]
    return Preview(
        shown,
        len(reading.recordings),
        min(epochs, default=None),
        mapping.unit,
        min((recording.start for recording in reading.recordings if recording.start), default=None),
        max(lengths, default=0.0),
        sum(days < WEEK_DAYS for days in lengths),
        _odd([f"{refusal.what}: {refusal.reason}" for refusal in reading.refused], reading.recordings),
    )


def _days(recording: Recording) -> float:
    return recording.values.size * recording.epoch_seconds / 86400


def _odd(refused: Sequence[str], recordings: Sequence[Recording]) -> tuple[str, ...]:
    """Refusals, then each note once with whom it is about; what exceeds MOST_ODD is counted."""
    about: dict[str, list[str]] = {}
    for recording in recordings:
        for note in recording.notes:
            about.setdefault(note, []).append(recording.participant)
    sentences = [*refused]
    for note, who in about.items():
        sentences.append(note if len(recordings) == 1 else f"{who[0]}: {note}" if len(who) == 1 else f"{len(who):,} people: {note}")
    return tuple(sentences[:MOST_ODD]) + ((f"And {len(sentences) - MOST_ODD:,} more such lines.",) if len(sentences) > MOST_ODD else ())


def remember(workspace: Workspace, mapping: Mapping, file: str) -> None:
    """Keep a mapping for files with the same columns; a second one for them replaces it, the oldest go beyond MOST_REMEMBERED."""
    stored = _kept(workspace)
    stored.pop(fingerprint(mapping.columns), None)
    stored[fingerprint(mapping.columns)] = {"mapping": to_json(mapping), "file": file}
    workspace.keep_setting(KEY, dict(list(stored.items())[-MOST_REMEMBERED:]))


def remembered(workspace: Workspace) -> tuple[Remembered, ...]:
    """Everything remembered, the newest first; a damaged one says why."""
    return tuple(_remembered(key, value) for key, value in reversed(_kept(workspace).items()))


def forget(workspace: Workspace, key: str) -> None:
    """Drop what is remembered under this key."""
    stored = _kept(workspace)
    if stored.pop(key, None) is not None:
        workspace.keep_setting(KEY, stored)


def zone_names() -> tuple[str, ...]:
    """Time zones by their places, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))))


def _kept(workspace: Workspace) -> dict[str, object]:
    stored = workspace.setting(KEY, {})
    return stored if isinstance(stored, dict) else {}


def _remembered(key: str, value: object) -> Remembered:
    value = value if isinstance(value, dict) else {}
    file = str(value.get("file", ""))[:200]
    try:
        return Remembered(key, from_json(value.get("mapping")), file)
    except RecordingError as error:
        return Remembered(key, None, file, str(error))


NO_MAPPING = "none"
"""In place of a name: read the files by their formats, whatever is remembered."""
SHORT = 8
"""So much of a key is shown, and at least half of it is needed to name one."""


def named(workspace: Workspace, name: str) -> Remembered:
    """What is remembered under a name: of the file that it was first made for (with or without its ending), or the beginning of its key.

    Raises RecordingError in a sentence where nothing is, where several are, and where it is damaged.
    """
    known = remembered(workspace)
    if not known:
        raise RecordingError(
            f"The columns of “{name[:60]}” were asked for, but this workspace remembers none. Import one such table in the app (Data, "
            "Bring recordings) and say there what its columns mean."
        )
    matches = [entry for entry in known if name in (entry.file, PurePosixPath(entry.file).stem)]
    matches = matches or [entry for entry in known if len(name) >= SHORT // 2 and entry.key.startswith(name.lower())]
    if len(matches) == 1:
        if matches[0].mapping is None:
            raise RecordingError(matches[0].why)
        return matches[0]
    listed = ", ".join(f"{entry.file} ({entry.key[:SHORT]})" for entry in (matches or known)[:6])
    if matches:
        raise RecordingError(
            f"Several remembered tables are called “{name[:60]}”: {listed}. Give the letters and digits in brackets instead."
        )
    raise RecordingError(f"No columns are remembered under “{name[:60]}”. Remembered are: {listed}. Choose one of them, or {NO_MAPPING}.")


def for_paths(workspace: Workspace, paths: Sequence[Path], name: str | None = None) -> tuple[Used, ...]:
    """The remembered mappings that files, folders and zips are to be read by, with the files that have their columns.

    name: the one to use alone (see `named`), or NO_MAPPING. Raises RecordingError where no file has the columns of the one that was named,
    and where what is remembered of a file's columns is damaged.
    """
    if name == NO_MAPPING:
        return ()
    entries = (named(workspace, name),) if name is not None else remembered(workspace)
    if not entries:
        return ()
    looked = look([source for path in paths for source in lying_at(Path(path))], entries)
    for table in looked.used:
        if table.entry.mapping is None:
            raise RecordingError(f"{table.files[0]}: {table.entry.why} `mappings forget {table.entry.key[:SHORT]}` forgets it.")
    if name is not None and not looked.used and looked.files:
        raise _fits_none(entries[0], looked.files)
    return looked.used


def _fits_none(entry: Remembered, files: Sequence[str]) -> RecordingError:
    columns = ", ".join(entry.mapping.columns[:8]) if entry.mapping else ""
    return RecordingError(
        f"A table with the columns {columns} was expected, as remembered from {entry.file}; none of the files has them, or they hold "
        f"other values ({some_names(files)}). Name another, or leave the name out."
    )


def forget_named(workspace: Workspace, name: str) -> Remembered:
    """Forget one by its name, also a damaged one. Raises RecordingError where there is none, or several."""
    known = remembered(workspace)
    damaged = [entry for entry in known if entry.mapping is None and (name == entry.file or entry.key.startswith(name.lower()))]
    entry = damaged[0] if len(damaged) == 1 and len(name) >= SHORT // 2 else named(workspace, name)
    forget(workspace, entry.key)
    return entry


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
    filenames: list[str] = []
    rest = 0
    with ExitStack() as opened:
        for now, later in _inner(brought, opened):
            if most is not None and len(filenames) >= most:
                rest += 1
                continue
            filenames.append(now.filename)
            if entry := _entry_of(now, entries):
                files.setdefault(entry.key, []).append(later)
            elif why and (table := _unknown(now, later, why)):
                unknown.append(table)
    used = [(entry, files[entry.key]) for entry in entries if entry.key in files]
    known = tuple(Used(entry, tuple(source.filename for source in same), same[0]) for entry, same in used)
    return Looked(known, tuple(unknown), tuple(filenames), rest)


def uploaded(files: Sequence[io.BytesIO | KeptUpload]) -> list[Source]:
    """Uploads, which bear their names."""
    return [Source(file.name, Path(file.name).name, _size(file), partial(_stream, file)) for file in files]


def lying_at(path: Path) -> list[Source]:
    """A file, or the files of a folder, on this machine; none where nothing is there or nobody may look."""
    try:
        return reading.folder_sources(path) if path.is_dir() else [file_source(path)] if path.is_file() else []
    except OSError:
        return []


def refused_tables(brought: Sequence[Source], refused: Sequence[str], most: int = 60) -> list[Source]:
    """Those of the files, inside zips too, that a refusal names and that are tables of text: what their columns mean can be told.

    refused: what was refused, "ward.csv" or "ward.csv: A". most: so many files are looked at."""
    refusals = []
    with ExitStack() as opened:
        for now, later in islice(_inner(brought, opened), most):
            if any(what == now.name or what.startswith(f"{now.name}: ") for what in refused) and is_table(now):
                refusals.append(later)
    return refusals


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
        for source in reading.unpacked([outer], opened)[0]:
            yield source, source if source is outer else replace(source, opener=partial(_opened_anew, outer, source.path))


def _opened_anew(outer: Source, member: str) -> IO[bytes]:
    return zipfile.ZipFile(outer.open()).open(member)


def _stream(file: io.BytesIO | KeptUpload) -> IO[bytes]:
    return file.path.open("rb") if isinstance(file, KeptUpload) else io.BytesIO(file.getvalue())


def _size(file: io.BytesIO | KeptUpload) -> int:
    return file.size if isinstance(file, KeptUpload) else len(file.getvalue())  # its buffer would be a second copy of all of it


def _entry_of(source: Source, entries: Sequence[Remembered]) -> Remembered | None:
    mappings = [entry.mapping for entry in entries if entry.mapping is not None]
    if fits := fitting(source, mappings):
        return next(entry for entry in entries if entry.mapping == fits)
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
