"""ActiLife epoch exports (ActiGraph): ten header lines, then Axis1, Axis2, ... one row an epoch, with or without names and times.

PAT was trained on vertical hip counts (NHANES 2003-06) and on MIMS, so the vertical axis is read, and the labels say so.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import Epochs, on_grid
from pat_core.recordings.clock.times import offsets_of, without_offsets
from pat_core.recordings.clock.zones import UTC_NOTE, UTC_OFFSET
from pat_core.recordings.devices.actilife_header import AGAIN, ActilifeHeader, channels_of, exchanged, header_of, order_of
from pat_core.recordings.source import Format, Source, refuse_unless, required
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.report_table import Cells, Header, cells, numbers
from pat_core.records import COUNTS, Reading, Recording

VERTICAL = ("axis1", "activity", "counts", "axis1counts", "activityvertical", "axis1activity", "verticalaxis", "verticalcounts")
MAGNITUDE = ("vectormagnitude", "vm", "vmcounts", "vectormagnitudecounts", "vm3")
_FEW = 0.01
"""So few times that cannot be read are mistakes; more of them, and the dates are written in another form."""
_LARGER = "The file holds the vector magnitude of three axes, not the vertical axis: it is larger than the counts PAT learned from."


def recognises(head: bytes, filename: str) -> bool:
    """ActiLife's header, whose first line of dashes names the file's maker."""
    return header_of(head) is not None


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an ActiLife export. Raises RecordingError naming the header line that cannot be read."""
    top = required(header_of(source.head()), f"The header of an ActiLife export was expected; there is none. {AGAIN}")
    table = _header(top)
    start, form, notes = top.start()
    epoch = top.epoch
    counts, times = _wanted(table.names)
    rows = _rows(source, table, (counts, times), form, progress)
    if rows.unread > _FEW * rows.values.size and (other := exchanged(form)) != form:
        again = _rows(source, table, (counts, times), other, progress)
        if again.unread < rows.unread:
            message = f"Line 1 says that dates are written {form}; those of the rows make sense only as {other}, and were read that way."
            rows = replace(again, notes=(*again.notes, message))
    if rows.stamps is None and start is not None and not notes:
        notes += top.doubt(start)
    notes += rows.notes
    epochs, doubts = _placed(rows, start, epoch, table.line)
    in_utc = rows.offset == UTC_OFFSET[0] and (start is None or epochs.grid.start.time() != start.time())
    notes += (*doubts, *((UTC_NOTE,) if in_utc else ()))
    magnitude = columns.key(table.names[counts]) in MAGNITUDE
    labels = top.labels("vector magnitude" if magnitude else "Axis1 (vertical)")
    if epochs.grid.repeated:
        labels["repeated_minutes"] = float(epochs.grid.repeated)
    return Reading(
        (
            Recording(
                participant=source.stem,
                values=epochs.grid.values,
                start=epochs.grid.start,
                epoch_seconds=epochs.grid.epoch_seconds,
                unit=COUNTS,
                device=top.device,
                labels=labels,
                source=source.name,
                notes=(*notes, *((_LARGER,) if magnitude else ()), *epochs.notes),
                in_utc=in_utc,
            ),
        )
    )


@dataclass(frozen=True, eq=False)
class _Rows:
    """values: (n,) counts. stamps: (n,) times, NaT where one cannot be read, None where the rows have none. lines: (n,) in the file.

    offset: from UTC, as the times end in it; "" where they do not. notes: what is to be said of the counts.
    """

    values: np.ndarray
    stamps: np.ndarray | None
    lines: np.ndarray
    offset: str
    notes: tuple[str, ...]

    @property
    def unread(self) -> int:
        """How many times cannot be read."""
        return 0 if self.stamps is None else int(np.isnat(self.stamps).sum())


def _rows(source: Source, header: Header, wanted: tuple[int, list[int]], form: str, progress: Progress) -> _Rows:
    """The rows, their dates in the order of this form."""
    counts, times = wanted
    offsets: dict[str, None] = {}
    alone = {times[0]: partial(_stamps, form=form, offsets=offsets)} if len(times) == 1 else {}
    table = cells(source, header, [counts, *times], progress, parsers=alone)
    whole = columns.key(header.names[counts]) not in MAGNITUDE
    values, notes = numbers(table.texts[counts], table.lines, header.names[counts], whole=whole)
    return _Rows(values, _times(table, times, form), table.lines, " ".join(offsets), notes)


def _header(top: ActilifeHeader) -> Header:
    """The columns' names; without a line of names they are Axis1, Axis2, ..., after a date and a time."""
    first = top.following
    refuse_unless(bool(first), f"The file ends after its header, without a single epoch. {AGAIN}")
    separator = max(",;\t", key=first.count)
    try:
        names = [name.strip() for name in next(csv.reader([first.strip("\x00")], delimiter=separator), [])]
    except csv.Error:
        raise RecordingError(f"Line {top.lines + 1} cannot be read as column names or as a row. {AGAIN}") from None
    named = any(re.search("[A-Za-z]{3}", name) and not _is_time(name) for name in names[:3])
    if not named:
        dated = sum(1 for name in names[:2] if _is_time(name))
        _refuse_wide(top.mode, len(names) - dated)
        names = ["Date", "Time"][:dated] + [f"Axis{i + 1}" for i in range(len(names) - dated)]
        if dated == 1:
            names[0] = "timestamp"
    return Header(names, top.lines + int(named), [], separator, top.encoding)


