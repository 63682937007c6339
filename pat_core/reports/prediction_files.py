"""Weeks out of a .npy file, and predictions into files: of such weeks, and of a cohort's. For explanations see map_files.py."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.errors import WeekError
from pat_core.progress import Progress
from pat_core.records import UNKNOWN_UNIT, Attribution, Finding, StandardizeBy, Standardizer
from pat_core.reports.answer_files import GIVEN, about, check_ending, finding_columns, prediction_table, write_predictions
from pat_core.weeks import apply, check_standardized
from pat_core.weights import Model
from pat_core.workflows.models.cautions import model_cautions
from pat_core.workflows.models.headline import shown_probability
from pat_core.workflows.models.predictions import (
    as_prediction,
    cohort_standardizer,
    default_standardizer,
    predict_cohort,
    predict_logits,
    standardizer_for,
)
from pat_core.workflows.read.week_quality import quality_settings
from pat_core.workflows.read.worn_days import as_column, judged_by, valid_days
from pat_core.workflows.week.gate_findings import cohort_findings
from pat_core.workflows.week.week_rows import common_device


@dataclass(frozen=True)
class Written:
    """What was written: how many weeks, how many of them the input gate refuses, and what to know of the model on these people.

    minutes_not_read: at the end of each week, they fill no whole patch. made: the explanations, where those were asked for.
    """

    weeks: int
    minutes_not_read: int
    refused: int
    cautions: tuple[Finding, ...]
    made: tuple[Attribution, ...] = ()


def weeks_from_file(
    path: Path, model: Model, standardized: bool, standardize_by: StandardizeBy | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(as in the file, as the model reads them), each (people, minutes) float32. Refuses anything else in a sentence."""
    weeks = _read(path, model)
    used = standardizer_of(weeks, path, model, standardized, standardize_by)
    return weeks, weeks if used is None else apply(used, weeks)


def standardizer_of(
    weeks: np.ndarray, path: Path, model: Model, standardized: bool, standardize_by: StandardizeBy | None
) -> Standardizer | None:
    """The standardizer that the weeks of a file are read through; None where they are standardized already (then they must be complete)."""
    if not standardized:
        return standardizer_for(model, weeks, standardize_by or default_standardizer(model), path.name, UNKNOWN_UNIT)
    if not np.isfinite(weeks).all():
        raise WeekError(f"{path.name} holds values that are not finite. Standardized weeks must be complete.")
    return None


def _read(path: Path, model: Model) -> np.ndarray:
    """(people, minutes) float32 as they are in a file."""
    try:
        weeks = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError, BadZipFile, MemoryError) as error:
        # What NumPy says of a file that is none of its own advises to unpickle it.
        why = "it does not hold a whole array of numbers" if isinstance(error, ValueError) else error
        raise WeekError(
            f"{path.name} cannot be read as a NumPy array of weeks ({why}). Save (people, minutes) float32 with numpy.save."
        ) from error
    if not isinstance(weeks, np.ndarray):
        weeks.close()
        raise WeekError(f"{path.name} holds several arrays. Save one of (people, minutes) float32 with numpy.save.")
    if weeks.ndim == 1:
        weeks = weeks[None]
    if weeks.ndim != 2 or not np.issubdtype(weeks.dtype, np.number) or np.iscomplexobj(weeks) or not len(weeks):
        raise WeekError(f"Expected numbers of shape (people, minutes) in {path.name}, got {weeks.dtype} of shape {weeks.shape}.")
    if weeks.shape[1] < model.config.patch:
        raise WeekError(
            f"{path.name} holds {weeks.shape[1]} minutes a person; {model.name} needs at least one patch of {model.config.patch}."
        )
    return weeks.astype(np.float32)


def predict_file(
    model: Model, path: Path, out: Path, *, standardized: bool, internals: bool, standardize_by: StandardizeBy | None = None
) -> Written:
    """Predict the weeks of a .npy file. `internals` adds tokens and attention_received, which need no trained head.

    No value is withheld, for whoever brings arrays has their own reasons; what the input gate says of each week stands beside it.
    """
    check_ending(out)
    weeks, z = weeks_from_file(path, model, standardized, standardize_by)
    table = pd.DataFrame({"person": np.arange(len(z))})
    if model.has_head or not internals:
        logits = predict_logits(model, z)
        made = [as_prediction(model, str(person), 0, logit) for person, logit in enumerate(logits)]
        table["logit"] = logits
        table["probability_raw"] = [prediction.probability_raw for prediction in made]
        table["probability"] = [shown_probability(prediction) for prediction in made]
    found = finding_columns(file_findings(weeks, z))
    standardized_by = standardizer_words(model, standardized, standardize_by)
    cautions = model_cautions(model, None, standardized_by)
    write_predictions(out, table.assign(**found), about(model, standardized_by, cautions), _internals(model, z) if internals else {})
    return Written(len(z), model.config.leftover(z.shape[1]), sum(found["refused"]), cautions)


def predict_cohort_to(
    workspace: Workspace, model: Model, cohort: str, out: Path, standardize_by: StandardizeBy | None, internals: bool, progress: Progress
) -> Written:
    """Predict a cohort into a table or .npz: a row a week, with the input gate's findings, valid days and the settings that these were
    judged by. Of refused weeks no probability is given."""
    check_ending(out)
    standardize_by = standardize_by or default_standardizer(model)
    rows = workspace.week_rows(cohort)
    standardizer = cohort_standardizer(workspace, cohort, model, standardize_by)
    if internals and not model.has_head:
        found = finding_columns(cohort_findings(workspace, model, cohort, rows, standardize_by, standardizer, progress))
        table = pd.DataFrame({"participant": [row.participant for row in rows], "week": [row.index + 1 for row in rows]} | found)
    else:
        table = prediction_table(predict_cohort(workspace, model, cohort, standardize_by, progress))
    settings = quality_settings(workspace)
    table = table.assign(valid_days=as_column(valid_days(workspace, cohort, settings, progress)), **judged_by(settings))
    more = _internals(model, apply(standardizer, workspace.weeks_array(cohort))) if internals else {}
    info = workspace.cohort(cohort)
    cautions = model_cautions(model, info, standardize_by, common_device(rows))
    write_predictions(out, table, about(model, standardize_by, cautions), more)
    return Written(len(table), model.config.leftover(info.minutes), int(table["refused"].sum()), cautions)


def file_findings(weeks: np.ndarray, z: np.ndarray) -> list[tuple[Finding, ...]]:
    """What the input gate says of weeks out of a file. Standardizing fills gaps with the mean, and the gate has to see them."""
    return [check_standardized(np.where(np.isfinite(raw), read, np.nan)) for raw, read in zip(weeks, z, strict=True)]


def _internals(model: Model, z: np.ndarray) -> dict[str, np.ndarray]:
    from pat_core.explain.attention_reading import encode

    tokens, received = encode(model.network.encoder, z)
    return {"tokens": tokens, "attention_received": received}


def standardizer_words(model: Model, standardized: bool, standardize_by: StandardizeBy | None) -> str:
    """Whose means and deviations a file of answers says it was made with."""
    return GIVEN if standardized else standardize_by or default_standardizer(model)
