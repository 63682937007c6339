"""ActiLife epoch exports (ActiGraph): ten header lines, then Axis1, Axis2, ... one row an epoch, with or without names and times.

PAT was trained on vertical hip counts (NHANES 2003-06) and on MIMS, so the vertical axis is read, and the labels say so.
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd

from ..errors import RecordingError
from ..progress import Progress
from ..records import COUNTS, Reading, Recording
from . import columns
from .actilife_header import AGAIN, ActilifeHeader, channels_of, header_of, order_of
from .epochs import Epochs, on_grid
from .report_table import Cells, Header, cells, numbers
from .source import Format, Source, refuse_unless

VERTICAL = ("axis1", "activity", "counts", "axis1counts", "activityvertical", "axis1activity", "verticalaxis", "verticalcounts")
MAGNITUDE = ("vectormagnitude", "vm", "vmcounts", "vectormagnitudecounts", "vm3")
_LARGER = "The file holds the vector magnitude of three axes and not the vertical axis: it is larger than the counts PAT learned from."


def recognises(head: bytes, filename: str) -> bool:
    """ActiLife's header, whose first line of dashes names the file's maker."""
    return header_of(head) is not None


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an ActiLife export. Raises RecordingError naming the header line that cannot be read."""
    top = header_of(source.head())
    refuse_unless(top is not None, f"The header of an ActiLife export was expected; there is none. {AGAIN}")
    table = _header(top)
    start, form, notes = top.start()
    epoch = top.epoch
    counts, times = _wanted(table.names)
    values, said, stamps, lines = _rows(source, table, (counts, times), form, progress)
    notes += said
    epochs, said = _placed(values, stamps, (start, epoch), lines, table.line)
    notes += said
    magnitude = columns.key(table.names[counts]) in MAGNITUDE
    labels = top.labels("vector magnitude" if magnitude else "Axis1 (vertical)")
    if epochs.grid.repeated:
        labels["repeated_minutes"] = float(epochs.grid.repeated)
    return Reading((Recording(
        participant=source.stem, values=epochs.grid.values, start=epochs.grid.start, epoch_seconds=epochs.grid.epoch_seconds, unit=COUNTS,
        device=top.device, labels=labels, source=source.name, notes=(*notes, *((_LARGER,) if magnitude else ()), *epochs.notes),
    ),))  # fmt: skip


def _rows(
    source: Source, header: Header, wanted: tuple[int, list[int]], form: str, progress: Progress
) -> tuple[np.ndarray, tuple[str, ...], np.ndarray | None, np.ndarray]:
    """(n,) counts and what is to be said of them; (n,) times, None where the rows have none; and the (n,) lines they stand in."""
    counts, times = wanted
    alone = {times[0]: partial(_stamps, form=form)} if len(times) == 1 else {}
    table = cells(source, header, [counts, *times], progress, parsers=alone)
    whole = columns.key(header.names[counts]) not in MAGNITUDE
    values, notes = numbers(table.texts[counts], table.lines, header.names[counts], whole=whole)
    return values, notes, _times(table, times, form), table.lines


def _header(top: ActilifeHeader) -> Header:
    """The columns' names; without a line of names they are Axis1, Axis2, ..., after a date and a time."""
    first = top.following
    refuse_unless(bool(first), f"The file ends with its header: there is not one epoch in it. {AGAIN}")
    separator = max(",;\t", key=first.count)
    try:
        names = [name.strip() for name in next(csv.reader([first.strip("\x00")], delimiter=separator), [])]
    except csv.Error:
        raise RecordingError(f"Line {top.lines + 1} cannot be read as names of columns or as a row. {AGAIN}") from None
    named = any(re.search("[A-Za-z]{3}", name) and not _is_time(name) for name in names[:3])
    if not named:
        dated = sum(1 for name in names[:2] if _is_time(name))
        _refuse_wide(top.mode, len(names) - dated)
        names = ["Date", "Time"][:dated] + [f"Axis{i + 1}" for i in range(len(names) - dated)]
        if dated == 1:
            names[0] = "timestamp"
    return Header(names, top.lines + int(named), [], separator, top.encoding)


def _refuse_wide(mode: int | None, numbers: int) -> None:
    """Raise RecordingError where rows without names hold more than one epoch, by the mode: beside it stand at most a magnitude and four
    columns of posture in place of one."""
    if mode is None or mode >= 64:
        return
    most = len(channels_of(mode)) + 1 + 3 * bool(mode & 32)
    refuse_unless(
        numbers <= most,
        f"The rows have {numbers} numbers and no names; Mode = {mode} says that an epoch has {most - 1} at most. Export the file with the "
        "names of its columns.",
    )


def _is_time(cell: str) -> bool:
    """Whether a cell looks like a date or a clock time, not like a number of any locale."""
    return bool(re.match(r"\s*\d+([./-])\s?[\w]+\1\s?\d+|\s*\d{1,2}[:.]\d{2}[:.]\d{2}", cell)) or ":" in cell


def _wanted(names: list[str]) -> tuple[int, list[int]]:
    """Indices of the vertical counts (of the vector magnitude where there are none), and of the timestamp or of date and time (none where
    the rows have no time)."""
    at = columns.find(names, (*VERTICAL, *MAGNITUDE))
    refuse_unless(
        at is not None,
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


def _stamps(texts: pd.Series, form: str) -> np.ndarray:
    """(n,) datetime64[ms] of dates with clock times, NaT where one cannot be read."""
    first = str(texts.iloc[0])
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
    first = str(texts.iloc[0])
    year = "%Y" if re.match(r"\d{4}-", first) else "%y"
    clock = "%I:%M" if first.endswith("M") else "%H:%M"
    seconds = {1: "", 2: ":%S"}.get(first.count(":"), ":%S") + (".%f" if re.search(r":\d+\.\d+", first) else "")
    form = f"{year}-{'%b' if named else '%m'}-%d {clock}{seconds}{' %p' if first.endswith('M') else ''}"
    return pd.to_datetime(texts, format=form, errors="coerce").to_numpy().astype("datetime64[ms]")


def _placed(
    values: np.ndarray, stamps: np.ndarray | None, said: tuple[datetime | None, int | None], lines: np.ndarray, above: int
) -> tuple[Epochs, tuple[str, ...]]:
    """The counts on the clock: by the rows' own times, which know of pauses, or evenly from the header's start; and what to say of it.

    said: start and epoch by the header, None where it has none.
    """
    start, epoch = said
    notes: tuple[str, ...] = ()
    if stamps is not None and not np.isnat(stamps).any():
        if start and abs(stamps[0] - np.datetime64(start, "ms")) >= np.timedelta64(epoch or 60, "s"):
            notes = (
                f"The header starts at {start:%Y-%m-%d %H:%M:%S}, the rows at {str(stamps[0])[:19].replace('T', ' ')}: the rows count.",
            )
        return on_grid(stamps, values, None, epoch), notes
    if stamps is not None:
        line = lines[int(np.isnat(stamps).argmax())]
        notes = (f"The time in line {line} cannot be read, so the epochs run evenly from the header's start.",)
    refuse_unless(
        start is not None and epoch is not None,
        f"The header lacks the {'start' if start is None else 'epoch period'}, and the rows have no times that can be read. {AGAIN}",
    )
    even = np.datetime64(start, "ms") + ((lines - above - 1) * epoch * 1000).astype("timedelta64[ms]")
    return on_grid(even, values, None, epoch), notes


FORMAT = Format("ActiLife export (ActiGraph CSV)", recognises, read)
