"""Who a model is tested on, and what it scored them: its own test, or a labelled cohort through the fixed model. A row a person."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from pat_core.cohorts import RunInfo, Selection, Workspace
from pat_core.cohorts.kept.result_cache import digest
from pat_core.csv_text import as_meant
from pat_core.errors import EvaluationError
from pat_core.jobs import Spec
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.records import StandardizeBy
from pat_core.training.target import Target, TargetChoice, compared, label_text, target_of
from pat_core.weights import Model, require_head
from pat_core.workflows.models.cautions import model_cautions
from pat_core.workflows.models.predictions import PredictedWeek, as_prediction, default_standardizer, predict_cohort
from pat_core.workflows.models.similar_scores import shown_probability
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.read.duplicates import among, same_recording
from pat_core.workflows.read.worn_days import FEW_DAYS
from pat_core.workflows.week.chosen_people import chosen_plain, not_chosen, only_chosen
from pat_core.workflows.week.cohort_weeks import first_weeks, refusal

LEARNED = {
    "train": "it was trained on them",
    "validation": "its training was stopped by them",
    "copy": "it was trained on their recording under another name or in another cohort",
    "unknown": "it was trained on people of this cohort, and its run is no longer here to say on whom",
}
"""Part in a model's training -> why such a person is no test of it."""


OF_ITS_OWN_TEST = ("few_tested", "no_better_than_chance", "simulated_test", "other_standardizer")
"""Cautions about a model's test: an evaluation shows that test, or another, itself."""


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest(Spec):
    """What to test a model on.

    cohort: None takes the model's own test (held-out people, or out-of-fold). label, positive, negative: of a cohort; "" for those that the
    model was trained on; negative None for everyone else who has a value. weeks: "all" pools all fit weeks of a person, "first" takes one.
    against: another model for the same people. by: a label column (or "device", "season") to divide the people by. seed: of resampling.
    people: a selection of the workspace (`Workspace.keep_selection`) to test on these alone; "" for everyone.
    """

    LATER = ("people",)

    model: str
    cohort: str | None = None
    label: str = ""
    positive: str = ""
    negative: str | None = None
    weeks: str = "all"
    standardizer: StandardizeBy | None = None
    against: str | None = None
    by: str | None = None
    seed: int = 0
    people: str = ""


@dataclass(frozen=True, eq=False)
class TestedPeople:
    """A row a person. participants: (n,) names in `cohort`, or codes where `named` is False. positive: (n,) bool.

    logits: (n,) mean over a person's weeks and over repeats of the test. probabilities: (n,) of these, as other pages show them.
    each: (repeats, n) logits of each repeat, NaN where it did not test somebody; spread: their probabilities. fold: (repeats, n) by which
    model of the run (0 where there was one).
    weeks: (n,) read for each. left_out: sentences on who is not among them. how: in words, how they came to test the model. chosen: who
    they were chosen from, as `chosen_plain` writes it; None where everyone was asked for.
    """

    cohort: str
    named: bool
    participants: np.ndarray
    positive: np.ndarray
    logits: np.ndarray
    probabilities: np.ndarray
    each: np.ndarray
    spread: np.ndarray
    fold: np.ndarray
    weeks: np.ndarray
    label: str
    positive_value: str
    negative_value: str
    simulated: bool
    how: str
    left_out: tuple[str, ...] = ()
    chosen: Mapping[str, Any] | None = None

    def __len__(self) -> int:
        return len(self.participants)

    @property
    def counts(self) -> tuple[int, int]:
        """People of the group, and of those it is compared with."""
        positives = int(self.positive.sum())
        return positives, len(self) - positives

    @property
    def folds(self) -> int:
        """How many models gave the scores of one repeat."""
        return len(np.unique(self.fold[0])) if len(self) else 0


def tested_people(workspace: Workspace, model: Model, request: EvaluationRequest, progress: Progress) -> TestedPeople:
    """The people that the request asks for. EvaluationError where there are none of one group, or the model has no such test."""
    require_head(model)
    people = own_test(workspace, model, request.people) if request.cohort is None else of_cohort(workspace, model, request, progress)
    if request.people:
        people = replace(people, chosen=chosen_plain(workspace.selection(people.cohort, request.people)))
    positives, negatives = people.counts
    if not positives or not negatives:
        missing = people.positive_value if not positives else people.negative_value
        raise EvaluationError(
            f"A test needs people of both groups; of {people.label}: {missing} there is nobody among the {len(people):,} people who can "
            f"test {model.name}. {' '.join(people.left_out)} Choose another label, other values or another cohort.".replace("  ", " ")
        )
    return people


def content(people: TestedPeople) -> str:
    """sha256 of who was tested, in which group, and what they scored."""
    arrays = people.positive, people.probabilities, people.each, people.fold
    return digest([people.participants.tolist(), *(array.astype(float).tobytes().hex() for array in arrays)])


