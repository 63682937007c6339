"""The input gate: mistakes that people make, made on simulated and real weeks, caught or not; and what it says of good weeks.

    python -m benchmarks.gate ../shared/data/obf_psychiatric_dev.zip ../shared/data/nhanes_2003_paxraw_c_dev.zip [--simulated 200]

A week is good where the device was worn at least half of the time, with no 24 hours of which 22 were non-wear (Choi 2011), no 18 hours
of one value and more than 50 counts a minute at some time; of real weeks nobody knows more. So filled_up and day_off cannot alarm on real
good weeks, only on simulated ones, which are good where no day off was planted. Beside them stand weeks of which nothing is asked but wear
of half the time, and all weeks: there those two speak, and nobody knows how often they are right. A person can have several weeks; the
intervals take weeks for independent, so people are counted too.
Every mistake is made on good weeks. Caught: refused, or warned of by the finding that names the thing. The limits were set on the weeks
of the same archives (simulated ones: on other seeds), so real figures are of the weeks that the limits were chosen from.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.machine import keep
from pat_core.errors import WeekError
from pat_core.evaluation import wilson
from pat_core.recordings.reading import read
from pat_core.records import COUNTS, MIMS, STEPS, UNKNOWN_UNIT, Finding, Standardizer, Week
from pat_core.simulate import simulate
from pat_core.wear import nonwear
from pat_core.weeks import apply, check, check_standardized, cut, fit, report

DAY = 1440
SEED = 9100
NEW = (
    "clock", "nights_off", "repeated", "filled_up", "day_off", "looks_like_steps", "looks_like_counts", "looks_like_heart_rate",
    "looks_like_temperature", "never_rests", "looks_transformed", "one_scale",
)  # fmt: skip
"""Findings whose alarms on good weeks are counted. nights_off is left out on the hip, where it says what happened."""

Made = tuple[Finding, ...]
Mistake = Callable[[Week, np.random.Generator, Standardizer], Made]


@dataclass(frozen=True)
class Dataset:
    """Good weeks of one kind and a standardizer of its own; every: the bad ones too. hip: devices that are taken off for the night."""

    name: str
    weeks: Sequence[Week]
    own: Standardizer
    hip: bool
    every: Sequence[Week]


def main() -> None:
    """Make every mistake on every good week and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archives", nargs="*", type=Path)
    parser.add_argument("--simulated", type=int, default=200)
    chosen = parser.parse_args()
    datasets = [simulated(chosen.simulated), *map(imported, chosen.archives)]
    keep("gate", {"mistakes": [row for data in datasets for row in mistakes(data)], "good weeks": [alarms(data) for data in datasets]})


def mistakes(data: Dataset) -> list[Mapping[str, object]]:
    """One row a mistake: how many of the weeks it was caught in, and by which findings."""
    rows = []
    for name, (codes, make) in MISTAKES.items():
        rng = np.random.default_rng(0)
        found = [make(week, rng, data.own) for week in data.weeks]
        by = Counter(one.code for of_week in found for one in of_week if names_it(one, codes))
        caught = sum(any(names_it(one, codes) for one in of_week) for of_week in found)
        rows.append({"mistake": name, "dataset": data.name} | share(caught, len(found)) | {"by": dict(by.most_common())})
    return rows


def alarms(data: Dataset) -> Mapping[str, object]:
    """What the gate says of weeks without a made mistake, by two ways to call a week good: new findings together and one by one."""
    half = [week for week in data.every if week.report.nonwear_share < 0.5]
    z = apply(data.own, np.stack([week.values for week in data.every]))
    raw = {id(week): check(week, data.own, COUNTS) for week in data.every}
    handed = {id(week): check_standardized(one) for week, one in zip(data.every, z, strict=True)}
    counted = {code for code in NEW if not (data.hip and code == "nights_off")}
    told: dict[str, object] = {"dataset": data.name}
    for name, weeks in (("good", data.weeks), ("worn half of the time", half), ("all", data.every)):
        codes = [{one.code for one in (*raw[id(week)], *handed[id(week)])} for week in weeks]
        alarmed = [week.participant for week, of_week in zip(weeks, codes, strict=True) if of_week & counted]
        refused = sum(any(one.severity == "refuse" for one in raw[id(week)]) for week in weeks)
        by = Counter(f"{one.code}, {one.severity}" for week in weeks for one in raw[id(week)])
        told[name] = {
            "new findings together": share(len(alarmed), len(weeks)),
            "people alarmed": len(set(alarmed)),
            "people": len({week.participant for week in weeks}),
            "refused": share(refused, len(weeks)),
            "findings": dict(by.most_common()),
            "findings on standardized": dict(Counter(one.code for week in weeks for one in handed[id(week)]).most_common()),
        }
    return told


