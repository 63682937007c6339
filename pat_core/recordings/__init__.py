"""Recordings out of files: one reader a format behind one `read(path)`. Formats and their order stand in `registry`."""

from __future__ import annotations

import struct
import zipfile
from contextlib import ExitStack
from pathlib import Path

from ..errors import RecordingError
from ..progress import Progress, Silent
from ..records import UNKNOWN_UNIT, Reading, Recording, Refusal
from . import zones
from .archive import folder_sources, is_zip, read_sources, zip_sources
from .labels import read_labels
from .quality import Choi, Troiano, flat_at_an_edge, longest_flat_run, nonwear, to_minutes
from .registry import FORMATS, read_source
from .source import Format, Source, file_source
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


def read(path: str | Path, progress: Progress | None = None) -> Reading:
    """Everything in a file, zip or folder: recordings of one value a minute, and refusals with their reasons.

    Units, gaps and labels as the file has them; activity is never negative, missing minutes are NaN. A person who comes twice is
    refused the second time. Raises RecordingError only where the path does not exist, and Cancelled from progress.
    """
    path, progress = Path(path), progress or Silent()
    if not path.exists():
        raise RecordingError(f"There is no file or folder {path}. Check the name and import again.")
    if path.is_dir():
        return _read_many(path.name or str(path), folder_sources(path), progress)
    if not path.is_file():
        return Reading((), (Refusal(path.name, "A file or a folder was expected; this is neither. Choose the file itself."),))
    source = file_source(path)
    if is_zip(_head(source), source.filename):
        return _read_many(path.name, [source], progress)
    progress.at(0.0, f"Reading {source.filename}")
    return _unique(read_source(source, progress))


def _read_many(shown: str, sources: list[Source], progress: Progress) -> Reading:
    """Read files, opening the zips among them (zips inside those stay closed)."""
    files: list[Source] = []
    refused: list[Refusal] = []
    with ExitStack() as opened:
        for source in sources:
            if not is_zip(_head(source), source.filename):
                files.append(source)
                continue
            try:
                archive = opened.enter_context(zipfile.ZipFile(opened.enter_context(source.open())))
                members, unsafe = zip_sources(archive, source.name)
            except RecordingError as error:
                refused.append(Refusal(source.name, str(error)))
            except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
                refused.append(Refusal(source.name, "The zip is damaged or breaks off: its list of files is gone. Pack it again."))
            else:
                files.extend(members)
                refused.extend(unsafe)
        reading = read_sources(files, progress)
    refused.extend(reading.refused)
    if not reading.recordings and not refused:
        refused.append(Refusal(shown, "There is no file in it. Choose the folder or zip that holds the recordings."))
    return _unique(Reading(reading.recordings, tuple(refused)))


def _head(source: Source) -> bytes:
    """The first bytes; none where the file cannot be opened, which the format's reading will say."""
    try:
        return source.head()
    except OSError:
        return b""


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
