"""What to fine-tune, and the labelled weeks that this means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from pat_core.cohorts import WeekRow, Workspace
from pat_core.jobs import Spec
from pat_core.training import FinetuneSettings, LabelledPeople, LabelledWeeks
from pat_core.training.target import Target, TargetChoice, label_text, no_numbers, target_of
from pat_core.weeks import ChosenWeeks, minutes_of_day
from pat_core.workflows.read.duplicates import among, same_recording
from pat_core.workflows.week.cohort_weeks import first_weeks, unfit_rows

Unfit = Literal["leave out", "keep"]
"""What becomes of weeks that the input check refuses for any model."""


@dataclass(frozen=True)
class RunRequest(Spec):
    """What to fine-tune: a model on a cohort's label. negative: None takes everyone else who has a value for the label.

    label: a column, or one with a threshold (madrs1>=25). target: what is learned of it where that is more than one positive value against
    others; positive is "" where it has no part in that.
    weeks: "first" takes one week a person, "all" every full week (the split stays by person). unfit: weeks that the input check refuses
    for any model are left out ("leave out"), or kept in because that was asked for by name ("keep"). plan: the analysis plan in words,
    locked when the run starts (see `learn.analysis_plan`).
    """

    name: str
    cohort: str
    label: str
    positive: str
    model: str
    negative: str | None = None
    weeks: str = "first"
    settings: FinetuneSettings = FinetuneSettings()
    target: TargetChoice = field(default=TargetChoice())
    unfit: Unfit = "leave out"
    plan: str = ""

    def as_spec(self) -> dict[str, Any]:
        """As `Spec.as_spec`; what came later is left out where it is as it was before, so that what was stored then compares equal."""
        usual = {"target": self.target == TargetChoice(), "unfit": self.unfit == "leave out", "plan": not self.plan}
        return {name: value for name, value in super().as_spec().items() if not usual.get(name)}

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Self:
        """As `Spec.from_spec`, with settings and target as records again."""
        records = {"settings": FinetuneSettings.from_stored(spec["settings"]), "target": TargetChoice(**spec.get("target") or {})}
        return super().from_spec({**spec, **records})


def label_counts(workspace: Workspace, cohort: str, label: str) -> dict[str, int]:
    """People by value of a label; people without one are left out."""
    values = [text for person in workspace.people(cohort) if (text := label_text(person.labels.get(label)))]
    return dict(pd.Series(values, dtype=str).value_counts()) if values else {}


def labelled_weeks(workspace: Workspace, request: RunRequest) -> tuple[LabelledWeeks, np.ndarray]:
    """The weeks of the people whose label has a part in what is learned, and their rows in the cohort's array.

    Weeks that the input gate finds unfit for any model are left out unless the request keeps them; "first" is a person's first fit week.
    TrainingError as `target_of`.
    """
    rows, who = _rows(workspace, request)
    order = np.array([row.row for row in rows], dtype=int)
    data = LabelledWeeks(
        weeks=ChosenWeeks(workspace.weeks_array(request.cohort), order),
        positive=who.positive,
        people=who.people,
        unit=workspace.cohort(request.cohort).unit,
        source=f"cohort {request.cohort}",
        week=np.array([row.index for row in rows], dtype=int),
        same=who.same,
        left_out=who.left_out,
        target=who.target,
        task=who.task,
        starts=minutes_of_day([row.start for row in rows], len(rows)),
    )
    return data, order


def labelled_people(workspace: Workspace, request: RunRequest) -> LabelledPeople:
    """Who `labelled_weeks` reads, a row a week in its order, without their weeks: enough to count a split before it begins."""
    return _rows(workspace, request)[1]


def what_is_learned(workspace: Workspace, request: RunRequest) -> Target:
    """The request's label and target, as they apply to the people of the cohort. TrainingError as `target_of`."""
    return target_of(request.label, _labels(workspace, request.cohort), request.target, request.positive, request.negative, request.cohort)


def class_counts(workspace: Workspace, request: RunRequest) -> dict[str, int]:
    """People by class, in the order of the classes; those without one, by their label, are left out. TrainingError as `target_of`."""
    task = what_is_learned(workspace, request)
    places = [task.number(person.labels.get(task.label)) for person in workspace.people(request.cohort)]
    return {name: places.count(place) for place, name in enumerate(task.classes)}


def as_named(workspace: Workspace, request: RunRequest) -> RunRequest:
    """The request with its label as the cohort has it: planted traits are called late_wake where people are simulated, and late wake in
    the label column."""
    there = next((cohort.label_columns for cohort in workspace.cohorts() if cohort.name == request.cohort), ())
    column = request.label.replace("_", " ")
    return replace(request, label=column) if request.label not in there and column in there else request


def _labels(workspace: Workspace, cohort: str) -> dict[str, list[object]]:
    """Column -> a value a person; None where somebody has none."""
    people = workspace.people(cohort)
    return {name: [person.labels.get(name) for person in people] for name in dict.fromkeys(n for p in people for n in p.labels)}


def _rows(workspace: Workspace, request: RunRequest) -> tuple[list[WeekRow], LabelledPeople]:
    """The rows of the people who have a part in what is learned, without those unfit for any model, and their labels."""
    task, everyone = what_is_learned(workspace, request), workspace.people(request.cohort)
    number_of = {person.participant: task.number(person.labels.get(task.label)) for person in everyone}
    rows = [row for row in workspace.week_rows(request.cohort) if number_of.get(row.participant) is not None]
    unfit = unfit_rows(workspace, request.cohort) if request.unfit == "leave out" else {}
    fit = [row for row in rows if row.row not in unfit]
    words = no_numbers(task, [person.labels.get(task.label) for person in everyone])
    window = workspace.cohort(request.cohort).span
    unfit_words = _left_out(window, len(rows) - len(fit), len({row.participant for row in rows}) - len({row.participant for row in fit}))
    rows = fit if request.weeks == "all" else first_weeks(fit)
    people = np.array([row.participant for row in rows])
    same = among(same_recording(workspace, request.cohort), [row.participant for row in rows])
    target = np.array([number_of[row.participant] for row in rows], dtype=np.float64)
    positive = target.astype(bool) if task.two_classes else np.empty(0, dtype=bool)
    return rows, LabelledPeople(people, positive, same, f"{words} {unfit_words}".strip(), target, task)


def _left_out(window: str, weeks: int, people: int) -> str:
    if not weeks:
        return ""
    many, them = (f"{window} is", "it") if weeks == 1 else (f"{window}s are", "them")
    sentence = f"{weeks:,} {many} left out: the input check finds {them} unfit for any model"
    nobody = f"{people:,} {'person has' if people == 1 else 'people have'} no other {window}"
    whole = f"; {nobody}, so they are left out as well" if people else ""
    return f"{sentence}{whole}."
