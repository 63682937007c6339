"""Small logistic regressions fitted to many draws of people at once, by Newton's method on all draws together."""

from __future__ import annotations

import numpy as np

_STEPS = 25
_CLOSE = 1e-9
_FURTHEST = 5.0
"""A Newton step changes no coefficient by more than this, which keeps separated draws from running away."""


def logistic_fits(
    x: np.ndarray, labels: np.ndarray, weights: np.ndarray, ridge: np.ndarray | float = 0.0, offset: np.ndarray | None = None
) -> np.ndarray:
    """(draws, columns) coefficients of labels (rows,) or (draws, rows) 0/1 on x (rows, columns; a column of ones is the intercept).

    weights: (draws, rows). ridge: penalty of each column (half its square), 0 for none. offset: (rows,) added to the logit as it is.
    A draw whose answer is infinite (no ridge, separated) ends at some large coefficient.
    """
    from scipy.special import expit  # slow to import, for those alone who fit

    rows, columns = x.shape
    penalty = np.broadcast_to(np.asarray(ridge, dtype=np.float64), (columns,))
    products = (x[:, :, None] * x[:, None, :]).reshape(rows, columns**2)
    start = np.zeros(rows) if offset is None else offset
    fitted = np.zeros((len(weights), columns))
    jitter = 1e-10 * np.eye(columns)
    for _ in range(_STEPS):
        probability = expit(fitted @ x.T + start)
        gradient = (weights * (labels - probability)) @ x - penalty * fitted
        curvature = ((weights * probability * (1 - probability)) @ products).reshape(-1, columns, columns) + np.diag(penalty) + jitter
        step = np.clip(np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0], -_FURTHEST, _FURTHEST)
        fitted += step
        if np.abs(step).max() < _CLOSE:
            break
    return fitted


def covariance(
    x: np.ndarray, labels: np.ndarray, fitted: np.ndarray, index: np.ndarray | None = None, offset: np.ndarray | None = None
) -> np.ndarray:
    """(columns, columns) covariance of one fit (columns,): the inverse information; given each row's person (rows,), robust to rows of one
    person being alike (sandwich; Liang & Zeger 1986, doi 10.1093/biomet/73.1.13), times people / (people - 1)."""
    from scipy.special import expit  # slow to import, for those alone who fit

    probability = expit(x @ fitted + (0.0 if offset is None else offset))
    bread = np.linalg.pinv((x * (probability * (1 - probability))[:, None]).T @ x)
    if index is None:
        return bread
    people = int(index.max()) + 1
    scores = np.zeros((people, x.shape[1]))
    np.add.at(scores, index, x * (labels - probability)[:, None])
    return bread @ (scores.T @ scores) @ bread * people / max(people - 1, 1)
