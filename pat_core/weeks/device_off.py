"""A device that was off or not worn, and recordings that were filled up to a week: nothing of it may be read as rest."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pat_core.records import Finding, Week
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pat_core.wear import covered, flat_at_an_edge, wear_of
from pat_core.weeks.cut import in_days
from pat_core.weeks.findings import percent, refuse, warn, when
from pat_core.weeks.week_figures import SETTINGS

NONWEAR_WARN, NONWEAR_REFUSE = 0.65, 0.9
"""A device taken off for every night and some of the day lies near 0.5 (median of NHANES 2003-04)."""
FLAT_WARN, FLAT_REFUSE = MINUTES_PER_DAY, MINUTES_PER_WEEK // 2
"""Nights off the body last half a day; a day without one change is a device that was off, half a week of it is no week."""
FILLED_WARN, FILLED_REFUSE = 18 * 60, 2 * MINUTES_PER_DAY
"""Minutes of one value up to the week's first or last minute. Of weeks worn at least half of the time 97 of 100 begin and
end with at most 9 hours of it (OBF-Psychiatric, wrist) or 12 (NHANES 2003-04, the night off the hip). A recording of 5 days would be
refused as too short; filled up to the end it is the same recording. At the beginning it is only warned of: a later cut may mend it."""
DAY_OFF = 22 * 60
"""Minutes of non-wear within 24 hours from which a day was not worn, even if the device was knocked at times. Simulated weeks
without a planted day off: at most 9 hours. Of real weeks worn at least half of the time 2 of 145 (OBF-Psychiatric) and
6 of 75 (NHANES 2003-04) are warned of for such a day; nobody knows whether the device was on the body then."""


def off_body(week: Week) -> np.ndarray:
    """(minutes,) bool, with a value and not worn, as quality reports have it by their defaults: by the rule, by the device's own flags, or
    switched off. Nowhere in a week of which nothing tells when it was worn."""
    wear = wear_of(week.values, SETTINGS, week.worn, week.unit)
    return covered(wear.off if wear.known else (), week.values.size) & np.isfinite(week.values)


def of_wear(week: Week, off: np.ndarray) -> Iterator[Finding]:
    """Findings on non-wear and on long stretches of one value in a week with at least one change. off: (minutes,) bool, of `off_body`."""
    share = float(off.mean())
    if share > NONWEAR_WARN:
        text = f"The device was probably not worn for {percent(share)} of the week (hours without any movement, or by its own record). "
        if share > NONWEAR_REFUSE:
            yield refuse("nonwear", text + "The rest says next to nothing about the person.", share)
        else:
            yield warn("nonwear", text + "The model cannot tell an empty device from rest.", share)
    length = week.report.longest_flat_minutes
    flat = list(_filled_up(week)) if length <= FLAT_REFUSE else []
    flat = flat or list(_flat(week))
    yield from flat
    if not flat and share <= NONWEAR_WARN:
        yield from _day_off(week, off)


def _flat(week: Week) -> Iterator[Finding]:
    length = week.report.longest_flat_minutes
    if length > FLAT_WARN:
        since = when(week, week.report.longest_flat_from)
        text = f"For {in_days(length)}, {since}, the value never changes: the device was probably off. "
        if length > FLAT_REFUSE:
            yield refuse("flat_run", text + "That is more than half of the week.", float(length))
        else:
            yield warn("flat_run", text + "The model will read this as rest.", float(length))


def _filled_up(week: Week) -> Iterator[Finding]:
    length, begins = flat_at_an_edge(week.values)
    if length < FILLED_WARN:
        return
    where = "The first" if begins == 0 else "The last"
    text = (
        f"{where} {in_days(length)} of the week hold one value ({week.values[begins]:g}) right to the {where.split()[1]} minute: the "
        "device was off, or a shorter recording was padded. "
    )
    if begins and length >= FILLED_REFUSE:
        recorded = in_days(week.values.size - length)
        yield refuse("filled_up", text + f"Only {recorded} were recorded; PAT needs 7 days. Use a longer recording.", float(length))
    else:
        yield warn("filled_up", text + "The model will read this as rest; cut the week elsewhere if you can.", float(length))


def _day_off(week: Week, off: np.ndarray) -> Iterator[Finding]:
    if off.size < MINUTES_PER_DAY:
        return
    total = np.concatenate(([0], np.cumsum(off)))
    within = total[MINUTES_PER_DAY:] - total[:-MINUTES_PER_DAY]
    begins = int(np.argmax(within))
    if within[begins] >= DAY_OFF:
        yield warn(
            "day_off",
            f"In the 24 hours {when(week, begins)} the device was probably not worn for {in_days(int(within[begins]))}. The model cannot "
            "tell an empty device from rest; interpret the answer with that day in mind.",
            float(within[begins]),
        )
