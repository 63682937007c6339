"""Files of which some are read by what was said of their columns, the rest as the formats say."""

from __future__ import annotations

from collections.abc import Sequence

from pat_core.progress import Progress
from pat_core.recordings.format_registry import read_source
from pat_core.recordings.mapping.mapped_table import read_mapped
from pat_core.recordings.mapping.mapping_record import Mapping
from pat_core.recordings.mapping.text_table import fitting
from pat_core.recordings.source import Source
from pat_core.records import Reading, Recording


class MappedReader:
    """A reader for `recordings.reading.read`: files that have the columns of a mapping are read by the first such, others by their formats.

    Afterwards it knows which recordings came by which mapping.
    """

    def __init__(self, mappings: Sequence[Mapping]) -> None:
        self._mappings = tuple(mappings)
        self._by: dict[tuple[str, str | None], Mapping] = {}

    def __call__(self, source: Source, progress: Progress) -> Reading:
        """The recordings of one file, or its refusal."""
        mapping = fitting(source, self._mappings)
        if mapping is None:
            return read_source(source, progress)
        reading = read_source(source, progress, lambda plain, part: read_mapped(plain, mapping, part))
        for recording in reading.recordings:
            self._by.setdefault((recording.source, recording.participant), mapping)  # who comes twice came by the first
            self._by.setdefault((recording.source, None), mapping)
        return reading

    def mapping_of(self, recording: Recording) -> Mapping | None:
        """The mapping by which a recording was read, of joined parts the first; None where its format was enough."""
        return self._by.get((recording.source, recording.participant)) or self._by.get((recording.source, None))
