"""`read(path)`: everything in a file, a zip or a folder. Formats and their order stand in format_registry.py."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from pat_core.errors import RecordingError
from pat_core.progress import Progress, Silent
from pat_core.recordings.archive import folder_sources, is_container, read_sources, unpacked
from pat_core.recordings.format_registry import read_source
from pat_core.recordings.joined_parts import gathered
from pat_core.recordings.source import Reader, Source, file_source
from pat_core.records import Reading, Refusal


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
