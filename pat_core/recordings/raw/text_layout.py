"""How raw acceleration stands in a text: which columns, which clock, which rate. Told by the first bytes alone.

ActiLife's RAW export (its header says "at 30 Hz", epochs have no length), GENEActiv's (a hundred lines of preamble), Axivity's by OmGui,
omconvert or cwa-convert (time, x, y, z, with names or without), and tables of others that have such columns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa

from pat_core.errors import RecordingError
from pat_core.recordings.devices.actilife_header import ActilifeHeader, header_of, order_of
from pat_core.recordings.devices.geneactiv_csv import Preamble, preamble_of
from pat_core.recordings.raw.stamps import counted, fraction_of, seconds_of
from pat_core.recordings.source import quoted
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.text_shape import SEPARATORS, encoding_of, is_text

SLOWEST = 5.0
"""Rows a second from which a table is one of samples."""
FEWEST = 10
"""Rows that are needed to tell."""
USUAL_RATES = (10, 12.5, 20, 25, 30, 31.25, 32, 40, 50, 60, 62.5, 64, 66.7, 70, 75, 80, 85.7, 90, 100, 125, 128, 200, 250, 256, 400, 500)
NEAR = 0.03
"""A rate that lies so near to a usual one is that one: the rest is the sensor's own clock."""
MOST_ABOVE = 60
_COUNTED = "The times are counted (since 1970, or in days); they were read as local time. If they are UTC, say so at import."
_UNTIMED = (
    "Rows of x, y and z were found, but no column with date and clock time beside them. Export the acceleration with a time in every "
    "row, as YYYY-MM-DD HH:MM:SS.fff."
)
_WORD = r"(?:accel|acc|a|accelerometer|acceleration){0,2}"
_AXIS = re.compile(rf"(?:raw|calibrated)?{_WORD}([xyz])(?:axis)?{_WORD}")
_UNITS = {
    "": 1.0, "g": 1.0, "gs": 1.0, "ing": 1.0, "mg": 1e-3, "ms2": 1 / 9.80665, "mps2": 1 / 9.80665, "meterspersecondsquared": 1 / 9.80665,
}  # fmt: skip
"""What stands behind an axis' name -> g."""
_TIME = (*columns.TIME, "headertimestamp", "timestamps", "unixtime", "unixtimestamp", "timestampms", "timems", "epochtime", "t")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_CLOCK = re.compile(r"\d{1,4}[-/.]\s?\d{1,2}[-/.]\s?\d{1,4}\.?[ T]+\d{1,2}[:.]\d{2}([:.]\d{2})?")


@dataclass(frozen=True)
class Layout:
    """skip: lines above the first row; width: cells of a row; axes: places of x, y, z; time: places of the time (of date and clock), none
    where rows have no time; who: place of the participant, if any.

    order: of the parts of dates that do not begin with the year; counting: of times that are numbers, see stamps.counted; step: what the
    clock can tell, in seconds; rate: samples a second; start: seconds since 1970 where rows have no time; factor: what makes g of a number.
    vertical, wrist: see RawFile. refusal: why such a file is not read after all.
    """

    device: str
    skip: int
    width: int
    axes: tuple[int, int, int]
    time: tuple[int, ...]
    separator: str
    encoding: str
    rate: float
    decimal: str = "."
    who: int | None = None
    order: tuple[str, ...] | None = None
    counting: tuple[float, float] | None = None
    step: float = 1e-3
    start: float | None = None
    factor: float = 1.0
    vertical: int | None = None
    wrist: bool = False
    serial: str | None = None
    placement: str | None = None
    utc_offset: str | None = None
    in_utc: bool = False
    notes: tuple[str, ...] = ()
    refusal: str | None = None


def layout_of(head: bytes) -> Layout | None:
    """How raw acceleration stands in a text that begins so; None where it is none."""
    if not is_text(head):
        return None
    if (top := header_of(head)) is not None:
        return _actilife(head, top) if top.raw else None
    if (preamble := preamble_of(head)) is not None:
        return _geneactiv(preamble) if preamble.samples else None
    return _plain(head)


