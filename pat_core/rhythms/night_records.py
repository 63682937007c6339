"""What is known of each night and of naps, and their summary: mean and deviation over nights, naps a day, and social jetlag (Wittmann et
al. 2006, doi 10.1080/07420520500545979)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from pat_core.settings import MINUTES_PER_DAY

LEAST_NIGHT, MOST_NIGHT = 3 * 60, 12 * 60
"""Minutes: a shorter or longer night is implausible. Jones et al. 2019 (doi 10.1038/s41467-019-09576-1) left out people of the UK Biobank
whose sleep came out under 3 or over 12 hours, as not measured well."""


@dataclass(frozen=True)
class Device:
    """What recorded: its name, and where on the body it was worn; None where that is not known."""

    name: str | None = None
    placement: str | None = None


@dataclass(frozen=True)
class Night:
    """One main rest, in bed from minute `first` to before minute `end`, counted from the recording's first minute.

    evening: date of the noon before, or of the day before a sleep by day. bedtime, onset, offset, rise: wall clock of going to bed, falling
    asleep, waking up, getting up; None where the recording's clock is not known, as is evening. Offset and rise are ends of a last minute,
    of which Actiware prints the start. onset_minute, offset_minute: as `first` and `end`, of the sleep. time_in_bed, sleep (TST), latency
    (SOL), waso: minutes; sleep, waso and awakenings (stretches awake) are counted from onset to offset. missing: minutes in bed without a
    value or not worn; none of them is sleep or wake. Minutes that the clock skipped count nowhere. efficiency: sleep in percent of the
    minutes in bed that are known. midpoint: of onset and offset, minutes after midnight; None without a clock. free: the next day is a
    Saturday or Sunday; None without a clock. whole: False where the recording or a gap begins or ends it, or more than a tenth is missing:
    its times are then bounds, and summaries leave it out. They also leave out what is `implausible`.
    """

    evening: date | None
    bedtime: datetime | None
    onset: datetime | None
    offset: datetime | None
    rise: datetime | None
    first: int
    onset_minute: int
    offset_minute: int
    end: int
    time_in_bed: int
    sleep: int
    efficiency: float
    latency: int
    waso: int
    awakenings: int
    missing: int
    midpoint: float | None
    free: bool | None
    whole: bool

    @property
    def implausible(self) -> str:
        """Why its length is not believed, in words; "" where nothing is wrong with it. Naps, evenings on a sofa and a device on a table can
        run into a night, and a broken night falls into pieces."""
        if self.time_in_bed > MOST_NIGHT:
            return f"implausible, over {MOST_NIGHT // 60} h in bed"
        if self.time_in_bed < LEAST_NIGHT:
            return f"implausible, under {LEAST_NIGHT // 60} h in bed"
        return f"implausible, under {LEAST_NIGHT // 60} h asleep" if self.sleep < LEAST_NIGHT else ""

    @property
    def counted(self) -> bool:
        """Whether means and deviations are of this night too: it is whole and plausible."""
        return self.whole and not self.implausible


@dataclass(frozen=True)
class Nap:
    """Any other rest of half an hour or more, from minute `first` to before minute `end`. start: wall clock, None where not known.

    sleep: minutes scored asleep. Sitting still looks the same to a device, so this is an upper bound.
    """

    start: datetime | None
    first: int
    end: int
    sleep: int


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation (n - 1) over n nights; NaN where there are too few (one, or two for the deviation)."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True)
class NightSummary:
    """Over the nights that are whole and plausible. nights: how many; left_out: how many others.

    bedtime, onset, offset, rise, midpoint: minutes after midnight, sd in minutes; None where the clock is not known. time_in_bed, sleep,
    latency, waso: minutes; efficiency: percent; awakenings: a night. naps, nap_minutes: a day of known minutes; NaN without any.
    social_jetlag: minutes between the mean midpoints before free days and before work days; None where the weekday is not known or
    there are fewer than two nights of either. free_nights, work_nights: how many of each.
    """

    nights: int
    left_out: int
    bedtime: Spread | None
    onset: Spread | None
    offset: Spread | None
    rise: Spread | None
    midpoint: Spread | None
    time_in_bed: Spread
    sleep: Spread
    efficiency: Spread
    latency: Spread
    waso: Spread
    awakenings: Spread
    naps: float
    nap_minutes: float
    social_jetlag: float | None
    free_nights: int
    work_nights: int


@dataclass(frozen=True, eq=False)
class SleepReport:
    """Nights, naps and their summary, with what they were made with.

    method: name of the score (a key of SLEEP_SCORES); made_for: the counts its thresholds belong to; source: where they are from.
    diary: whether the rest intervals were given; otherwise they are from the rule of rhythms/intervals.py. opens: when its days open, NOON
    or, of who sleeps by day, MIDNIGHT of that file.
    asleep, known: (minutes,) bool. notes: sentences for the reader.
    """

    nights: tuple[Night, ...]
    naps: tuple[Nap, ...]
    summary: NightSummary
    method: str
    made_for: str
    source: str
    diary: bool
    opens: int
    asleep: np.ndarray
    known: np.ndarray
    notes: tuple[str, ...]

    @property
    def rest(self) -> np.ndarray:
        """(minutes,) bool, in bed at night: for shading, from the same minutes as the table."""
        mask = np.zeros(self.asleep.size, bool)
        for night in self.nights:
            mask[night.first : night.end] = True
        return mask


FEWEST_NIGHTS = 2
"""Of free days, and of work days, for a social jetlag: one night alone is an accident."""


def summary(nights: Sequence[Night], naps: Sequence[Nap], known: np.ndarray) -> NightSummary:
    """Over whole and plausible nights; naps over all known minutes. known: (minutes,) bool."""
    whole = [night for night in nights if night.counted]
    days = known.sum() / MINUTES_PER_DAY
    free, work = [night for night in whole if night.free], [night for night in whole if night.free is False]
    return NightSummary(
        nights=len(whole),
        left_out=len(nights) - len(whole),
        bedtime=_clock(whole, "bedtime"),
        onset=_clock(whole, "onset"),
        offset=_clock(whole, "offset"),
        rise=_clock(whole, "rise"),
        midpoint=_clock(whole, "midpoint"),
        time_in_bed=_spread(night.time_in_bed for night in whole),
        sleep=_spread(night.sleep for night in whole),
        efficiency=_spread(night.efficiency for night in whole),
        latency=_spread(night.latency for night in whole),
        waso=_spread(night.waso for night in whole),
        awakenings=_spread(night.awakenings for night in whole),
        naps=len(naps) / float(days) if days else float("nan"),
        nap_minutes=sum(nap.sleep for nap in naps) / float(days) if days else float("nan"),
        social_jetlag=_jetlag(free, work),
        free_nights=len(free),
        work_nights=len(work),
    )


def _jetlag(free: Sequence[Night], work: Sequence[Night]) -> float | None:
    if min(len(free), len(work)) < FEWEST_NIGHTS:
        return None
    return float(abs(np.mean([_middle(night) for night in free]) - np.mean([_middle(night) for night in work])))


def _clock(nights: Sequence[Night], name: str) -> Spread | None:
    """Mean clock time, minutes after midnight. Each is counted from its own evening's midnight, so that 23:50 and 00:10 are near."""
    if any(night.evening is None for night in nights):
        return None
    spread = _spread(_middle(night) if name == "midpoint" else _after_midnight(night, getattr(night, name)) for night in nights)
    return Spread(spread.mean % MINUTES_PER_DAY, spread.sd, spread.n)


def _middle(night: Night) -> float:
    return (_after_midnight(night, night.onset) + _after_midnight(night, night.offset)) / 2


def _after_midnight(night: Night, time: datetime | None) -> float:
    """Minutes after the midnight that follows a night's evening; before it, negative."""
    if time is None or night.evening is None:
        return float("nan")
    midnight = datetime(night.evening.year, night.evening.month, night.evening.day) + timedelta(days=1)
    return (time - midnight).total_seconds() / 60


def _spread(values: Iterable[float]) -> Spread:
    values = np.array(list(values), dtype=np.float64)
    return Spread(
        float(values.mean()) if values.size else float("nan"), float(values.std(ddof=1)) if values.size > 1 else float("nan"), values.size
    )