def _refuse_wide(mode: int | None, numbers: int) -> None:
    """Raise RecordingError where rows without names hold more than one epoch of a device with a single axis, by its mode.

    Of devices with three axes the mode says what they recorded, and ActiLife derives more from that.
    """
    if mode is None or mode >= 64 or mode & 12:
        return
    most = len(channels_of(mode)) + 3 * bool(mode & 32)
    refuse_unless(
        numbers <= most,
        f"The rows have {numbers} numbers and no names; Mode = {mode} allows at most {most} per epoch. Export the file with its column "
        "names.",
    )


def _is_time(cell: str) -> bool:
    """Whether a cell looks like a date or a clock time, not like a number of any locale."""
    return bool(re.match(r"\s*\d+([./-])\s?[\w]+\1\s?\d+|\s*\d{1,2}[:.]\d{2}[:.]\d{2}", cell)) or ":" in cell


def _wanted(names: list[str]) -> tuple[int, list[int]]:
    """Indices of the vertical counts (of the vector magnitude where there are none), and of the timestamp or of date and time (none where
    the rows have no time)."""
    at = required(
        columns.find(names, (*VERTICAL, *MAGNITUDE)),
        f"Expected a column Axis1 (vertical counts); the columns are {', '.join(names)[:300]}. Export the axes from ActiLife.",
    )
    stamp, date, time = (columns.find(names, wanted) for wanted in (("timestamp", "datetime"), ("date",), ("time", "epoch")))
    if stamp is not None:
        return at, [stamp]
    return at, [date, time] if date is not None and time is not None else []


def _times(table: Cells, times: list[int], form: str) -> np.ndarray | None:
    """(n,) datetime64 of the rows, NaT where one cannot be read; None where the rows have no time."""
    if not times:
        return None
    if len(times) == 1:
        return table.parsed[times[0]]
    # ActiLife repeats a midnight in the date column of some exports.
    dates = table.texts[times[0]]
    plain = replace(dates, texts=dates.texts.str.replace(r"[ T]0?0:00(:00)?$|\s12:00:00 AM$", "", regex=True))
    table = replace(table, texts={**table.texts, times[0]: plain})
    return table.joined(times[0], times[1], lambda texts, _: _stamps(texts, form))


def _stamps(texts: pd.Series, form: str, offsets: dict[str, None] | None = None) -> np.ndarray:
    """(n,) datetime64[ms] of dates with clock times, NaT where one cannot be read. offsets: takes those from UTC that they end in."""
    if row_offsets := offsets_of(texts):
        texts = without_offsets(texts, texts.index)
        if offsets is not None:
            offsets |= dict.fromkeys(row_offsets)
    first = next(filter(None, map(str, texts)), "")
    order = order_of(form, first)
    named = re.match(r"\s*[\dA-Za-z]+[./-]\s?([A-Za-z]{3})[./-]", first) is not None
    iso = dict(zip(order, (r"\1", r"\2", r"\3"), strict=True)) if sorted(order) == ["M", "d", "y"] else {}
    if not iso:
        return np.full(len(texts), np.datetime64("NaT"), "datetime64[ms]")
    pattern = r"^(\w+)[./-]\s?(\w+)[./-]\s?(\d+)\.?(?:T|,?\s+)(\d.*)$"
    texts = texts.str.replace(pattern, f"{iso['y']}-{iso['M']}-{iso['d']} \\4", regex=True)
    texts = texts.str.replace(r"(\d)\s*([AaPp])\.?\s?[Mm]\.?$", r"\1 \2M", regex=True)
    texts = texts.str.replace(r" (\d{1,2})\.(\d{2})\.(\d{2})", r" \1:\2:\3", regex=True)
    return _parsed(texts, named)


def _parsed(texts: pd.Series, named: bool) -> np.ndarray:
    """Times of texts such as "2018-7-3 1:30:00 PM": the year first, clocks of 12 or 24 hours, with seconds or without."""
    first = next((str(text) for text in texts if re.match(r"\d+-\w+-\d+ ", str(text))), "")
    year = "%Y" if re.match(r"\d{4}-", first) else "%y"
    clock = "%I:%M" if first.endswith("M") else "%H:%M"
    seconds = {1: "", 2: ":%S"}.get(first.count(":"), ":%S") + (".%f" if re.search(r":\d+\.\d+", first) else "")
    form = f"{year}-{'%b' if named else '%m'}-%d {clock}{seconds}{' %p' if first.endswith('M') else ''}"
    return pd.to_datetime(texts, format=form, errors="coerce").to_numpy().astype("datetime64[ms]")


def _placed(rows: _Rows, start: datetime | None, epoch: int | None, above: int) -> tuple[Epochs, tuple[str, ...]]:
    """The counts on the clock: by the rows' own times, which know of pauses, or evenly from the header's start; and what to say of it.

    start, epoch: by the header, None where it has none.
    """
    if rows.stamps is None:
        if start is None or epoch is None:
            lacking = "start" if start is None else "epoch period"
            raise RecordingError(f"The header lacks the {lacking}, and the rows have no times. {AGAIN}")
        even = np.datetime64(start, "ms") + ((rows.lines - above - 1) * epoch * 1000).astype("timedelta64[ms]")
        return on_grid(even, rows.values, None, epoch), ()
    epochs = on_grid(rows.stamps, rows.values, None, epoch, rows.lines)
    begins = epochs.grid.start
    notes: tuple[str, ...] = ()
    if start and abs(begins - start).total_seconds() >= epochs.grid.epoch_seconds:
        notes = (f"The header starts at {start:%Y-%m-%d %H:%M:%S}, the rows at {begins:%Y-%m-%d %H:%M:%S}: the rows were followed.",)
    if rows.offset and start and begins.time() == start.time():
        message = f"The rows' times end in an offset from UTC ({rows.offset}) but show the header's clock: they were read as that clock."
        notes = (*notes, message)
    return epochs, notes


FORMAT = Format("ActiLife export (ActiGraph CSV)", recognises, read)
