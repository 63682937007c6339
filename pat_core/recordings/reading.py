"""`read(path)`: everything in a file, a zip or a folder. Formats and their order stand in format_registry.py.

Folders and zips: files in group folders, with tables about the people beside them. The layout `<group>/<person>.csv` with
`<group>-info.csv` at the top gives every person the label `group` and the table's columns.
"""

from __future__ import annotations

import logging
import stat
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from pat_core import settings
from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress, Silent
from pat_core.recordings import raw
from pat_core.recordings.format_registry import DAMAGED, UNREAD, read_source
from pat_core.recordings.joined_parts import gathered, named_by_folder
from pat_core.recordings.person_names import Matched, match
from pat_core.recordings.source import Reader, Source, file_source, is_bomb, opener
from pat_core.recordings.tables import excel
from pat_core.recordings.tables.people_table import Labels, join, named_as_table, table_of
from pat_core.recordings.wearables import apple_health, step_exports
from pat_core.records import Reading, Recording, Refusal

MOST_FILES = 200_000
IGNORED = ("__macosx", "thumbs.db", "desktop.ini")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Part:
    """A Progress over one part of the work, from `low` to `high` of the whole."""

    whole: Progress
    low: float
    high: float

    def at(self, fraction: float, message: str) -> None:
        self.whole.at(self.low + (self.high - self.low) * min(max(fraction, 0.0), 1.0), message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self.whole.metric(step, values)


def is_zip(head: bytes, filename: str) -> bool:
    """A zip of files, not a format that happens to be one (.npz, .xlsx, .gt3x)."""
    ending = PurePosixPath(filename).suffix.lower()
    zipped = head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and ending not in (".npz", *excel.ENDINGS, *UNREAD)
    return zipped and not raw.GT3X.recognises(head, filename)


def folder_sources(folder: Path) -> list[Source]:
    """Every file below a folder, in order, without hidden ones and those of operating systems."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in files]
    return [
        Source(f"{folder.name}: {name}", name, path.stat().st_size, opener(path))
        for path, name in zip(files, names, strict=True)
        if not _ignored(name)
    ]


def is_container(source: Source) -> bool:
    """Whether several files, or sheets, lie in this one: a zip of files or a workbook."""
    head = head_of(source)
    return is_zip(head, source.filename) or excel.is_workbook(head, source.filename)


def unpacked(sources: Sequence[Source], opened: ExitStack) -> tuple[list[Source], list[Refusal]]:
    """The files, and the sheets of workbooks as tables of text, as long as `opened` holds, and refusals of what cannot be taken out.

    Those in zips come along; zips inside zips stay closed.
    """
    files: list[Source] = []
    refused: list[Refusal] = []
    for source in sources:
        members: list[Source] = [source]
        left_out: list[Refusal] = []
        if is_zip(head_of(source), source.filename):
            members, left_out = _members(source, opened)
        for member in members:
            sheets, hidden = _sheets(member, opened)
            files += sheets
            left_out = [*left_out, *hidden]
        refused += left_out
    return files, refused


def _members(source: Source, opened: ExitStack) -> tuple[list[Source], list[Refusal]]:
    try:
        archive = opened.enter_context(zipfile.ZipFile(opened.enter_context(source.open())))
        return zip_sources(archive, source.name)
    except RecordingError as error:
        return [], [Refusal(source.name, str(error))]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        return [], [Refusal(source.name, "The zip is damaged or incomplete: its list of files is missing. Create the zip again.")]


def _sheets(source: Source, opened: ExitStack) -> tuple[list[Source], list[Refusal]]:
    """A workbook's sheets; of any other file itself."""
    if not excel.is_workbook(_beginning(source), source.filename):
        return [source], []
    try:
        return excel.sheets(source, opened)
    except RecordingError as error:
        return [], [Refusal(source.name, str(error))]


def _beginning(source: Source) -> bytes:
    """The first bytes of what may be a workbook by its name; of other files none, since there may be thousands of them in a zip."""
    try:
        return source.head() if source.filename.lower().endswith(excel.ENDINGS) else b""
    except (OSError, *DAMAGED):
        return b""


def head_of(source: Source) -> bytes:
    """The first bytes; none where the file cannot be opened, which the format's reading will say."""
    try:
        return source.head()
    except OSError:
        return b""


def zip_sources(archive: zipfile.ZipFile, shown: str) -> tuple[list[Source], list[Refusal]]:
    """The members of an open zip that may be read, and refusals of those that may not.

    Raises RecordingError where the whole declares to unfold beyond settings.upload_limit_bytes(), or holds too many files. Members cannot
    unfold to more than they declare: the standard library stops there and reports the wrong checksum.
    """
    members = [member for member in archive.infolist() if not member.filename.endswith("/") and not _ignored(member.filename)]
    limit, declared = settings.upload_limit_bytes(), sum(member.file_size for member in members)
    if declared > limit:
        raise RecordingError(
            f"The zip unpacks to {declared / 1024**3:.1f} GB; at most {limit / 1024**3:.1f} GB can be imported at once. Split it, or "
            "raise the limit (PAT_MAX_IMPORT_GB)."
        )
    if len(members) > MOST_FILES:
        raise RecordingError(f"The zip holds {len(members)} files; at most {MOST_FILES} can be imported at once. Split it.")
    sources, refused = [], []
    for member in members:
        reason = _unsafe(member)
        if reason:
            refused.append(Refusal(f"{shown}: {member.filename}", reason))
        else:
            sources.append(Source(f"{shown}: {member.filename}", member.filename, member.file_size, partial(_opened, archive, member)))
    return sources, refused


def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    """The member's bytes. BadZipFile also where its place or its header is none."""
    try:
        return archive.open(member)
    except (OSError, ValueError, RuntimeError, struct.error) as error:
        raise zipfile.BadZipFile(str(error)) from error


def read_sources(sources: Iterable[Source], progress: Progress, reader: Reader = read_source) -> Reading:
    """Read all files of a container and join the tables about people to the recordings; each file ends up in one of the two lists.

    reader: reads one file, and refuses it instead of raising.
    """
    tables: list[Source] = []
    files: list[Source] = []
    aside: list[Source] = []
    for source in sources:
        if step_exports.beside_steps(source.path):
            aside.append(source)
        elif not apple_health.beside_records(source.name):
            (tables if named_as_table(source) else files).append(source)
    total = max(1, sum(source.size for source in (*files, *tables)))
    came: list[tuple[Recording, str]] = []
    refused: list[Refusal] = []
    if aside:
        shown = f"{aside[0].name} and {counted(len(aside) - 1, 'more file')}" if len(aside) > 1 else aside[0].name
        refused.append(Refusal(shown, "These files of the download hold no minute-by-minute steps and were skipped."))
    unread: list[tuple[Source, Refusal]] = []
    done = 0

    def take(source: Source) -> None:
        nonlocal done
        part = _Part(progress, done / total, (done + source.size) / total)
        part.at(0.0, f"Reading {source.filename}")
        reading = reader(source, part)
        done += source.size
        came.extend((recording, source.path) for recording in reading.recordings)
        if reading.recordings or len(reading.refused) != 1:
            refused.extend(reading.refused)
        else:
            unread.append((source, reading.refused[0]))

    for source in files:
        take(source)
    whole = _people(came)
    label_tables: list[tuple[Labels, Matched]] = []
    late: list[Source] = []
    for source in tables:
        if labelled := _labels(source, whole.recordings):
            label_tables.append(labelled)
            refused.extend(_without_recording(source, labelled[1]))
        else:
            late.append(source)  # named like a table of people, yet perhaps the recordings themselves
    for source in late:
        take(source)
    whole = _people(came) if late else whole
    for source, refusal in unread:
        if labelled := _labels(source, whole.recordings):
            label_tables.append(labelled)
        else:
            refused.append(refusal)
    recordings = whole.recordings
    for labels, matched in label_tables:
        theirs = {there: labels[name] for name, there in matched.pairs.items()}
        recordings = tuple(replace(r, labels=join(r.labels, theirs.get(r.participant, {}))) for r in recordings)
    return Reading(recordings, (*refused, *whole.refused))


def _people(came: Sequence[tuple[Recording, str]]) -> Reading:
    """What was read, each recording with its path in the container: one a person, with their group."""
    named = zip(named_by_folder(came), came, strict=True)
    return gathered(Reading(tuple(_grouped(recording, PurePosixPath(path)) for recording, (_, path) in named)))


def _grouped(recording: Recording, path: PurePosixPath) -> Recording:
    """With the label `group` of the folder that it lies in; a folder for one person alone is no group, but may lie in one."""
    folder = path.parent.parent if path.parent.name == recording.participant else path.parent
    if folder.name in ("", apple_health.FOLDER):
        return recording
    return replace(recording, labels={**recording.labels, "group": folder.name})


def _labels(source: Source, recordings: Sequence[Recording]) -> tuple[Labels, Matched] | None:
    """The table's labels, and whom they name, where it names anybody who was read."""
    known = {recording.participant for recording in recordings}
    try:
        labels = table_of(source, known)
    except (RecordingError, *DAMAGED):
        return None
    except Exception:  # damaged in a way of its own; reading it as a recording will give the refusal
        _log.debug("%s is not a table of people", source.name, exc_info=True)
        return None
    return (labels, match(labels, known)) if labels else None


def _without_recording(source: Source, matched: Matched) -> list[Refusal]:
    refused = [Refusal(f"{source.name}: {name}", matched.why(name)) for name in matched.doubtful]
    absent = list(matched.missing)
    if not absent:
        return refused
    shown = ", ".join(absent[:8]) + (f" and {len(absent) - 8} more" if len(absent) > 8 else "")
    count = counted(len(absent), "person", "people")
    why = f"The table names {shown}, but no recording of theirs was imported. Add the files if they exist.{matched.hints()}"
    return [*refused, Refusal(f"{source.name}: {count}", why)]


def _ignored(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part.lower() in IGNORED or (part.startswith(".") and part not in (".", "..")) for part in parts)


def _unsafe(member: zipfile.ZipInfo) -> str | None:
    """Why a member of a zip is not opened, in a sentence; None where it may be."""
    # The standard library turns backslashes on Windows only; the name as written in the file is judged.
    name = member.orig_filename
    if not member.filename:
        return "It has no name. Add it to the zip again under a plain name."
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":"):
        return "Its path points outside the zip, which an honest zip does not need. Add the file again under a plain name."
    if member.flag_bits & 0x1:
        return "It is encrypted. Unpack the zip with its password and import the files."
    if stat.S_ISLNK(member.external_attr >> 16):
        return "It is a link to another place, not a file. Add the file itself to the zip."
    if is_bomb(member.file_size, member.compress_size):
        return (
            f"It would unpack from {member.compress_size / 1024**2:.1f} MB to {member.file_size / 1024**2:.0f} MB, which no recording "
            "does. Unpack it yourself and import the file if you trust it."
        )
    return None


