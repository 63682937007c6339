"""All figures of a model on people whom it has not learned from, and of another model beside it; kept by what they depend on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.errors import EvaluationError
from pat_core.evaluation.conformal import MeasuredCoverage, coverage_of_classes
from pat_core.evaluation.paired_models import PairedAucs, PermutationTest, paired_aucs, permutation_test
from pat_core.evaluation.probability_figures import ProbabilityFigures, probability_figures
from pat_core.evaluation.recalibration import recalibration_effect
from pat_core.evaluation.repeated_folds import RepeatedAuc, repeated_auc
from pat_core.evaluation.resampling import bca_intervals, sample_of
from pat_core.evaluation.thresholds import SensitivityAtSpecificity, average_precision, sensitivity_at_specificity
from pat_core.jobs import Task
from pat_core.progress import Progress, Share, Silent
from pat_core.records import Interval
from pat_core.weights import Model
from pat_core.workflows.evaluate.group_columns import groups_of
from pat_core.workflows.evaluate.group_figures import GroupRow, group_rows
from pat_core.workflows.evaluate.other_explanations import OtherExplanations, other_explanations
from pat_core.workflows.evaluate.tested_people import (
    EvaluationRequest,
    TestedPeople,
    Wanted,
    cautions_beside,
    content,
    own_run,
    own_test,
    parts_of_run,
    scored,
    tested_people,
)
from pat_core.workflows.models.held_out_calibration import draws_for
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import as_prediction
from pat_core.workflows.models.similar_scores import shown_probability

VERSION = 5
SPECIFICITY = 0.9
FEWEST_TO_RECALIBRATE = 12
"""People of the rarer group: with fewer, a fit on the others has too few."""


@dataclass(frozen=True)
class TestFigures:
    """auc: over pairs within folds; folds: all that repeats and folds say of it. average_precision, probability: of the people's pooled
    probabilities. permutation: of the first repeat. at_specificity: the sensitivity at 90 %. recalibrated: the same probabilities after
    Platt scaling, each person by a fit on the others; None with too few people. coverage: of conformal sets of 90 %, likewise; None where
    a group has fewer than 2."""

    auc: Interval
    folds: RepeatedAuc
    average_precision: Interval
    probability: ProbabilityFigures
    permutation: PermutationTest
    at_specificity: SensitivityAtSpecificity
    recalibrated: ProbabilityFigures | None
    coverage: MeasuredCoverage | None

    @property
    def fold_aucs(self) -> tuple[float, ...]:
        """The AUC of each fold of each repeat that had both groups."""
        return tuple(value for repeat in self.folds.folds for value in repeat)


@dataclass(frozen=True, eq=False)
class SecondModel:
    """Another model on the same people. people: those whom both can be tested on. aucs: first minus second. brier: the difference of the
    Brier scores, first minus second: below 0 the first is nearer to what happened. positive: (people,) bool; probabilities, theirs:
    (people,) by the first model and by this one."""

    model: str
    sha256: str
    people: int
    aucs: PairedAucs
    brier: Interval
    positive: np.ndarray
    probabilities: np.ndarray
    theirs: np.ndarray


@dataclass(frozen=True)
class FloorBeside:
    """What a few figures reach without a network on the same splits. difference: the model's AUC minus this one, None where unknown."""

    title: str
    auc: Interval
    difference: Interval | None


@dataclass(frozen=True, eq=False)
class EvaluationRecord:
    """What a model did on these people. request: as it was meant, with label and values filled in. begin: the threshold on the probability
    at which the training was undecided. second: None where no other model was asked. groups: by `request.by`, empty where nothing was.
    others: what age, sex and wear predict alone, None where that is not known. floors, split: beside its own test: the floors of its run,
    and participant -> part in the training of the model that the run kept. cautions: sentences, gravest first."""

    request: EvaluationRequest
    model: str
    sha256: str
    people: TestedPeople
    figures: TestFigures
    begin: float
    second: SecondModel | None
    groups: tuple[GroupRow, ...]
    others: OtherExplanations | None
    floors: tuple[FloorBeside, ...]
    split: dict[str, str]
    cautions: tuple[str, ...]


