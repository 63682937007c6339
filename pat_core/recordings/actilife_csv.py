"""ActiLife epoch exports (ActiGraph): ten header lines, then Axis1, Axis2, ... one row an epoch, with or without names and times.

PAT was trained on vertical hip counts (NHANES 2003-06) and on MIMS, so the vertical axis is read, and the labels say so.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd

from ..errors import RecordingError
from ..progress import Progress
from ..records import COUNTS, Reading, Recording
from . import columns
from .epochs import Epochs, check_epoch, on_grid
from .report_table import Cells, Header, cells, numbers, open_text
from .source import Format, Source, refuse_unless
from .text import encoding_of

HEADER_LINES = 10
VERTICAL = "axis1"
_AGAIN = "Export the file from ActiLife again."
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST_LINE = 100_000


def recognises(head: bytes, filename: str) -> bool:
    """ActiLife's first line of dashes names the file's maker."""
    first = head[:800].decode(encoding_of(head), errors="ignore").split("\n", 1)[0]
    return "Data" in first and "ActiGraph" in first and "---" in first


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an ActiLife export. Raises RecordingError naming the header line that cannot be read."""
    top = _top(source)
    facts = _facts(top.lines)
    form = _date_form(top.lines[0])
    start, epoch = _start(facts, form), _epoch(facts)
    values, notes, stamps, lines = _rows(source, top.header, form, progress)
    epochs, said = _placed(values, stamps, start, epoch, lines, top.header.line)
    labels: dict[str, str | float | None] = {"axis": "Axis1 (vertical)"}
    if serial := facts.get("serial number"):
        labels["serial"] = serial
    if match := re.search(r"Filter (\w+)", top.lines[0]):
        labels["filter"] = match[1]
    if epochs.grid.repeated:
        labels["repeated_minutes"] = float(epochs.grid.repeated)
    return Reading((Recording(
        participant=source.stem, values=epochs.grid.values, start=epochs.grid.start, epoch_seconds=epochs.grid.epoch_seconds, unit=COUNTS,
        device=_device(top.lines[0]), labels=labels, source=source.name, notes=(*notes, *said, *epochs.notes),
    ),))  # fmt: skip


def _rows(
    source: Source, header: Header, form: str, progress: Progress
) -> tuple[np.ndarray, tuple[str, ...], np.ndarray | None, np.ndarray]:
    """(n,) counts and what is to be said of them; (n,) times, None where the rows have none; and the (n,) lines they stand in."""
    counts, times = _wanted(header.names)
    alone = {times[0]: partial(_stamps, form=form)} if len(times) == 1 else {}
    table = cells(source, header, [counts, *times], progress, parsers=alone)
    values, notes = numbers(table.texts[counts], table.lines, header.names[counts], whole=True)
    return values, notes, _times(table, times, form), table.lines


@dataclass(frozen=True)
class _Top:
    """The ten lines, and where the table begins."""

    lines: list[str]
    header: Header


def _top(source: Source) -> _Top:
    """The ten lines and the columns' names; without a line of names they are Axis1, Axis2, ..., after a date and a time."""
    encoding = encoding_of(source.head())
    try:
        with open_text(source, encoding) as text:
            lines = [text.readline(_LONGEST_LINE).strip().strip('",;\t') for _ in range(HEADER_LINES)]
            first = text.readline(_LONGEST_LINE).strip()
    except UnicodeError:
        raise RecordingError(f"The first lines are not text in one encoding. {_AGAIN}") from None
    refuse_unless(bool(first), f"The file ends with its header: there is not one epoch in it. {_AGAIN}")
    separator = max(",;\t", key=first.count)
    try:
        names = [name.strip() for name in next(csv.reader([first.strip("\x00")], delimiter=separator), [])]
    except csv.Error:
        raise RecordingError(f"Line {HEADER_LINES + 1} cannot be read as names of columns or as a row. {_AGAIN}") from None
    named = any(re.search("[A-Za-z]{3}", name) and not _is_time(name) for name in names[:3])
    if not named:
        dated = sum(1 for name in names[:2] if _is_time(name))
        names = ["Date", "Time"][:dated] + [f"Axis{i + 1}" for i in range(len(names) - dated)]
        if dated == 1:
            names[0] = "timestamp"
    return _Top(lines, Header(names, HEADER_LINES + int(named), [], separator, encoding))


def _is_time(cell: str) -> bool:
    """Whether a cell looks like a date or a clock time, not like a number of any locale."""
    return bool(re.match(r"\s*\d+([./-])\s?[\w]+\1\s?\d+|\s*\d{1,2}[:.]\d{2}[:.]\d{2}", cell)) or ":" in cell


