"""What became of the test people who scored like this one: where it can be said, and why not where it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pat_core.cohorts import CohortInfo
from pat_core.evaluation import frequency_near
from pat_core.models.outputs import ONE_LOGIT
from pat_core.records import Interval, Prediction
from pat_core.weights import Model
from pat_core.workflows.models.cautions import tested_on_simulated

FREQUENCY, PROBABILITY = "share of test people who scored alike", "probability by the model"
"""What the number is: of people whose group is known, as far as the model's test allows; else the model's own word for it."""


@dataclass(frozen=True)
class Answer:
    """value: 0 to 1, of `what`. low, high: the 95 % interval of a FREQUENCY, from n people; None of a PROBABILITY, which brings none."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None

    @property
    def what(self) -> str:
        """FREQUENCY or PROBABILITY."""
        return PROBABILITY if self.low is None else FREQUENCY


def answer_of(prediction: Prediction, like: Interval | None) -> Answer:
    """Of people who scored alike in the model's test where that is known (see `similar_scores.comparison`), else the model's own
    probability, corrected to the prevalence among its training people where that is known."""
    if like is None:
        return Answer(shown_probability(prediction))
    return Answer(like.value, like.low, like.high, like.n)


def shown_probability(prediction: Prediction) -> float:
    """The corrected probability where a prevalence is known, else the one before correction."""
    return prediction.probability_raw if prediction.probability is None else prediction.probability


FEWEST_TESTED = 40
"""With fewer test people, the 20 nearest in score are more than half of all, whatever the score was."""

NO_HEAD = "This model has no trained head: it gives no score that people could be compared by."
NOT_TWO = "People who scored alike are compared where a model tells two classes apart; this one was trained for something else."
NO_TEST = "This model's file mentions no test on people it had not seen, so what became of people scored like this one is unknown."
SIMULATED = "This score was tested on simulated people only, so what became of real people scored like this one is unknown."
STANDARDIZER = (
    "The model was tested with the standardization that it brings along. Minutes are compared with other people here, "
    "so this score cannot be set beside the scores of its test."
)
SEVERAL_MODELS = (
    "There is no comparison: the test was a cross-validation, in which each fold has a model of its own, and scores of different models "
    "cannot be set beside one another."
)
TOO_FEW = "There is no comparison: its test set of {people} people is too small to say what became of people scored like this one."


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A model's test: one held-out logit and label (bool) a person, each (people,). people: who they are, () where that is not known.

    count: how many people, also where the logits are of their weeks. models: how many different ones gave the logits (folds).
    """

    people: tuple[str, ...]
    logits: np.ndarray
    labels: np.ndarray
    count: int
    models: int = 1


@dataclass(frozen=True, eq=False)
class Comparison:
    """Who the people of a cohort are compared with by their scores: the test of the model, or None and `why`, a sentence, not.

    same: the test people are of this very cohort, so that one of them is known by name.
    """

    test: HeldOut | None
    why: str = ""
    same: bool = False

    def like(self, logit: float, participant: str | None = None, code: str = "", edited: bool = False) -> Interval | None:
        """Of the test people who scored like this one, the share that were positive.

        A participant who was among the test people is compared by their held-out logit, and with the others only. code: what stands
        for the participant in a card, which names nobody (`Workspace.codes`). edited: the logit is of another week than theirs, so it
        holds itself.
        """
        if self.test is None:
            return None
        logits, labels = self.test.logits, self.test.labels
        name = next((each for each in (participant, code) if each and each in self.test.people), None)
        if self.same and name is not None:
            own = self.test.people.index(name)
            logit = logit if edited else float(logits[own])
            logits, labels = np.delete(logits, own), np.delete(labels, own)
        return frequency_near(logits, labels, logit)


def comparison(model: Model, standardize_by: str = "model", cohort: CohortInfo | None = None, tested: Sequence[str] = ()) -> Comparison:
    """Whether a model's scores of the people of a cohort can be set beside those of its test, and else why not.

    standardize_by: the standardizer that the scores were made with. cohort: None counts as real people who were not in the test. tested:
    the participants of the test, in its order, where the model's card does not name them.
    """
    if not model.has_head:
        return Comparison(None, NO_HEAD)
    if model.outputs != ONE_LOGIT:
        return Comparison(None, NOT_TWO)
    known = held_out_test(model.card, tested)
    if known is None:
        return Comparison(None, NO_TEST)
    if tested_on_simulated(model.card) and not (cohort and cohort.simulated):
        return Comparison(None, SIMULATED)
    if standardize_by != "model":
        return Comparison(None, STANDARDIZER)
    if known.count < FEWEST_TESTED:
        return Comparison(None, TOO_FEW.format(people=known.count))
    if known.models > 1:
        return Comparison(None, SEVERAL_MODELS)
    return Comparison(known, same=bool(tested) or (cohort is not None and cohort.id == model.card.get("cohort_id")))


def people_like(
    model: Model,
    logit: float,
    *,
    standardize_by: str = "model",
    cohort: CohortInfo | None = None,
    participant: str | None = None,
    tested: Sequence[str] = (),
    code: str = "",
) -> tuple[Interval | None, str]:
    """(`Comparison.like`, "") or (None, a sentence why there is none); code: as there, the rest as of `comparison`."""
    among = comparison(model, standardize_by, cohort, tested)
    return among.like(logit, participant, code), among.why


def held_out_test(card: Mapping[str, object], tested: Sequence[str] = ()) -> HeldOut | None:
    """The test that a card tells of, one entry a person (means of several weeks); None where it tells of none that can be read."""
    test = card.get("test")
    if not isinstance(test, Mapping) or not test.get("logits"):
        return None
    try:
        logits, labels = np.asarray(test["logits"], float), np.asarray(test.get("labels"), float)
        n = int((test.get("auc") or {}).get("n") or logits.size)
    except (TypeError, ValueError, AttributeError):
        return None
    fold = test.get("fold")
    models = len(set(map(str, fold))) if isinstance(fold, list) and fold else 1
    if logits.ndim != 1 or logits.shape != labels.shape or not np.isfinite(logits).all() or not np.isin(labels, (0, 1)).all():
        return None
    named = test.get("people")
    people = tuple(tested) if len(tested) == logits.size else tuple(named) if isinstance(named, list) and named else ()
    if len(people) != logits.size:
        return HeldOut((), logits, labels.astype(bool), min(n, logits.size), models)
    names, which = np.unique(np.array(people, dtype=str), return_inverse=True)
    each = np.bincount(which)
    return HeldOut(tuple(names.tolist()), np.bincount(which, logits) / each, np.bincount(which, labels) / each > 0.5, len(names), models)
