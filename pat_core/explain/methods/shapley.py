"""Exact Shapley values of the days (Shapley 1953): every day against every set of the others, so that they add up."""

from __future__ import annotations

from math import comb

import numpy as np
import torch

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import as_weeks
from pat_core.explain.logit_function import weeks_at_once
from pat_core.explain.method_registry import MOST_SHARED_DAYS, Replacement
from pat_core.explain.methods.occlusion import CountedScore, over_units, replaced
from pat_core.models.contract import ScoringNetwork, minutes_read
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution
from pat_core.settings import MINUTES_PER_DAY


@torch.no_grad()
def shapley_day(
    network: ScoringNetwork, z: np.ndarray, *, replacement: Replacement = "mean week", progress: Progress | None = None
) -> Attribution:
    """Each day's share of delta = logit(week) - logit(all days replaced), of one standardized week z (minutes,).

    share of day i = sum over sets S of the other days of |S|! (d - |S| - 1)! / d! * [f(S and i) - f(S)], where f keeps the days of a set
    and replaces the others (2^d passes: 128 for a week). The shares sum to delta exactly; completeness_gap carries the rounding alone.
    Days count from the first minute. A last part of a day is a day of its own from 720 minutes on and joins the day before it below.
    values: the share divided by the day's minutes. Raises ExplanationError for more than 10 days or a score that is not a number.
    """
    progress = progress or Silent()
    week = as_weeks(network, z)
    minutes = week.shape[1]
    day = days_of(minutes_read(network, minutes))
    count = int(day[-1]) + 1
    if count > MOST_SHARED_DAYS:
        raise ExplanationError(
            f"Exact Shapley values of days score every combination of days, at most {MOST_SHARED_DAYS} days; this recording has {count}. "
            "Choose occlusion by day, or a shorter recording."
        )
    other = as_weeks(network, replaced(z, replacement))
    present = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1  # (2^days, days): row r keeps the days that are its bits
    score = CountedScore(network, progress, len(present), "Scoring every combination of days")
    of_minute = np.append(day, np.full(minutes - day.size, count - 1))  # minutes that no patch covers are not read: any day does
    logits, step = np.empty(len(present)), weeks_at_once(network, minutes)
    for first in range(0, len(present), step):
        keep = torch.from_numpy(present[first : first + step][:, of_minute]).to(week.device)
        logits[first : first + step] = score(torch.where(keep, week, other)).cpu().numpy()
    values = over_units(shapley_values(logits), day, minutes)
    delta = float(logits[-1] - logits[0])
    progress.at(1.0, score.message)
    return Attribution(
        method="shapley_day",
        kind="attribution",
        values=values,
        patch=network.minutes_per_token,
        delta=delta,
        completeness_gap=float(np.nansum(values, dtype=np.float64)) - delta,
        settings={"method": "shapley_day", "replacement": replacement, "unit_minutes": MINUTES_PER_DAY, "days": count},
        note=(
            "Each day's share of the change of the score when all days are replaced, in logits spread over its minutes: its effect "
            "averaged over every order in which the days could be put back. The shares add up to the change."
        ),
        resolution=MINUTES_PER_DAY,
        evaluations=score.evaluations,
    )


def days_of(covered: int) -> np.ndarray:
    """(covered,) number of each minute's day; a last part below 720 minutes belongs to the day before it, where there is one."""
    day = np.arange(covered) // MINUTES_PER_DAY
    if covered > MINUTES_PER_DAY and covered % MINUTES_PER_DAY < MINUTES_PER_DAY // 2:
        day = np.minimum(day, covered // MINUTES_PER_DAY - 1)
    return day


def shapley_values(worth: np.ndarray) -> np.ndarray:
    """(2^d,) worth of every set of d players, set r holding the players that are the bits of r -> (d,) exact Shapley values."""
    count = int(worth.size).bit_length() - 1
    sets = np.arange(worth.size)
    size = np.array([int(r).bit_count() for r in sets])
    share = np.empty(count)
    for player in range(count):
        without = sets[(sets >> player) & 1 == 0]
        weight = np.array([1.0 / (count * comb(count - 1, int(n))) for n in size[without]])  # |S|! (d - |S| - 1)! / d!
        share[player] = float(weight @ (worth[without | (1 << player)] - worth[without]))
    return share