def cautions_beside(workspace: Workspace, model: Model, cohort: str, simulated: bool) -> tuple[str, ...]:
    """What else to know of the model where a test of it stands, gravest first. cohort: by name, "" where the people are of none here."""
    info = workspace.cohort(cohort) if cohort else None
    by = default_standardizer(model, info.lengths if info else None)
    findings = model_cautions(model, info, by, minutes=info.lengths if info else None)
    skip = (*OF_ITS_OWN_TEST, *(("simulated_training",) if simulated else ()))
    return tuple(finding.message for finding in findings if finding.code not in skip)


# its own test


def own_test(workspace: Workspace, model: Model, chosen: str = "") -> TestedPeople:
    """The people whom the model's own run held out, each scored by a model that had not seen them: of the run's folder where it is kept,
    else out of the model's card, which names nobody. chosen: a selection of the run's cohort, to keep these alone. EvaluationError where
    neither tells of a test, and where only some are asked for of a test that names nobody."""
    run = own_run(workspace, model)
    table = _test_table(run) if run is not None and run.cohort_id is not None else None
    table, cohort = (table, _cohort_called(workspace, run)) if table is not None else (_card_table(model.card), "")
    if table is None or not len(table):
        raise EvaluationError(
            f"Expected a test of {model.name} on people it had not seen, but neither its file nor a run here has one that can be read. "
            "Choose a labelled cohort to test it on."
        )
    card, test = model.card, model.card.get("test")
    how = str(test.get("how", "held-out people")) if isinstance(test, Mapping) else "held-out people"
    values = str(card.get("label", "")), str(card.get("positive", "")), str(card.get("negative", ""))
    people = _pooled(model, table, cohort, values, bool(card.get("tested_on_simulated")), how)
    if not chosen:
        return people
    if not people.named:
        raise EvaluationError(
            f"The test of {model.name} names nobody, so it cannot be looked at for some people only. Take everyone, or test it on a cohort."
        )
    return _only(people, workspace.selection(cohort, chosen))


def _only(people: TestedPeople, selection: Selection) -> TestedPeople:
    """Those who are among the people who were chosen."""
    keep = np.isin(people.participants, selection.participants)
    some: dict[str, Any] = {name: values[..., keep] for name, values in vars(people).items() if isinstance(values, np.ndarray)}
    return replace(people, **some, left_out=(*people.left_out, *not_chosen(int((~keep).sum()), selection)))


def own_run(workspace: Workspace, model: Model) -> RunInfo | None:
    """The run that made this model, while it is kept."""
    return next((run for run in workspace.runs() if (run.result or {}).get("model_sha256") == model.sha256), None)


def parts_of_run(run: RunInfo) -> dict[str, str]:
    """participant -> train, validation or test, for the model that the run kept; empty where it keeps none."""
    path = run.folder / "split.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _test_table(run: RunInfo) -> pd.DataFrame | None:
    """A row a tested week: participant, positive, fold, repeat, logit. None where the run keeps none."""
    path = run.folder / "test.csv"
    if not path.exists():
        return None
    table = pd.read_csv(path, dtype={"participant": str}, keep_default_na=False)
    if not {"participant", "positive", "logit"} <= set(table):
        return None
    table["participant"] = table["participant"].map(as_meant)
    return _complete(table)


def _complete(table: pd.DataFrame) -> pd.DataFrame:
    """Earlier runs had neither folds nor repeats in their table."""
    return table.assign(**{name: 0 for name in ("fold", "repeat") if name not in table})


def _card_table(card: Mapping[str, Any]) -> pd.DataFrame | None:
    """The same out of a model's card, with codes or numbers in the place of names."""
    test = card.get("test")
    if not isinstance(test, Mapping) or not test.get("logits"):
        return None
    logits = list(test["logits"])
    columns: dict[str, Sequence[Any]] = {"logit": logits, "positive": test.get("labels") or ()}
    columns |= {name: test[name] for name in ("fold", "repeat") if isinstance(test.get(name), list)}
    names = test.get("people")
    columns["participant"] = names if isinstance(names, list) and len(names) == len(logits) else [str(n + 1) for n in range(len(logits))]
    if any(len(column) != len(logits) for column in columns.values()):
        return None
    try:
        return _complete(pd.DataFrame(columns).astype({"logit": float, "participant": str}))
    except (TypeError, ValueError):
        return None


def _cohort_called(workspace: Workspace, run: RunInfo | None) -> str:
    return next((cohort.name for cohort in workspace.cohorts() if run is not None and cohort.id == run.cohort_id), "")


