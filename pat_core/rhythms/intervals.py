"""Rest intervals, one main one from each noon to the next, out of a sleep score: for nights without a diary.

The rule. Sleep with breaks of up to 10 minutes is one stretch: ten minutes awake end a sleep period in Tudor-Locke et al. 2014 (doi
10.1139/apnm-2013-0173). Stretches of at least 30 minutes that are asleep for 70 % of their known minutes are kept; kept ones up to 30
minutes apart are one block. The longest block whose middle lies between a noon and the next is that night, if it has at least 3 hours.
Keeping blocks of 30 minutes, joining across gaps and taking the longest from noon to noon is the way of van Hees et al. 2018 (doi
10.1038/s41598-018-31266-z), who joins across up to 60 minutes, of a still arm; on counts, which see no posture, 60 joins quiet evenings to
the night.

How good it is. Against the rest intervals in Actiware's reports of 13 nights of two people (Oakley's score), which the settings were
chosen with in view: the median difference is half a minute in the bedtime and one in the rising; 9 of 13 bedtimes and 11 of 13 risings
lie within a quarter of an hour; the worst are 3.3 and 4.4 hours off, both from lying still awake. On 301 nights of 22 healthy people it
finds a median of 7.6 hours in bed, half of the bedtimes between 23:00 and 00:40.

Its limits. Lying still and awake looks like sleep: a quiet hour before bed or after waking up lengthens the night by up to hours, and a
block begins with sleep, so the latency is a lower bound. A time in bed that is broken for more than half an hour loses its shorter part,
which then stands among the naps. A night's sleep that is divided in two has one main part. Wall clock is taken as it is: a night in which
the clocks change is an hour off. A diary or event markers are better; give them as rest intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.rhythms.rest import bounds
from pat_core.settings import MINUTES_PER_DAY

NOON = MINUTES_PER_DAY // 2


@dataclass(frozen=True)
class RestRule:
    """Settings of the rule above, in minutes. longest_break: within a stretch; shortest_stretch: that is kept; longest_gap: between two of
    one block; shortest_night, longest_night: a main block outside is none. asleep: share of a stretch's known minutes."""

    longest_break: int = 10
    shortest_stretch: int = 30
    longest_gap: int = 30
    shortest_night: int = 180
    longest_night: int = MINUTES_PER_DAY
    asleep: float = 0.7


def rest_blocks(asleep: np.ndarray, known: np.ndarray, rule: RestRule | None = None) -> list[tuple[int, int]]:
    """First minute, and minute after the last, of every block of rest. asleep, known: (minutes,) bool; what is not known is not asleep."""
    rule = rule or RestRule()
    stretches = [
        (first, end)
        for first, end in _joined(bounds(asleep), rule.longest_break)
        if end - first >= rule.shortest_stretch and asleep[first:end].sum() >= rule.asleep * known[first:end].sum()
    ]
    return _joined(stretches, rule.longest_gap)


def main_blocks(
    blocks: list[tuple[int, int]], start_minute: int | None, rule: RestRule | None = None
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The night of each day, and all other blocks, both in order. start_minute: of the day, of the first minute; None where the clock is
    not known: days are then counted from the first minute."""
    rule = rule or RestRule()
    longest: dict[int, tuple[int, int]] = {}
    for first, end in blocks:
        day = day_of(first, end, start_minute)
        before = longest.get(day, (0, 0))
        if rule.shortest_night <= end - first <= rule.longest_night and end - first > before[1] - before[0]:
            longest[day] = (first, end)
    nights = sorted(longest.values())
    return nights, [block for block in blocks if block not in nights]


def day_of(first: int, end: int, start_minute: int | None) -> int:
    """Which day the middle of a block lies in: day d begins at noon of the recording's first date, d days later; -1 before that noon.

    Without a clock, day d begins d days after the first minute.
    """
    middle = (first + end) // 2
    return (middle if start_minute is None else middle + start_minute - NOON) // MINUTES_PER_DAY


def _joined(stretches: list[tuple[int, int]], apart: int) -> list[tuple[int, int]]:
    """Stretches in order, those at most so many minutes apart as one."""
    joined: list[tuple[int, int]] = []
    for first, end in stretches:
        if joined and first - joined[-1][1] <= apart:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return joined
