"""How regular a week's sleep is, with what was left out: the sleep regularity index of minutes that are known or taken as sleep.

A rule of non-wear looks for long runs of zeros, which a sleeper makes as well as a device on a table, and a hip device is usually taken
off to sleep. Leaving such minutes out at night would leave out sleep and keep what disturbs it, so that the index falls (in 146 people of
NHANES 2003-04 from about 40 to about 10). At night they count as asleep, by day they are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.rhythms.figures import least_active, mean_day
from pat_core.rhythms.intervals import bounds
from pat_core.rhythms.sleep_scores import SLEEP_SCORES, sri, with_hand
from pat_core.settings import MINUTES_PER_DAY

NIGHT_MINUTES = 600
"""The night of a person is the least active ten hours of their mean day."""
LONGEST_AT_NIGHT = 840
"""Minutes: a longer run of zeros is no night, whatever its hours."""


@dataclass(frozen=True)
class Regularity:
    """index: -100 to 100, NaN where no two known minutes are a day apart. Minutes: not_worn and missing were left out, night counts as
    asleep although a rule calls it non-wear. compared: minutes that are known or taken as sleep, and so are those 24 hours later."""

    index: float
    not_worn: int
    missing: int
    night: int
    compared: int

    @property
    def words(self) -> str:
        """What was left out and what was taken as sleep, for a reader; "" where it is nothing."""
        left = [
            f"{minutes / 60:.1f} hours {what}"
            for minutes, what in ((self.not_worn, "not worn"), (self.missing, "without a value"))
            if minutes
        ]
        sentences = [f"It leaves out {' and '.join(left)}."] if left else []
        if self.night:
            sentences.append(f"{self.night / 60:.1f} hours of zeros at night, which the rule takes for non-wear, count as asleep.")
        return " ".join(sentences)


def regularity(
    values: np.ndarray, method: str, start_minute_of_day: int, off: np.ndarray, zeros: np.ndarray, by_hand: np.ndarray | None = None
) -> Regularity:
    """Sleep regularity of (minutes,) counts a minute, NaN where missing, by a sleep score (a key of SLEEP_SCORES).

    start_minute_of_day: clock of the first minute. off: (minutes,) bool, certainly not worn (by the device's flags, by hand, switched off).
    zeros: (minutes,) bool, not worn by a rule that looks for zeros; a stretch of them counts as asleep where at least half of it lies in
    the person's night and it is no longer than LONGEST_AT_NIGHT. by_hand: (minutes,) int8, 1 asleep, -1 awake, set by a person; such
    minutes count as worn.
    """
    values = np.asarray(values, dtype=np.float64)
    hand = np.zeros(values.size, np.int8) if by_hand is None else np.asarray(by_hand, np.int8)
    off, zeros = off & (hand == 0), np.asarray(zeros, bool) & (hand == 0)
    zeros = zeros & ~off & np.isfinite(values)
    in_night = _night(values, start_minute_of_day)
    asleep = np.zeros(values.size, bool)
    for first, end in bounds(zeros):
        asleep[first:end] = end - first <= LONGEST_AT_NIGHT and bool(in_night[first:end].mean() >= 0.5)
    left_out = off | (zeros & ~asleep)
    known = np.isfinite(values) & ~left_out
    scored = with_hand(SLEEP_SCORES[method].score(np.where(known, values, np.nan)) | asleep, hand, known)
    return Regularity(
        index=sri(scored, ~known),
        not_worn=int((left_out & np.isfinite(values)).sum()),
        missing=int((~np.isfinite(values)).sum()),
        night=int(asleep.sum()),
        compared=int((known[:-MINUTES_PER_DAY] & known[MINUTES_PER_DAY:]).sum()),
    )


def _night(values: np.ndarray, start_minute_of_day: int) -> np.ndarray:
    """(minutes,) bool, within the least active NIGHT_MINUTES of the mean day; nowhere where it has none."""
    _, least = least_active(mean_day(values, start_minute_of_day), NIGHT_MINUTES)
    if not np.isfinite(least):
        return np.zeros(values.size, bool)
    minute = (start_minute_of_day + np.arange(values.size)) % MINUTES_PER_DAY
    return (minute - least) % MINUTES_PER_DAY < NIGHT_MINUTES
