"""All that the page of one person shows of one week, but its explanations (see explaining.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from pat_core import __version__
from pat_core.cohorts import CohortInfo, Person, Workspace
from pat_core.explain.stability import Stability
from pat_core.records import COUNTS, Attribution, Finding, Interval, Prediction, RhythmFigures, Standardizer, Week
from pat_core.rhythms import asleep_by_device, rest_periods
from pat_core.weeks import apply, not_worn, standardizer_sha, with_marked_rest
from pat_core.weights import Model
from pat_core.workflows.alike import people_like
from pat_core.workflows.cautions import condition, group_caution, model_cautions
from pat_core.workflows.explaining import sha256_of
from pat_core.workflows.fitness import findings, refused
from pat_core.workflows.model_cards import versions
from pat_core.workflows.predicting import (
    WhoseStandardizer,
    as_prediction,
    cohort_standardizer,
    default_standardizer,
    predict_logits,
    shown_probability,
)
from pat_core.workflows.rhythm import minute_of_day, week_rhythm
from pat_core.workflows.seen import seen
from pat_core.workflows.trust import SCHEMA, WeekDistance, explanation_receipt, sealed

REFUSED = "The input check found this week unfit for the model, so no score is given and there is nobody to compare with."
SHOWN_ANYWAY = "The reader asked for the answer, although the week was refused."


@dataclass(frozen=True, eq=False)
class WeekView:
    """One week of one person, read by one model.

    weeks: how many full weeks this person has. z: (minutes,) what the model reads, by `standardizer`. prediction: None without a trained
    head, and for a week that the input gate refused. cautions: what to know of the model on these people.
    like: share of positives among test people scored like this one; like_why: a sentence why there is none, "" where there is one.
    split: part this person had in the model's training. held_out: the probability from a model of the same run that had not seen this
    person, where this week was in the run's test.
    sleep, nonwear: (minutes,) bool, for shading (main rest periods, by the sleep score made for the device, or as marked by hand; off the
    body by rule, by the device's flags or by hand); sleep None where the unit does not allow it and nothing is marked.
    truth: planted evidence by trait (minutes,) bool, where the person is simulated.
    """

    cohort: CohortInfo
    person: Person
    week: Week
    weeks: int
    z: np.ndarray
    findings: tuple[Finding, ...]
    prediction: Prediction | None
    cautions: tuple[Finding, ...]
    like: Interval | None
    like_why: str
    split: str | None
    held_out: float | None
    sleep: np.ndarray | None
    nonwear: np.ndarray
    rhythm: RhythmFigures
    truth: dict[str, np.ndarray]
    whose: WhoseStandardizer
    standardizer: Standardizer

    @property
    def refused(self) -> bool:
        """The input gate holds this week to be unfit for the model."""
        return refused(self.findings)


def week_view(
    workspace: Workspace, model: Model, cohort: str, participant: str, index: int = 0, whose: WhoseStandardizer | None = None
) -> WeekView:
    """Read one week. Raises WorkspaceError where nobody is called so, WeekError where the standardizer cannot be had."""
    whose = whose or default_standardizer(model)
    info = workspace.cohort(cohort)
    week = workspace.week(cohort, participant, index)
    person = next(person for person in workspace.people(cohort) if person.participant == participant)
    standardizer = cohort_standardizer(workspace, cohort, model, whose)
    z = apply(standardizer, week.values[None])[0]
    found = findings(week, standardizer, model, whose)
    own = seen(workspace, model, cohort)
    prediction, like, why, unseen = None, None, REFUSED, None
    if not refused(found):
        unseen = own.held_out.get((participant, index))
        logit = float(predict_logits(model, z[None])[0]) if model.has_head else float("nan")
        prediction = as_prediction(model, participant, index, logit) if model.has_head else None
        like, why = people_like(model, logit, whose=whose, cohort=info, participant=participant, tested=own.tested)
    return WeekView(
        cohort=info,
        person=person,
        week=week,
        weeks=person.weeks,
        z=z,
        findings=found,
        prediction=prediction,
        cautions=group_caution(model.card, person.labels) + model_cautions(model, info, whose, week.device),
        like=like,
        like_why=why,
        split=own.part(participant),
        held_out=None if unseen is None else shown_probability(as_prediction(model, participant, index, unseen)),
        sleep=_rest(week),
        nonwear=not_worn(week),
        rhythm=week_rhythm(week),
        truth=_truth(workspace, info, participant, index),
        whose=whose,
        standardizer=standardizer,
    )


def _rest(week: Week) -> np.ndarray | None:
    counts = week.unit == COUNTS
    estimated = rest_periods(asleep_by_device(week.values, week.device), minute_of_day(week.start)) if counts else None
    return with_marked_rest(estimated, week)


def answer_anyway(view: WeekView, model: Model) -> Prediction:
    """What the model says of a week that the input gate refused, for a reader who asks for it. UntrainedError without a trained head."""
    return as_prediction(model, view.week.participant, view.week.index, float(predict_logits(model, view.z[None])[0]))


def _truth(workspace: Workspace, cohort: CohortInfo, participant: str, index: int) -> dict[str, np.ndarray]:
    """Planted evidence of one week by trait, those that it shows. Only a simulated cohort has any, so only there the rows are looked up."""
    if not cohort.simulated:
        return {}
    row = next(row.row for row in workspace.week_rows(cohort.name, participant) if row.index == index)
    return {name: np.array(masks[row]) for name, masks in workspace.truth(cohort.name).items() if masks[row].any()}


def week_indices(workspace: Workspace, cohort: str, participant: str) -> list[int]:
    """The weeks this person has; numbers can skip where a window held no value at all."""
    return [row.index for row in workspace.week_rows(cohort, participant)]


def receipt(
    view: WeekView,
    model: Model,
    made: Sequence[Attribution],
    *,
    distance: WeekDistance | None = None,
    stability: Mapping[str, Stability] | None = None,
    shown_anyway: Prediction | None = None,
) -> dict[str, object]:
    """What was shown and what it was made with, as plain values for a JSON file, with hashes that `check_receipt` compares.

    Weeks count from 1, as on the page. distance: of the week from people the model knows; stability: by method, where it was asked for.
    shown_anyway: the prediction of a week that the input gate refused, where the reader asked for it.
    """
    cohort, known = view.cohort, stability or {}
    return sealed({
        "schema": SCHEMA,
        "made": datetime.now().isoformat(timespec="seconds"),
        "cohort": {"name": cohort.name, "id": cohort.id, "simulated": cohort.simulated},
        **_about_week(view),
        "model": about_model(model),
        **_about_answer(view, model, shown_anyway),
        "distance": asdict(distance) if distance else None,
        "explanations": [explanation_receipt(one, model, view.z, known.get(one.method)) for one in made],
        "pat_core": __version__,
        "versions": versions(),
        "use": "Research and education only. Not a diagnosis.",
    })  # fmt: skip


def _about_week(view: WeekView) -> dict[str, object]:
    """Whose week it is, what was measured, and what the input check found."""
    week = view.week
    return {
        "participant": view.person.participant,
        "week": week.index + 1,
        "week_sha256": sha256_of(week.values),
        "input_sha256": sha256_of(view.z),
        "minutes": week.values.size,
        "start": week.start.isoformat() if week.start and week.date_known else None,
        "alignment": week.alignment,
        "device": week.device,
        "unit": week.unit,
        "report": {name: value for name, value in asdict(week.report).items() if value is not None},
        **({"marks": [asdict(mark) for mark in week.marks]} if week.marks else {}),
        "findings": [asdict(finding) for finding in view.findings],
        "refused": view.refused,
    }


def _about_answer(view: WeekView, model: Model, shown_anyway: Prediction | None) -> dict[str, object]:
    """What the model says of the week, by which standardizer, and what to know beside it."""
    used, answer = view.standardizer, view.prediction or shown_anyway
    by = {"whose": view.whose, "people": used.people, "source": used.source, "unit": used.unit, "sha256": standardizer_sha(used)}
    return {
        "cautions": [asdict(caution) for caution in view.cautions],
        "standardizer": by,
        "prediction": asdict(answer) if answer else None,
        "probability_of": condition(model.card),
        "like": asdict(view.like) if view.like else None,
        "like_why": view.like_why,
        "part_in_training": view.split,
        "held_out": view.held_out,
        **({"shown_anyway": SHOWN_ANYWAY} if shown_anyway else {}),
    }


def about_model(model: Model) -> dict[str, object]:
    """Where a model is from, what it tells apart, and how its test went, with its interval and how many people that was."""
    card = model.card
    test = card.get("test") if isinstance(card.get("test"), Mapping) else {}
    known = {name: card.get(name) for name in ("first_line", "label", "positive", "negative", "prevalence", "device")}
    return {"name": model.name, "sha256": model.sha256, "origin": model.origin, "encoder_trained": model.encoder_trained, **known} | {
        "test_auc": test.get("auc"), "test_how": test.get("how")
    }  # fmt: skip


def week_table(view: WeekView, made: Sequence[Attribution]) -> pd.DataFrame:
    """A row a minute: minute of the week, wall clock where known, activity, what the model read, and each explanation."""
    table = pd.DataFrame({"minute": np.arange(view.week.values.size), "activity": view.week.values, "standardized": view.z})
    if view.week.start and view.week.date_known:
        table.insert(1, "time", pd.date_range(view.week.start, periods=len(table), freq="min"))
    for one in made:
        table[one.method] = one.values
    return table
