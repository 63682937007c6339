"""What the gate says of wear and the clock: a device off or not worn, a padded recording, a wrong clock, nights without the device."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from pat_core.records import Finding, Week
from pat_core.settings import MINUTES_PER_DAY
from pat_core.wear import covered, flat_at_an_edge, wear_of
from pat_core.wear.nonwear import runs
from pat_core.weeks.findings import percent, refuse, warn, when
from pat_core.weeks.quality_report import SETTINGS
from pat_core.weeks.week_time import in_days, span

NONWEAR_WARN, NONWEAR_REFUSE = 0.65, 0.9
"""A device taken off for every night and some of the day lies near 0.5 (median of NHANES 2003-04)."""
FLAT_WARN, FLAT_REFUSE = MINUTES_PER_DAY, 0.5
"""Nights off the body last half a day; a day without one change is a device that was off. Refused from this share of the window: half a
week of it is no week."""
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
        text = (
            f"The device was probably not worn for {percent(share)} of the {span(off.size)} (hours without any movement, or by its own "
            "record). "
        )
        if share > NONWEAR_REFUSE:
            yield refuse("nonwear", text + "The rest says next to nothing about the person.", share)
        else:
            yield warn("nonwear", text + "The model cannot tell an empty device from rest.", share)
    length = week.report.longest_flat_minutes
    flat = list(_filled_up(week)) if length <= FLAT_REFUSE * off.size else []
    flat = flat or list(_flat(week))
    yield from flat
    if not flat and share <= NONWEAR_WARN:
        yield from _day_off(week, off)


def _flat(week: Week) -> Iterator[Finding]:
    length, most = week.report.longest_flat_minutes, FLAT_REFUSE * week.values.size
    if length > min(FLAT_WARN, most):
        since = when(week, week.report.longest_flat_from)
        text = f"For {in_days(length)}, {since}, the value never changes: the device was probably off. "
        if length > most:
            yield refuse("flat_run", text + f"That is more than half of the {span(week.values.size)}.", float(length))
        else:
            yield warn("flat_run", text + "The model will read this as rest.", float(length))


def _filled_up(week: Week) -> Iterator[Finding]:
    length, begins = flat_at_an_edge(week.values)
    if length < FILLED_WARN:
        return
    where = "The first" if begins == 0 else "The last"
    text = (
        f"{where} {in_days(length)} of the {span(week.values.size)} hold one value ({week.values[begins]:g}) right to the "
        f"{where.split()[1]} minute: the device was off, or a shorter recording was padded. "
    )
    if begins and length >= FILLED_REFUSE:
        recorded = in_days(week.values.size - length)
        advice = f"Only {recorded} were recorded: import it in windows of fewer days, or use a longer recording."
        yield refuse("filled_up", text + advice, float(length))
    else:
        yield warn(
            "filled_up", text + f"The model will read this as rest; cut the {span(week.values.size)} elsewhere if you can.", float(length)
        )


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


EARLIEST, LATEST = 10.0, 20.0
"""Hours of the day between which the middle of a week's activity is expected. It lies outside in 6 of 137 good weeks
of OBF-Psychiatric (5 of 82 people), in none of 67 of NHANES 2003-04 and in none of 189 simulated ones; with the clock off by 12 hours in
.985, 1 and 1 of them, 8 hours late in .94, .97 and 1, 8 hours early in .93, .985 and .95. A clock off by 6 hours or fewer often passes: the
peaks of real people lie that far apart. Chosen on these same real weeks (benchmarks/gate.py); other people may differ."""
RHYTHM = 0.15
"""Amplitude of the day's rhythm, as a share of its mean, under which it has no middle worth naming."""
PIECE, LONGEST_PIECE = 4 * 60, 15 * 60
EVENING, MORNING = 22, 8
"""A night without the device: 4 to 15 hours of non-wear in one piece, whose middle lies between these hours."""
NIGHTS, FEWEST_NIGHTS = 5 / 7, 3
"""Such nights, as a share of the window's, from which the reader is told, and the fewest of them. Found in 66 of 75 weeks of NHANES
2003-04 that are worn half of the time (hip, taken off to sleep), in none of 145 of OBF-Psychiatric (wrist) and in none of 200 simulated
ones."""


def of_hours(week: Week, off: np.ndarray) -> Iterator[Finding]:
    """Findings that need the clock; none where the week's start is not known. off: (minutes,) bool, not worn (`off_body`)."""
    if week.start is None:
        return
    begin = week.start.hour * 60 + week.start.minute
    middle = middle_of_activity(week.values, begin)
    if middle is not None and not EARLIEST <= middle <= LATEST:
        name = span(week.values.size)
        yield warn(
            "clock",
            f"The activity of this {name} is centred around {_clock(middle)} on average, where {EARLIEST:.0f}:00 to {LATEST:.0f}:00 is "
            f"usual. The clock may be hours off (am and pm swapped, another time zone, a mistyped start): check that the {name} began on "
            f"{week.start:%A at %H:%M}. People who work at night look like this too.",
            middle,
        )
    nights, middles = nights_off(off, begin)
    if nights >= max(FEWEST_NIGHTS, math.ceil(NIGHTS * (off.size // MINUTES_PER_DAY) - 1e-9)):
        yield warn(
            "nights_off",
            f"On {nights} nights the device shows {PIECE // 60} hours or more at a stretch (around {_clock(middles)}) without any "
            "movement, or says that it was not worn: it was taken off to sleep, or very still sleep was taken for non-wear. These nights "
            "count as non-wear and say nothing about sleep.",
            float(nights),
        )


def middle_of_activity(values: np.ndarray, begin: int) -> float | None:
    """Hour of the day (0 to 24) around which (minutes,) activity gathers: the peak of a 24-hour cosine through the mean day.

    begin: minute of the day of the first value. Square roots are taken, so that a few high minutes do not decide. None where the rhythm is
    too weak, or a minute of the day has no value at all.
    """
    values = np.asarray(values, np.float64)
    known = np.isfinite(values)
    minute = (begin + np.arange(values.size)) % MINUTES_PER_DAY
    count = np.bincount(minute[known], minlength=MINUTES_PER_DAY)
    if not count.all():
        return None
    day = np.bincount(minute[known], np.sqrt(np.maximum(values[known], 0)), MINUTES_PER_DAY) / count
    turn = 2 * np.pi * np.arange(MINUTES_PER_DAY) / MINUTES_PER_DAY
    wave = np.mean(day * np.exp(1j * turn))
    if 2 * abs(wave) <= RHYTHM * day.mean():
        return None
    return float(np.angle(wave) % (2 * np.pi) * 24 / (2 * np.pi))


def nights_off(off: np.ndarray, begin: int) -> tuple[int, float]:
    """How many nights hold non-wear, (minutes,) bool, in one piece, and the hour of the day in its middle (median, 0 without one)."""
    starts, lengths = runs(off)
    pieces = off[starts] & (lengths >= PIECE) & (lengths <= LONGEST_PIECE) if starts.size else np.zeros(0, bool)
    middle = (starts + lengths / 2 + begin)[pieces]
    # Counted from noon, so that a night is one day and its hours do not break at midnight.
    day, since_noon = np.divmod(middle - MINUTES_PER_DAY / 2, MINUTES_PER_DAY)
    at_night = (since_noon >= (EVENING - 12) * 60) & (since_noon < (MORNING + 12) * 60)
    if not at_night.any():
        return 0, 0.0
    return int(np.unique(day[at_night]).size), float((np.median(since_noon[at_night]) / 60 + 12) % 24)


def _clock(hour: float) -> str:
    minute = round(hour * 60) % MINUTES_PER_DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"
