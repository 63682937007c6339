"""Recordings out of files: one reader a format behind one `read(path)`. Formats and their order stand in `registry`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from ..errors import RecordingError
from ..progress import Progress, Silent
from ..records import UNKNOWN_UNIT, Reading, Recording, Refusal
from . import zones
from .archive import folder_sources, is_container, read_sources, unpacked
from .labels import read_labels
from .quality import Choi, Troiano, flat_at_an_edge, longest_flat_run, nonwear, to_minutes
from .registry import FORMATS, read_source
from .source import Format, Reader, Source, file_source
from .units import guess_unit
from .wear import SOURCES, QualitySettings, Wear, covered, flat_tail, periods, saturation, wear_hours, wear_of

__all__ = [
    "FORMATS",
    "SOURCES",
    "Choi",
    "Format",
    "QualitySettings",
    "Source",
    "Troiano",
    "Wear",
    "covered",
    "flat_at_an_edge",
    "flat_tail",
    "guess_unit",
    "longest_flat_run",
    "nonwear",
    "periods",
    "read",
    "read_labels",
    "saturation",
    "to_minutes",
    "wear_hours",
    "wear_of",
    "zones",
]


def read(path: str | Path, progress: Progress | None = None, reader: Reader = read_source) -> Reading:
    """Everything in a file, zip or folder: recordings of one value a minute, and refusals with their reasons.

    Units, gaps and labels as the file has them; activity is never negative, missing minutes are NaN. A person who comes twice is
    refused the second time. reader: reads one file, and refuses it instead of raising (see `mapping.MappedReader`). Raises RecordingError
    only where the path does not exist, and Cancelled from progress.
    """
    path, progress = Path(path), progress or Silent()
    if not path.exists():
        raise RecordingError(f"There is no file or folder {path}. Check the name and import again.")
    if path.is_dir():
        return _read_many(path.name or str(path), folder_sources(path), progress, reader)
    if not path.is_file():
        return Reading((), (Refusal(path.name, "A file or a folder was expected; this is neither. Choose the file itself."),))
    source = file_source(path)
    if is_container(source):
        progress.at(0.0, f"Opening {source.filename}")
        return _read_many(path.name, [source], progress, reader)
    progress.at(0.0, f"Reading {source.filename}")
    return _unique(reader(source, progress))


def _read_many(shown: str, sources: list[Source], progress: Progress, reader: Reader) -> Reading:
    with ExitStack() as opened:
        files, refused = unpacked(sources, opened)
        reading = read_sources(files, progress, reader)
    refused.extend(reading.refused)
    if not reading.recordings and not refused:
        refused.append(Refusal(shown, "There is no file in it. Choose the folder or zip that holds the recordings."))
    return _unique(Reading(reading.recordings, tuple(refused)))


def _unique(reading: Reading) -> Reading:
    """The first recording of every participant; later ones are refused, naming both files."""
    first: dict[str, Recording] = {}
    refused = list(reading.refused)
    for recording in reading.recordings:
        there = first.setdefault(recording.participant, recording)
        if there.unit == UNKNOWN_UNIT and recording.unit != UNKNOWN_UNIT:  # of steps and levels of one person the steps
            first[recording.participant], recording, there = recording, there, recording
        if there is not recording:
            refused.append(Refusal(
                f"{recording.source}: {recording.participant}",
                f"A recording of {recording.participant} came in already, from {there.source}; this one is from {recording.source}. "
                "Give each person a name of their own, or keep one of the two files.",
            ))  # fmt: skip
    return Reading(tuple(first.values()), tuple(refused))
