"""What the times of a table's rows tell of one another: days taken for months, single times that are wrong or cannot be read.

The rows of a recording follow one another at even steps. Where the rows around a doubtful time leave exactly the room for it, that is where
it belongs, and this is said; where they do not, as beside a pause, the line is named and nothing is read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import RecordingError
from pat_core.plurals import counted

MOST_ROWS, MOST_SHARE = 3, 0.01
"""So many doubtful times are corrected in a recording, or this share of its rows: more of them are a form that was not understood."""
LONGEST_STRAY = 60
"""Rows in a row whose times are taken for wrong; more of them are a part of the recording."""
_REGULAR = 0.9
"""This share of equal steps makes rows regular: of others, such as minutes with steps alone, a lone one means nothing."""
_DAY, _MONTH = 86_400_000, 20 * 86_400_000
"""In ms. _MONTH: exchanging day and month makes jumps of more than this."""
_UNREAD = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class _Places:
    """What the places of rows are called, line or row, and (n,) of them."""

    word: str
    numbers: np.ndarray

    def of(self, row: int, count: int = 1) -> str:
        """The place of so many rows from this one on."""
        last = f" to {self.numbers[row + count - 1]}" if count > 1 else ""
        return f"{self.word}{'s' if count > 1 else ''} {self.numbers[row]}{last}"


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Stretches of rows at even steps, or of rows without a time: first rows, numbers of rows, whether they have times; each (pieces,)."""

    begins: np.ndarray
    sizes: np.ndarray
    read: np.ndarray


def settled(stamps: np.ndarray, lines: np.ndarray | None = None) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n,) datetime64[ms] of (n,) times in the order of their rows, none of them NaT, and sentences on what was corrected.

    lines: where the rows stand, for sentences; without them rows are counted from 1. Raises RecordingError, naming the line, where a time
    that cannot be read has no place by its neighbours, and where a lone row lies far from all others.
    """
    times = np.asarray(stamps).astype("datetime64[ms]").astype(np.int64)
    places = _Places("row", np.arange(1, times.size + 1)) if lines is None else _Places("line", lines)
    read = times != _UNREAD
    if not read.any():
        raise _unread(read, places)
    steps = np.diff(times)[read[1:] & read[:-1]]
    if not (steps > 0).any() and not read.all():
        raise _unread(read, places)
    if not (steps > 0).any() or (read.all() and np.all(steps == steps[0])):
        return times.astype("datetime64[ms]"), ()
    step = float(np.median(steps[steps > 0]))
    times, exchanged = _in_order_of_days(times, read, step)
    times, corrections = _between_neighbours(times, read, step, places)
    if (still := times == _UNREAD).any():
        raise _unread(~still, places)
    _refuse_lone(times, step, places)
    return times.astype("datetime64[ms]"), (*exchanged, *corrections)


def exchanged_days(stamps: np.ndarray) -> bool:
    """Whether days of (n,) datetime64 follow each other only once day and month are exchanged; they lie a month apart as they stand."""
    times = np.asarray(stamps).astype("datetime64[ms]").astype(np.int64)
    times = times[times != _UNREAD]
    steps = np.diff(times)
    return bool((steps > 0).any()) and _exchanged(times, float(np.median(steps[steps > 0]))) is not None


def _unread(read: np.ndarray, places: _Places) -> RecordingError:
    count = int((~read).sum())
    return RecordingError(
        f"{counted(count, 'row has', 'rows have')} no readable time, first in {places.of(int((~read).argmax()))}, and the rows around do "
        "not show what it was. Write dates and clock times as YYYY-MM-DD HH:MM:SS, or export the recording again."
    )


def _in_order_of_days(times: np.ndarray, read: np.ndarray, step: float) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n,) ms since 1970, day and month exchanged where only then the days follow each other, and what to say of it."""
    there = times[read]
    other = _exchanged(there, step)
    if other is None:
        return times, ()
    at = int(np.flatnonzero(np.abs(np.diff(there)) > _MONTH)[0])
    before, after = (str(np.datetime64(int(there[i]), "ms"))[:10] for i in (at, at + 1))
    whole = times.copy()
    whole[read] = other
    return whole, (
        f"Read as written, days are a month apart ({before}, then {after}); with day and month swapped they follow each other, so they "
        f"were swapped: the recording begins on {str(np.datetime64(int(other[0]), 'ms'))[:10]}.",
    )