def names_it(finding: Finding, codes: Sequence[str]) -> bool:
    """Whether a finding catches a mistake: by its own name, or by refusing the week."""
    return finding.severity == "refuse" or (finding.severity == "warn" and finding.code in codes)


def share(count: int, of: int) -> dict[str, object]:
    """Count, number, share and Wilson's interval."""
    interval = wilson(count, of)
    return {"count": count, "n": of, "share": round(count / of, 4), "low": round(interval.low, 4), "high": round(interval.high, 4)}


def changed(week: Week, values: np.ndarray, unit: str | None = None) -> Week:
    """The week with other values, and their report."""
    values, unit = values.astype(np.float32), unit or week.unit
    return replace(week, values=values, unit=unit, report=report(values, unit))


def of_values(make: Callable[[np.ndarray, np.random.Generator], np.ndarray], unit: str | None = None) -> Mistake:
    """A mistake in the values; the standardizer is the right one for the right values."""
    return lambda week, rng, own: check(changed(week, make(week.values, rng), unit), own, COUNTS)


def alone(make: Callable[[np.ndarray, np.random.Generator], np.ndarray], unit: str | None = None) -> Mistake:
    """A mistake that all people of a cohort share, so that no standardizer sees it."""
    return lambda week, rng, own: check(changed(week, make(week.values, rng), unit), None, None)


def late(hours: int) -> Mistake:
    """The clock is wrong by so many hours."""
    return lambda week, rng, own: check(replace(week, start=week.start + timedelta(hours=hours)), own, COUNTS)


def standardized(make: Callable[[np.ndarray], np.ndarray]) -> Mistake:
    """Values that are handed over as standardized."""
    return lambda week, rng, own: check_standardized(make(np.nan_to_num(week.values)))


def through(make: Callable[[Standardizer], Standardizer]) -> Mistake:
    """A wrong standardizer over a right week."""
    return lambda week, rng, own: check(week, make(own), COUNTS)


def tail(minutes: int) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """Zeros in place of the last minutes."""
    return lambda values, rng: np.where(np.arange(values.size) < values.size - minutes, values, 0)


