"""GGIR's epoch tables: part 2 (timestamp, anglez, ENMO in g, ...) and part 5 time series (timenum, ACC in mg, class_id, ...).

GGIR fills epochs that were not worn from other days; where the table says which they are, they are marked as not worn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import on_grid
from pat_core.recordings.clock.times import offsets_of, parse_times
from pat_core.recordings.clock.zones import UTC_OFFSET, offset_notes, stays_in_utc
from pat_core.recordings.source import Format, Source, refuse_unless
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.coded_text import Coded
from pat_core.recordings.tables.report_table import (
    Cells,
    Header,
    NumberParser,
    Parser,
    cells,
    find_header,
    finite,
    folded,
    numbers,
    open_text,
    split,
)
from pat_core.recordings.tables.text_shape import SEPARATORS, encoding_of
from pat_core.records import MG, Reading, Recording, Refusal

_METRICS = ("acc", "enmo", "enmoa", "lfenmo", "bfen", "hfen", "hfenplus", "mad", "en", "lfen")
"""Accelerations in the order of preference; ACC is GGIR's own in part 5."""
_CLOCK, _UNIX = ("timestamp", "time", "datetime"), "timenum"
_SCORE = "nonwearscore"
_INVALID = ("invalidepoch", "nonwear", _SCORE, "invalid")
_STILL_AXES = 2
"""The score says how many of the three axes lay still; from so many on GGIR takes the device for not worn."""
_SAID_STILL = "with a GGIR non-wear score of 2 or 3 (that many of the three axes lay still): counted as not worn."
_SAID_INVALID = "that GGIR calls invalid and fills from other days: counted as not worn."
_TELLING = frozenset((
    "timenum", "classid", "invalidepoch", "guider", "anglez", "anglex", "angley", "sleepperiodtime", "sibdetection", "nonwearscore",
    "clippingscore", "invalidfullwindow", "invalidwakinghours", "invalidsleepperiod", "enmo", "lfenmo", "enmoa", "bfen", "hfenplus", "mad",
))  # fmt: skip
"""Names that GGIR gives; an acceleration beside a time and two of these is GGIR's table."""
_MOST_G = 16.0
"""No sensor of these studies reaches more, so a larger number is in mg."""
_YEAR_FIRST = re.compile(r"\d{4}[-/]")
_FIRST_ROWS = 100
_R_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{4}\b")


def recognises(head: bytes, filename: str) -> bool:
    """The first row has a time, an acceleration and GGIR's names; or a time and ENMO with times as R writes them (+0200)."""
    lines = head.decode(encoding_of(head), errors="ignore").lstrip("\ufeff").splitlines()[:2]
    for separator in SEPARATORS:
        names = [name.strip().strip('"') for name in lines[0].split(separator)] if lines else []
        if not _is_header(names):
            continue
        telling = sum(folded(name) in _TELLING for name in names)
        return telling >= 2 or (len(lines) > 1 and bool(_R_TIME.search(lines[1])))
    return False


def read(source: Source, progress: Progress) -> Reading:
    """The people of a table of GGIR's. Raises RecordingError naming the line or column that cannot be read."""
    header = find_header(source, _is_header, "A table of GGIR has the columns timestamp (or timenum) and ENMO or ACC")
    at = _columns(header.names)
    rows, who = _rows(source, header, at, progress)
    return _people(source, rows, at, who)


@dataclass(frozen=True)
class _Columns:
    time: int
    unix: bool
    metric: int
    invalid: int | None
    still_axes: bool
    who: int | None


@dataclass(frozen=True, eq=False)
class _Rows:
    """times (n,) datetime64, values (n,) mg, worn (n,) bool or None, lines (n,) in the file; notes, and offsets from UTC, of all."""

    times: np.ndarray
    values: np.ndarray
    worn: np.ndarray | None
    lines: np.ndarray
    notes: tuple[str, ...]
    offsets: tuple[str, ...]


def _is_header(names: Sequence[str]) -> bool:
    keys = {folded(name) for name in names}
    return bool(keys & {*_CLOCK, _UNIX}) and any(_metric(key) for key in keys)