def _pooled(model: Model, table: pd.DataFrame, cohort: str, values: tuple[str, str, str], simulated: bool, how: str) -> TestedPeople:
    """Weeks and repeats to people. values: the label, its positive and its negative value."""
    table = table.assign(repeat=table["repeat"].astype(int), fold=table["fold"].astype(int), positive=table["positive"].astype(int))
    if not np.isfinite(table["logit"].astype(float)).all() or not table["positive"].isin((0, 1)).all():
        raise EvaluationError(f"The test of {model.name} holds values that are no scores or no two groups. Fine-tune the model again.")
    names = list(dict.fromkeys(table["participant"]))
    number = table["participant"].map({name: index for index, name in enumerate(names)}).to_numpy()
    repeats = np.unique(table["repeat"], return_inverse=True)[1]
    count = int(repeats.max()) + 1
    total, weeks = np.zeros((count, len(names))), np.zeros((count, len(names)))
    np.add.at(total, (repeats, number), table["logit"].astype(float).to_numpy())
    np.add.at(weeks, (repeats, number), 1.0)
    fold = np.zeros((count, len(names)), dtype=int)
    fold[repeats, number] = table["fold"].to_numpy()
    positive = np.zeros(len(names), dtype=bool)
    positive[number] = table["positive"].to_numpy() > 0
    with np.errstate(invalid="ignore"):
        each = total / weeks  # NaN for a person whom one of the repeats did not test
    logits = total.sum(0) / weeks.sum(0)
    return TestedPeople(
        cohort, bool(cohort), np.array(names, dtype=str), positive, logits, _probabilities(model, logits), each,
        np.stack([_probabilities(model, row) for row in each]), fold,
        weeks.max(0).astype(int), *values, simulated, how,
    )  # fmt: skip


def _probabilities(model: Model, logits: np.ndarray) -> np.ndarray:
    return np.array([shown_probability(as_prediction(model, "", 0, float(logit))) for logit in logits])


# a labelled cohort


@dataclass(frozen=True, eq=False)
class Wanted:
    """Whom of a cohort to test on. positive: participant -> whether they are of the group; nobody else has a part. left_out: sentences."""

    cohort: str
    label: str
    positive_value: str
    negative_value: str
    positive: Mapping[str, bool]
    left_out: tuple[str, ...] = ()


def of_cohort(workspace: Workspace, model: Model, request: EvaluationRequest, progress: Progress) -> TestedPeople:
    """The labelled people of a cohort whom the model has not learned from, by name and by the content of their weeks; each recording once,
    weeks that the input gate refuses left out."""
    return scored(workspace, model, labelled(workspace, model, request), request, progress)


def labelled(workspace: Workspace, model: Model, request: EvaluationRequest) -> Wanted:
    """Who of the cohort has a part in what is asked. TrainingError, EvaluationError where nobody has such a value."""
    task, people = asked_target(workspace, model, request), workspace.people(str(request.cohort))
    numbers = {person.participant: task.number(person.labels.get(task.label)) for person in people}
    without = sum(not label_text(person.labels.get(task.label)) for person in people)
    others = sum(number is None for number in numbers.values()) - without
    left_out = [f"{counted(without, 'person has', 'people have')} no value of {task.label}."] if without else []
    left_out += [f"{counted(others, 'person has', 'people have')} another value of {task.label}."] if others else []
    positive = {name: number > 0 for name, number in numbers.items() if number is not None}
    if request.people:
        selection = workspace.selection(str(request.cohort), request.people)
        everyone, positive = len(positive), only_chosen(positive, selection)
        left_out += not_chosen(everyone - len(positive), selection)
    return Wanted(str(request.cohort), task.label, task.classes[1], task.classes[0], positive, tuple(left_out))


def scored(workspace: Workspace, model: Model, wanted: Wanted, request: EvaluationRequest, progress: Progress) -> TestedPeople:
    """These people as the model scores them."""
    weeks, left_out = fit_weeks(workspace, model, wanted, request, progress)
    table = pd.DataFrame(
        {
            "participant": [week.row.participant for week in weeks],
            "positive": [int(wanted.positive[week.row.participant]) for week in weeks],
            "logit": [week.prediction.logit for week in weeks],
        }
    )
    values = wanted.label, wanted.positive_value, wanted.negative_value
    how = f"people of {wanted.cohort}, none of whom it has learned from"
    done = _pooled(model, _complete(table), wanted.cohort, values, workspace.cohort(wanted.cohort).simulated, how)
    return replace(done, left_out=left_out)


