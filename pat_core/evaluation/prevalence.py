"""From a logit to a probability at a stated prevalence.

A network trained with class weights answers as if positives and negatives were equally frequent. By Bayes' rule, the answer at another
prevalence has the same evidence and other prior odds, so the logit moves by the difference of the log-odds.
"""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from pat_core.errors import PatError


@overload
def sigmoid(logit: float) -> float: ...
@overload
def sigmoid(logit: np.ndarray) -> np.ndarray: ...
def sigmoid(logit: ArrayLike) -> np.ndarray | float:
    """1 / (1 + exp(-logit)), exact and silent for large logits; a float for a float."""
    from scipy.special import expit  # slow to import, for those alone who make a probability

    result = expit(np.asarray(logit, dtype=np.float64))
    return float(result) if result.ndim == 0 else result


@overload
def log_odds(probability: float) -> float: ...
@overload
def log_odds(probability: np.ndarray) -> np.ndarray: ...
def log_odds(probability: ArrayLike) -> np.ndarray | float:
    """log(p / (1 - p)), the inverse of `sigmoid`; infinite at 0 and 1."""
    probability = np.asarray(probability, dtype=np.float64)
    with np.errstate(divide="ignore"):
        result = np.log(probability) - np.log1p(-probability)
    return float(result) if result.ndim == 0 else result


@overload
def correct_logit(logit: float, prevalence: float, trained_prior: float = 0.5) -> float: ...
@overload
def correct_logit(logit: np.ndarray, prevalence: float, trained_prior: float = 0.5) -> np.ndarray: ...
def correct_logit(logit: ArrayLike, prevalence: float, trained_prior: float = 0.5) -> np.ndarray | float:
    """The logit at `prevalence`, from one trained at `trained_prior` (class weights: 0.5). PatError unless both are within 0 and 1."""
    for name, share in (("prevalence", prevalence), ("prior of training", trained_prior)):
        if not 0 < share < 1:
            raise PatError(f"A {name} is a share above 0 and below 1; got {share}. For 8 % give 0.08.")
    result = np.asarray(logit, dtype=np.float64) + log_odds(prevalence) - log_odds(trained_prior)
    return float(result) if result.ndim == 0 else result
