"""Rest intervals, one main one a day, out of a sleep score: for nights without a diary.

The rule. Sleep with breaks of up to 10 minutes is one stretch: ten minutes awake end a sleep period in Tudor-Locke et al. 2014 (doi
10.1139/apnm-2013-0173). Stretches of at least 30 minutes that are asleep for 70 % of their known minutes are kept; kept ones up to 30
minutes apart are one block. The longest block whose middle lies between a noon and the next is that night, if it has at least 3 hours;
for people who sleep by day, between a midnight and the next.
Keeping blocks of 30 minutes, joining across gaps and taking the longest from noon to noon is the way of van Hees et al. 2018 (doi
10.1038/s41598-018-31266-z), who joins across up to 60 minutes, of a still arm; on counts, which see no posture, 60 joins quiet evenings to
the night.

How good it is. Against the rest intervals in Actiware's reports of 13 nights of two people (Oakley's score), which the settings were
chosen with in view: the median difference is half a minute in the bedtime and one in the rising; 9 of 13 bedtimes and 11 of 13 risings
lie within a quarter of an hour; the worst are 3.3 and 4.4 hours off, both from lying still awake. On 301 nights of 22 healthy people it
finds a median of 7.6 hours in bed, half of the bedtimes between 23:00 and 00:40.

Its limits. Lying still and awake looks like sleep: a quiet hour before bed or after waking up lengthens the night by up to hours, and a
block begins with sleep, so the latency is a lower bound. A time in bed that is broken for more than half an hour loses its shorter part,
which then stands among the naps. A night's sleep that is divided in two has one main part. An hour that the clock skips is left out where
it is known; one that comes twice is not told apart, and such a night is an hour longer than it seems. A diary or event markers are better;
give them as rest intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.settings import MINUTES_PER_DAY

NOON, MIDNIGHT = -MINUTES_PER_DAY // 2, 0
"""When a day of rest opens: minutes after the midnight that begins the date of getting up."""


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
    """The night of each day (see `opens`), and all other blocks, both in order. start_minute: of the day, of the first minute; None where
    the clock is not known: days are then counted from the first minute."""
    rule = rule or RestRule()
    day_opens = opens(blocks, start_minute, rule)
    longest: dict[int, tuple[int, int]] = {}
    for first, end in blocks:
        day = day_of(first, end, start_minute, day_opens)
        before = longest.get(day, (0, 0))
        if rule.shortest_night <= end - first <= rule.longest_night and end - first > before[1] - before[0]:
            longest[day] = (first, end)
    nights = sorted(longest.values())
    return nights, [block for block in blocks if block not in nights]


def opens(blocks: list[tuple[int, int]], start_minute: int | None, rule: RestRule | None = None) -> int:
    """When this person's days of rest open, NOON or MIDNIGHT, whichever is farther from their sleep, so that one sleep lies in one day.

    MIDNIGHT where the circular mean of the middles, weighted by length, of the blocks that can be a night is nearer to noon than to
    midnight. Without a clock the first minute stands in for midnight, and the day opens there unless they sleep around that.
    """
    rule, clock = rule or RestRule(), start_minute or 0
    long = [(first, end) for first, end in blocks if rule.shortest_night <= end - first <= rule.longest_night]
    toward = sum((end - first) * np.cos(2 * np.pi * ((first + end) / 2 + clock) / MINUTES_PER_DAY) for first, end in long)
    if start_minute is None:
        return NOON if toward > 0 else MIDNIGHT
    return MIDNIGHT if toward < 0 else NOON


def day_of(first: int, end: int, start_minute: int | None, day_opens: int) -> int:
    """Which day the middle of a block lies in: after day d one gets up d + 1 days after the recording's first date, so that with NOON day 0
    begins at noon of that date. day_opens: as of `opens`. Without a clock days have numbers of no meaning.
    """
    return ((first + end) // 2 + (start_minute or 0) - day_opens) // MINUTES_PER_DAY - (start_minute is not None)


def bounds(mask: np.ndarray) -> list[tuple[int, int]]:
    """First minute, and minute after the last, of each stretch where a (minutes,) mask is True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _joined(stretches: list[tuple[int, int]], apart: int) -> list[tuple[int, int]]:
    """Stretches in order, those at most so many minutes apart as one."""
    joined: list[tuple[int, int]] = []
    for first, end in stretches:
        if joined and first - joined[-1][1] <= apart:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return joined
