"""Probabilities made right on people held out: Platt's line, isotonic regression, Venn-Abers, each by its name.

A recalibration is fitted on people whom the model was not trained on, stored as plain values, and applied without scikit-learn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.calibration import sigmoid
from pat_core.evaluation.discrimination import checked
from pat_core.evaluation.logistic_fits import logistic_fits
from pat_core.evaluation.probability_figures import ProbabilityFigures, probability_figures
from pat_core.evaluation.splits import at_most_folds, by_score
from pat_core.evaluation.venn_abers import venn_abers

METHODS = ("platt", "isotonic", "venn-abers")
WORDS = {
    "platt": "Platt scaling: a logistic line through the logits (Platt 1999).",
    "isotonic": "Isotonic regression: rising steps (Zadrozny & Elkan 2002, doi 10.1145/775047.775151).",
    "venn-abers": "Venn-Abers: two isotonic fits, which give an interval (Vovk, Petej & Fedorova 2015, arXiv 1511.00213).",
}
FEWEST_OF_A_KIND = 10
"""Fewer people of a kind say nothing of how often scores come true."""


@dataclass(frozen=True)
class Recalibration:
    """How a logit becomes a probability.

    method: one of METHODS. people, positives: whom it was fitted on (rows). slope, intercept: of "platt", on the logit. logits, values: of
    "isotonic" its knots and their probabilities; of "venn-abers" the logits and labels of the people themselves; () otherwise.
    Probabilities hold at `prevalence`; `correct_logit(log_odds(p), other, recalibration.prevalence)` moves them to another.
    """

    method: str
    people: int
    positives: int
    slope: float = 1.0
    intercept: float = 0.0
    logits: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    @property
    def prevalence(self) -> float:
        """Share of positives among those it was fitted on."""
        return self.positives / self.people

    def probability(self, logits: np.ndarray) -> np.ndarray:
        """(n,) probabilities of (n,) logits. Isotonic: linear between knots, level beyond. Venn-Abers: p1 / (1 - p0 + p1)."""
        logits = np.asarray(logits, dtype=np.float64)
        if self.method == "platt":
            return sigmoid(self.slope * logits + self.intercept)
        if self.method == "isotonic":
            return np.interp(logits, self.logits, self.values)
        low, high = self._bounds(logits)
        return high / (1 - low + high)

    def interval(self, logits: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """(p0, p1), (n,) each, of Venn-Abers: whichever label the person turns out to have, one of them is calibrated; None of others."""
        return self._bounds(np.asarray(logits, dtype=np.float64)) if self.method == "venn-abers" else None

    def as_values(self) -> dict[str, object]:
        """Plain values for JSON; `from_values` reads them."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> Recalibration:
        """From `as_values`. Raises PatError naming what is missing, unknown, or no number."""
        try:
            known = {name: tuple(float(v) for v in value) if isinstance(value, list | tuple) else value for name, value in values.items()}
            stored = cls(**known)  # type: ignore[arg-type]
            fits = 0 < stored.positives < stored.people and len(stored.logits) == len(stored.values)
            fits = fits and bool(np.isfinite([stored.slope, stored.intercept, *stored.logits, *stored.values]).all())
            enough = stored.method == "platt" or len(stored.logits) > 0
        except (TypeError, ValueError) as error:
            raise PatError(f"A stored recalibration cannot be read ({error}). Fit it again on people held out.") from error
        if stored.method not in METHODS or not fits or not enough:
            raise PatError(f"A stored recalibration ('{stored.method}') does not fit together. Fit it again on people held out.")
        return stored

    def _bounds(self, logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return venn_abers(np.array(self.logits), np.array(self.values), logits)


@dataclass(frozen=True)
class RecalibrationEffect:
    """What recalibration does, measured on people who were in neither the training nor the fit: figures before and after, on the same
    people. probabilities: (n,) after. recalibration: fitted on all of them, to be stored with the model."""

    before: ProbabilityFigures
    after: ProbabilityFigures
    probabilities: tuple[float, ...]
    recalibration: Recalibration


def fit_recalibration(labels: np.ndarray, logits: np.ndarray, method: str = "platt") -> Recalibration:
    """Fit on labels (n,) 0/1 and logits (n,) of people held out from training: never on those whom the model has learned from.

    Platt: maximum likelihood with Platt's targets, (positives + 1) / (positives + 2) and 1 / (negatives + 2), so that separated people have
    a finite line. Isotonic: probabilities stay within 1 / (n + 2) of 0 and 1, for n people have not shown that nothing else ever happens.
    Raises PatError for another method, or fewer than 10 rows of a kind.
    """
    labels, logits = checked(labels, logits)
    positives = int(labels.sum())
    if method not in METHODS:
        raise PatError(f"Recalibration is one of {', '.join(METHODS)}; got '{method}'.")
    if min(positives, len(labels) - positives) < FEWEST_OF_A_KIND:
        raise PatError(
            f"Recalibration needs at least {FEWEST_OF_A_KIND} held-out people of each kind; there are {positives} positive and "
            f"{len(labels) - positives} negative. Show ranks instead of probabilities, or label more people."
        )
    if method == "platt":
        targets = np.where(labels, (positives + 1) / (positives + 2), 1 / (len(labels) - positives + 2))
        scale = float(logits.std()) or 1.0  # logits of any scale, so that Newton's steps suit them
        x = np.column_stack([np.ones(len(labels)), logits / scale])
        intercept, slope = logistic_fits(x, targets, np.ones((1, len(labels))), 1e-9)[0]
        return Recalibration(method, len(labels), positives, float(slope / scale), float(intercept))
    if method == "venn-abers":
        order = np.argsort(logits, kind="stable")
        return Recalibration(
            method, len(labels), positives, logits=tuple(logits[order].tolist()), values=tuple(labels[order].astype(float).tolist())
        )
    from sklearn.isotonic import IsotonicRegression  # slow to import, for those alone who fit one

    edge = 1 / (len(labels) + 2)
    steps = IsotonicRegression(out_of_bounds="clip").fit(logits, labels)
    values = np.clip(steps.y_thresholds_, edge, 1 - edge)
    return Recalibration(method, len(labels), positives, logits=tuple(steps.X_thresholds_.tolist()), values=tuple(values.tolist()))


def recalibration_effect(
    labels: np.ndarray,
    logits: np.ndarray,
    method: str = "platt",
    people: np.ndarray | None = None,
    k: int = 10,
    resamples: int = 1000,
    seed: int = 0,
) -> RecalibrationEffect:
    """Calibration before and after by cross-fitting: each person is recalibrated by a fit on the others, k folds by person.

    labels (n,), logits (n,) of people held out from training, as for `fit_recalibration`; people (n,) or None. k becomes smaller where a
    kind has fewer people; the order of the rows has no part in the figures. Before: the sigmoid of the logits; correct them to the
    people's prevalence first where that is what is shown.
    Raises PatError as `fit_recalibration` does.
    """
    labels, logits = checked(labels, logits)
    order = by_score(labels, logits)
    labels, logits, people = labels[order], logits[order], None if people is None else np.asarray(people)[order]
    kept = fit_recalibration(labels, logits, method)
    after = np.empty(len(labels))
    for train, test in at_most_folds(people, labels, k, seed):
        after[test] = _fitted(labels[train], logits[train], method).probability(logits[test])
    return RecalibrationEffect(
        before=probability_figures(labels, sigmoid(logits), people, resamples, seed),
        after=probability_figures(labels, after, people, resamples, seed),
        probabilities=tuple(after[np.argsort(order)].tolist()),
        recalibration=kept,
    )


def _fitted(labels: np.ndarray, logits: np.ndarray, method: str) -> Recalibration:
    """As `fit_recalibration`, with a sentence about cross-fitting where a part has too few."""
    try:
        return fit_recalibration(labels, logits, method)
    except PatError as error:
        raise PatError(f"Measuring a recalibration fits it on a part of the people, which is too few. {error}") from error