def shelved(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One day on a table that is knocked ten times."""
    off = values.copy()
    first = int(rng.integers(0, values.size - DAY))
    off[first : first + DAY] = 0
    off[first + 40 + 140 * np.arange(10)] = rng.integers(5, 200, 10)
    return off


def steps(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Steps of somebody who walks in their most active minutes: 4 to 40 in half of those, 60 to 130 in the others."""
    moving = values > np.nanquantile(values, 0.8)
    slow = rng.integers(4, 40, values.size)
    return np.where(moving, np.where(rng.random(values.size) < 0.5, slow, rng.integers(60, 131, values.size)), 0)


def heart(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A heart rate that follows the activity of the last quarter of an hour."""
    size = np.sqrt(np.nan_to_num(values))
    smooth = np.convolve(size / max(size.max(), 1), np.ones(15) / 15, "same")
    return np.rint(rng.uniform(48, 75) + 90 * smooth + rng.normal(0, 2, values.size))


def doubled(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One day over another, the days drawn."""
    one, other = rng.choice(values.size // DAY, 2, replace=False)
    copied = values.copy()
    copied[other * DAY : (other + 1) * DAY] = values[one * DAY : (one + 1) * DAY]
    return copied


def tiled(minutes: int) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """The first minutes over and over."""
    return lambda values, rng: np.resize(values[:minutes], values.size)


def hard_coded(own: Standardizer) -> Standardizer:
    """One mean and one deviation for all minutes."""
    return replace(own, mean=np.full_like(own.mean, own.mean.mean()), scale=np.full_like(own.scale, own.scale.mean()))


def in_21(own: Standardizer) -> Standardizer:
    """A standardizer that varies in 21 minutes only."""
    made = hard_coded(own)
    made.mean[:21] += np.arange(21)
    return made


OF_SCALE = ("scale_large", "scale_faint", "scale_extreme", "scale_even", "looks_transformed", "not_whole", "implausible_mean")
OFF = ("filled_up", "flat_run", "day_off", "nonwear")
MISTAKES: dict[str, tuple[Sequence[str], Mistake]] = {
    "scale: logarithms": (OF_SCALE, of_values(lambda x, rng: np.log1p(x))),
    "scale: logarithms of unknown unit, whole cohort": (OF_SCALE, alone(lambda x, rng: np.log1p(x), UNKNOWN_UNIT)),
    "scale: 100 times the logarithm, rounded, whole cohort": (OF_SCALE, alone(lambda x, rng: np.rint(100 * np.log1p(x)))),
    "scale: one mean for all minutes, in the standardizer": (OF_SCALE, through(hard_coded)),
    "scale: a standardizer that varies in 21 minutes": (OF_SCALE, through(in_21)),
    "scale: one mean for all minutes, handed over standardized": (OF_SCALE, standardized(lambda x: (x - x.mean()) / x.std())),
    "scale: raw counts handed over as standardized": (OF_SCALE, standardized(lambda x: x)),
    "scale: counts / 1000 handed over as standardized": (OF_SCALE, standardized(lambda x: x / 1000)),
    "unit: MIMS through counts": ((), of_values(lambda x, rng: x / 30, MIMS)),
    "unit: 30 times as fine": (OF_SCALE, of_values(lambda x, rng: x * 30)),
    "unit: 30 times as coarse": ((*OF_SCALE, "looks_like_steps"), of_values(lambda x, rng: np.rint(x / 30))),
    "species: steps called counts": (("looks_like_steps",), alone(steps, COUNTS)),
    "species: steps of unknown unit": (("looks_like_steps",), alone(steps, UNKNOWN_UNIT)),
    "species: steps called steps, through counts": ((), of_values(steps, STEPS)),
    "species: heart rate called counts": ((), alone(heart, COUNTS)),
    "species: heart rate of unknown unit": ((), alone(heart, UNKNOWN_UNIT)),
    "wear: 6 days, short": ((), of_values(lambda x, rng: x[: 6 * DAY])),
    "wear: 6 days, zeros to the end": (OFF, of_values(tail(DAY))),
    "wear: 4 days, zeros to the end": (OFF, of_values(tail(3 * DAY))),
    "wear: off for the last 20 hours": (OFF, of_values(tail(20 * 60))),
    "wear: one day on a table, knocked": (OFF, of_values(shelved)),
    "wear: off all week but half a day": (OFF, of_values(lambda x, rng: np.where(np.arange(x.size) // 720 == rng.integers(0, 14), x, 0))),
    "order: shuffled minutes": ((), of_values(lambda x, rng: rng.permutation(x))),
    "clock: 12 hours wrong": (("clock",), late(12)),
    "clock: 10 hours late": (("clock",), late(10)),
    "clock: 8 hours late": (("clock",), late(8)),
    "clock: 8 hours early": (("clock",), late(-8)),
    "clock: 6 hours late": (("clock",), late(6)),
    "repeats: one day copied over another": ((), of_values(doubled)),
    "repeats: 3 days repeated to a week": ((), of_values(tiled(3 * DAY))),
    "repeats: 4 days 5 hours repeated to a week": ((), of_values(tiled(4 * DAY + 300))),
    "repeats: 6 days repeated to a week": ((), of_values(tiled(6 * DAY))),
    "repeats: 6 days 12 hours repeated to a week": ((), of_values(tiled(6 * DAY + 720))),
    "nights: the device off from 23 to 7, non-wear by Choi": (("nights_off",), lambda week, rng, own: nights(week)),
}  # fmt: skip
"""Mistake -> the warnings that name it (a refusal always does), and what makes it."""


def nights(week: Week) -> Made:
    """The week with its nights set to zero."""
    minute = (week.start.hour * 60 + week.start.minute + np.arange(week.values.size)) % DAY
    return check(changed(week, np.where((minute >= 23 * 60) | (minute < 7 * 60), 0, week.values)), None, None)


def simulated(people: int) -> Dataset:
    """Weeks of simulated people; good ones have no planted day off."""
    made, behind = simulate(people, SEED), simulate(500, SEED + 1)
    weeks = [
        Week(who, 0, values, made.start, True, COUNTS, None, "start", report(values, COUNTS))
        for who, values in zip(made.participants, made.weeks, strict=True)
    ]
    kept = [week for week, off in zip(weeks, made.distractors["nonwear_day"], strict=True) if not off]
    return Dataset("simulated", kept, fit(behind.weeks, "simulated people", COUNTS), False, weeks)


def imported(path: Path) -> Dataset:
    """All good weeks of a real archive, and a standardizer of its people's first weeks."""
    weeks: list[Week] = []
    for recording in read(path).recordings:
        try:
            weeks += cut(recording)
        except WeekError:
            continue
    first = np.stack([week.values for week in weeks if week.index == 0])
    return Dataset(path.stem, [week for week in weeks if good(week)], fit(first, path.name, COUNTS), "nhanes" in path.name, weeks)


def good(week: Week) -> bool:
    """See the head of this file."""
    off = np.concatenate(([0], np.cumsum(nonwear(week.values))))
    most = int((off[DAY:] - off[:-DAY]).max())
    flat = week.report.longest_flat_minutes
    return week.report.nonwear_share < 0.5 and most < 22 * 60 and flat < 18 * 60 and week.report.maximum > 50


if __name__ == "__main__":
    main()