def _facts(header: Sequence[str]) -> dict[str, str]:
    """The header's lines as name -> value, names in lower case."""
    facts = {}
    for line in header:
        match = re.match(r"(serial number|start time|start date|epoch period \([^)]*\))\s*:?[\s,;\"]*(.*)", line, re.IGNORECASE)
        if match:
            facts[match[1].lower().split(" (")[0]] = match[2].strip().strip('"')
    return facts


def _device(first: str) -> str:
    match = re.search(r"(ActiGraph(?:\s+(?!ActiLife)\S+)?)", first)
    return match[1] if match else "ActiGraph"


def _date_form(first: str) -> str:
    """How line 1 says that dates are written (M/d/yyyy, dd.MM.yyyy, d. M. yyyy, ...); M/d/yyyy where it does not say."""
    match = re.search(r"date format\s+([dMy]+[./\- ,]*[dMy]+[./\- ,]*[dMy]+)", first)
    return match[1] if match else "M/d/yyyy"


def _order(form: str, date: str) -> list[str]:
    """The order of d, M and y in a date; a year of four digits in front is a year whatever the form says."""
    order = [part[0] for part in re.findall(r"d+|M+|y+", form)]
    if re.match(r"\d{4}\D", date):
        order = ["y", *(part for part in order if part != "y")]
    return order


def _start(facts: Mapping[str, str], form: str) -> datetime:
    """Start from the header, by the form of date that its first line names."""
    date, clock = facts.get("start date", ""), facts.get("start time", "")
    parts = re.findall(r"\d+|[A-Za-z]{3,}", date)
    time = re.match(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?\s*(?:([AaPp])\.?\s*[Mm])?", clock)
    order = _order(form, date)
    try:
        if not time or len(parts) != 3 or sorted(order) != ["M", "d", "y"]:
            raise ValueError
        numbered = [int(part) if part.isdigit() else _MONTHS.index(part[:3].lower()) + 1 for part in parts]
        day = dict(zip(order, numbered, strict=True))
        hour = int(time[1])
        if time[4]:
            hour = hour % 12 + (12 if time[4] in "Pp" else 0)
        year = day["y"] + (2000 if day["y"] < 100 else 0)
        return datetime(year, day["M"], day["d"], hour, int(time[2]), int(time[3] or 0))
    except (ValueError, OverflowError):
        raise RecordingError(
            f"The header's start was expected as a date ({form}) and a clock time; it says “{date[:40]}” and “{clock[:40]}” "
            f"(lines 3 and 4). {_AGAIN}"
        ) from None


def _epoch(facts: Mapping[str, str]) -> int:
    match = re.fullmatch(r"(\d{1,4})[:.](\d{1,2})[:.](\d{1,2})", facts.get("epoch period", ""))
    refuse_unless(match is not None, f"Line 5 was expected to give the epoch period as hh:mm:ss. {_AGAIN}")
    hours, minutes, seconds = (int(part) for part in match.groups())
    return check_epoch(hours * 3600 + minutes * 60 + seconds, "the header (line 5)")


def _wanted(names: list[str]) -> tuple[int, list[int]]:
    """Indices of the vertical counts, and of the timestamp or of date and time (none where the rows have no time)."""
    at = columns.find(names, (VERTICAL, "activity", "counts", "axis1counts"))
    refuse_unless(
        at is not None,
        f"Expected a column Axis1 (vertical counts); the columns are {', '.join(names)[:300]}. Export the axes from ActiLife.",
    )
    stamp, date, time = (columns.find(names, wanted) for wanted in (("timestamp", "datetime"), ("date",), ("time",)))
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
    order = _order(form, first)
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
    values: np.ndarray, stamps: np.ndarray | None, start: datetime, epoch: int, lines: np.ndarray, above: int
) -> tuple[Epochs, tuple[str, ...]]:
    """The counts on the clock: by the rows' own times, which know of pauses, or evenly from the header's start; and what to say of it."""
    notes: tuple[str, ...] = ()
    if stamps is not None and not np.isnat(stamps).any():
        if abs(stamps[0] - np.datetime64(start, "ms")) >= np.timedelta64(epoch, "s"):
            notes = (
                f"The header starts at {start:%Y-%m-%d %H:%M:%S}, the rows at {str(stamps[0])[:19].replace('T', ' ')}: the rows count.",
            )
        return on_grid(stamps, values, None, epoch), notes
    if stamps is not None:
        line = lines[int(np.isnat(stamps).argmax())]
        notes = (f"The time in line {line} cannot be read, so the epochs run evenly from the header's start.",)
    even = np.datetime64(start, "ms") + ((lines - above - 1) * epoch * 1000).astype("timedelta64[ms]")
    return on_grid(even, values, None, epoch), notes


FORMAT = Format("ActiLife export (ActiGraph CSV)", recognises, read)