FIGURES, PAIRS = Codec[TestFigures](TestFigures), Codec[SecondModel](SecondModel)


def evaluate(workspace: Workspace, request: EvaluationRequest, progress: Progress | None = None) -> EvaluationRecord:
    """Test a model on its own held-out people or on a labelled cohort. EvaluationError where these people cannot test it."""
    progress = progress or Silent()
    model = resolve(workspace, request.model)
    people = tested_people(workspace, model, request, Share(progress, 0.0, 0.7))
    if len(people.participants) != len(set(people.participants.tolist())):
        raise EvaluationError(f"The test of {model.name} names somebody twice, so people cannot be counted. Fine-tune the model again.")
    progress.at(0.7, "Measuring, with intervals")
    figures = workspace.remember(_question("figures of a test", people, request), lambda: _figures(people, request.seed), FIGURES)
    progress.at(0.85, "Comparing")
    second = _second(workspace, model, people, request, Share(progress, 0.85, 0.1)) if request.against else None
    groups = group_rows(people, groups_of(workspace, people, request.by)) if request.by else ()
    asked = replace(request, label=people.label, positive=people.positive_value)
    others = other_explanations(workspace, people, request.seed)
    floors = _floors(model) if request.cohort is None else ()
    split = _split(workspace, model) if request.cohort is None else {}
    warnings = (*_another_label(model, people), *cautions_beside(workspace, model, people.cohort if people.named else "", people.simulated))
    begin = undecided(model)
    return EvaluationRecord(asked, model.name, model.sha256, people, figures, begin, second, groups, others, floors, split, warnings)


EVALUATE = Task("evaluate", EvaluationRequest, evaluate, lambda record: {"people": len(record.people), "auc": record.figures.auc.value})


def _another_label(model: Model, people: TestedPeople) -> tuple[str, ...]:
    """A sentence where the people are divided by something else than what the model learned."""
    learned = str(model.card.get("label") or "")
    if not learned or learned.replace("_", " ") == people.label.replace("_", " "):
        return ()
    return (
        f"The model learned “{learned}”, and these people are divided by “{people.label}”: the figures say whether its score goes with "
        "that, not how well it does what it learned.",
    )


def _split(workspace: Workspace, model: Model) -> dict[str, str]:
    run = own_run(workspace, model)
    return {} if run is None or run.cohort_id is None else parts_of_run(run)


def _floors(model: Model) -> tuple[FloorBeside, ...]:
    """Those that stand beside the run's own test in its card; a card is written by whoever wrote the file."""
    floors = []
    for floor in model.card.get("floors") or ():
        try:
            difference = None if floor.get("difference") is None else Interval(**floor["difference"])
            floors.append(FloorBeside(str(floor["title"]), Interval(**floor["auc"]), difference))
        except (TypeError, KeyError, AttributeError):
            continue
    return tuple(floors)


def undecided(model: Model) -> float:
    """The probability, as pages show it, of a score of 0: the training, which weighs both groups alike, is undecided there."""
    return shown_probability(as_prediction(model, "", 0, 0.0))


def _figures(people: TestedPeople, seed: int) -> TestFigures:
    labels, scores, who, fold = rows_of(people)
    repeat = np.nonzero(np.isfinite(people.each))[0]
    folds = repeated_auc(labels, scores, who, fold, repeat)
    return TestFigures(
        auc=folds.auc,
        folds=folds,
        average_precision=average_precision(people.positive, people.probabilities),
        probability=probability_figures(people.positive, people.probabilities, seed=seed),
        permutation=permutation_test(*_first_repeat(people), seed=seed),
        at_specificity=sensitivity_at_specificity(people.positive, people.probabilities, SPECIFICITY, seed=seed),
        recalibrated=_recalibrated(people, seed),
        coverage=coverage_of_classes(people.positive.astype(int), people.probabilities) if min(people.counts) > 1 else None,
    )


