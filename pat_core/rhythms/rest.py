"""The main rest periods of a week, for shading: sleep scores alone call every quiet quarter of an hour sleep."""

from __future__ import annotations

import numpy as np

LONGEST_WAKING = 15
"""Minutes awake that still belong to a rest period. Tried on recordings of healthy people: 15 gives 8 to 9 hours a day, 45 gives 11."""

SHORTEST_REST = 180
"""Minutes; shorter periods are pauses or naps and are not shaded."""


MAIN_SHARE = 0.5
"""Of a day's longest rest: shorter ones are quiet afternoons more often than a divided night."""

NOON, DAY = 720, 1440


def rest_periods(
    asleep: np.ndarray, start_minute: int = 0, longest_waking: int = LONGEST_WAKING, shortest_rest: int = SHORTEST_REST
) -> np.ndarray:
    """(minutes,) bool from a sleep score (minutes,) bool: sleep with its short wakings, where it lasts at least `shortest_rest` minutes.

    A rest period is asleep for most of it: stretches of wake and sleep in turns, an evening on the sofa, stay unshaded. Of each day from
    noon to noon only the longest and those at least half as long are kept. start_minute: of the day, of the first minute.
    """
    asleep = np.asarray(asleep, dtype=bool)
    joined = asleep | _runs(~asleep, at_most=longest_waking, inner=True)
    found = [(first, end) for first, end in bounds(joined) if end - first >= shortest_rest and asleep[first:end].mean() >= 0.7]
    longest: dict[int, int] = {}
    for first, end in found:
        day = _day(first, end, start_minute)
        longest[day] = max(longest.get(day, 0), end - first)
    rest = np.zeros_like(joined)
    for first, end in found:
        rest[first:end] = end - first >= MAIN_SHARE * longest[_day(first, end, start_minute)]
    return rest


def _day(first: int, end: int, start_minute: int) -> int:
    """The day from noon to noon in which the middle of a period lies."""
    return ((first + end) // 2 + start_minute - NOON) // DAY


def _runs(mask: np.ndarray, at_most: int, inner: bool) -> np.ndarray:
    """True on runs of `mask` of at most so many minutes; inner: not those that touch either end."""
    found = np.zeros_like(mask)
    for first, end in bounds(mask):
        if end - first <= at_most and not (inner and (first == 0 or end == mask.size)):
            found[first:end] = True
    return found


def bounds(mask: np.ndarray) -> list[tuple[int, int]]:
    """First minute, and minute after the last, of each stretch where a (minutes,) mask is True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