def _actilife(head: bytes, top: ActilifeHeader) -> Layout:
    wrong = None
    try:
        start, form, notes = top.start()
    except RecordingError as error:  # rows with times of their own do without it
        start, form, notes, wrong = None, top.form or "M/d/yyyy", (), str(error)
    converted = "omconvert" in top.first.lower()
    layout = Layout(
        device="Axivity (by omconvert)" if converted else top.device,
        skip=top.lines,
        width=3,
        axes=(0, 1, 2),
        time=(),
        separator=",",
        encoding=top.encoding,
        rate=top.rate or 0.0,
        vertical=None if converted else 1,
        wrist=converted,
        notes=notes,
        serial=None if converted else top.facts.get("serial number"),
        order=tuple(order_of(form, "")),
    )
    rows, names, separator = _table(_lines(head, top.encoding)[top.lines :])
    if not rows:
        return replace(layout, refusal="The file ends after its header, without a single sample. Export the file from ActiLife again.")
    layout = replace(layout, skip=top.lines + bool(names), width=len(rows[0]), separator=separator, decimal=_decimal(rows, separator))
    columns = _columns(names, rows)
    if columns is None:
        shown = f"the columns are {', '.join(names)[:200]}" if names else f"the rows have {len(rows[0])} columns"
        return replace(
            layout, refusal=f"A RAW export was expected to hold Accelerometer X, Y and Z; {shown}. Export the axes from ActiLife."
        )
    layout = replace(layout, axes=columns.axes, time=columns.time, factor=columns.factor)
    if columns.time:
        return _later(_timed(layout, rows, top.rate), rows, start)
    if start is None or not top.rate:
        if wrong:
            return replace(layout, refusal=wrong)
        lacks = "start" if start is None else "rate (“at 30 Hz” in its first line)"
        return replace(layout, refusal=f"The samples have no times, and the header lacks the {lacks}. Export the file from ActiLife again.")
    return replace(layout, start=float(np.datetime64(start, "s").astype(np.int64)))


def _later(layout: Layout, rows: list[list[str]], start: datetime | None) -> Layout:
    """The layout with a note where the header starts at another time than the rows."""
    if start is None or layout.counting or layout.refusal:
        return layout
    first = seconds_of(pa.array([" ".join(rows[0][at] for at in layout.time).encode()], pa.binary()), layout.order)[0]
    if not np.isfinite(first) or abs(first - float(np.datetime64(start, "s").astype(np.int64))) < 60:
        return layout
    shown = np.datetime64(int(first), "s").item()
    note = f"The header starts at {start:%Y-%m-%d %H:%M:%S}, the rows at {shown:%Y-%m-%d %H:%M:%S}: the rows were followed."
    return replace(layout, notes=(*layout.notes, note))


def _geneactiv(preamble: Preamble) -> Layout:
    facts = preamble.facts
    layout = Layout(
        device="GENEActiv",
        skip=preamble.lines,
        width=len(preamble.rows[0]),
        axes=(1, 2, 3),
        time=(0,),
        separator=preamble.separator,
        encoding=preamble.encoding,
        rate=preamble.frequency or 0.0,
        decimal=preamble.decimal,
        wrist=True,
        serial=facts.get("device unique serial code") or None,
        placement=facts.get("device location code", "").lower() or None,
        utc_offset=preamble.utc_offset,
    )
    return _timed(layout, preamble.rows, preamble.frequency)