def _exchanged(times: np.ndarray, step: float) -> np.ndarray | None:
    """(n,) times with day and month exchanged where both can be a month; None unless that turns all jumps of a month into steps."""
    jumps = np.abs(np.diff(times)) > _MONTH
    if not jumps.any():
        return None
    moments = times.astype("datetime64[ms]")
    months, days = moments.astype("datetime64[M]"), moments.astype("datetime64[D]")
    day, month = (days - months.astype("datetime64[D]")).astype(np.int64), months.astype(np.int64) % 12
    year = months.astype(np.int64) - month
    swapped = (year + day).astype("datetime64[M]").astype("datetime64[D]") + month.astype("timedelta64[D]")
    other = np.where(day < 12, swapped.astype("datetime64[ms]") + (moments - days), moments).astype(np.int64)
    apart = np.diff(other)
    fitting = jumps & (np.abs(apart - step) <= step / 10)
    return other if fitting.any() and not (np.abs(apart) > _MONTH).any() else None


def _between_neighbours(times: np.ndarray, read: np.ndarray, step: float, places: _Places) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n,) times, doubtful ones laid between their neighbours where exactly so many fit there, and what to say of it."""
    pieces = _pieces(times, read, step)
    begins, sizes = pieces.begins, pieces.sizes
    if sizes.size < 3:
        return times, ()
    middle, ends = slice(1, -1), begins + sizes - 1
    before, after = times[ends[:-2]], times[begins[2:]]
    around = pieces.read[:-2] & pieces.read[2:]
    wide = np.where(around, after, 0) - np.where(around, before, 0)
    fits = around & (np.abs(wide - (sizes[middle] + 1) * step) * 4 <= step) & (sizes[middle] <= LONGEST_STRAY)
    fits &= np.minimum(sizes[:-2], sizes[2:]) >= np.maximum(2, sizes[middle])
    fits &= ~pieces.read[middle] | (times[begins[middle]] < before) | (times[ends[middle]] > after)
    fitting = np.flatnonzero(fits) + 1
    count = int(sizes[fitting].sum())
    if count == 0 or count > max(MOST_ROWS, MOST_SHARE * times.size):
        return times, ()
    corrected, shown = times.copy(), []
    for piece in fitting.tolist():
        first, size = int(begins[piece]), int(sizes[piece])
        corrected[first : first + size] = before[piece - 1] + (np.arange(1, size + 1) * wide[piece - 1]) // (size + 1)
        shown.append(f"{places.of(first, size)} ({_what(times[first])}) at {_shown(corrected[first])}")
    more = f" and {counted(len(shown) - 3, 'more place')}" if len(shown) > 3 else ""
    group, place = (
        ("The time of 1 row is", "one gap, where it was")
        if count == 1
        else (f"The times of {counted(count, 'row')} are", "the gaps for them, where they were")
    )
    return corrected, (f"{group} wrong or unreadable; the rows around leave exactly {place} placed: {'; '.join(shown[:3])}{more}.",)


def _pieces(times: np.ndarray, read: np.ndarray, step: float) -> _Pieces:
    """(n,) times cut wherever a step is not the usual one, and around rows without a time."""
    edge = np.ones(times.size, bool)
    both = read[1:] & read[:-1]
    apart = np.where(both, times[1:], 0) - np.where(both, times[:-1], 0)
    even = both & (np.abs(apart - step) * 10 <= step)
    edge[1:] = ~(even | ~(read[1:] | read[:-1]))
    begins = np.flatnonzero(edge)
    return _Pieces(begins, np.diff(np.append(begins, times.size)), read[begins])


def _refuse_lone(times: np.ndarray, step: float, places: _Places) -> None:
    """Refuse a few rows that lie more than a day from all others, where the others stand at even steps: their date is wrong."""
    steps = np.diff(times)
    if times.size < 60 or (np.abs(steps - step) * 10 <= step).mean() < _REGULAR:
        return
    order = np.argsort(times, kind="stable")
    begins = np.append(0, np.flatnonzero(np.diff(times[order]) > _DAY) + 1)
    sizes = np.diff(np.append(begins, times.size))
    lone = np.flatnonzero(sizes <= MOST_ROWS)
    if sizes.size < 2 or not lone.size:
        return
    row = int(order[begins[lone[0]] : begins[lone[0]] + sizes[lone[0]]].min())
    raise RecordingError(
        f"The time in {places.of(row)}, {_shown(times[row])}, is more than a day from those of all other rows, which follow one another "
        "evenly: its date is probably wrong. Correct it or remove the row, and import again."
    )


def _what(time: int) -> str:
    return "not readable" if time == _UNREAD else _shown(time)


def _shown(time: int) -> str:
    return str(np.datetime64(int(time) // 1000, "s")).replace("T", " ")
