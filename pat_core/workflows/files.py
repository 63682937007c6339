"""Predictions and explanations of weeks in a .npy file, and tables of a cohort's, for the command line."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.errors import WeekError
from pat_core.explain import encode, explain
from pat_core.progress import Progress, Silent
from pat_core.records import UNKNOWN_UNIT, Attribution
from pat_core.weeks import apply
from pat_core.weights import Model
from pat_core.workflows.explaining import explain_week
from pat_core.workflows.predicting import (
    PredictedWeek,
    WhoseStandardizer,
    as_prediction,
    cohort_standardizer,
    default_standardizer,
    predict_cohort,
    predict_logits,
    standardizer_for,
)


@dataclass(frozen=True)
class Written:
    """What a prediction wrote: how many weeks, and how many minutes at the end of each fill no whole patch and were not read."""

    weeks: int
    minutes_not_read: int


def weeks_from_file(path: Path, model: Model, standardized: bool, whose: WhoseStandardizer | None = None) -> np.ndarray:
    """(people, minutes) float32 weeks as the model reads them: as they are, or standardized now. Refuses anything else in a sentence."""
    try:
        weeks = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise WeekError(
            f"{path.name} cannot be read as a NumPy array of weeks ({error}). Save (people, minutes) float32 with numpy.save."
        ) from error
    if weeks.ndim == 1:
        weeks = weeks[None]
    if weeks.ndim != 2 or not np.issubdtype(weeks.dtype, np.number) or np.iscomplexobj(weeks) or not len(weeks):
        raise WeekError(f"Expected numbers of shape (people, minutes) in {path.name}, got {weeks.dtype} of shape {weeks.shape}.")
    if weeks.shape[1] < model.config.patch:
        raise WeekError(
            f"{path.name} holds {weeks.shape[1]} minutes a person; {model.name} needs at least one patch of {model.config.patch}."
        )
    weeks = weeks.astype(np.float32)
    if standardized:
        if not np.isfinite(weeks).all():
            raise WeekError(f"{path.name} holds values that are not finite. Standardized weeks must be complete.")
        return weeks
    standardizer = standardizer_for(model, weeks, whose or default_standardizer(model), path.name, UNKNOWN_UNIT)
    return apply(standardizer, weeks)


def predict_file(
    model: Model, path: Path, out: Path, *, standardized: bool, internals: bool, whose: WhoseStandardizer | None = None
) -> Written:
    """Predict the weeks of a .npy file. `internals` adds tokens and attention_received, which need no trained head."""
    z = weeks_from_file(path, model, standardized, whose)
    arrays: dict[str, np.ndarray] = {}
    table = pd.DataFrame({"person": np.arange(len(z))})
    if model.has_head or not internals:
        logits = predict_logits(model, z)
        made = [as_prediction(model, str(person), 0, logit) for person, logit in enumerate(logits)]
        table["logit"] = logits
        table["probability_raw"] = [prediction.probability_raw for prediction in made]
        table["probability"] = [p.probability_raw if p.probability is None else p.probability for p in made]
        arrays = {name: table[name].to_numpy() for name in ("logit", "probability_raw", "probability")}
    if internals:
        arrays["tokens"], arrays["attention_received"] = encode(model.network.encoder, z)
    write_answers(out, table, arrays)
    return Written(len(z), model.config.leftover(z.shape[1]))


def predict_cohort_to(
    workspace: Workspace, model: Model, cohort: str, out: Path, whose: WhoseStandardizer | None, internals: bool, progress: Progress
) -> Written:
    """Predict a cohort into a table or .npz: a row a week, with the input gate's findings."""
    if internals and not model.has_head:
        rows = workspace.week_rows(cohort)
        table = pd.DataFrame({"participant": [row.participant for row in rows], "week": [row.index for row in rows]})
    else:
        table = prediction_table(predict_cohort(workspace, model, cohort, whose, progress))
    arrays = {name: table[name].to_numpy() for name in table if table[name].dtype.kind in "fi"}
    arrays["participant"] = table["participant"].to_numpy(dtype=str)
    if internals:
        standardizer = cohort_standardizer(workspace, cohort, model, whose or default_standardizer(model))
        arrays["tokens"], arrays["attention_received"] = encode(model.network.encoder, apply(standardizer, workspace.weeks_array(cohort)))
    write_answers(out, table, arrays)
    return Written(len(table), model.config.leftover(workspace.cohort(cohort).minutes))


