"""GGIR's epoch tables: part 2 (timestamp, anglez, ENMO in g, ...) and part 5 time series (timenum, ACC in mg, class_id, ...).

GGIR fills epochs that were not worn from other days; where the table says which they are, they are marked as not worn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import RecordingError
from ..progress import Progress
from ..records import MG, Reading, Recording, Refusal
from . import columns
from .clock import offset_notes, offsets_of, parse_times, refuse_unread_times
from .epochs import on_grid
from .report_table import Header, cells, find_header, folded, numbers
from .source import Format, Source, refuse_unless
from .text import SEPARATORS, encoding_of

_METRICS = ("acc", "enmo", "enmoa", "lfenmo", "bfen", "hfen", "hfenplus", "mad", "en", "lfen")
"""Accelerations in the order of preference; ACC is GGIR's own in part 5."""
_CLOCK, _UNIX = ("timestamp", "time", "datetime"), "timenum"
_INVALID = ("invalidepoch", "nonwear", "nonwearscore", "invalid")
_TELLING = frozenset((
    "timenum", "classid", "invalidepoch", "guider", "anglez", "anglex", "angley", "sleepperiodtime", "sibdetection", "nonwearscore",
    "clippingscore", "invalidfullwindow", "invalidwakinghours", "invalidsleepperiod", "enmo", "lfenmo", "enmoa", "bfen", "hfenplus", "mad",
))  # fmt: skip
"""Names that GGIR gives; an acceleration beside a time and two of these is GGIR's table."""
_MOST_G = 16.0
"""No sensor of these studies reaches more, so a larger number is in mg."""
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
    indices = [i for i in (at.time, at.metric, at.invalid, at.who) if i is not None]
    table = cells(source, header, indices, progress)
    values, notes = numbers(table[at.metric], header.names[at.metric])
    scale, said = _scale(header.names[at.metric], values)
    invalid = None if at.invalid is None else numbers(table[at.invalid], header.names[at.invalid])[0]
    times = _times(table[at.time], at.unix, header)
    said = (*said, *(() if at.unix else offset_notes(offsets_of(table[at.time]), None)))
    rows = _Rows(times, values * scale, None if invalid is None else ~(invalid > 0), table.index.to_numpy(), (*notes, *said))
    return _people(source, rows, at, None if at.who is None else table[at.who])


@dataclass(frozen=True)
class _Columns:
    time: int
    unix: bool
    metric: int
    invalid: int | None
    who: int | None


@dataclass(frozen=True, eq=False)
class _Rows:
    """times (n,) datetime64, values (n,) mg, worn (n,) bool or None, lines (n,) in the file; notes on all of them."""

    times: np.ndarray
    values: np.ndarray
    worn: np.ndarray | None
    lines: np.ndarray
    notes: tuple[str, ...]


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
    return _Columns(
        time=keys.index(_UNIX) if clock is None else clock, unix=clock is None, metric=metrics[min(metrics, key=_METRICS.index)],
        invalid=next((keys.index(name) for name in _INVALID if name in keys), None),
        who=columns.find(names, columns.PARTICIPANT),
    )  # fmt: skip


def _scale(name: str, values: np.ndarray) -> tuple[float, tuple[str, ...]]:
    """The factor to mg: ACC and names with mg are mg; other metrics are in g, unless their numbers are too large for that."""
    key = folded(name)
    if key == "acc" or key.endswith("mg"):
        return 1.0, ()
    if np.nanmax(values, initial=0.0) > _MOST_G:
        return 1.0, (f"The column {name} holds values above {_MOST_G:g}, which no sensor reaches in g: it was taken as mg.",)
    return 1000.0, (f"The column {name} is in g, as GGIR writes it; it was multiplied by 1000 to mg.",)


def _times(texts: pd.Series, unix: bool, header: Header) -> np.ndarray:
    """(n,) datetime64: wall clock of the timestamps, or UTC from seconds since 1970 (timenum)."""
    sample = str(texts.iloc[0]).strip()
    if not unix and not re.fullmatch(r"\d{9,10}(\.\d+)?", sample):
        times = parse_times(texts, texts.index)
    else:
        seconds, _ = numbers(texts, header.names[texts.name])
        fine = np.isfinite(seconds) & (seconds > 0) & (seconds < 4.1e9)
        times = np.where(fine, np.where(fine, seconds, 0) * 1000, 0).astype(np.int64).astype("datetime64[ms]")
        times[~fine] = np.datetime64("NaT")
    refuse_unread_times(times, texts.index)
    return times


def _people(source: Source, rows: _Rows, at: _Columns, who: pd.Series | None) -> Reading:
    recordings, refused = [], []
    for person, which in _parts(who, source.stem):
        try:
            recordings.append(_recording(source, person, rows, which, at))
        except RecordingError as error:
            if who is None:
                raise
            refused.append(Refusal(f"{source.name}: {person}", str(error)))
    return Reading(tuple(recordings), tuple(refused))


def _parts(who: pd.Series | None, stem: str) -> Iterator[tuple[str, np.ndarray | slice]]:
    """Each participant with the positions of their rows."""
    if who is None:
        yield stem, slice(None)
        return
    people = who.str.strip()
    nameless = (people == "").to_numpy(bool)
    refuse_unless(
        not nameless.any(),
        f"The participant is empty in {int(nameless.sum())} rows, first in line {who.index[int(nameless.argmax())]}. Fill it in.",
    )
    for person, which in people.groupby(people, sort=False).indices.items():
        yield str(person), np.sort(which)


def _recording(source: Source, person: str, rows: _Rows, which: np.ndarray | slice, at: _Columns) -> Recording:
    worn = None if rows.worn is None else rows.worn[which]
    values = rows.values[which]
    negative = values < 0
    refuse_unless(
        not negative.any(),
        f"Acceleration is never negative here; in line {rows.lines[which][int(negative.argmax())]} it is "
        f"{values[int(negative.argmax())]:g} mg ({int(negative.sum())} rows in all). Export the table again.",
    )
    epochs = on_grid(rows.times[which], values, worn)
    notes = [*rows.notes, *epochs.notes]
    if at.unix:
        notes.append("The table has times in UTC only (timenum) and names no time zone: the clock shown is UTC, not local time.")
    if worn is not None and not worn.all():
        notes.append(f"{int((~worn).sum())} epochs are invalid by GGIR, which fills them from other days; they count as not worn.")
    labels: dict[str, str | float | None] = {}
    if epochs.grid.repeated:
        labels["repeated_minutes"] = float(epochs.grid.repeated)
    return Recording(
        participant=person, values=epochs.grid.values, start=epochs.grid.start, epoch_seconds=epochs.grid.epoch_seconds, unit=MG,
        labels=labels, source=source.name, worn=epochs.worn, notes=tuple(notes),
    )  # fmt: skip


FORMAT = Format("GGIR epoch table (CSV)", recognises, read)