def fit_weeks(
    workspace: Workspace, model: Model, wanted: Wanted, request: EvaluationRequest, progress: Progress
) -> tuple[list[PredictedWeek], tuple[str, ...]]:
    """The weeks of these people that test a model, without those whom it has learned from, copies, and weeks that are not fit for it; and
    sentences on who is left out. EvaluationError where nobody is left."""
    part_of = seen(workspace, model, wanted.cohort).part
    learned = {name: str(part) for name in wanted.positive if (part := part_of(name)) in LEARNED}
    if len(learned) == len(wanted.positive):  # said before anybody is predicted, which can take minutes
        raise _nobody(wanted, model, (*wanted.left_out, *_not_tested(learned, set(), (), (), "")), learned)
    by = request.standardizer or default_standardizer(model, workspace.cohort(wanted.cohort).lengths)
    predicted = [week for week in predict_cohort(workspace, model, wanted.cohort, by, progress) if week.row.participant in wanted.positive]
    first_of = among(same_recording(workspace, wanted.cohort), [name for name in wanted.positive if name not in learned])
    copies = {name for name, first in first_of.items() if name != first}
    fresh = [week for week in predicted if week.row.participant not in learned and week.row.participant not in copies]
    fit = [week for week in fresh if not week.refused]
    left_out = (*wanted.left_out, *_not_tested(learned, copies, fresh, fit, workspace.cohort(wanted.cohort).span))
    if not fit:
        raise _nobody(wanted, model, left_out, learned)
    first = {row.row for row in first_weeks([week.row for week in fit])}
    return [week for week in fit if request.weeks == "all" or week.row.row in first], left_out


def asked_target(workspace: Workspace, model: Model, request: EvaluationRequest) -> Target:
    """What a request means of the cohort's labels; what it leaves out is taken from the model. TrainingError as `target_of`,
    EvaluationError where neither names a label and a value."""
    cohort, card = str(request.cohort), model.card
    people = workspace.people(cohort)
    columns: dict[str, list[object]] = {name: [] for person in people for name in person.labels}
    for name, values in columns.items():
        values += [person.labels.get(name) for person in people]
    label = request.label or str(card.get("label", ""))
    label = label.replace("_", " ") if label not in columns and label.replace("_", " ") in columns else label
    own = label == card.get("label") and not request.positive and request.negative is None
    if own and own_task(card, columns):
        return _of_card(card["target"], columns, cohort)
    positive, negative = request.positive, request.negative
    if own:
        positive = str(card.get("positive", ""))
        stated = str(card.get("negative", ""))
        negative = None if stated in ("", f"not {positive}") else stated
    if not label or not (positive or compared(label, columns)):
        raise EvaluationError(
            f"Expected a label and the value that counts as positive for {model.name}, but "
            f"{'no label' if not label else f'no value of {label}'} was given and the model's file names none. Choose them."
        )
    return target_of(label, columns, TargetChoice(), positive, negative, cohort)


def own_task(card: Mapping[str, Any], columns: Collection[str]) -> str:
    """What a model tells apart, in words, where that is more than one value against others (a cut of a number, several values) and the
    label is among these columns; else "", for then a label and its values are asked for."""
    known = card.get("target")
    if not isinstance(known, dict) or known.get("label") not in columns:
        return ""
    return Target.from_dict(known).words() if known.get("cuts") or len(known.get("positives") or ()) > 1 else ""


def _of_card(known: dict[str, Any], columns: Mapping[str, Sequence[object]], cohort: str) -> Target:
    """What the model has learned, of this cohort's label of the same name."""
    task = Target.from_dict(known)
    if not any(task.number(value) is not None for value in columns.get(task.label, ())):
        raise EvaluationError(f"Nobody in {cohort} has a value of {task.label} that the model knows ({task.words()}). Choose a label.")
    return task


def _nobody(wanted: Wanted, model: Model, left_out: Sequence[str], learned: Collection[str]) -> EvaluationError:
    own = " or test it on its own held-out people, without a cohort" if learned and model.card.get("test") else ""
    return EvaluationError(f"Nobody of {wanted.cohort} can test {model.name}. {' '.join(left_out)} Choose another cohort or label{own}.")


def _not_tested(
    learned: Mapping[str, str], copies: set[str], fresh: Sequence[PredictedWeek], fit: Sequence[PredictedWeek], window: str
) -> list[str]:
    """Who is left out and why, a sentence each. window: what the cohort's windows are called."""
    parts = Counter(learned.values())
    sentences = [f"{counted(n, 'person is', 'people are')} left out: {LEARNED[part]}." for part, n in parts.items()]
    if copies:
        sentences.append(f"{counted(len(copies), 'name', 'names')} left out: the recording is here under another name already.")
    tested = {week.row.row for week in fit}
    reasons = Counter(refusal(week.findings) == FEW_DAYS for week in fresh if week.row.row not in tested)
    for few_days, weeks in sorted(reasons.items()):
        why = "too few valid days" if few_days else "unfit for the model by the input check"
        sentences.append(f"{counted(weeks, window)} left out: {why}.")
    gone = len({week.row.participant for week in fresh} - {week.row.participant for week in fit})
    if gone:
        sentences.append(f"{counted(gone, 'person has', 'people have')} no other {window} to be tested on.")
    return sentences
