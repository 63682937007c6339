"""Mean and deviation over nights, naps a day, and social jetlag (Wittmann et al. 2006, doi 10.1080/07420520500545979)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np

from pat_core.rhythms.night_records import Nap, Night, NightSummary, Spread
from pat_core.rhythms.sleep_scores import sri
from pat_core.settings import MINUTES_PER_DAY

FEWEST_NIGHTS = 2
"""Of free days, and of work days, for a social jetlag: one night alone is an accident."""


def summary(nights: Sequence[Night], naps: Sequence[Nap], asleep: np.ndarray, known: np.ndarray) -> NightSummary:
    """Over whole and plausible nights; naps over all known minutes. asleep, known: (minutes,) bool."""
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
        sri=sri(asleep, ~known),
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
