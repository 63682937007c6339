"""What probabilities are worth, with intervals by person: their error beside that of prevalence, and whether they mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.evaluation.calibration import probabilities_checked, separated
from pat_core.evaluation.logistic_fits import covariance, logistic_fits
from pat_core.evaluation.reliability import STRAIGHT, ReliabilityCurve, Smoother, supported
from pat_core.evaluation.resampling import Sample, accelerations, bca_interval, bca_intervals, drawn, sample_of
from pat_core.evaluation.thresholds import share
from pat_core.records import Interval

CHANCE_DRAWS = 200
"""Label draws behind `ici_by_chance`."""


@dataclass(frozen=True)
class ProbabilityFigures:
    """How (n,) probabilities met (n,) labels.

    people, positives, negatives: people, by class. prevalence: share of positive rows. brier, log_loss: mean squared and mean logarithmic
    error (probabilities kept 1e-6 away from 0 and 1), beside those of answering everyone with the prevalence. skill: 1 - brier /
    brier_of_prevalence; 0 and below: the prevalence would have served as well.
    in_the_large: the calibration intercept with the slope kept at 1: 0 is right; above 0, positives are more frequent than predicted.
    slope, intercept: of the label on the log-odds; 1 and 0 are right; a slope below 1: probabilities too extreme. NaN where the labels are
    separated or nothing varies (Van Calster et al. 2016, doi 10.1016/j.jclinepi.2015.12.005).
    ici, e50, e90: mean, median and 90th percentile of |probability - smooth curve| (see `reliability`). They are above 0 by chance alone,
    and the 95 % interval of an ICI covers 88 to 90 % (benchmarks/coverage.py); ici_by_chance: the ICI to expect of so many people if the
    probabilities were exactly right.
    curve: the smooth reliability curve with its band, as far as people support it; None where they are too few, or where probabilities
    or labels do not vary.
    """

    people: int
    positives: int
    negatives: int
    prevalence: Interval
    brier: Interval
    brier_of_prevalence: float
    skill: Interval
    log_loss: Interval
    log_loss_of_prevalence: float
    in_the_large: Interval
    intercept: Interval
    slope: Interval
    ici: Interval
    e50: Interval
    e90: Interval
    ici_by_chance: float
    curve: ReliabilityCurve | None


def probability_figures(
    labels: np.ndarray,
    probabilities: np.ndarray,
    people: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> ProbabilityFigures:
    """All of `ProbabilityFigures` for labels (n,) 0/1, probabilities (n,) of people who were not trained on; people (n,) or None.

    Intervals: prevalence Wilson; slope and intercepts Wald (with rows of one person robust to being alike); the rest BCa over people.
    Raises PatError where the three do not fit together or a probability lies outside 0 to 1.
    """
    labels, probabilities = probabilities_checked(labels, probabilities)
    sample, kinds = sample_of(len(labels), people), sample_of(len(labels), people, labels)
    errors = bca_intervals(lambda weights: _errors(labels, probabilities, weights), sample, resamples, seed, confidence)
    in_the_large, intercept, slope = calibration_line(labels, probabilities, sample, confidence)
    nothing = Interval(float("nan"), float("nan"), float("nan"), sample.people)
    smooth, by_chance, curve = (nothing, nothing, nothing), float("nan"), None
    if 0 < labels.mean() < 1 and np.ptp(probabilities) > 0:
        smooth, by_chance, curve = _smooth(labels, probabilities, sample, resamples, seed, confidence)
    base = float(labels.mean())
    return ProbabilityFigures(
        people=sample.people,
        positives=int(kinds.stratum.sum()),
        negatives=int((kinds.stratum == 0).sum()),
        prevalence=share(labels, np.ones(len(labels), bool), sample, confidence),
        brier=errors[0],
        brier_of_prevalence=base * (1 - base),
        skill=errors[1],
        log_loss=errors[2],
        log_loss_of_prevalence=float(_entropy(np.array(base))),
        in_the_large=in_the_large,
        intercept=intercept,
        slope=slope,
        ici=smooth[0],
        e50=smooth[1],
        e90=smooth[2],
        ici_by_chance=by_chance,
        curve=curve,
    )


def calibration_line(
    labels: np.ndarray, probabilities: np.ndarray, sample: Sample, confidence: float = 0.95
) -> tuple[Interval, Interval, Interval]:
    """(in the large, intercept, slope) with Wald intervals; NaN where they have no finite answer. labels, probabilities: (n,)."""
    from scipy.special import logit, ndtri  # slow to import, for those alone who look at calibration

    people, reach = sample.people, float(ndtri((1 + confidence) / 2))
    none = Interval(float("nan"), float("nan"), float("nan"), people)
    if not 0 < labels.mean() < 1:
        return none, none, none
    logits, index = logit(np.clip(probabilities, STRAIGHT, 1 - STRAIGHT)), None if sample.single else sample.index
    ones, everyone = np.ones((len(labels), 1)), np.ones((1, len(labels)))

    def interval(value: float, variance: float) -> Interval:
        return Interval(float(value), float(value - reach * np.sqrt(variance)), float(value + reach * np.sqrt(variance)), people)

    large = logistic_fits(ones, labels, everyone, offset=logits)[0]
    in_the_large = interval(large[0], covariance(ones, labels, large, index, logits)[0, 0])
    if separated(labels, logits):
        return in_the_large, none, none
    x = np.column_stack([ones, logits])
    line = logistic_fits(x, labels, everyone)[0]
    spread = covariance(x, labels, line, index)
    return in_the_large, interval(line[0], spread[0, 0]), interval(line[1], spread[1, 1])


def _errors(labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(draws, 3): Brier score, its skill over the draw's own prevalence, log loss."""
    total = weights.sum(1)
    kept = np.clip(probabilities, STRAIGHT, 1 - STRAIGHT)
    squared = weights @ (probabilities - labels) ** 2 / total
    base = weights @ labels / total
    with np.errstate(divide="ignore", invalid="ignore"):
        skill = np.where((base > 0) & (base < 1), 1 - squared / (base * (1 - base)), np.nan)
    return np.column_stack([squared, skill, weights @ -np.log(np.where(labels, kept, 1 - kept)) / total])


