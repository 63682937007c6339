"""Predictions: standardize, let the input gate look, read through the model, correct for prevalence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import torch

from pat_core.cohorts import RunInfo, WeekRow, Workspace
from pat_core.errors import WeekError
from pat_core.evaluation import correct_logit, frequency_near, sigmoid
from pat_core.progress import Progress, Silent
from pat_core.records import Finding, Interval, Prediction, Standardizer, Week
from pat_core.settings import MINIMUM_PEOPLE_FOR_STANDARDIZER
from pat_core.weeks import apply, check, fit
from pat_core.weights import Model, require_head

WhoseStandardizer = Literal["model", "cohort"]
WEEKS_AT_ONCE = 16


@dataclass(frozen=True)
class PredictedWeek:
    """One week's prediction with what the input gate found. split: the person's part in this model's own training, if any.

    held_out: the probability (corrected as the prediction's) from a model of the same run that had not seen this person.
    """

    row: WeekRow
    prediction: Prediction
    findings: tuple[Finding, ...]
    split: str | None
    held_out: float | None


def standardizer_for(model: Model, weeks: np.ndarray, whose: WhoseStandardizer, source: str, unit: str) -> Standardizer:
    """The model's own standardizer, or one fitted on the cohort (as the paper did). Refuses what cannot be had."""
    if whose == "model":
        if model.standardizer is None:
            raise WeekError(
                f"{model.name} brings no standardizer of its own. Use the cohort's own instead "
                f"(it needs at least {MINIMUM_PEOPLE_FOR_STANDARDIZER} people)."
            )
        if model.standardizer.mean.size != weeks.shape[1]:
            raise WeekError(
                f"{model.name}'s standardizer holds {model.standardizer.mean.size} minutes, but these weeks have {weeks.shape[1]}."
            )
        return model.standardizer
    return fit(weeks, source, unit)


def default_standardizer(model: Model) -> WhoseStandardizer:
    """The model's own where it has one."""
    return "model" if model.standardizer is not None else "cohort"


def cohort_standardizer(workspace: Workspace, cohort: str, model: Model, whose: WhoseStandardizer) -> Standardizer:
    """`standardizer_for` over a cohort's first weeks: one week a person, so that long recordings weigh no more than others."""
    info = workspace.cohort(cohort)
    if whose == "model":
        return standardizer_for(model, np.empty((0, info.minutes), dtype=np.float32), whose, "", info.unit)
    key = f"standardizer of first weeks, cohort {info.id}"  # a cohort's weeks never change, and 30,000 of them are slow to read
    kept = workspace.cache_get(key)
    if kept is not None:
        return Standardizer(kept["mean"], kept["scale"], int(kept["people"]), f"cohort {cohort}", info.unit)
    rows = [row.row for row in workspace.week_rows(cohort) if row.index == 0]
    made = fit(workspace.weeks_array(cohort)[rows], f"cohort {cohort}", info.unit)
    workspace.cache_put(key, {"mean": made.mean, "scale": made.scale, "people": np.array(made.people)})
    return made


def predict_cohort(
    workspace: Workspace, model: Model, cohort: str, whose: WhoseStandardizer | None = None, progress: Progress | None = None
) -> list[PredictedWeek]:
    """Predict every week of a cohort; what was predicted before with the same model and standardizer is read back."""
    require_head(model)
    progress = progress or Silent()
    whose = whose or default_standardizer(model)
    rows, weeks = workspace.week_rows(cohort), workspace.weeks_array(cohort)
    standardizer = cohort_standardizer(workspace, cohort, model, whose)
    known = workspace.predictions(model.sha256, cohort, whose)
    todo = [row for row in rows if row.row not in known]
    for first in range(0, len(todo), WEEKS_AT_ONCE):
        some = todo[first : first + WEEKS_AT_ONCE]
        logits = predict_logits(model, apply(standardizer, weeks[[row.row for row in some]]))
        made = [(row.row, as_prediction(model, row.participant, row.index, logit)) for row, logit in zip(some, logits, strict=True)]
        workspace.save_predictions(model.sha256, cohort, whose, made)
        known |= dict(made)
        progress.at((first + len(some)) / len(todo), f"Predicting: {first + len(some)} of {len(todo)} weeks")
    splits, held = training_split(workspace, model, cohort), held_out(workspace, model, cohort)
    return [
        PredictedWeek(
            row,
            known[row.row],
            findings(week_of(row, weeks), standardizer, model, whose),
            splits.get(row.participant),
            held.get(row.participant),
        )
        for row in rows
    ]


def week_of(row: WeekRow, weeks: np.ndarray) -> Week:
    """A cohort's row with its values, without asking the database again for each of many."""
    values = np.array(weeks[row.row])
    return Week(row.participant, row.index, values, row.start, row.date_known, row.unit, row.device, row.alignment, row.report)


def findings(week: Week, standardizer: Standardizer, model: Model, whose: str) -> tuple[Finding, ...]:
    """What the input gate says of one week of a cohort."""
    return check(week, standardizer, model.card.get("unit"), cohort_fitted=whose == "cohort")


def training_split(workspace: Workspace, model: Model, cohort: str) -> dict[str, str]:
    """participant -> train, validation or test, where the model was fine-tuned here on this cohort; else empty."""
    run = _own_run(workspace, model, cohort)
    return json.loads((run.folder / "split.json").read_text()) if run else {}


def held_out(workspace: Workspace, model: Model, cohort: str) -> dict[str, float]:
    """participant -> probability, corrected as predictions are, from the model of the run that had not seen this person."""
    run = _own_run(workspace, model, cohort)
    if run is None:
        return {}
    tested = pd.read_csv(run.folder / "test.csv", dtype={"participant": str}).drop_duplicates("participant")
    made = [as_prediction(model, person, 0, logit) for person, logit in zip(tested["participant"], tested["logit"], strict=True)]
    return {one.participant: one.probability_raw if one.probability is None else one.probability for one in made}


def _own_run(workspace: Workspace, model: Model, cohort: str) -> RunInfo | None:
    runs = (run for run in workspace.runs() if run.cohort == cohort)
    return next((run for run in runs if (run.result or {}).get("model_sha256") == model.sha256), None)


@torch.no_grad()
def predict_logits(model: Model, z: np.ndarray) -> np.ndarray:
    """(people,) logits of standardized weeks (people, minutes). Refuses a model without a trained head."""
    require_head(model)
    parts = [model.network(torch.from_numpy(z[first : first + WEEKS_AT_ONCE])).numpy() for first in range(0, len(z), WEEKS_AT_ONCE)]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.float32)


def as_prediction(model: Model, participant: str, index: int, logit: float) -> Prediction:
    """A logit as a prediction, corrected to the model's training prevalence where its card states one."""
    prevalence = model.card.get("prevalence")
    corrected = None if prevalence is None else float(sigmoid(correct_logit(float(logit), float(prevalence))))
    return Prediction(participant, index, float(logit), float(sigmoid(float(logit))), corrected, prevalence)


def people_like(model: Model, logit: float) -> Interval | None:
    """Of the people in the model's test set who scored like this one, the share that were positive; None without a test set."""
    test = model.card.get("test") or {}
    if not test.get("logits"):
        return None
    return frequency_near(np.asarray(test["logits"]), np.asarray(test["labels"]), logit)
