"""Attributions of a whole cohort by the clock: when the score was raised or lowered in two groups, and where the groups differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK

Over = Literal["day", "week"]
_TAILS = (2.5, 97.5)
VERY_SMALL = 0.05
"""Share of the largest |mean| of either group below which a difference is told as very small, however surely it is one."""
_AT_ONCE = 4_000_000
"""Permuted labels held at once: permutations times people."""


@dataclass(frozen=True, eq=False)
class ClockBand:
    """mean, low, high: (bins,) logits a bin, the 95 % band by resampling people; NaN where nobody has a value."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class ClockComparison:
    """What a group adds to `ClockAttribution`. found, very_small: (bins,) bool, where the groups differ, and where by little."""

    controls: ClockBand
    difference: ClockBand
    differs: np.ndarray
    very_small: np.ndarray


@dataclass(frozen=True, eq=False)
class ClockAttribution:
    """Mean attribution by clock. starts: (bins,) minute of the day, or of the week from Monday 00:00, where each bin begins.

    cases: of the group (of everybody where no group was given). controls, difference (cases minus controls): None without a group.
    p: (bins,) of the permutation test; adjusted: after Benjamini-Hochberg; found: adjusted <= level; NaN and False where a group has no
    value. people: (cases, controls). permutations: at least as many as the level needs with so many bins. words: the result in a sentence.
    """

    over: Over
    bin: int
    starts: np.ndarray
    cases: ClockBand
    controls: ClockBand | None
    difference: ClockBand | None
    p: np.ndarray | None
    adjusted: np.ndarray | None
    differs: np.ndarray | None
    people: tuple[int, int]
    resamples: int
    permutations: int
    seed: int
    level: float
    words: str

    @property
    def very_small(self) -> np.ndarray | None:
        """(bins,) bool: the difference is less than 5 % of the largest |mean| of either group; None without a group."""
        return None if self.comparison is None else self.comparison.very_small

    @property
    def comparison(self) -> ClockComparison | None:
        """The groups compared; None without a group."""
        if self.controls is None or self.difference is None or self.differs is None:
            return None
        return ClockComparison(self.controls, self.difference, self.differs, _very_small(self.cases, self.controls, self.difference))


def cohort_by_clock(
    values: np.ndarray | Sequence[np.ndarray],
    start_minutes: np.ndarray,
    group: np.ndarray | None,
    *,
    bin: int = 30,
    over: Over = "day",
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.05,
) -> ClockAttribution:
    """Attributions of people (people, minutes), NaN left out, laid on one clock and averaged, in logits a bin; of windows that
    differ in length a sequence of (minutes,).

    start_minutes: (people,) minute of the week (Monday 00:00 = 0), or of the day where over is "day", of each first minute. A person's
    clock minute is the mean over their days, a bin the sum of its minutes: a day's bins sum to the map's sum divided by its days.
    group: (people,) True for cases; None for everybody as one group. bin: minutes, a divisor of a day. Bands: percentile bootstrap by
    person (each group apart). p: two-sided permutation of the people's labels, statistic |difference|, p = (1 + as large) / (1 + drawn);
    adjusted over the bins after Benjamini & Hochberg (1995). Seeded. Raises ExplanationError where the arrays do not fit together or a
    group has fewer than 2 people.
    """
    maps = [np.asarray(row, dtype=np.float32) for row in values]
    starts = np.asarray(start_minutes)
    _check(maps, starts, group, bin, over)
    by_bin = np.stack([_on_clock(row, int(start), bin, over) for row, start in zip(maps, starts, strict=True)])  # (people, bins)
    bootstrap, permutation = np.random.default_rng(seed).spawn(2)
    opens = np.arange(by_bin.shape[1]) * bin
    if group is None:
        band, _ = _band(by_bin, resamples, bootstrap)
        words = f"Mean of {len(maps)} people by the clock, with 95 % bands by resampling people."
        return ClockAttribution(over, bin, opens, band, None, None, None, None, None, (len(maps), 0), resamples, 0, seed, level, words)
    member = np.asarray(group, dtype=bool)
    cases, drawn_cases = _band(by_bin[member], resamples, bootstrap)
    controls, drawn_controls = _band(by_bin[~member], resamples, bootstrap)
    difference = ClockBand(cases.mean - controls.mean, *_tails(drawn_cases - drawn_controls))
    permutations = max(resamples, ceil(by_bin.shape[1] / level))  # with fewer, no single bin could pass the correction
    p = _permuted(by_bin, member, permutations, permutation)
    adjusted = _adjusted(p)
    differs = np.nan_to_num(adjusted, nan=1.0) <= level
    people = (int(member.sum()), int((~member).sum()))
    words = _words(differs, differs & _very_small(cases, controls, difference), people, bin, level)
    return ClockAttribution(
        over, bin, opens, cases, controls, difference, p, adjusted, differs, people, resamples, permutations, seed, level, words
    )


