"""What to fine-tune, and the labelled weeks that this means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from pat_core.cohorts import WeekRow, Workspace
from pat_core.errors import TrainingError
from pat_core.jobs import Spec
from pat_core.training import FinetuneSettings, LabelledPeople, LabelledWeeks
from pat_core.weeks import ChosenWeeks
from pat_core.workflows.read.duplicates import among, same_recording
from pat_core.workflows.week.cohort_weeks import first_weeks, unfit_rows


@dataclass(frozen=True)
class RunRequest(Spec):
    """What to fine-tune: a model on a cohort's label. negative: None takes everyone else who has a value for the label.

    weeks: "first" takes one week a person, "all" every full week (the split stays by person).
    """

    name: str
    cohort: str
    label: str
    positive: str
    model: str
    negative: str | None = None
    weeks: str = "first"
    settings: FinetuneSettings = FinetuneSettings()

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Self:
        """As `Spec.from_spec`, with the settings as a record again."""
        return super().from_spec({**spec, "settings": FinetuneSettings(**spec["settings"])})


def label_text(value: object) -> str:
    """A label's value as people write it: "" where there is none, 2 and not 2.0."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def label_counts(workspace: Workspace, cohort: str, label: str) -> dict[str, int]:
    """People by value of a label; people without one are left out."""
    values = [text for person in workspace.people(cohort) if (text := label_text(person.labels.get(label)))]
    return dict(pd.Series(values, dtype=str).value_counts()) if values else {}


def labelled_weeks(workspace: Workspace, request: RunRequest) -> tuple[LabelledWeeks, np.ndarray]:
    """The weeks of the people whose label is the positive or the negative value, and their rows in the cohort's array.

    Weeks that the input gate finds unfit for any model are left out, as they get no score either; "first" is a person's first fit week.
    TrainingError where a value is empty or nobody's: people without a label never stand for a group.
    """
    for what, value in (("label", request.label), ("positive", request.positive), ("negative", request.negative)):
        if value is not None and not value.strip():
            without = " Leave it out to compare with everyone else who has a value." if what == "negative" else ""
            raise TrainingError(f"Expected the {what} {'column' if what == 'label' else 'value'} by name, got an empty one.{without}")
    counts = label_counts(workspace, request.cohort, request.label)
    for value in (request.positive, request.negative):
        if value is not None and value not in counts:
            there = ", ".join(f"{key} ({n})" for key, n in counts.items()) or "none"
            raise TrainingError(f"Nobody in {request.cohort} has {request.label} = {value!r}. Its values are: {there}.")
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
    )
    return data, order


def labelled_people(workspace: Workspace, request: RunRequest) -> LabelledPeople:
    """Who `labelled_weeks` reads, a row a week in its order, without their weeks: enough to count a split before it begins."""
    return _rows(workspace, request)[1]


def _rows(workspace: Workspace, request: RunRequest) -> tuple[list[WeekRow], LabelledPeople]:
    """The rows of the people who have one of the two values, without those unfit for any model, and their labels."""
    values = {request.positive, request.negative} if request.negative is not None else None
    label_of = {person.participant: label_text(person.labels.get(request.label)) for person in workspace.people(request.cohort)}
    wanted = {person for person, value in label_of.items() if value and (values is None or value in values)}
    rows = [row for row in workspace.week_rows(request.cohort) if row.participant in wanted]
    unfit = unfit_rows(workspace, request.cohort)
    fit = [row for row in rows if row.row not in unfit]
    left_out = _left_out(len(rows) - len(fit), len({row.participant for row in rows}) - len({row.participant for row in fit}))
    rows = fit if request.weeks == "all" else first_weeks(fit)
    people = np.array([row.participant for row in rows])
    same = among(same_recording(workspace, request.cohort), [row.participant for row in rows])
    positive = np.array([label_of[row.participant] == request.positive for row in rows], dtype=bool)
    return rows, LabelledPeople(people, positive, same, left_out)


def _left_out(weeks: int, people: int) -> str:
    if not weeks:
        return ""
    many, them = ("week is", "it") if weeks == 1 else ("weeks are", "them")
    sentence = f"{weeks:,} {many} left out: the input check finds {them} unfit for any model"
    whole = f"; {people:,} {'person has' if people == 1 else 'people have'} no other week, so they are left out as well" if people else ""
    return f"{sentence}{whole}."
