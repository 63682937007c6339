"""How sure an answer of several classes, of an order or of a value is, by the model's own test: whether percentages of the classes may be
shown, which classes stay possible, and how far from a value the truth was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation import (
    MeasuredCoverage,
    coverage_of_classes,
    coverage_of_values,
    fit_conformal_classes,
    fit_conformal_values,
    probability_figures,
    supports_percentage,
)
from pat_core.workflows.models.held_out_calibration import COVERAGE, RESAMPLES
from pat_core.workflows.models.kind_answers import class_probabilities, outputs_of

NO_TEST = "Its file mentions no test on people it had not seen, so no percentages are shown."


@dataclass(frozen=True)
class PossibleClasses:
    """classes: those that stay possible at `COVERAGE`, in the model's order; () where such an answer hardly occurred in the test.
    measured: how often such a set held the right class among tested people whom it was not fitted on."""

    classes: tuple[str, ...]
    measured: MeasuredCoverage


@dataclass(frozen=True)
class ValueRange:
    """low, high: where the truth of `COVERAGE` of the people lies who are like those of the test, in the label's unit. measured: how often
    it did among tested people on whom the width was not fitted."""

    low: float
    high: float
    measured: MeasuredCoverage


def class_percentages(card: Mapping[str, Any]) -> tuple[bool, str]:
    """(whether the test bears out the percentages of every class, a sentence with how far they were off, or why not)."""
    tested = _tested_classes(card)
    return (False, NO_TEST) if tested is None else _judged(*tested)


def possible_classes(card: Mapping[str, Any], probabilities: tuple[float, ...]) -> PossibleClasses | None:
    """Which classes stay possible for somebody whom the model has not learned from (split conformal, class by class); None without a test
    that says so. probabilities: of one answer, a class each."""
    tested, outputs = _tested_classes(card), outputs_of(card)
    if tested is None or not np.isfinite(probabilities).all():
        return None
    measured = _class_coverage(*tested)
    if measured is None:
        return None
    shares, targets = _arrays(*tested)
    possible = fit_conformal_classes(targets, shares).sets(np.array([probabilities]), COVERAGE)[0]
    return PossibleClasses(tuple(name for name, kept in zip(outputs.classes, possible, strict=True) if kept), measured)


def value_range(card: Mapping[str, Any], value: float) -> ValueRange | None:
    """Where the truth of such an answer lies, by how far answers were off in the test (split conformal); None without a test of enough
    people, or of other kinds of models. value: an answer to somebody whom the model that gives it has not learned from."""
    test: Any = card.get("test")
    if outputs_of(card).kind != "value" or not np.isfinite(value):
        return None
    try:
        answered, observed = np.asarray(test["outputs"], float)[:, 0], np.asarray(test["targets"], float)
        width = fit_conformal_values(observed, answered).half_width(COVERAGE)
        measured = coverage_of_values(observed, answered, coverage=COVERAGE)
    except (KeyError, TypeError, ValueError, IndexError, PatError):
        return None
    return ValueRange(value - width, value + width, measured) if np.isfinite(width) else None


def _tested_classes(card: Mapping[str, Any]) -> tuple[bytes, bytes, int] | None:
    """(probabilities (people, classes) float64, targets (people,) int64, classes) of the model's test, both as bytes, so that what follows
    from them is kept; None without a test."""
    outputs = outputs_of(card)
    test: Any = card.get("test")
    if not outputs.classes:
        return None
    try:
        answered, targets = np.asarray(test["outputs"], float), np.asarray(test["targets"], float)
        shares = class_probabilities(outputs, card, answered)
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    if shares.ndim != 2 or targets.shape != (len(shares),) or not np.isfinite(shares).all():
        return None
    return shares.tobytes(), targets.astype(int).tobytes(), shares.shape[1]


def _arrays(shares: bytes, targets: bytes, classes: int) -> tuple[np.ndarray, np.ndarray]:
    return np.frombuffer(shares).reshape(-1, classes), np.frombuffer(targets, dtype=np.int64)


@lru_cache(maxsize=32)
def _class_coverage(shares: bytes, targets: bytes, classes: int) -> MeasuredCoverage | None:
    probabilities, own = _arrays(shares, targets, classes)
    try:
        return coverage_of_classes(own, probabilities, coverage=COVERAGE)
    except PatError:
        return None


@lru_cache(maxsize=32)
def _judged(answered: bytes, truth: bytes, classes: int) -> tuple[bool, str]:
    shares, targets = _arrays(answered, truth, classes)
    figures = [probability_figures(targets == number, shares[:, number], resamples=RESAMPLES) for number in range(classes)]
    if not all(supports_percentage(of_class)[0] for of_class in figures):
        return False, f"The test on {len(targets)} people does not show that its percentages mean what they say, so none are shown."
    most = max(of_class.ici.value for of_class in figures)
    return True, f"In a test on {len(targets)} people, percentages of a class were off by {100 * most:.0f} points at the most on average."
