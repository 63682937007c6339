"""Time series of the Oxford accelerometer tool (UK Biobank and others): acceleration in mg, 30 s a row or other.

Two forms: a header `acceleration (mg) - start - end - sampleRate = 30 seconds` over rows without times, one after another in elapsed time;
or `time,acc,...` with a time of the wall clock and its zone in every row. Rows with imputed = 1 were not measured: the tool filled them
from the person's other days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.recordings.clock import zones
from pat_core.recordings.clock.epochs import check_epoch, check_length, empty_note
from pat_core.recordings.clock.times import offsets_of, with_known_date
from pat_core.recordings.clock.zones import UTC_OFFSET
from pat_core.recordings.devices.device_rows import Amounts, Column, Table, flags, gather, head_lines, lay, lines, times
from pat_core.recordings.source import Format, Source, quoted, refuse_unless, required
from pat_core.recordings.tables.text_shape import is_text
from pat_core.records import MG, UNKNOWN_UNIT, Reading, Recording

_STAMP = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}"
_HEADER = re.compile(rf"(.*?) - ({_STAMP})(.*?) - ({_STAMP})(.*?) - sampleRate\s*=\s*(\d+(?:\.\d+)?)\s*s")
_ZONE = re.compile(r"\[([A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*)\]")
_OFFSET = re.compile(r":\d{2}(?:\.\d+)?([+-]\d{2}:?\d{2})")
_NO_PLACE = ("UTC", "GMT", "Etc/UTC", "Etc/GMT")
_TELLING = {"imputed", "met", "sleep", "sedentary", "light", "moderate", "moderate-vigorous", "vigorous", "walking", "mvpa"}


def recognises(head: bytes, filename: str) -> bool:
    """A first cell with start, end and sampleRate; or the columns time and acc beside those of the tool."""
    first, *rest = [*head_lines(head, 2), "", ""] if is_text(head) else ["", ""]
    if _header(first):
        return True
    names = _names(first)
    return names[:2] == ["time", "acc"] and (bool(_TELLING & set(names)) or _ZONE.search(rest[0]) is not None)


def read(source: Source, progress: Progress) -> Reading:
    """The one person of a time series, named by the file without -timeSeries. Raises RecordingError naming the line."""
    rows = lines(source, progress)
    first = next(rows, (1, ""))[1]
    header = _header(first)
    names = _names(first)
    refuse_unless(
        header is not None or names[:2] == ["time", "acc"],
        "A first line “acceleration (mg) - start - end - sampleRate = 30 seconds” or “time,acc,...” was expected; it says "
        f"{quoted(first)}. Run the tool on the recording again.",
    )
    epochs = _by_header(header, names, rows) if header else _by_rows(names, rows)
    notes, worn = epochs.notes, epochs.worn
    if worn is not None and (filled := int((~worn).sum())):
        shown = f"{filled:,} of {worn.size:,} epochs ({filled * epochs.epoch / 3600:.1f} h)"
        notes = (*notes, f"{shown} imputed by the tool, not measured: marked as not worn.")
    recording = with_known_date(
        Recording(
            participant=re.sub(r"[-_]timeSeries$", "", source.stem, flags=re.IGNORECASE) or source.stem,
            values=epochs.values,
            start=epochs.start,
            epoch_seconds=epochs.epoch,
            unit=epochs.unit,
            device="accelerometer (Oxford tool)",
            source=source.name,
            worn=worn,
            notes=notes,
        )
    )
    named = _ZONE.search(epochs.place)
    zone, offsets = (None, UTC_OFFSET) if named and named[1] in _NO_PLACE else (named and named[1], epochs.offsets)
    return Reading((zones.placed(recording, zone, epochs.clock, offsets),))


@dataclass(frozen=True, eq=False)
class _Made:
    """values (epochs,) float32; epoch in seconds; worn (epochs,) bool or None. place: the text that may name a zone, offsets: from UTC.

    clock: what the times are, see zones.Clock.
    """

    values: np.ndarray
    start: datetime
    epoch: int
    unit: str
    worn: np.ndarray | None
    notes: tuple[str, ...]
    place: str
    offsets: tuple[str, ...]
    clock: zones.Clock


def _header(first: str) -> re.Match[str] | None:
    """The parts of a first cell that holds start, end and rate."""
    return _HEADER.match(first[:400].strip().strip('"'))


def _names(first: str) -> list[str]:
    return [name.strip().strip('"').lower() for name in first.split(",")]


def _by_header(header: re.Match[str], names: list[str], rows: Iterator[tuple[int, str]]) -> _Made:
    """Rows without times: epochs follow the header's start; another number of them than it announces is noted."""
    epoch = check_epoch(float(header[6]), "the first line (sampleRate)")
    begun, ended = (offsets_of(pd.Series([header[at] + header[at + 1]])) for at in (2, 4))
    known = bool(begun and ended)
    try:
        start = datetime.fromisoformat(header[2])
        first, last = (datetime.fromisoformat(header[at] + (offset[0] if known else "")) for at, offset in ((2, begun), (4, ended)))
    except ValueError:
        raise RecordingError(f"The first line's start and end are not dates: {header[2]}, {header[4]}. Run the tool again.") from None
    table = _gather(rows, names, 0, {})
    values = table.columns["activity"]
    check_length(values.size, epoch)
    notes = table.notes
    announced = int((last - first).total_seconds() // epoch) + 1
    if abs(announced - values.size) > 1:
        notes = (*notes, f"The first line announces {announced:,} epochs, the file holds {values.size:,}: it may be cut short.")
    imputed = table.columns.get("imputed")
    worn = None if imputed is None else ~imputed
    unit = MG if "mg" in header[1].lower() else UNKNOWN_UNIT
    return _Made(values, start, epoch, unit, worn, (*notes, *empty_note(values)), header[0], begun, "steady")


def _by_rows(names: list[str], rows: Iterator[tuple[int, str]]) -> _Made:
    """Rows with a time each: wall clock as written, gaps missing."""
    first = required(next(rows, None), "The file has column names but no rows. Run the tool on the recording again.")
    offsets: list[str] = []

    def stamps(cells: list[str], at: np.ndarray) -> np.ndarray:
        for cell in (cells[0], cells[-1]):
            offsets.extend(offsets_of(pd.Series([cell])))
        # Without offset and zone every block is of one form, on either side of a change of the clock.
        return times([_OFFSET.sub(lambda m: m[0][: -len(m[1])], cell.partition("[")[0]) for cell in cells], at)

    table = _gather(chain([first], rows), names, 1, {"time": Column((0,), stamps)})
    imputed = table.columns.get("imputed")
    grid, worn, notes = lay(table.columns["time"], table.columns["activity"], None if imputed is None else ~imputed, table.lines)
    messages = (*table.notes, *notes)
    return _Made(grid.values, grid.start, grid.epoch_seconds, MG, worn, messages, first[1], tuple(dict.fromkeys(offsets)), "wall")


def _gather(rows: Iterator[tuple[int, str]], names: list[str], activity: int, wanted: dict[str, Column]) -> Table:
    wanted = {**wanted, "activity": Column((activity,), Amounts("acc", "fractions"))}
    if "imputed" in names:
        wanted["imputed"] = Column((names.index("imputed"),), flags)
    return gather(rows, ",", len(names), wanted)


FORMAT = Format("Oxford accelerometer time series (CSV)", recognises, read)