def _metric(key: str) -> str | None:
    """The acceleration that a column name stands for, "mg" or "g" at its end apart."""
    plain = re.sub("(in)?mg$", "", key)
    return plain if plain in _METRICS else None


def _columns(names: list[str]) -> _Columns:
    keys = [folded(name) for name in names]
    metrics = {plain: i for i, key in reversed(list(enumerate(keys))) if (plain := _metric(key))}
    clock = next((keys.index(name) for name in _CLOCK if name in keys), None)
    invalid = next((name for name in _INVALID if name in keys), None)
    return _Columns(
        time=keys.index(_UNIX) if clock is None else clock,
        unix=clock is None,
        metric=metrics[min(metrics, key=_METRICS.index)],
        invalid=None if invalid is None else keys.index(invalid),
        still_axes=invalid == _SCORE,
        who=columns.find(names, columns.PARTICIPANT),
    )


def _scale(name: str, values: np.ndarray) -> tuple[float, tuple[str, ...]]:
    """The factor to mg: ACC and names with mg are mg; other metrics are in g, unless their numbers are too large for that."""
    key = folded(name)
    if key == "acc" or key.endswith("mg"):
        return 1.0, ()
    if np.nanmax(values, initial=0.0) > _MOST_G:
        return 1.0, (f"The column {name} holds values above {_MOST_G:g}, which no sensor reaches in g: it was read as mg.",)
    return 1000.0, (f"The column {name} is in g, as GGIR writes it; it was multiplied by 1000 to mg.",)


def _rows(source: Source, header: Header, at: _Columns, progress: Progress) -> tuple[_Rows, Coded | None]:
    """All rows, and the participant of each where the table names any."""
    table, times, offsets = _table(source, header, at, progress)
    values, notes = finite(table.parsed[at.metric], header.names[at.metric])
    scale, scale_note = _scale(header.names[at.metric], values)
    rows = _Rows(times, values * scale, _worn(table, at, header), table.lines, (*notes, *scale_note), offsets)
    return rows, None if at.who is None else table.texts[at.who]


def _table(source: Source, header: Header, at: _Columns, progress: Progress) -> tuple[Cells, np.ndarray, tuple[str, ...]]:
    """The wanted columns, the time of each row, (n,) datetime64, and the offsets from UTC that the times name."""
    offsets: dict[str, None] = {}
    parsers: dict[int, Parser] = {at.metric: NumberParser(header.names[at.metric])}
    if parse := _time_parser(_first_cell(source, header, at.time), at, header, offsets):
        parsers[at.time] = parse
    wanted = [i for i in (at.time, at.metric, at.invalid, at.who) if i is not None]
    table = cells(source, header, wanted, progress, parsers=parsers)
    if parse:
        times = table.parsed[at.time]
    else:
        column = table.texts[at.time]
        times = column.spread(parse_times(column.texts, table.lines[column.first_rows()]), np.datetime64("NaT"))
        offsets |= dict.fromkeys(offsets_of(column.texts))
    return table, times, tuple(filter(None, offsets))


def _first_cell(source: Source, header: Header, at: int) -> str:
    """The first cell of a column that says anything among the first rows; "" where none does."""
    with open_text(source, header.encoding, "replace") as text:
        rows = (split(line, header.separator) for line in islice(text, header.line, header.line + _FIRST_ROWS))
        return next((row[at] for row in rows if len(row) > at and row[at]), "")


def _time_parser(first: str, at: _Columns, header: Header, offsets: dict[str, None]) -> Parser | None:
    """What reads the times block by block, collecting their offsets from UTC; None for times of which the whole column decides the order
    of day and month."""
    if at.unix or re.fullmatch(r"\d{9,10}(\.\d+)?", first):
        parse = NumberParser(header.names[at.time])
        offsets |= dict.fromkeys(UTC_OFFSET)
        return lambda texts: _since_1970(finite(parse(texts)["value"], "")[0])
    return partial(_clock_times, offsets=offsets) if _YEAR_FIRST.match(first) else None


