"""All that the page of one person shows of one week, but its explanations (see explaining.py)."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from pat_core import __version__
from pat_core.cohorts import Person, Workspace
from pat_core.recordings import nonwear
from pat_core.records import COUNTS, Attribution, Finding, Interval, Prediction, RhythmFigures, Week
from pat_core.rhythms import cole_kripke, figures, rest_periods
from pat_core.weeks import apply
from pat_core.weights import Model
from pat_core.workflows.predicting import (
    WhoseStandardizer,
    as_prediction,
    cohort_standardizer,
    default_standardizer,
    findings,
    held_out,
    people_like,
    predict_logits,
    training_split,
)
from pat_core.workflows.rhythm import minute_of_day


@dataclass(frozen=True, eq=False)
class WeekView:
    """One week of one person, read by one model.

    weeks: how many full weeks this person has. z: (minutes,) what the model reads. prediction: None without a trained head.
    like: share of positives among test people scored like this one. split: part this person had in the model's training.
    held_out: the probability from a model of the same run that had not seen this person, where the run tested so.
    sleep, nonwear: (minutes,) bool, for shading (main rest periods by Cole-Kripke); sleep None where the unit does not allow it.
    truth: planted evidence by trait (minutes,) bool, where the person is simulated.
    """

    person: Person
    week: Week
    weeks: int
    z: np.ndarray
    findings: tuple[Finding, ...]
    prediction: Prediction | None
    like: Interval | None
    split: str | None
    held_out: float | None
    sleep: np.ndarray | None
    nonwear: np.ndarray
    rhythm: RhythmFigures
    truth: dict[str, np.ndarray]
    whose: WhoseStandardizer

    @property
    def refused(self) -> bool:
        """The input gate holds this week to be unfit for the model."""
        return any(finding.severity == "refuse" for finding in self.findings)


def week_view(
    workspace: Workspace, model: Model, cohort: str, participant: str, index: int = 0, whose: WhoseStandardizer | None = None
) -> WeekView:
    """Read one week. Raises WorkspaceError where nobody is called so, WeekError where the standardizer cannot be had."""
    whose = whose or default_standardizer(model)
    week = workspace.week(cohort, participant, index)
    rows = [row for row in workspace.week_rows(cohort) if row.participant == participant]
    row = next(row for row in rows if row.index == index)
    standardizer = cohort_standardizer(workspace, cohort, model, whose)
    z = apply(standardizer, week.values[None])[0]
    prediction = as_prediction(model, participant, index, predict_logits(model, z[None])[0]) if model.has_head else None
    worn = nonwear(week.values)
    return WeekView(
        person=next(person for person in workspace.people(cohort) if person.participant == participant),
        week=week,
        weeks=len(rows),
        z=z,
        findings=findings(week, standardizer, model, whose),
        prediction=prediction,
        like=people_like(model, prediction.logit) if prediction else None,
        split=training_split(workspace, model, cohort).get(participant),
        held_out=held_out(workspace, model, cohort).get(participant),
        sleep=rest_periods(cole_kripke(week.values)) if week.unit == COUNTS else None,
        nonwear=worn,
        rhythm=figures(week.values, minute_of_day(week.start), week.unit),
        truth={name: masks[row.row] for name, masks in workspace.truth(cohort).items() if masks[row.row].any()},
        whose=whose,
    )


def week_indices(workspace: Workspace, cohort: str, participant: str) -> list[int]:
    """The weeks this person has; numbers can skip where a window held no value at all."""
    return [row.index for row in workspace.week_rows(cohort) if row.participant == participant]


def receipt(view: WeekView, model: Model, made: list[Attribution]) -> dict[str, object]:
    """What was shown and what it was made with, as plain values for a JSON file."""
    return {
        "participant": view.person.participant,
        "week": view.week.index,
        "start": view.week.start.isoformat() if view.week.start and view.week.date_known else None,
        "unit": view.week.unit,
        "report": asdict(view.week.report),
        "findings": [asdict(finding) for finding in view.findings],
        "model": {"name": model.name, "sha256": model.sha256, "first_line": model.card.get("first_line", ""), "origin": model.origin},
        "standardizer": view.whose,
        "prediction": asdict(view.prediction) if view.prediction else None,
        "part_in_training": view.split,
        "explanations": [
            {
                "method": one.method,
                "settings": dict(one.settings),
                "delta": one.delta,
                "completeness_gap": one.completeness_gap,
                "relative_gap": one.relative_gap,
                "note": one.note,
            }
            for one in made
        ],
        "pat_core": __version__,
        "use": "Research and education only. Not a diagnosis.",
    }


def week_table(view: WeekView, made: list[Attribution]) -> pd.DataFrame:
    """A row a minute: minute of the week, wall clock where known, activity, what the model read, and each explanation."""
    table = pd.DataFrame({"minute": np.arange(view.week.values.size), "activity": view.week.values, "standardized": view.z})
    if view.week.start and view.week.date_known:
        table.insert(1, "time", pd.date_range(view.week.start, periods=len(table), freq="min"))
    for one in made:
        table[one.method] = one.values
    return table