def _plain(head: bytes) -> Layout | None:
    """A table of time, x, y, z: with names, or with a clock time in the first cell of every row and numbers in the next three."""
    encoding = encoding_of(head)
    lines = _lines(head, encoding)
    above = _above(lines)
    rows, names, separator = _table(lines[above:])
    axes = _columns(names, rows) if len(rows) >= FEWEST and len(rows[0]) >= 3 else None
    if axes is None or (not names and axes.time != (0,)):
        return None
    layout = Layout(
        device="Axivity" if re.search(r"accel-[xyz] \(g\)", ",".join(names).lower()) else "raw accelerometer",
        skip=above + bool(names),
        width=len(rows[0]),
        axes=axes.axes,
        time=axes.time,
        separator=separator,
        encoding=encoding,
        rate=0.0,
        decimal=_decimal(rows, separator),
        who=axes.who,
        factor=axes.factor,
    )
    if not axes.time:
        return None if columns.find_activity(names, axes.axes) is not None else replace(layout, refusal=_UNTIMED)
    layout = _timed(layout, rows, None)
    if layout.rate == 0 and re.match(r"\d{1,2}:\d{2}:\d{2}", rows[0][axes.time[0]]):
        return replace(layout, refusal=_UNTIMED)
    return layout if layout.rate >= SLOWEST else None


