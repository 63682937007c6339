"""Occlusion: what the score loses when an hour, or a day, is replaced (Zeiler & Fergus 2014), by captum's FeatureAblation."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import as_weeks
from pat_core.explain.logit_function import weeks_at_once
from pat_core.explain.method_registry import REPLACEMENTS, Replacement
from pat_core.models.contract import ScoringNetwork, minutes_read
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution
from pat_core.settings import MINUTES_PER_DAY

MINUTES_PER_HOUR = 60


def occlusion_hour(
    network: ScoringNetwork, z: np.ndarray, *, replacement: Replacement = "mean week", progress: Progress | None = None
) -> Attribution:
    """Effect of each hour of one standardized week z (minutes,): logit of the week minus its logit with that hour replaced.

    Hours count from the first minute; a last part of an hour is one too. values: the effect divided by the hour's minutes, so that
    they sum to the effect. delta: logit(week) - logit(all replaced); the gap is what the hours do not add up to, no numerical error.
    replacement: see `replaced`. Raises ExplanationError where the score is not a number or the replacement cannot be made.
    """
    return _occlusion(network, z, "occlusion_hour", MINUTES_PER_HOUR, "hour", replacement, progress or Silent())


def occlusion_day(
    network: ScoringNetwork, z: np.ndarray, *, replacement: Replacement = "mean week", progress: Progress | None = None
) -> Attribution:
    """As `occlusion_hour`, for days of 1,440 minutes from the first minute; a last part of a day is one too."""
    return _occlusion(network, z, "occlusion_day", MINUTES_PER_DAY, "day", replacement, progress or Silent())


def own_day(z: np.ndarray) -> np.ndarray:
    """(1440,) float32: the median over the days of z (minutes,) at each minute from the first; a last part of a day counts where it is.

    Raises ExplanationError below two whole days: the median of one day would be that day, and replacing it would change nothing.
    """
    z = np.asarray(z, dtype=np.float32)
    if z.size < 2 * MINUTES_PER_DAY:
        raise ExplanationError(
            f"The person's own median day needs at least 2 days, but this recording has {z.size} minutes. "
            "Choose the mean week as the replacement."
        )
    days = np.full(-(-z.size // MINUTES_PER_DAY) * MINUTES_PER_DAY, np.nan, dtype=np.float32)
    days[: z.size] = z
    return np.nanmedian(days.reshape(-1, MINUTES_PER_DAY), axis=0).astype(np.float32)


def replaced(z: np.ndarray, replacement: Replacement = "mean week") -> np.ndarray:
    """(minutes,) float32, the week that parts are taken from: zero everywhere ("mean week"), or the `own_day` again and again."""
    if replacement == "mean week":
        return np.zeros(np.size(z), dtype=np.float32)
    if replacement == "own day":
        return np.resize(own_day(z), np.size(z))
    raise ExplanationError(f"Expected the replacement to be one of {', '.join(REPLACEMENTS)}, got {replacement!r}. Choose one of these.")


class CountedScore:
    """The network as a function (weeks, minutes) -> (weeks,) that tells how far it is before each batch, and counts its weeks.

    total: weeks that will be asked for. The progress may raise, which ends the work there and then.
    """

    def __init__(self, network: ScoringNetwork, progress: Progress, total: int, message: str) -> None:
        self.network, self.progress, self.total, self.message = network, progress, total, message
        self.evaluations = 0

    def __call__(self, weeks: Tensor) -> Tensor:
        self.progress.at(min(1.0, self.evaluations / self.total), self.message)
        self.evaluations += len(weeks)
        scores = self.network.score(weeks)
        if not bool(torch.isfinite(scores).all()):
            raise ExplanationError(
                "The model's score for this week, or for a part of it, is not a number, so there is nothing to explain. "
                "Check the week on the Data page."
            )
        return scores


def over_units(effects: np.ndarray, unit: np.ndarray, minutes: int) -> np.ndarray:
    """(units,) effects -> (minutes,) float32 that sum to them; unit: (covered,) number of each covered minute's part; NaN behind."""
    values = np.full(minutes, np.nan, dtype=np.float32)
    values[: unit.size] = (effects / np.bincount(unit, minlength=effects.size))[unit]
    return values


@torch.no_grad()
def _occlusion(
    network: ScoringNetwork, z: np.ndarray, method: str, length: int, part: str, replacement: Replacement, progress: Progress
) -> Attribution:
    week = as_weeks(network, z)
    minutes = week.shape[1]
    unit = np.arange(minutes_read(network, minutes)) // length  # (covered,)
    from captum.attr import FeatureAblation  # slow to import, for those alone who ask for this method

    other = as_weeks(network, replaced(z, replacement))
    parts = int(unit[-1]) + 1
    score = CountedScore(network, progress, parts + 3, f"Replacing one {part} at a time")
    delta = float(score(week) - score(other))
    # Minutes behind the last whole patch are not read by the network: they go with the last part and change nothing.
    mask = torch.from_numpy(np.append(unit, np.full(minutes - unit.size, parts - 1))).to(week.device)[None]
    ablated = FeatureAblation(score).attribute(
        week, baselines=other, feature_mask=mask, perturbations_per_eval=min(parts, weeks_at_once(network, minutes))
    )
    first = np.searchsorted(unit, np.arange(parts))
    effects = ablated[0].cpu().numpy().astype(np.float64)[first]  # captum gives each minute the effect of its whole part
    values = over_units(effects, unit, minutes)
    progress.at(1.0, score.message)
    return Attribution(
        method=method,
        kind="attribution",
        values=values,
        patch=network.minutes_per_token,
        delta=delta,
        completeness_gap=float(np.nansum(values, dtype=np.float64)) - delta,
        settings={"method": method, "replacement": replacement, "unit_minutes": length},
        note=(
            f"How much the score changes when one {part} is replaced by the {_words(replacement)}, in logits spread over its minutes. "
            f"The model reads the {part}s together, so the effects of single {part}s need not add up to the change when all are "
            "replaced: the difference between the two is their joint effect, not an error of the arithmetic."
        ),
        resolution=length,
        evaluations=score.evaluations,
    )


def _words(replacement: Replacement) -> str:
    return "mean week" if replacement == "mean week" else "person's own median day"
