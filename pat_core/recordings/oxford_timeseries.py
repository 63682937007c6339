"""Time series of the Oxford accelerometer tool (UK Biobank and others), plain or gzipped: acceleration in mg, 30 s a row or other.

Two forms: a header `acceleration (mg) - start - end - sampleRate = 30 seconds` over rows without times; or `time,acc,...` with a time and
its zone in every row. Rows with imputed = 1 were not measured: the tool filled them from the person's other days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

import numpy as np
import pandas as pd

from ..errors import RecordingError
from ..progress import Progress
from ..records import MG, UNKNOWN_UNIT, Reading, Recording
from .clock import offset_notes, offsets_of, with_known_date
from .device_rows import Column, Table, amounts, flags, gather, head_lines, lay, lines, times
from .epochs import check_epoch, check_length, empty_note
from .gzipped import is_gzip, peek, unfolded
from .source import Format, Source, refuse_unless
from .text import is_text

_STAMP = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}"
_HEADER = re.compile(rf"(.*?) - ({_STAMP})([^-]*(?:-\d{{2}}:?\d{{2}}.*?)?) - ({_STAMP}).*? - sampleRate\s*=\s*(\d+(?:\.\d+)?)\s*s")
_ZONE = re.compile(r"\[([A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*)\]")
_OFFSET = re.compile(r":\d{2}(?:\.\d+)?([+-]\d{2}:?\d{2})")
_NO_PLACE = ("UTC", "GMT", "Etc/UTC", "Etc/GMT")
_TELLING = {"imputed", "met", "sleep", "sedentary", "light", "moderate", "moderate-vigorous", "vigorous", "walking", "mvpa"}


def recognises(head: bytes, filename: str) -> bool:
    """A first cell with start, end and sampleRate; or the columns time and acc beside those of the tool. In a gzip: what is inside."""
    text = peek(head) if is_gzip(head) else head
    first, *rest = [*head_lines(text, 2), "", ""] if is_text(text) else ["", ""]
    if _header(first):
        return True
    names = _names(first)
    return names[:2] == ["time", "acc"] and (bool(_TELLING & set(names)) or _ZONE.search(rest[0]) is not None)


def read(source: Source, progress: Progress) -> Reading:
    """The one person of a time series, named by the file without -timeSeries. Raises RecordingError naming the line."""
    inner = unfolded(source) if is_gzip(source.head()) else source
    rows = lines(inner, progress)
    first = next(rows, (1, ""))[1]
    header = _header(first)
    names = _names(first)
    refuse_unless(
        header is not None or names[:2] == ["time", "acc"],
        "A first line “acceleration (mg) - start - end - sampleRate = 30 seconds” or “time,acc,...” was expected; it says "
        f"“{first[:80]}”. Run the tool on the recording again.",
    )
    made = _by_header(header, names, rows) if header else _by_rows(names, rows)
    values, start, epoch, unit, zone, worn, notes = made
    if worn is not None and (filled := int((~worn).sum())):
        shown = f"{filled:,} of {worn.size:,} epochs ({filled * epoch / 3600:.1f} h)"
        notes = (*notes, f"{shown} were imputed by the tool, not measured; they are marked as not worn.")
    return Reading((with_known_date(Recording(
        participant=re.sub(r"[-_]timeSeries$", "", inner.stem, flags=re.IGNORECASE) or inner.stem, values=values, start=start,
        epoch_seconds=epoch, unit=unit, device="accelerometer (Oxford tool)", source=source.name, zone=zone, worn=worn, notes=notes,
    )),))  # fmt: skip


_Made = tuple[np.ndarray, datetime, int, str, str | None, np.ndarray | None, tuple[str, ...]]
"""values (epochs,) float32, start, epoch in seconds, unit, zone, worn (epochs,) bool or None, notes."""


def _header(first: str) -> re.Match[str] | None:
    """The parts of a first cell that holds start, end and rate."""
    return _HEADER.match(first[:400].strip().strip('"'))


def _place(
    found: re.Match[str] | None, offsets: tuple[str, ...], worn: np.ndarray | None, notes: tuple[str, ...]
) -> tuple[str | None, np.ndarray | None, tuple[str, ...]]:
    """The zone named in brackets, worn, and the notes with what is to be known of the clock; UTC names no place."""
    if found and found[1] in _NO_PLACE:
        return None, worn, (*notes, *offset_notes(("+00:00",), None))
    zone = found[1] if found else None
    return zone, worn, (*notes, *offset_notes(offsets, zone))


def _names(first: str) -> list[str]:
    return [name.strip().strip('"').lower() for name in first.split(",")]


def _by_header(header: re.Match[str], names: list[str], rows: Iterator[tuple[int, str]]) -> _Made:
    """Rows without times: epochs follow the header's start; another number of them than it announces is noted."""
    epoch = check_epoch(float(header[5]), "the first line (sampleRate)")
    try:
        start, end = datetime.fromisoformat(header[2]), datetime.fromisoformat(header[4])
    except ValueError:
        raise RecordingError(f"The first line's start and end are no dates: {header[2]}, {header[4]}. Run the tool again.") from None
    table = _gather(rows, names, 0, {})
    values = table.columns["activity"]
    check_length(values.size, epoch)
    notes = table.notes
    announced = int((end - start).total_seconds() // epoch) + 1
    if abs(announced - values.size) > 1:
        notes = (
            *notes,
            f"The first line announces {announced:,} epochs, the file holds {values.size:,}: it was cut, or the clock changed.",
        )
    zone = _ZONE.search(header[0])
    imputed = table.columns.get("imputed")
    unit = MG if "mg" in header[1].lower() else UNKNOWN_UNIT
    return values, start, epoch, unit, *_place(zone, (), None if imputed is None else ~imputed, (*notes, *empty_note(values)))


def _by_rows(names: list[str], rows: Iterator[tuple[int, str]]) -> _Made:
    """Rows with a time each: wall clock as written, gaps missing."""
    first = next(rows, None)
    refuse_unless(first is not None, "The file has column names and not one row. Run the tool on the recording again.")
    offsets: list[str] = []

    def stamps(cells: list[str], at: np.ndarray) -> np.ndarray:
        for cell in (cells[0], cells[-1]):
            offsets.extend(offsets_of(pd.Series([cell])))
        # Without offset and zone every block is of one form, on either side of a change of the clock.
        return times([_OFFSET.sub(lambda m: m[0][: -len(m[1])], cell.partition("[")[0]) for cell in cells], at)

    table = _gather(chain([first], rows), names, 1, {"time": Column((0,), stamps)})
    imputed = table.columns.get("imputed")
    grid, worn, notes = lay(table.columns["time"], table.columns["activity"], None if imputed is None else ~imputed)
    placed = _place(_ZONE.search(first[1]), tuple(dict.fromkeys(offsets)), worn, (*table.notes, *notes))
    return grid.values, grid.start, grid.epoch_seconds, MG, *placed


def _gather(rows: Iterator[tuple[int, str]], names: list[str], activity: int, wanted: dict[str, Column]) -> Table:
    wanted = {**wanted, "activity": Column((activity,), amounts("acc"))}
    if "imputed" in names:
        wanted["imputed"] = Column((names.index("imputed"),), flags)
    return gather(rows, ",", len(names), wanted)


FORMAT = Format("Oxford accelerometer time series (CSV)", recognises, read)
