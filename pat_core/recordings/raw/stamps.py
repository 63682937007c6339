"""Times of millions of rows as seconds: texts of one layout are taken apart digit by digit, all rows at once.

A general parser of dates reads a million texts in seconds; raw recordings have sixty million. Rows are grouped by where their digits stand,
of which a file has a handful (3/4/2024 and 12/11/2024 differ), and the first row of a group tells what its numbers mean.
"""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pyarrow as pa

MOST_LAYOUTS = 24
"""Layouts that are looked for among rows of one length; what is left after that is no time."""
_DAYS_TO_1970 = date(1970, 1, 1).toordinal()
_ZERO = ord("0")
COUNTED = (
    (1e8, 1e10, 1.0, 0.0), (1e11, 1e13, 1e-3, 0.0), (1e14, 1e16, 1e-6, 0.0), (1e17, 1e19, 1e-9, 0.0),
    (6.9e5, 8e5, 86400.0, -719_529.0), (2e4, 8e4, 86400.0, -25_569.0),
)  # fmt: skip
"""Counted times: from, to, seconds of one, and what is added before: seconds and their parts since 1970, days of Matlab and of Excel."""


def counted(first: float) -> tuple[float, float] | None:
    """(seconds of one, what is added before) of a count such as this; None where it counts from the beginning of the recording."""
    return next(((scale, plus) for low, high, scale, plus in COUNTED if low <= first < high), None)


def seconds_of(texts: pa.BinaryArray, order: tuple[str, ...] | None) -> np.ndarray:
    """(n,) float64, seconds since 1970 by the clock that was written; NaN where a text is no date with a clock time.

    order: of d, M and y where the year does not stand first with four digits; None where nothing tells it. Zones at the end are left out.
    """
    count = len(texts)
    if count == 0:
        return np.zeros(0)
    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + count + 1]
    data = np.frombuffer(texts.buffers()[2], np.uint8) if texts.buffers()[2] is not None else np.zeros(0, np.uint8)
    lengths = np.diff(ends)
    seconds = np.full(count, np.nan)
    for length in np.unique(lengths)[:MOST_LAYOUTS]:
        rows = np.flatnonzero(lengths == length)
        if rows.size == count:
            signs = data[ends[0] : ends[-1]].reshape(count, length).T.copy()
        else:
            signs = data[np.arange(length)[:, None] + ends[:-1][rows]]
        seconds[rows] = _of_one_length(signs, order)
    return seconds


def fraction_of(text: str) -> float:
    """The smallest step that a clock time written like this can tell, in seconds."""
    match = re.search(r"[:.]\d{2}[:.]\d{2}[:.,](\d+)", text)
    return 10.0 ** -len(match[1]) if match else 1.0


def _of_one_length(signs: np.ndarray, order: tuple[str, ...] | None) -> np.ndarray:
    """(n,) seconds of the texts in (length, n) signs: a row of the array is one place of all texts, which lie together in memory."""
    digits = (signs - np.uint8(_ZERO)) < 10
    seconds = np.full(signs.shape[1], np.nan)
    open = np.arange(signs.shape[1])
    for _ in range(MOST_LAYOUTS):
        first = digits[:, open[0]]
        same = np.ones(open.size, bool)
        for place, digit in enumerate(first):
            same &= (digits[place] if open.size == signs.shape[1] else digits[place, open]) == digit
        rows = open[same]
        seconds[rows] = _of_one_layout(signs if rows.size == signs.shape[1] else signs[:, rows], first, order)
        open = open[~same]
        if open.size == 0:
            break
    return seconds


def _of_one_layout(signs: np.ndarray, digits: np.ndarray, order: tuple[str, ...] | None) -> np.ndarray | float:
    """(n,) seconds of texts whose digits stand in the same places; NaN for all where these are no time."""
    text = signs[:, 0].tobytes().decode("latin-1")
    edges = np.flatnonzero(np.diff(np.concatenate(([False], digits, [False]))))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    if len(runs) < 5 or max(end - begin for begin, end in runs) > 9:
        return np.nan
    roles = ("y", "M", "d") if runs[0][1] - runs[0][0] == 4 else order
    if roles is None:
        return np.nan
    clock = [run for run in runs[3:] if text[run[0] - 1] not in "+-"] if len(runs) > 5 else runs[3:]
    if len(clock) < 2:
        return np.nan
    hour, minute = _number(signs, clock[0]), _number(signs, clock[1])
    seconds = 60.0 * minute
    right = minute < 60
    if len(clock) > 2:
        second = _number(signs, clock[2])
        seconds += second
        right &= second < 61
    if len(clock) > 3:
        seconds += _number(signs, clock[3]) / 10.0 ** (clock[3][1] - clock[3][0])
    if half := re.search(r"([AaPp])\.?\s?[Mm]", text[clock[-1][1] :]):
        hour = hour % 12 + 12 * np.isin(signs[clock[-1][1] + half.start(1)], list(b"pP"))
    seconds += 3600.0 * hour
    seconds += 86400.0 * _days(signs, dict(zip(roles, runs[:3], strict=True)))
    return np.where(right & (hour < 24), seconds, np.nan)


def _number(signs: np.ndarray, run: tuple[int, int]) -> np.ndarray:
    """(n,) int32 of the digits from the first to before the second."""
    value = np.zeros(signs.shape[1], np.int32)
    for at in range(*run):
        value *= 10
        value += signs[at]
        value -= _ZERO
    return value


def _days(signs: np.ndarray, runs: dict[str, tuple[int, int]]) -> np.ndarray | float:
    """(n,) float64 days since 1970, NaN where there is no such day; one number where all are the same."""
    places = [at for run in runs.values() for at in range(*run)]
    if all((signs[at] == signs[at, 0]).all() for at in places):
        signs = signs[:, :1]
    year = _number(signs, runs["y"])
    if runs["y"][1] - runs["y"][0] == 2:
        year += 2000
    different, at = np.unique(year * 10_000 + _number(signs, runs["M"]) * 100 + _number(signs, runs["d"]), return_inverse=True)
    days = np.array([_day(int(code)) for code in different])[at]
    return days if days.size > 1 else float(days[0])


def _day(code: int) -> float:
    try:
        return float(date(code // 10_000, code // 100 % 100, code % 100).toordinal() - _DAYS_TO_1970)
    except ValueError:
        return np.nan
