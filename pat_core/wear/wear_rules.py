"""When a device was worn, by rules whose settings say where they come from; the tail of a device that was switched off; its ceiling."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pat_core.errors import RecordingError
from pat_core.records import COUNTS, Period
from pat_core.settings import MINUTES_PER_DAY
from pat_core.wear.nonwear import Choi, Troiano, flat_start, nonwear, runs
from pat_core.wear.units import like_counts

OWN = "a choice of this project, not of a paper"
SOURCES = {
    "rule": "Choi et al. 2011 (doi 10.1249/MSS.0b013e3181ed61a3), or Troiano et al. 2008 (doi 10.1249/mss.0b013e31815a51b3)",
    "trust_flags": "the device's own sensor or flags, where the file has them; in raw files, how still the acceleration was: " + OWN,
    "hours_a_day": "10 hours of wear make a day valid: Troiano et al. 2008 (doi 10.1249/mss.0b013e31815a51b3)",
    "days_needed": "PAT reads each minute of seven days, so seven; Troiano et al. 2008 took 4 of 7 for a person's mean",
    "off_share": "PAT reads every minute of seven days, and about one day of the seven is reported beside its answer: " + OWN,
    "tail_minutes": "half a day without one change, longer than a night off the body: " + OWN,
    "still_longest": "minutes that a sleeper may lie without any movement that the device counts, at most: " + OWN,
    "still_beside": "minutes on either side of a still period that are examined: " + OWN,
    "still_level": "mean of those minutes, as a share of the mean while worn, up to which they count as rest: " + OWN,
    "still_moving": "share of those minutes with movement from which the device counts as worn: " + OWN,
    "ceiling_minutes": "minutes at the largest value from which it counts as the device's ceiling: " + OWN,
}
"""Field of QualitySettings -> where its default comes from."""

DEVICE, TAIL = "device", "flat tail"
"""Kinds of periods of non-wear that no rule found: by the device's own flags; after the device was switched off."""


@dataclass(frozen=True)
class QualitySettings:
    """How wear is judged. The defaults' sources stand in SOURCES. RecordingError for a setting that cannot be meant.

    off_share: of a week, 0 to 1; where more of it was not worn, that is a caution beside a model's answer.
    """

    rule: Choi | Troiano = Choi()
    trust_flags: bool = True
    hours_a_day: float = 10.0
    days_needed: int = 7
    off_share: float = 0.15
    tail_minutes: int = 720
    still_longest: int = 240
    still_beside: int = 30
    still_level: float = 0.2
    still_moving: float = 0.1
    ceiling_minutes: int = 5

    def __post_init__(self) -> None:
        if not 0 < self.hours_a_day <= 24:
            raise RecordingError(
                f"A valid day has more than 0 and at most 24 hours of wear, not {self.hours_a_day:g}. Choose another number."
            )
        if not 1 <= self.days_needed <= 7:
            raise RecordingError(f"A week needs 1 to 7 valid days, not {self.days_needed}. Choose another number.")
        if not 0 <= self.off_share <= 1:
            raise RecordingError(f"A share of the week lies between 0 and 100 %, not at {100 * self.off_share:g} %. Choose another share.")
        least = {"tail_minutes": 1, "still_longest": 0, "still_beside": 1, "ceiling_minutes": 2}
        wrong = next((name for name, low in least.items() if getattr(self, name) < low), None)
        if wrong:
            raise RecordingError(f"{wrong} is {least[wrong]} or more, not {getattr(self, wrong)}. Choose another number of minutes.")

    def needed_of(self, days: int) -> int:
        """Valid days that a recording of so many days needs: `days_needed` is said of seven, and of other lengths the same share."""
        return max(1, math.ceil(self.days_needed * days / 7))

    @property
    def rule_name(self) -> str:
        """For a reader: "Choi 2011"."""
        return "Choi 2011" if isinstance(self.rule, Choi) else "Troiano 2008"


@dataclass(frozen=True, eq=False)
class Wear:
    """worn: (n,) bool, with a value and on the body. off: periods not worn, kind: by which rule. still: periods that the rule took for
    non-wear and that are probably quiet sleep; they count as worn. known: False where no rule holds for the unit and the device says
    nothing; worn are then all minutes with a value but those of a flat tail, and nobody knows."""

    worn: np.ndarray
    off: tuple[Period, ...]
    still: tuple[Period, ...]
    known: bool = True