def _above(lines: list[str]) -> int:
    """How many lines of text stand above a table: those with fewer cells than its rows have."""
    later = lines[len(lines) // 2]
    sign = max(SEPARATORS, key=later.count)
    return next((i for i, line in enumerate(lines[:MOST_ABOVE]) if line.count(sign) >= later.count(sign) and not line.startswith("#")), 0)


def _timed(layout: Layout, rows: list[list[str]], stated_rate: float | None) -> Layout:
    """The layout with what the first rows tell of clock and rate. stated_rate: the rate that the header gives."""
    texts = [" ".join(row[at] for at in layout.time) for row in rows]
    if _NUMBER.fullmatch(texts[0]) and not _CLOCK.match(texts[0]):
        times = np.array([float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else np.nan for text in texts])
        counting = counted(times[0])
        unit, origin = counting or (1.0, 0.0)
        layout = replace(layout, counting=(unit, origin))
        if counting is None:
            layout = replace(
                layout,
                refusal=(
                    "The times count from the start of the recording, and nothing says when that was. Export the recording with date and "
                    "clock time in every row."
                ),
            )
        else:
            layout = replace(layout, notes=(*layout.notes, _COUNTED))
        times = (times + origin) * unit
    else:
        layout = replace(layout, step=fraction_of(texts[0]), in_utc=texts[0].endswith(("Z", "+00:00", "+0000")))
        layout = _ordered(layout, texts[0])
        times = seconds_of(pa.array([text.encode() for text in texts], pa.binary()), layout.order or ("d", "M", "y"))
    shown = _rate(times)
    if stated_rate and shown and abs(shown - stated_rate) > 0.1 * stated_rate:
        note = f"The header gives {stated_rate:g} samples a second, the rows' own times {shown:g}: the rows were followed."
        return replace(layout, rate=shown, notes=(*layout.notes, note))
    return replace(layout, rate=stated_rate or shown or 0.0)


def _ordered(layout: Layout, text: str) -> Layout:
    """The layout with the order of day and month, where the first time tells it; a refusal where nothing does."""
    date = re.match(r"(\d{1,4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,4})", text)
    if layout.order or date is None or len(date[1]) == 4:
        return layout
    first, second = int(date[1]), int(date[2])
    if first > 12 or "." in date[0]:
        return replace(layout, order=("d", "M", "y"))
    if second > 12 or first == second:
        return replace(layout, order=("M", "d", "y"))
    return replace(
        layout,
        refusal=(
            f"Times such as {quoted(text)} can be day/month or month/day, and the start of the file does not show which. Export them as "
            "YYYY-MM-DD HH:MM:SS.fff."
        ),
    )


def _rate(times: np.ndarray) -> float:
    """Samples a second of (n,) times, the usual one where it lies near; 0 where they do not go on."""
    times = times[np.isfinite(times)]
    steps = np.diff(times)
    if steps.size == 0 or times[-1] <= times[0]:
        return 0.0
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    within = steps[(steps >= 0) & (steps < max(1.6 * usual, 1e-9))] if (steps > 0).mean() > 0.5 else steps[(steps >= 0) & (steps < 2)]
    rate = within.size / within.sum() if within.sum() > 0 else 0.0
    return next((float(candidate) for candidate in USUAL_RATES if abs(rate - candidate) <= NEAR * candidate), round(rate, 2))


@dataclass(frozen=True)
class _Found:
    axes: tuple[int, int, int]
    time: tuple[int, ...]
    who: int | None
    factor: float


def _columns(names: list[str], rows: list[list[str]]) -> _Found | None:
    """Where time and axes stand: by their names, or by what the first row holds."""
    if not names:
        timed = bool(_CLOCK.match(rows[0][0])) or (_NUMBER.fullmatch(rows[0][0]) is not None and len(rows[0]) > 3)
        at = (1, 2, 3) if timed else (0, 1, 2)
        numbers = [row[i] for row in rows[:50] for i in at if i < len(row)]
        plain = all(_NUMBER.fullmatch(cell) for cell in numbers) and any(re.search("[.,]", cell) for cell in numbers)
        if len(rows[0]) <= at[-1] or not plain:
            return None
        return _Found(at, (0,) if timed else (), None, 1.0)
    axes: dict[str, tuple[int, float]] = {}
    for i, name in enumerate(names):
        axis, factor = _axis(name)
        if axis:
            axes.setdefault(axis, (i, factor))
    if set(axes) != set("xyz") or len({factor for _, factor in axes.values()}) != 1:
        return None
    if not rows or not all(_NUMBER.fullmatch(rows[0][at]) for at, _ in axes.values()):
        return None
    stamp, date, clock = (columns.find(names, wanted) for wanted in (_TIME, ("date",), ("time", "clock")))
    if stamp is None:  # under a name of its own: the only column of dates with clock times
        dated = [i for i in range(len(names)) if rows and _CLOCK.match(rows[0][i])]
        stamp = dated[0] if len(dated) == 1 else None
    time = (date, clock) if date is not None and clock is not None and date != clock else () if stamp is None else (stamp,)
    return _Found((axes["x"][0], axes["y"][0], axes["z"][0]), time, columns.find(names, columns.PARTICIPANT), axes["x"][1])


def _axis(name: str) -> tuple[str | None, float]:
    """x, y or z of a column's name, and what makes g of its numbers; None where it is no axis of acceleration, or in a unit not known."""
    plain = name.strip().lower()
    inside = re.search(r"[(\[]([^)\]]*)[)\]]", plain)
    bare, unit = columns.key(re.sub(r"[(\[].*", "", plain)), re.sub(r"[^a-z0-9]", "", inside[1].replace("²", "2")) if inside else ""
    if not inside:
        for word in ("meterspersecondsquared", "mps2", "ms2", "mg", "g"):
            if bare.endswith(word) and _AXIS.fullmatch(bare[: -len(word)]):
                bare, unit = bare[: -len(word)], word
                break
    match = _AXIS.fullmatch(bare)
    return (match[1], _UNITS[unit]) if match and unit in _UNITS else (None, 1.0)


def _lines(head: bytes, encoding: str) -> list[str]:
    """Whole lines of the first bytes; the last one only where it is the only one."""
    lines = head.decode(encoding, errors="replace").replace("\r\n", "\n").split("\n")
    return lines[:-1] or lines


def _table(lines: list[str]) -> tuple[list[list[str]], list[str], str]:
    """The first rows as cells, all as wide as the first; the columns' names, if the first line has some; the separator."""
    lines = [line for line in lines if line.strip()][:2000]
    if not lines:
        return [], [], ","
    shown = lines[min(1, len(lines) - 1)]
    separator = max(SEPARATORS, key=lambda sign: (shown.count(sign) >= 2, sign == ";", sign == "\t", shown.count(sign)))
    cells = [[cell.strip(' \t\x00"\ufeff') for cell in line.split(separator)] for line in lines]
    named = any(re.search("[A-Za-z]", cell) and not _CLOCK.match(cell) and not _NUMBER.fullmatch(cell) for cell in cells[0])
    body = cells[1:] if named else cells
    width = len(cells[0])
    return [row for row in body if len(row) == width], cells[0] if named else [], separator


def _decimal(rows: list[list[str]], separator: str) -> str:
    return "," if separator != "," and any(re.fullmatch(r"[+-]?\d*,\d+", cell) for row in rows[:50] for cell in row) else "."