def read(path: str | Path, progress: Progress | None = None, reader: Reader = read_source) -> Reading:
    """Everything in a file, zip or folder: recordings of one value a minute, one a person, and refusals with their reasons.

    Units, gaps and labels as the file has them; activity is never negative, missing minutes are NaN. Parts of one person are joined (see
    `parts`), what contradicts them is refused. reader: reads one file, and refuses it instead of raising (see `mapping.MappedReader`).
    Raises RecordingError only where the path does not exist, and Cancelled from progress.
    """
    return gathered(read_apart(path, progress, reader))


def read_apart(path: str | Path, progress: Progress | None = None, reader: Reader = read_source) -> Reading:
    """As `read`, a person's recordings as they lie in the files: for `gathered`, once those of all paths are there."""
    path, progress = Path(path), progress or Silent()
    if not path.exists():
        raise RecordingError(f"There is no file or folder {path}. Check the name and import again.")
    if path.is_dir():
        return _read_many(path.name or str(path), folder_sources(path), progress, reader)
    if not path.is_file():
        return Reading((), (Refusal(path.name, "A file or folder was expected; this is neither. Choose the file itself."),))
    source = file_source(path)
    if is_container(source):
        progress.at(0.0, f"Opening {source.filename}")
        return _read_many(path.name, [source], progress, reader)
    progress.at(0.0, f"Reading {source.filename}")
    return reader(source, progress)


def _read_many(shown: str, sources: list[Source], progress: Progress, reader: Reader) -> Reading:
    with ExitStack() as opened:
        files, refused = unpacked(sources, opened)
        reading = read_sources(files, progress, reader)
    refused.extend(reading.refused)
    if not reading.recordings and not refused:
        refused.append(Refusal(shown, "There are no files in it. Choose the folder or zip that holds the recordings."))
    return Reading(reading.recordings, tuple(refused))