def wear_of(minutes: np.ndarray, settings: QualitySettings, flags: np.ndarray | None = None, unit: str = COUNTS) -> Wear:
    """When the device was worn, from (n,) activity a minute, NaN where missing, and the device's own flags, (n,) bool, where it has any.

    The settings' rule is asked only where it holds for the unit (`like_counts`): elsewhere the flags alone tell, or nothing does. A period
    of it counts as worn after all where the device says so for most of it, or where it is short and lies between minutes of rest that move
    a little, as sleep does: who takes a device off or puts it on moves more.
    """
    minutes = np.asarray(minutes)
    present = np.isfinite(minutes)
    flags = flags if settings.trust_flags else None
    tail = flat_tail(minutes, settings.tail_minutes)
    off: list[Period] = []
    still: list[Period] = []
    ruled = like_counts(minutes, unit)
    candidates = periods(nonwear(minutes, settings.rule), settings.rule_name) if ruled else []
    off_body = covered(candidates, minutes.size)
    elsewhere = minutes[present & ~off_body]
    awake = float(elsewhere.mean(dtype=np.float64)) if elsewhere.size else 0.0
    for period in candidates:
        if tail is not None and period.end > tail:
            off.append(period)
            continue
        flagged_share = None if flags is None else float(np.mean(flags[period.first : period.end]))
        resting = _still(minutes, period, off_body, awake, settings) if flagged_share is None else flagged_share > 0.5
        (still if resting else off).append(period)
    if flags is not None:
        off += periods(~np.asarray(flags, bool) & present, DEVICE)
    if tail is not None and not any(period.first <= tail and period.end == minutes.size for period in off):
        off.append(Period(tail, minutes.size, TAIL))
    off = sorted(off, key=lambda period: (period.first, period.end))
    return Wear(present & ~covered(off, minutes.size), tuple(off), tuple(still), ruled or flags is not None)


def wear_hours(worn: np.ndarray) -> np.ndarray:
    """(days,) hours of True in each 24 hours from the first minute of a (n,) mask; the last day may be cut short."""
    worn = np.asarray(worn, bool)
    padded = np.pad(worn, (0, -worn.size % MINUTES_PER_DAY))
    return padded.reshape(-1, MINUTES_PER_DAY).sum(axis=1) / 60


def periods(mask: np.ndarray, kind: str = "") -> list[Period]:
    """The stretches of True in a (n,) bool mask."""
    starts, lengths = runs(np.asarray(mask, bool))
    return [Period(first, first + length, kind) for first, length in zip(starts.tolist(), lengths.tolist(), strict=True) if mask[first]]


def covered(stretches: Iterable[Period], minutes: int) -> np.ndarray:
    """(minutes,) bool, what lies in any of these periods."""
    mask = np.zeros(minutes, bool)
    for period in stretches:
        mask[period.first : period.end] = True
    return mask


def flat_tail(values: np.ndarray, at_least: int = QualitySettings.tail_minutes) -> int | None:
    """The minute from which (n,) values never change again: a device that was switched off. None where that is under `at_least` minutes.

    Missing minutes neither end the tail nor count towards its length: a recording that only breaks off has none.
    """
    values = np.asarray(values)
    present = np.flatnonzero(np.isfinite(values))
    length = flat_start(values[present][::-1])
    return int(present[present.size - length]) if length and length >= at_least else None


def saturation(values: np.ndarray, at_least: int = QualitySettings.ceiling_minutes) -> tuple[float, float | None]:
    """Share of the minutes with a value that lie at the device's ceiling, and that ceiling; (0, None) where none can be seen.

    A ceiling is a largest value that comes `at_least` times and more often than all values of the tenth below it together: activity gets
    rarer upwards, and only what is cut off piles up.
    """
    values = np.asarray(values)
    present = values[np.isfinite(values)]
    if present.size == 0:
        return 0.0, None
    largest = present.max()
    at_top = int(np.count_nonzero(present == largest))
    if largest <= 0 or at_top < at_least or at_top == present.size:
        return 0.0, None
    just_below = int(np.count_nonzero(present >= 0.9 * largest)) - at_top
    return (at_top / present.size, float(largest)) if at_top > just_below else (0.0, None)


def _still(minutes: np.ndarray, period: Period, off_body: np.ndarray, awake: float, settings: QualitySettings) -> bool:
    """Whether a period without movement is probably sleep: not too long, and quiet, not motionless, on either side.

    off_body: (n,) bool, all periods of the rule. Between two of them lies a device that was touched, not somebody asleep.
    """
    if period.minutes > settings.still_longest:
        return False
    for first, end in ((period.first - settings.still_beside, period.first), (period.end, period.end + settings.still_beside)):
        if first < 0 or end > minutes.size or off_body[first:end].any() or np.isnan(minutes[first:end]).any():
            return False
        beside = minutes[first:end]
        if np.mean(beside > 0) < settings.still_moving or beside.mean(dtype=np.float64) > settings.still_level * awake:
            return False
    return True