def _check(values: list[np.ndarray], starts: np.ndarray, group: np.ndarray | None, bin: int, over: str) -> None:
    if over not in ("day", "week"):
        raise ExplanationError(f"A clock covers a day or a week; got {over!r}. Choose 'day' or 'week'.")
    if bin < 1 or MINUTES_PER_DAY % bin:
        raise ExplanationError(f"A bin divides a day's 1,440 minutes; {bin} does not. Choose 10, 15, 30 or 60 minutes.")
    rows = {"maps": (len(values),), "starts": starts.shape} | ({} if group is None else {"groups": np.shape(group)})
    if any(row.ndim != 1 for row in values) or len(set(rows.values())) != 1:
        shapes = ", ".join(f"{name} {shape}" for name, shape in rows.items())
        raise ExplanationError(f"Every person needs a map, a start and a group; got the shapes {shapes}. Leave out anyone who lacks one.")
    if not np.isin(starts, np.arange(MINUTES_PER_WEEK)).all():
        raise ExplanationError(
            "A start is a whole minute of the week, 0 to 10,079; other values were found. Leave out anyone who has no start."
        )
    sizes = [len(values)] if group is None else [int(np.sum(np.asarray(group, bool))), int(np.sum(~np.asarray(group, bool)))]
    if min(sizes) < 2:
        raise ExplanationError(
            f"A mean by the clock needs at least 2 people in each group; got {' and '.join(map(str, sizes))}. "
            "Add people, or choose another label."
        )


def _on_clock(row: np.ndarray, start: int, bin: int, over: Over) -> np.ndarray:
    """(minutes,) from clock minute `start` -> (bins,): mean over the days present, summed by bin; NaN where a bin has no minute."""
    period = MINUTES_PER_DAY if over == "day" else MINUTES_PER_WEEK
    present = np.isfinite(row)
    clock = ((start + np.arange(row.size)) % period)[present]
    count = np.bincount(clock, minlength=period)
    minute = np.bincount(clock, weights=row[present].astype(np.float64), minlength=period) / np.maximum(count, 1)
    binned = minute.reshape(-1, bin).sum(axis=1)
    return np.where(count.reshape(-1, bin).any(axis=1), binned, np.nan)


def _band(by_bin: np.ndarray, resamples: int, rng: np.random.Generator) -> tuple[ClockBand, np.ndarray]:
    """The mean over people with its band, and the (resamples, bins) means of people drawn with replacement."""
    people = len(by_bin)
    weights = rng.multinomial(people, np.full(people, 1 / people), resamples).astype(np.float64)
    drawn = _means(weights, by_bin)
    return ClockBand(_means(np.ones((1, people)), by_bin)[0], *_tails(drawn)), drawn


def _means(weights: np.ndarray, by_bin: np.ndarray) -> np.ndarray:
    """(draws, people) weights -> (draws, bins) weighted means over the people who have a value there."""
    present = np.isfinite(by_bin)
    total, weight = weights @ np.where(present, by_bin, 0.0), weights @ present.astype(np.float64)
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.nan)


def _tails(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.full((2, drawn.shape[1]), np.nan)
    known = np.isfinite(drawn).any(axis=0)
    if known.any():
        low[known], high[known] = np.nanpercentile(drawn[:, known], _TAILS, axis=0)
    return low, high


def _permuted(by_bin: np.ndarray, member: np.ndarray, permutations: int, rng: np.random.Generator) -> np.ndarray:
    """(bins,) two-sided p of the difference of means under exchanged labels; NaN where a group has no value."""
    observed = np.abs(_difference(member[None].astype(np.float64), by_bin)[0])
    reached, step = np.zeros(observed.size), max(1, _AT_ONCE // len(member))
    for first in range(0, permutations, step):
        labels = rng.permuted(np.tile(member, (min(step, permutations - first), 1)), axis=1).astype(np.float64)
        drawn = np.abs(_difference(labels, by_bin))
        reached += (~(drawn < observed * (1 - 1e-9))).sum(axis=0)  # equal up to rounding, or unknown, counts as reached
    return np.where(np.isfinite(observed), (1 + reached) / (1 + permutations), np.nan)


def _difference(labels: np.ndarray, by_bin: np.ndarray) -> np.ndarray:
    return _means(labels, by_bin) - _means(1.0 - labels, by_bin)


def _adjusted(p: np.ndarray) -> np.ndarray:
    adjusted, known = np.full(p.size, np.nan), np.isfinite(p)
    if known.any():
        from scipy.stats import false_discovery_control  # slow to import, for those alone who compare cohorts

        adjusted[known] = false_discovery_control(p[known], method="bh")
    return adjusted


def _very_small(cases: ClockBand, controls: ClockBand, difference: ClockBand) -> np.ndarray:
    means = np.abs(np.concatenate([cases.mean, controls.mean]))
    largest = np.nanmax(means) if np.isfinite(means).any() else 0.0
    return np.abs(difference.mean) < VERY_SMALL * largest  # an unknown difference is not small


def _words(differs: np.ndarray, small: np.ndarray, people: tuple[int, int], bin: int, level: float) -> str:
    groups = f"{people[0]} cases and {people[1]} controls"
    rate = f"at a false discovery rate of {100 * level:g} %"
    if not differs.any():
        return f"No window of {bin} minutes differs between {groups}, {rate}."
    below = f"very small (under {100 * VERY_SMALL:g} % of the largest mean)"
    tiny = f" {int(small.sum())} of these differences are {below}." if small.any() else ""
    return (
        f"{int(differs.sum())} of {differs.size} windows of {bin} minutes differ between {groups}, {rate}: "
        f"a difference of the model's response, not of the people's health.{tiny}"
    )
