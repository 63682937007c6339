"""The same for models of several classes, an order or a value: their own test, or a labelled cohort through the fixed model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.errors import EvaluationError
from pat_core.evaluation.conformal import MeasuredCoverage, coverage_of_classes, coverage_of_values
from pat_core.evaluation.kinds.class_figures import ClassFigures, class_figures
from pat_core.evaluation.kinds.value_figures import OrdinalFigures, ValueFigures, ordinal_figures, value_figures
from pat_core.plurals import counted
from pat_core.progress import Progress, Silent
from pat_core.training.target import Target
from pat_core.weights import Model, require_head
from pat_core.workflows.evaluate.tested_people import EvaluationRequest, Wanted, cautions_beside, fit_weeks
from pat_core.workflows.models.kind_answers import class_probabilities
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.week.chosen_people import not_chosen, only_chosen

VERSION = 2


@dataclass(frozen=True)
class KindFigures:
    """One of the three, by the kind. classes: also of an order, whose most probable level is called. coverage: of conformal sets or
    intervals of 90 %, each fitted on the others; None with too few people."""

    classes: ClassFigures | None
    ordinal: OrdinalFigures | None
    value: ValueFigures | None
    coverage: MeasuredCoverage | None


@dataclass(frozen=True, eq=False)
class KindRecord:
    """A row a person. targets: (n,) the class's place, or the value. answers: (n, classes) probabilities, or (n, 1) the value.

    called: (n,) the most probable class, or the value. names: of the classes. task: what was learned, in words. fold: (n,) by which model.
    """

    request: EvaluationRequest
    model: str
    sha256: str
    kind: str
    names: tuple[str, ...]
    unit: str
    task: str
    cohort: str
    participants: np.ndarray
    targets: np.ndarray
    answers: np.ndarray
    called: np.ndarray
    fold: np.ndarray
    simulated: bool
    how: str
    left_out: tuple[str, ...]
    cautions: tuple[str, ...]
    figures: KindFigures

    def __len__(self) -> int:
        return len(self.participants)


FIGURES = Codec[KindFigures](KindFigures)


def evaluate_kind(workspace: Workspace, request: EvaluationRequest, progress: Progress | None = None) -> KindRecord:
    """Test a model of another kind than two classes. EvaluationError where it has no such test, or nobody has its label."""
    model = resolve(workspace, request.model)
    require_head(model)
    if request.against or request.by or request.label or request.positive:
        answer = "a value" if model.outputs.kind == "value" else "several classes"
        raise EvaluationError(
            f"{model.name} answers with {answer}: it is tested on the label that it was trained on, and neither divided nor compared with "
            "another model. Leave label, against and by out."
        )
    if request.people and request.cohort is None:
        raise EvaluationError(f"The test of {model.name} names nobody, so it cannot be looked at for some people only. Take everyone.")
    task = Target.from_dict(dict(model.card.get("target") or {"kind": model.outputs.kind, "classes": model.outputs.classes}))
    table, left_out, how, simulated = (
        _own_test(model) if request.cohort is None else _of_cohort(workspace, model, task, request, progress or Silent())
    )
    outputs = table.filter(regex=r"^\d+$").groupby(table["participant"], sort=False).mean().to_numpy()
    once = table.drop_duplicates("participant")
    targets, fold = once["target"].to_numpy(float), once["fold"].to_numpy(int)
    value = model.outputs.kind == "value"
    answers = outputs if value else class_probabilities(model.outputs, model.card, outputs)
    called = answers[:, 0] if value else answers.argmax(1).astype(float)
    arrays = (targets, answers, model.outputs.score(outputs), fold)
    parts = {"people": digest([array.tolist() for array in arrays]), "kind": model.outputs.kind, "seed": request.seed, "version": VERSION}
    figures = workspace.remember(
        Question("figures of another kind", parts), lambda: _figures(model.outputs.kind, arrays, request.seed), FIGURES
    )
    return KindRecord(
        request, model.name, model.sha256, model.outputs.kind, model.outputs.classes, model.outputs.unit, task.words(),
        str(request.cohort or ""), once["participant"].to_numpy(str), targets, answers, called, fold, simulated, how, left_out,
        cautions_beside(workspace, model, str(request.cohort or ""), simulated), figures,
    )  # fmt: skip


def _figures(kind: str, arrays: tuple[np.ndarray, ...], seed: int) -> KindFigures:
    targets, answers, scores, fold = arrays
    if kind == "value":
        coverage = coverage_of_values(targets, answers[:, 0]) if len(targets) >= 10 else None
        return KindFigures(None, None, value_figures(targets, answers[:, 0], seed=seed), coverage)
    whole = targets.astype(int)
    enough = np.bincount(whole, minlength=answers.shape[1]).min() >= 2
    classes = class_figures(whole, answers, None, fold, seed=seed)
    ordinal = ordinal_figures(whole, scores, answers.argmax(1), None, fold, seed=seed) if kind == "ordinal" else None
    return KindFigures(classes, ordinal, None, coverage_of_classes(whole, answers) if enough else None)


def _own_test(model: Model) -> tuple[pd.DataFrame, tuple[str, ...], str, bool]:
    """(a row a week: participant, target, fold, and the head's numbers as columns 0, 1, ...; left out; how; simulated)."""
    test = model.card.get("test")
    try:
        known: Mapping[str, object] = test if isinstance(test, Mapping) else {}
        outputs = np.asarray(known["outputs"], dtype=np.float64).reshape(len(known["targets"]), -1)  # type: ignore[arg-type]
        table = pd.DataFrame(outputs).rename(columns=str)
        names = known.get("people") or [str(number + 1) for number in range(len(table))]
        table = table.assign(participant=names, target=known["targets"], fold=known.get("fold") or 0)
        if not np.isfinite(table.filter(regex=r"^\d+$").to_numpy()).all() or outputs.shape[1] != model.outputs.count or not len(table):
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise EvaluationError(
            f"Expected a test of {model.name} on people it had not seen, but its file has none that can be read. "
            "Choose a cohort with its label."
        ) from error
    return table, (), str(known.get("how", "held-out people")), bool(model.card.get("tested_on_simulated"))


def _of_cohort(
    workspace: Workspace, model: Model, task: Target, request: EvaluationRequest, progress: Progress
) -> tuple[pd.DataFrame, tuple[str, ...], str, bool]:
    cohort = str(request.cohort)
    numbers = {person.participant: task.number(person.labels.get(task.label)) for person in workspace.people(cohort)}
    known = {name: number for name, number in numbers.items() if number is not None}
    without = len(numbers) - len(known)
    sentence = f"{counted(without, 'person has', 'people have')} no value of {task.label} that the model knows."
    left_out: tuple[str, ...] = (sentence,) if without else ()
    if not known:
        raise EvaluationError(f"Nobody in {cohort} has a value of {task.label} that {model.name} knows. Choose another cohort.")
    if request.people:
        selection = workspace.selection(cohort, request.people)
        everyone, known = len(known), only_chosen(known, selection)
        left_out = (*left_out, *not_chosen(everyone - len(known), selection))
        if not known:
            raise EvaluationError(f"None of the people who were chosen can test {model.name}. {' '.join(left_out)} Choose others.")
    wanted = Wanted(cohort, task.label, "", "", dict.fromkeys(known, True), left_out)
    weeks, left_out = fit_weeks(workspace, model, wanted, request, progress)
    table = pd.DataFrame([week.prediction.outputs or (week.prediction.logit,) for week in weeks]).rename(columns=str)
    names = [week.row.participant for week in weeks]
    table = table.assign(participant=names, target=[known[name] for name in names], fold=0)
    how = f"people of {cohort}, none of whom it has learned from"
    return table, left_out, how, workspace.cohort(cohort).simulated


def is_two_classes(model: Model) -> bool:
    """Whether the model tells two groups apart, so that `evaluation_run.evaluate` tests it."""
    return model.outputs.kind == "two classes"
