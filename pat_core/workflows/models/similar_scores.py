"""One score beside those of the model's test: what became of people who scored alike, its rank, what it means recalibrated; or why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pat_core.cohorts import CohortInfo
from pat_core.evaluation import correct_logit, frequency_near, sigmoid
from pat_core.models.outputs import ONE_LOGIT
from pat_core.records import Interval, Prediction
from pat_core.weights import Model
from pat_core.workflows.models.answers import (
    ALIKE,
    BY_RANK,
    FREQUENCY,
    OWN,
    PROBABILITY,
    RANK,
    RECALIBRATED,
    RECALIBRATIONS,
    SCORE,
    USUAL,
    Answer,
    Wish,
    at_prevalence,
    interval_at,
)
from pat_core.workflows.models.cautions import percent, tested_on_simulated
from pat_core.workflows.models.held_out_calibration import TestCalibration, as_plain, calibration_of

FEWEST_TESTED = 40
"""With fewer test people, the 20 nearest in score are more than half of all, whatever the score was."""

REFUSED = "The input check found this week unfit for the model, so no score is given and there is nobody to compare with."
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


@dataclass(frozen=True)
class BesideTest:
    """What a model's test says of one score.

    logit: the score that is compared; of somebody who was tested that of a model which had not seen them. like: of the people who scored
    alike in the test, the share that were positive; None where `why`, a sentence, says why not. below, tested: how many people of the test
    scored lower (of equal scores half), of how many; None where there is no test to rank in, and then `why` says so. sample: share of
    positives among the people of the test. calibration: of the test; None where there is none.
    """

    logit: float
    like: Interval | None = None
    why: str = ""
    below: int | None = None
    tested: int | None = None
    sample: float = 0.5
    calibration: TestCalibration | None = field(default=None, compare=False)

    def ways(self) -> tuple[str, ...]:
        """In which ways it can be shown (see `answers.WAYS`), the usual one first; () where the score stands alone."""
        alike = (ALIKE,) if self.like is not None else ()
        supported = () if self.calibration is None else self.calibration.supported
        return alike + supported + ((BY_RANK,) if self.below is not None else ())

    def answer(self, prediction: Prediction, wish: Wish = USUAL) -> Answer:
        """What the reader is given of a prediction: in the way of their wish where the test bears that out, else in the usual one."""
        ways = self.ways()
        if not ways:
            return Answer(prediction.logit, what=SCORE, why=self.why)
        way = wish.way if wish.way in ways else ways[0]
        if way == BY_RANK:
            why = "" if wish.way == BY_RANK else self._why_no_share()
            share = (self.below or 0) / (self.tested or 1)
            return Answer(share, n=self.tested, what=RANK, below=self.below, why=why)
        return self._share(way, prediction, wish)

    def _why_no_share(self) -> str:
        """Why nothing is said but the rank."""
        worth = "" if self.calibration is None else self.calibration.why_none()
        return f"{self.why} {worth}".strip()

    def _share(self, way: str, prediction: Prediction, wish: Wish) -> Answer:
        """A share of the group in one of the ways that the test bears out."""
        stated = wish.prevalence is not None
        if way == ALIKE and self.like is not None:
            if wish.prevalence is None or not 0 < self.sample < 1:  # of people who are all of one group, nobody knows the others' scores
                return Answer(self.like.value, self.like.low, self.like.high, self.like.n, FREQUENCY, prevalence=self.sample)
            like = interval_at(self.like, wish.prevalence, self.sample)
            return Answer(like.value, like.low, like.high, like.n, FREQUENCY, prevalence=wish.prevalence, stated=True)
        if self.calibration is None:
            raise ValueError(f"{way} is none of the ways of this score: {', '.join(self.ways())}.")
        why = self.calibration.measured[way].words
        if wish.prevalence is not None:
            why += (
                f" That was measured where {percent(self.calibration.prevalence)} of the people were of the group, as in the test; where "
                f"{percent(wish.prevalence)} are, how far off they are is not known."
            )
        if way == OWN:
            at = wish.prevalence or prediction.prevalence
            own = float(sigmoid(correct_logit(self.logit, at or 0.5)))
            return Answer(own, n=self.calibration.people, what=PROBABILITY, prevalence=at, stated=stated, why=why)
        value, low, high = self.recalibrated(way, wish)
        at = wish.prevalence or self.calibration.prevalence
        return Answer(value, low, high, self.calibration.people, RECALIBRATED, RECALIBRATIONS[way], None, at, stated, why)

    def possible(self) -> tuple[bool, bool] | None:
        """(negative, positive): which groups stay possible, see `held_out_calibration.Sets`; None where the test has no such sets."""
        sets = None if self.calibration is None or self.below is None else self.calibration.sets
        return None if sets is None else sets.possible(self.logit)

    def recalibrated(self, name: str, wish: Wish = USUAL) -> tuple[float, float | None, float | None]:
        """(probability, low, high) by a recalibration of the test, at the prevalence of the wish, else of the people who were tested."""
        if self.calibration is None:
            raise ValueError(f"There is no test to recalibrate on, so nothing is known of {name}.")
        value, *bounds = self.calibration.recalibrated(name, self.logit)
        if wish.prevalence is None:
            return value, bounds[0], bounds[1]
        to, sample = wish.prevalence, self.calibration.prevalence
        low, high = (None if bound is None else at_prevalence(bound, to, sample) for bound in bounds)
        return at_prevalence(value, to, sample), low, high


@dataclass(frozen=True, eq=False)
class Comparison:
    """Who the people of a cohort are compared with by their scores: the test of the model, or None and `why`, a sentence, not.

    same: the test people are of this very cohort, so that one of them is known by name. no_like: a sentence why nothing is said of the
    people who scored alike, although scores can be ranked among them; "" where it is said.
    """

    test: HeldOut | None
    why: str = ""
    same: bool = False
    no_like: str = ""
    calibration: TestCalibration | None = None

    def beside(self, logit: float, participant: str | None = None, code: str = "", edited: bool = False) -> BesideTest:
        """A score beside those of the test.

        A participant who was among the test people is compared by their held-out logit, and with the others only. code: what stands
        for the participant in a card, which names nobody (`Workspace.codes`). edited: the logit is of another week than theirs, so it
        holds itself.
        """
        if self.test is None or not np.isfinite(logit):
            return BesideTest(logit, why=self.why)
        logits, labels = self.test.logits, self.test.labels
        name = next((each for each in (participant, code) if each and each in self.test.people), None)
        if self.same and name is not None:
            own = self.test.people.index(name)
            logit = logit if edited else float(logits[own])
            logits, labels = np.delete(logits, own), np.delete(labels, own)
        below = int(np.sum(logits < logit) + np.sum(logits == logit) // 2)
        like = None if self.no_like else frequency_near(logits, labels, logit)
        return BesideTest(logit, like, self.no_like, below, len(logits), float(self.test.labels.mean()), self.calibration)


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
    if standardize_by != "model":
        return Comparison(None, STANDARDIZER)
    if tested_on_simulated(model.card) and not (cohort and cohort.simulated):
        return Comparison(None, SIMULATED)
    same = bool(tested) or (cohort is not None and cohort.id == model.card.get("cohort_id"))
    return Comparison(known, "", same, _no_like(known), _calibration(model.card, known))


def no_like(card: Mapping[str, object]) -> str:
    """Why a model's test does not tell what became of people who scored alike, in a sentence; "" where it does."""
    test = held_out_test(card)
    return NO_TEST if test is None else _no_like(test)


def _no_like(test: HeldOut) -> str:
    if test.count < FEWEST_TESTED:
        return TOO_FEW.format(people=test.count)
    return SEVERAL_MODELS if test.models > 1 else ""


def kept_calibration(card: Mapping[str, object]) -> dict[str, object] | None:
    """What a card keeps of the worth of its model's percentages, as plain values; None where its test tells nothing of them."""
    test = held_out_test(card)
    return None if test is None else as_plain(_calibration(card, test), test.logits, test.labels)


def test_calibration(card: Mapping[str, object]) -> TestCalibration | None:
    """What the percentages of a card's model are worth; None where it tells of no test that can be read."""
    test = held_out_test(card)
    return None if test is None else _calibration(card, test)


def _calibration(card: Mapping[str, object], test: HeldOut) -> TestCalibration | None:
    return calibration_of(card, test.logits, test.labels)


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


def shown_probability(prediction: Prediction) -> float:
    """The corrected probability where a prevalence is known, else the one before correction."""
    return prediction.probability_raw if prediction.probability is None else prediction.probability
