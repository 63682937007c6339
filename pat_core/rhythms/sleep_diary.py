"""Nights as their sleepers wrote them down, and how far the estimates from counts agree with them.

Figures are those of the consensus sleep diary (Carney et al. 2012, doi 10.5665/sleep.1642): latency from lights out, sleep from falling
asleep to the last waking without what was awake between. Agreement is the mean difference and its limits, mean +- 1.96 SD (Bland and
Altman 1986, doi 10.1016/S0140-6736(86)90837-8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from pat_core.rhythms.night_records import Night

FEWEST = 5
"""Of fewer nights no limits of agreement are given: their width would be an accident."""
WITHIN = 1.96
"""Standard deviations on either side that hold 95 of 100 differences, where these are normal."""
SEQUENCE = ("bed", "lights_out", "asleep", "awake", "rise")
"""Times of a night in the order in which they happen."""


@dataclass(frozen=True)
class DiaryNight:
    """One night of a diary. evening: date of the noon before going to bed.

    bed, rise: going to bed and getting up; lights_out, asleep, awake (for the last time): None where they were not filled in. All wall
    clock. waso: minutes awake between; latency_given: minutes to fall asleep, as written. nap_minutes: of the day. None where not filled
    in.
    """

    evening: date
    bed: datetime
    rise: datetime
    lights_out: datetime | None = None
    asleep: datetime | None = None
    awake: datetime | None = None
    waso: int | None = None
    latency_given: int | None = None
    nap_minutes: int | None = None

    @property
    def time_in_bed(self) -> int:
        """Minutes from going to bed to getting up."""
        return _between(self.bed, self.rise)

    @property
    def latency(self) -> int | None:
        """Minutes to fall asleep: as written, else from lights out (from going to bed where that is not there) to falling asleep."""
        if self.latency_given is not None or self.asleep is None:
            return self.latency_given
        return _between(self.lights_out or self.bed, self.asleep)

    @property
    def sleep(self) -> int | None:
        """Minutes from falling asleep to the last waking, without `waso` where that is there."""
        if self.asleep is None or self.awake is None:
            return None
        return _between(self.asleep, self.awake) - (self.waso or 0)


@dataclass(frozen=True)
class PairedNight:
    """A night of a diary beside the estimated one that shares the most minutes with it; None where there is no such night.

    first, end: of the diary's time in bed, minutes of the recording, cut at its ends. skipped: minutes in it that the clock jumped over.
    """

    diary: DiaryNight
    night: Night | None
    first: int
    end: int
    skipped: int = 0

    @property
    def counted(self) -> bool:
        """Whether means are of this pair: the estimated night is whole and plausible."""
        return self.night is not None and self.night.counted

    def difference(self, figure: str) -> float:
        """Minutes, estimate less diary, of a key of FIGURES; NaN where either has none."""
        if self.night is None:
            return float("nan")
        own, other = FIGURES[figure]
        estimate, written = getattr(self.night, own), getattr(self.diary, other)
        if estimate is None or written is None:
            return float("nan")
        if isinstance(estimate, datetime):
            return (estimate - written).total_seconds() / 60
        return float(estimate - (written - (self.skipped if figure in ("TIB", "TST") else 0)))


FIGURES = {
    "in bed": ("bedtime", "bed"), "asleep": ("onset", "asleep"), "awake": ("offset", "awake"), "got up": ("rise", "rise"),
    "TIB": ("time_in_bed", "time_in_bed"), "TST": ("sleep", "sleep"), "SOL": ("latency", "latency"), "WASO": ("waso", "waso"),
}  # fmt: skip
"""What is compared -> field of `Night`, field of `DiaryNight`. Clock times differ in minutes too."""


@dataclass(frozen=True)
class Agreement:
    """Differences in minutes, estimate less diary, over n nights. mean: NaN without any; sd (n - 1): NaN of fewer than two; low, high:
    limits of agreement, NaN of fewer than FEWEST."""

    n: int
    mean: float
    sd: float
    low: float
    high: float


def pair(diary: Sequence[tuple[DiaryNight, int, int, int]], nights: Sequence[Night]) -> tuple[PairedNight, ...]:
    """Each diary night with the estimated night that shares the most minutes with it; none is used twice.

    diary: night, its first and its end minute of the recording, and the minutes in it that the clock skipped.
    """
    shares = [
        (min(end, night.end) - max(first, night.first), row, column)
        for row, (_, first, end, _) in enumerate(diary)
        for column, night in enumerate(nights)
    ]
    of_row: dict[int, int] = {}
    for share, row, column in sorted(shares, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if share > 0 and row not in of_row and column not in of_row.values():
            of_row[row] = column
    return tuple(
        PairedNight(night, nights[of_row[row]] if row in of_row else None, first, end, skipped)
        for row, (night, first, end, skipped) in enumerate(diary)
    )


def agreement(pairs: Sequence[PairedNight], figure: str) -> Agreement:
    """Of one key of FIGURES, over the pairs that count and have it. Nights of one person are alike: the limits are of this person's
    nights, not of people."""
    values = np.array([one.difference(figure) for one in pairs if one.counted], dtype=np.float64)
    values = values[np.isfinite(values)]
    mean = float(values.mean()) if values.size else float("nan")
    sd = float(values.std(ddof=1)) if values.size > 1 else float("nan")
    half = WITHIN * sd if values.size >= FEWEST else float("nan")
    return Agreement(values.size, mean, sd, mean - half, mean + half)


def _between(first: datetime, last: datetime) -> int:
    return round((last - first).total_seconds() / 60)