def _recalibrated(people: TestedPeople, seed: int) -> ProbabilityFigures | None:
    if min(people.counts) < FEWEST_TO_RECALIBRATE:
        return None
    return recalibration_effect(people.positive, people.logits, "platt", resamples=draws_for(len(people.logits)), seed=seed).after


def rows_of(people: TestedPeople) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(labels, logits, person, fold), (rows,) each: a row for each repeat in which a person was tested; folds of different repeats are
    different folds, for pairs count within one model's scores alone."""
    repeat, person = np.nonzero(np.isfinite(people.each))
    fold = people.fold[repeat, person] + repeat * (int(people.fold.max()) + 1)
    return people.positive[person], people.each[repeat, person], person, fold


def _first_repeat(people: TestedPeople) -> tuple[np.ndarray, np.ndarray, None, np.ndarray]:
    there = np.isfinite(people.each[0])
    return people.positive[there], people.each[0][there], None, people.fold[0][there]


def _second(workspace: Workspace, first: Model, people: TestedPeople, request: EvaluationRequest, progress: Progress) -> SecondModel:
    """The other model on those of these people whom it can be tested on too."""
    other = resolve(workspace, str(request.against))
    if other.sha256 == first.sha256:
        raise EvaluationError(f"{other.name} and {first.name} are the same weights, so there is nothing to compare. Choose another model.")
    theirs = _other_people(workspace, other, people, request, progress)
    place = {str(name): number for number, name in enumerate(theirs.participants)}
    own = np.array([number for number, name in enumerate(people.participants) if str(name) in place], dtype=int)
    same = np.array([place[str(people.participants[number])] for number in own], dtype=int)
    labels = people.positive[own]
    if not len(own) or labels.all() or not labels.any():
        raise EvaluationError(
            f"Two models are compared on the same people, but only {len(own):,} of these {len(people):,} can test {other.name} too, "
            f"{int(labels.sum())} of them in the group {people.positive_value}. Choose a cohort that neither has learned from."
        )
    fold = people.fold[0][own] * (int(theirs.fold.max()) + 1) + theirs.fold[0][same]
    question = _question("two models on the same people", people, request, theirs)

    def make() -> SecondModel:
        aucs = paired_aucs(labels, people.logits[own], theirs.logits[same], None, fold, seed=request.seed)
        errors = (people.probabilities[own] - labels) ** 2 - (theirs.probabilities[same] - labels) ** 2
        (brier,) = bca_intervals(lambda weights: (weights @ errors / weights.sum(1))[:, None], sample_of(len(own), None, labels))
        shares = people.probabilities[own], theirs.probabilities[same]
        return SecondModel(other.name, other.sha256, len(own), aucs, brier, labels, *shares)

    return workspace.remember(question, make, PAIRS)


def _other_people(workspace: Workspace, other: Model, people: TestedPeople, request: EvaluationRequest, progress: Progress) -> TestedPeople:
    """The other model's own test where it was made on this very cohort, else the cohort through it."""
    if not people.named:
        raise EvaluationError(
            "The people of this test are not known by name here, so another model cannot be asked about them. "
            "Test both models on a labelled cohort."
        )
    run = own_run(workspace, other)
    if request.cohort is None and run is not None and run.cohort_id == workspace.cohort(people.cohort).id:
        return own_test(workspace, other)
    positive = {str(name): bool(is_one) for name, is_one in zip(people.participants, people.positive, strict=True)}
    wanted = Wanted(people.cohort, people.label, people.positive_value, people.negative_value, positive)
    return scored(workspace, other, wanted, request, progress)


def _question(what: str, people: TestedPeople, request: EvaluationRequest, others: TestedPeople | None = None) -> Question:
    """By the scores and labels themselves: nothing else goes into the figures."""
    parts = [content(each) for each in (people, others) if each is not None]
    return Question(what, {"people": parts, "seed": request.seed, "version": VERSION})