def _smooth(
    labels: np.ndarray, probabilities: np.ndarray, sample: Sample, resamples: int, seed: int, confidence: float
) -> tuple[tuple[Interval, Interval, Interval], float, ReliabilityCurve | None]:
    """ICI, E50 and E90; the ICI by chance; the curve."""
    smoother, everyone = Smoother(labels, probabilities), np.ones((1, len(labels)))
    fits, errors = [], []
    for weights in drawn(sample, resamples, seed):
        fits.append(smoother.fits(weights))
        errors.append(smoother.errors(fits[-1], weights))
    fitted, draws = smoother.fits(everyone), np.concatenate(errors)
    values = smoother.errors(fitted, everyone)[0]
    skewed = accelerations(lambda weights: smoother.errors(smoother.fits(weights), weights), sample)
    ici, e50, e90 = (
        bca_interval(float(values[number]), draws[:, number], float(skewed[number]), sample.people, confidence) for number in range(3)
    )
    imagined = np.random.default_rng(seed).random((CHANCE_DRAWS, len(labels))) < probabilities
    alike = np.ones(imagined.shape)
    by_chance = smoother.errors(smoother.fits(alike, imagined), alike)[:, 0].mean()
    ends = supported(probabilities, sample)
    curve = None if ends is None else smoother.curve(fitted[0], np.concatenate(fits), confidence, ends)
    return (ici, e50, e90), float(by_chance), curve


def _entropy(share: np.ndarray) -> np.ndarray:
    kept = np.clip(share, STRAIGHT, 1 - STRAIGHT)
    return -(share * np.log(kept) + (1 - share) * np.log1p(-kept))
