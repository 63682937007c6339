"""What became of the test people who scored like this one: where it can be said, and why not where it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pat_core.cohorts import CohortInfo
from pat_core.evaluation import frequency_near
from pat_core.records import Interval
from pat_core.weights import Model
from pat_core.workflows.caution_words import tested_on_simulated

FEWEST_TESTED = 40
"""With fewer test people, the 20 nearest in score are more than half of all, whatever the score was."""

NO_HEAD = "This model has no trained head: it gives no score that people could be compared by."
NO_TEST = "This model's file tells of no test on people it had not seen, so what became of people scored like this one is unknown."
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


def people_like(
    model: Model,
    logit: float,
    *,
    whose: str = "model",
    cohort: CohortInfo | None = None,
    participant: str | None = None,
    tested: Sequence[str] = (),
    code: str = "",
) -> tuple[Interval | None, str]:
    """(of the model's test people who scored like this one, the share that were positive; "") or (None, a sentence why there is none).

    A participant who was among the test people is compared by their held-out logit, and with the others only. whose: the standardizer
    that the logit was made with. cohort: that of the participant; None counts as real people who were not in the test.
    tested: the participants of the test, in its order, where its run is here; code: what stands for the participant in a card, which
    names nobody (`Workspace.codes`).
    """
    if not model.has_head:
        return None, NO_HEAD
    known = held_out_test(model.card, tested)
    if known is None:
        return None, NO_TEST
    if tested_on_simulated(model.card) and not (cohort and cohort.simulated):
        return None, SIMULATED
    if whose != "model":
        return None, STANDARDIZER
    if known.count < FEWEST_TESTED:
        return None, TOO_FEW.format(people=known.count)
    if known.models > 1:
        return None, SEVERAL_MODELS
    logits, labels = known.logits, known.labels
    name = next((one for one in (participant, code) if one and one in known.people), None)
    if name is not None and (tested or (cohort and cohort.id == model.card.get("cohort_id"))):
        own = known.people.index(name)
        logit = float(logits[own])
        logits, labels = np.delete(logits, own), np.delete(labels, own)
    return frequency_near(logits, labels, logit), ""


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
