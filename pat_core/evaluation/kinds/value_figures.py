"""How well a value is predicted, and how well an order is kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.discrimination import pairs_won, rows_of_folds
from pat_core.evaluation.kinds.class_figures import kappa_of
from pat_core.evaluation.resampling import bca_intervals, sample_of
from pat_core.records import Interval


@dataclass(frozen=True)
class ValueFigures:
    """Of predicted against observed values, in their unit. mae, rmse: mean absolute and root mean squared error. r2: 1 - squared error /
    that of answering everyone with the mean of these very people; 0 and below: no better than the mean. bias: mean of predicted - observed.
    slope, intercept: of observed on predicted by least squares (1 and 0 are right). pearson, spearman: correlations."""

    people: int
    mae: Interval
    rmse: Interval
    r2: Interval
    bias: Interval
    slope: Interval
    intercept: Interval
    pearson: Interval
    spearman: Interval


@dataclass(frozen=True)
class OrdinalFigures:
    """Of scores against ordered levels. concordance: share of pairs of different levels in which the higher level scores higher, ties by
    half (0.5 is chance; of two levels it is the AUC). spearman: rank correlation. weighted_kappa: agreement of called with true levels
    beyond chance, quadratic weights; None where nothing was called."""

    people: tuple[int, ...]
    concordance: Interval
    spearman: Interval
    weighted_kappa: Interval | None


def value_figures(
    observed: np.ndarray,
    predicted: np.ndarray,
    people: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> ValueFigures:
    """observed, predicted (n,) numbers of people held out; people (n,) or None. All intervals BCa over people.

    Correlations and lines are NaN where nothing varies. Raises PatError where the rows do not fit together.
    """
    observed, predicted = _numbers(observed, predicted)
    sample = sample_of(len(observed), people)
    error = predicted - observed

    def figures(weights: np.ndarray) -> np.ndarray:
        total = weights.sum(1)
        squared = weights @ error**2 / total
        mean, forecast = weights @ observed / total, weights @ predicted / total
        spread, wide = weights @ observed**2 / total - mean**2, weights @ predicted**2 / total - forecast**2
        common = weights @ (observed * predicted) / total - mean * forecast
        with np.errstate(divide="ignore", invalid="ignore"):
            varies, differs = spread > 1e-12 * (1 + mean**2), wide > 1e-12 * (1 + forecast**2)
            slope = np.where(differs, common / wide, np.nan)
            r2 = np.where(varies, 1 - squared / spread, np.nan)
            pearson = np.where(varies & differs, common / np.sqrt(spread * wide), np.nan)
        ranked = rank_correlation(observed, predicted, weights)
        bias = weights @ error / total
        return np.column_stack(
            [weights @ np.abs(error) / total, np.sqrt(squared), r2, bias, slope, mean - slope * forecast, pearson, ranked]
        )

    mae, rmse, r2, bias, slope, intercept, pearson, spearman = bca_intervals(figures, sample, resamples, seed, confidence)
    return ValueFigures(sample.people, mae, rmse, r2, bias, slope, intercept, pearson, spearman)


def ordinal_figures(
    levels: np.ndarray,
    scores: np.ndarray,
    called: np.ndarray | None = None,
    people: np.ndarray | None = None,
    fold: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> OrdinalFigures:
    """levels (n,) whole numbers from 0, rising; scores (n,) higher for higher levels; called (n,) the level that the model answers, or
    None; people, fold (n,) or None.

    Concordance and rank correlation are taken within folds, the latter averaged over their people. Intervals BCa over people, drawn
    within levels. Raises PatError where the rows do not fit together, a level is no whole number from 0, or only one occurs.
    """
    levels, scores = _numbers(levels, scores)
    whole = levels.astype(int)
    if (whole != levels).any() or whole.min() < 0 or len(np.unique(whole)) < 2:
        raise PatError(f"Levels are whole numbers from 0, at least two different ones; got {np.unique(levels)[:9]}.")
    sample, members = sample_of(len(whole), people, whole), rows_of_folds(fold, len(whole))
    steps = [(rows[whole[rows] <= level], level) for rows in members for level in np.unique(whole[rows])[1:]]

    def figures(weights: np.ndarray) -> np.ndarray:
        parts = [pairs_won(whole[rows] == level, scores[rows], weights[:, rows]) for rows, level in steps]
        won, pairs = np.sum([part[0] for part in parts], axis=0), np.sum([part[1] for part in parts], axis=0)
        ranked = np.array([rank_correlation(levels[rows], scores[rows], weights[:, rows]) for rows in members])
        counted = np.where(np.isfinite(ranked), [weights[:, rows].sum(1) for rows in members], 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.column_stack([won / pairs, (np.nan_to_num(ranked) * counted).sum(0) / counted.sum(0)])

    concordance, spearman = bca_intervals(figures, sample, resamples, seed, confidence)
    kappa = None
    if called is not None:
        answered = _numbers(levels, called)[1].astype(int)
        classes = int(max(whole.max(), answered.max())) + 1
        kappa = bca_intervals(kappa_of(whole, answered, classes, 2), sample, resamples, seed, confidence)[0]
    return OrdinalFigures(tuple(np.bincount(sample.stratum).tolist()), concordance, spearman, kappa)


def rank_correlation(first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(draws,) Spearman's correlation of two rows of numbers (n,) for weights (draws, n), ties at their middle rank; NaN without spread."""
    total = np.maximum(weights.sum(1), 1e-300)[:, None]
    centred = [ranks - (weights * ranks).sum(1, keepdims=True) / total for ranks in (_ranks(first, weights), _ranks(second, weights))]
    common, one, other = ((weights * a * b).sum(1) for a, b in ((centred[0], centred[1]), (centred[0],) * 2, (centred[1],) * 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((one > 1e-9) & (other > 1e-9), common / np.sqrt(one * other), np.nan)


def _ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(draws, n) the middle rank of each row among rows that occur as often as their weights."""
    distinct, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(distinct)))
    each = np.add.reduceat(weights[:, order], starts, axis=1)
    return (np.cumsum(each, axis=1) - each / 2)[:, group]


def _numbers(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape or not len(first) or not np.isfinite([first, second]).all():
        raise PatError(f"Expected two rows of numbers of equal length, without gaps; got {first.shape} and {second.shape}.")
    return first, second
