"""Files, folders and zips of which some are read by a mapping, the rest as the formats say."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ...errors import Cancelled, RecordingError
from ...progress import Progress, Silent
from ...records import Reading, Recording, Refusal
from .. import archive
from ..labels import join, named_as_table, table_of
from ..source import Source, file_source
from .reading import read_mapped
from .record import Mapping
from .table import fits

_log = logging.getLogger(__name__)


def read_with(path: str | Path, mappings: Sequence[Mapping], progress: Progress | None = None) -> Reading:
    """As `recordings.read`, but files that have the columns of one of the mappings are read by it.

    Also inside a folder or zip, where the folder of such a file is its people's label `group` and tables of people are joined to them.
    """
    from .. import read  # the package's own entry, which is made after this file

    path, progress = Path(path), progress or Silent()
    if not mappings or not path.exists():
        return read(path, progress)
    with ExitStack() as opened:
        sources = sources_in(path, opened)
        mapped = [(source, found) for source in sources if (found := next((m for m in mappings if fits(source, m)), None))]
        if not mapped:
            return read(path, progress)
        done = [_grouped(_one(source, mapping, progress), source.group) for source, mapping in mapped]
        there = {id(source) for source, _ in mapped}
        others = [source for source in sources if id(source) not in there]
        rest = archive.read_sources(others, progress) if others else Reading(())
        recordings = [recording for reading in done for recording in reading.recordings]
        refused = [refusal for reading in done for refusal in reading.refused]
        recordings, said = _joined(recordings, others, list(rest.refused))
    return Reading((*recordings, *rest.recordings), (*refused, *said))


def sources_in(path: Path, opened: ExitStack) -> list[Source]:
    """The files of a path, zips among them opened; a zip that cannot be opened stands for itself, to be refused."""
    found: list[Source] = []
    for source in archive.folder_sources(path) if path.is_dir() else [file_source(path)]:
        try:
            if archive.is_zip(source.head(), source.filename):
                packed = opened.enter_context(zipfile.ZipFile(opened.enter_context(source.open())))
                members, unsafe = archive.zip_sources(packed, source.name)
                found += [source] if unsafe else members
                continue
        except (RecordingError, zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            pass
        found.append(source)
    return found


def _one(source: Source, mapping: Mapping, progress: Progress) -> Reading:
    try:
        return read_mapped(source, mapping, progress)
    except Cancelled:
        raise
    except RecordingError as error:
        return Reading((), (Refusal(source.name, str(error)),))
    except Exception as error:  # a damaged file may fail in a way of its own; the rest of an import must come in
        _log.exception("Reading %s failed", source.name)
        reason = f"The file could not be read and is probably damaged ({type(error).__name__}: {str(error)[:160]}). Export it again."
        return Reading((), (Refusal(source.name, reason),))


def _grouped(reading: Reading, group: str | None) -> Reading:
    if group is None:
        return reading
    return replace(reading, recordings=tuple(replace(r, labels={**r.labels, "group": group}) for r in reading.recordings))


def _joined(recordings: list[Recording], others: Sequence[Source], refused: list[Refusal]) -> tuple[list[Recording], list[Refusal]]:
    """Labels from tables of people beside mapped files, and the refusals without those tables."""
    known = {recording.participant for recording in recordings}
    for source in others:
        try:
            labels = table_of(source, known) if named_as_table(source) else {}
        except RecordingError:
            continue
        if labels:
            recordings = [replace(r, labels=join(r.labels, labels.get(r.participant, {}))) for r in recordings]
            refused = [refusal for refusal in refused if refusal.what != source.name]
    return recordings, refused