def prediction_table(predicted: list[PredictedWeek]) -> pd.DataFrame:
    """A row a week: participant, week, logit, probabilities, prevalence, part in the model's training, findings.

    probability_held_out: from a model of the same run that had not seen this person, where there is one.
    """
    return pd.DataFrame(
        {
            "participant": item.row.participant,
            "week": item.row.index,
            "logit": item.prediction.logit,
            "probability_raw": item.prediction.probability_raw,
            "probability": item.prediction.probability,
            "prevalence": item.prediction.prevalence,
            "part_in_training": item.split or "",
            "probability_held_out": item.held_out,
            "refused": any(finding.severity == "refuse" for finding in item.findings),
            "findings": " ".join(finding.message for finding in item.findings if finding.severity != "note"),
        }
        for item in predicted
    )


def write_answers(out: Path, table: pd.DataFrame, arrays: dict[str, np.ndarray]) -> None:
    """Write .npz (arrays), .csv or .parquet (table), by the name's ending, atomically."""
    ending = out.suffix.lower()
    if ending not in (".npz", ".csv", ".parquet"):
        raise WeekError(f"Expected an --out file ending in .npz, .csv or .parquet, got {out.name}.")
    out.parent.mkdir(parents=True, exist_ok=True)
    waiting = out.with_name(f".{out.stem}.{os.getpid()}{ending}")
    if ending == ".npz":
        np.savez_compressed(waiting, **arrays)
    elif ending == ".csv":
        table.to_csv(waiting, index=False)
    else:
        table.to_parquet(waiting, index=False)
    os.replace(waiting, out)


def explain_file(
    model: Model, path: Path, method: str, out: Path, *, standardized: bool, whose: WhoseStandardizer | None = None
) -> list[Attribution]:
    """Explain each week of a .npy file into `out` (.npz)."""
    made = [explain(model.network, week, method, has_head=model.has_head) for week in weeks_from_file(path, model, standardized, whose)]
    write_explanations(out, made, [str(person) for person in range(len(made))])
    return made


def explain_cohort_to(
    workspace: Workspace,
    model: Model,
    cohort: str,
    participant: str | None,
    method: str,
    out: Path,
    whose: WhoseStandardizer | None = None,
    progress: Progress | None = None,
) -> list[Attribution]:
    """Explain a cohort's weeks, or one person's, into `out` (.npz)."""
    progress = progress or Silent()
    standardizer = cohort_standardizer(workspace, cohort, model, whose or default_standardizer(model))
    rows = [row for row in workspace.week_rows(cohort) if participant in (None, row.participant)]
    if not rows:
        workspace.week(cohort, str(participant), 0)  # says in a sentence that nobody is called so
    made = []
    for number, row in enumerate(rows):
        made.append(explain_week(workspace, model, cohort, row.participant, row.index, method, standardizer=standardizer))
        progress.at((number + 1) / len(rows), f"Explaining: {number + 1} of {len(rows)} weeks")
    write_explanations(out, made, [row.participant for row in rows])
    return made


def write_explanations(out: Path, made: list[Attribution], participants: list[str]) -> None:
    """attribution (people, minutes), completeness_gap and delta (people,) where the method has them, settings as JSON."""
    if out.suffix.lower() != ".npz":
        raise WeekError(f"Expected an --out file ending in .npz, got {out.name}.")
    arrays = {"attribution": np.stack([one.values for one in made]), "participant": np.array(participants)}
    if made[0].completeness_gap is not None:
        arrays["completeness_gap"] = np.array([one.completeness_gap for one in made])
        arrays["delta"] = np.array([one.delta for one in made])
    arrays["settings"] = np.array(json.dumps([dict(one.settings) for one in made]))
    write_answers(out, pd.DataFrame(), arrays)
