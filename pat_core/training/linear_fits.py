"""Regularised linear fits on standardized features, one for each kind of target. NumPy, SciPy and scikit-learn alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pat_core.training.target import Target

_NO_CHANGE = 1e-9
"""A deviation below this share of a feature's mean is rounding, not a difference between people."""


@dataclass(frozen=True, eq=False)
class Linear:
    """x -> x @ weight.T + bias, in the features' own scale. weight: (numbers, width), bias: (numbers,). thresholds: (steps,), rising, of
    classes in order, which one number is compared with; none of other targets."""

    weight: np.ndarray
    bias: np.ndarray
    thresholds: np.ndarray = field(default_factory=lambda: np.empty(0))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(rows, width) -> (rows, numbers); of classes in order (rows, steps), the number less each threshold."""
        answers = x @ self.weight.T + self.bias
        return answers - self.thresholds if len(self.thresholds) else answers


def fit_linear(x: np.ndarray, y: np.ndarray, weights: np.ndarray, task: Target, strength: float) -> Linear:
    """Minimise sum of weights * loss + |coefficients|^2 / (2 C) on standardized features. x: (rows, width), y, weights: (rows,).

    What is the same for everybody has no part in it. A value is standardized too, and its fit is brought back to its own unit.
    """
    mean = np.average(x, axis=0, weights=weights)
    scale = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weights))
    scale[scale <= _NO_CHANGE * np.abs(mean)] = np.inf
    z, thresholds = (x - mean) / scale, np.empty(0)
    if task.kind == "value":
        coefficients, intercepts = _ridge(z, y, weights, strength)
    elif task.kind == "ordinal":
        coefficients, thresholds = _ordinal(z, y, weights, len(task.classes), strength)
        intercepts = np.zeros(1)
    else:
        coefficients, intercepts = _logistic(z, y, weights, strength)
    weight = coefficients / scale
    return Linear(weight, intercepts - weight @ mean, thresholds)


def losses(fitted: Linear, x: np.ndarray, y: np.ndarray, task: Target) -> np.ndarray:
    """(rows,) minus the log likelihood of each row's class, or the squared error of a value."""
    answers = fitted(x)
    if task.kind == "value":
        return (answers[:, 0] - y) ** 2
    if task.kind == "ordinal":
        return -_log_likelihood(answers, y.astype(int))[0]
    if answers.shape[1] == 1:
        answers = np.concatenate([np.zeros_like(answers), answers], axis=1)
    return np.logaddexp.reduce(answers, axis=1) - answers[np.arange(len(y)), y.astype(int)]


def _logistic(z: np.ndarray, y: np.ndarray, weights: np.ndarray, strength: float) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.linear_model import LogisticRegression  # a second to import, for those alone who train

    model = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=200).fit(z, y.astype(int), sample_weight=weights)
    shared = (model.coef_.mean(axis=0), model.intercept_.mean()) if len(model.coef_) > 1 else (0.0, 0.0)
    return model.coef_ - shared[0], model.intercept_ - shared[1]  # what all classes share changes no probability


def _ridge(z: np.ndarray, y: np.ndarray, weights: np.ndarray, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """The same C as of a likelihood: half the squared error of a standardized value is minus its log likelihood."""
    mean = np.average(y, weights=weights)
    deviation = float(np.sqrt(np.average((y - mean) ** 2, weights=weights))) or 1.0
    weighted = z * weights[:, None]
    coefficients = np.linalg.solve(weighted.T @ z + np.eye(z.shape[1]) / strength, weighted.T @ ((y - mean) / deviation))
    return deviation * coefficients[None], np.array([mean])


def _ordinal(z: np.ndarray, y: np.ndarray, weights: np.ndarray, classes: int, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Proportional odds (McCullagh 1980, J R Stat Soc B 42:109): the coefficients of one score, and a rising threshold for each step."""
    from scipy.optimize import minimize  # slow to import, for those alone who learn an order

    order = y.astype(int)
    counts = np.bincount(order, weights, minlength=classes) + 0.5
    start = np.log(np.cumsum(counts)[:-1] / (counts.sum() - np.cumsum(counts)[:-1]))
    width = z.shape[1]

    def lost(free: np.ndarray) -> tuple[float, np.ndarray]:
        coefficients, steps = free[:width], free[width:]
        thresholds = _rising(steps)
        likelihood, slopes = _log_likelihood((z @ coefficients)[:, None] - thresholds, order)
        slopes = slopes * weights[:, None]
        by_threshold = -slopes.sum(axis=0)
        by_step = np.cumsum(by_threshold[::-1])[::-1]  # a step moves its own threshold and all after it
        by_step[1:] *= np.exp(steps[1:])
        value = -float(weights @ likelihood) + float(coefficients @ coefficients) / (2.0 * strength)
        return value, -np.concatenate([z.T @ slopes.sum(axis=1) - coefficients / strength, by_step])

    begin = np.concatenate([np.zeros(width), start[:1], np.log(np.diff(start))])
    least = minimize(lost, begin, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return least.x[None, :width], _rising(least.x[width:])


def _rising(steps: np.ndarray) -> np.ndarray:
    return np.cumsum(np.concatenate([steps[:1], np.exp(steps[1:])]))


def _log_likelihood(answers: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows,) log P(class), and its slope by each answer (rows, steps). answers: log odds of reaching each class after the first.

    log(sigmoid(low) - sigmoid(high)) = log sigmoid(low) + log sigmoid(-high) + log(1 - exp(high - low)), low >= high.
    """
    rows = np.arange(len(order))
    far = np.full((len(order), 1), 30.0)  # everyone reaches the first class, and nobody one after the last
    reach = np.concatenate([far, answers, -far], axis=1)
    low, high = reach[rows, order], reach[rows, order + 1]
    between = np.maximum(low - high, 1e-12)
    likelihood = -np.logaddexp(0.0, -low) - np.logaddexp(0.0, high) + np.log(-np.expm1(-between))
    pull = 1.0 / np.expm1(between)
    slopes = np.zeros_like(reach)
    slopes[rows, order] += 1.0 / (1.0 + np.exp(low)) + pull
    slopes[rows, order + 1] -= 1.0 / (1.0 + np.exp(-high)) + pull
    return likelihood, slopes[:, 1:-1]