def _clock_times(texts: pd.Series, offsets: dict[str, None]) -> np.ndarray:
    offsets |= dict.fromkeys(offsets_of(texts) or ("",))
    refuse_unless(
        "" not in offsets or len(offsets) == 1,
        f"Some times give an offset from UTC and others do not, such as those before and after line {texts.index[0]}. Write them all the "
        "same way.",
    )
    return parse_times(texts, texts.index.to_numpy())


def _since_1970(seconds: np.ndarray) -> np.ndarray:
    """(n,) datetime64[ms] in UTC of (n,) seconds since 1970; NaT for what is no time of this or the last century."""
    fine = np.isfinite(seconds) & (seconds > 0) & (seconds < 4.1e9)
    times = np.where(fine, np.where(fine, seconds, 0) * 1000, 0).astype(np.int64).astype("datetime64[ms]")
    times[~fine] = np.datetime64("NaT")
    return times


def _worn(table: Cells, at: _Columns, header: Header) -> np.ndarray | None:
    """(n,) bool by GGIR's judgement of each epoch; None where the table has none."""
    if at.invalid is None:
        return None
    scores, _ = numbers(table.texts[at.invalid], table.lines, header.names[at.invalid])
    return ~(scores >= _STILL_AXES) if at.still_axes else ~(scores > 0)


def _people(source: Source, rows: _Rows, at: _Columns, who: Coded | None) -> Reading:
    recordings, refused = [], []
    for person, which in _parts(who, source.stem, rows.lines):
        try:
            recordings.append(_recording(source, person, rows, which, at))
        except RecordingError as error:
            if who is None:
                raise
            refused.append(Refusal(f"{source.name}: {person}", str(error)))
    return Reading(tuple(recordings), tuple(refused))


def _parts(who: Coded | None, stem: str, lines: np.ndarray) -> Iterator[tuple[str, np.ndarray | slice]]:
    """Each participant with the positions of their rows."""
    if who is None:
        yield stem, slice(None)
        return
    nameless = who.spread((who.texts == "").to_numpy(bool), True)
    refuse_unless(
        not nameless.any(),
        f"The participant is missing in {counted(int(nameless.sum()), 'row')}, first in line {lines[int(nameless.argmax())]}. Fill it in.",
    )
    bounds = np.cumsum(who.counts())[:-1]
    yield from zip(map(str, who.texts), np.split(np.argsort(who.codes, kind="stable"), bounds), strict=True)


def _recording(source: Source, person: str, rows: _Rows, which: np.ndarray | slice, at: _Columns) -> Recording:
    worn = None if rows.worn is None else rows.worn[which]
    values = rows.values[which]
    negative = values < 0
    refuse_unless(
        not negative.any(),
        f"Acceleration is never negative here; in line {rows.lines[which][int(negative.argmax())]} it is "
        f"{values[int(negative.argmax())]:g} mg ({counted(int(negative.sum()), 'row')} in all). Export the table again.",
    )
    epochs = on_grid(rows.times[which], values, worn, lines=rows.lines[which])
    notes = [*rows.notes, *epochs.notes, *offset_notes(rows.offsets, None)]
    if worn is not None and not worn.all():
        notes.append(f"{counted(int((~worn).sum()), 'epoch')} {(_SAID_STILL if at.still_axes else _SAID_INVALID)}")
    labels: dict[str, str | float | None] = {}
    if epochs.grid.repeated:
        labels["repeated_minutes"] = float(epochs.grid.repeated)
    return Recording(
        participant=person,
        values=epochs.grid.values,
        start=epochs.grid.start,
        epoch_seconds=epochs.grid.epoch_seconds,
        unit=MG,
        labels=labels,
        source=source.name,
        worn=epochs.worn,
        notes=tuple(notes),
        in_utc=stays_in_utc(rows.offsets, None),
        offsets=rows.offsets,
    )


FORMAT = Format("GGIR epoch table (CSV)", recognises, read)
