"""Answers as files: tables and arrays that say which model gave them, with what, and what to know of it. Whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pat_core import __version__
from pat_core.csv_text import write_csv
from pat_core.errors import WeekError, WorkspaceError
from pat_core.explain.windows import WearMass
from pat_core.files import make_folder, replacing
from pat_core.records import Attribution, Finding
from pat_core.weights import Model
from pat_core.workflows.models.cautions import condition
from pat_core.workflows.models.headline import shown_probability
from pat_core.workflows.models.predictions import PredictedWeek
from pat_core.workflows.week.gate_findings import refused

PREDICTIONS, EXPLANATIONS = (".npz", ".csv", ".parquet"), (".npz",)
"""Endings that predictions and explanations can be written to."""

ANSWER = {"": "value", "_low": "low", "_high": "high", "_people": "n"}
"""End of a column's name -> field of `headline.Answer`."""

GIVEN = "as given"
"""The word for the standardizer where weeks came standardized already."""


def check_ending(out: Path, endings: Sequence[str] = PREDICTIONS) -> None:
    """WeekError unless a file of that name can be written as one of these kinds."""
    if out.suffix.lower() not in endings:
        said = " or ".join(filter(None, (", ".join(endings[:-1]), endings[-1])))
        raise WeekError(f"Expected an --out file ending in {said}, got {out.name}.")


def check_table(out: Path) -> None:
    """WorkspaceError unless a table can be written under this name."""
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise WorkspaceError(f"Expected a file ending in .csv or .parquet, got {out.name}.")


def about(model: Model, standardize_by: str, known: Sequence[Finding]) -> dict[str, Any]:
    """What a file of answers says of where they come from. known: cautions about the model on these people."""
    return {
        "model": model.name,
        "model_sha256": model.sha256,
        "standardizer": standardize_by,
        "encoder_trained": model.encoder_trained,
        "probability_of": condition(model.card),
        "first_line": str(model.card.get("first_line", "")),
        "cautions": [one.message for one in known],
        "pat_core": __version__,
    }


def prediction_table(predicted: Sequence[PredictedWeek]) -> pd.DataFrame:
    """A row a week: participant, week (1 is the first, as on the pages), logit, probabilities, prevalence, part in the model's training,
    findings.

    answer: the one number that stands on the pages, 0 to 1, with answer_low, answer_high and answer_people where it is of test people who
    scored alike; answer_is: what it is. probability: before correction where no prevalence is known. probability_held_out: from a model of
    the same run that had not seen this person. All of them are empty where the input gate refused the week.
    """
    shown = [None if item.refused else item for item in predicted]
    answers = [item.answer for item in predicted]
    numbers = {
        **{f"answer{name}": [one and getattr(one, field) for one in answers] for name, field in ANSWER.items()},
        "logit": [item and item.prediction.logit for item in shown],
        "probability_raw": [item and item.prediction.probability_raw for item in shown],
        "probability": [item and shown_probability(item.prediction) for item in shown],
        "prevalence": [item.prediction.prevalence for item in predicted],
        "probability_held_out": [item and item.held_out for item in shown],
    }
    table = pd.DataFrame(
        {
            "participant": pd.Series([item.row.participant for item in predicted], dtype=object),
            "week": pd.Series([item.row.index + 1 for item in predicted], dtype=int),
            **{name: pd.Series(values, dtype=float) for name, values in numbers.items()},
            "answer_is": pd.Series([one.what if one else "" for one in answers], dtype=object),
            "part_in_training": pd.Series([item.split or "" for item in predicted], dtype=object),
        }
    )
    return table.assign(**finding_columns([item.findings for item in predicted]))


def finding_columns(found: Sequence[Sequence[Finding]]) -> dict[str, list[Any]]:
    """refused and findings (sentences, notes left out) of each week."""
    return {
        "refused": [refused(of_a_week) for of_a_week in found],
        "findings": [" ".join(one.message for one in of_a_week if one.severity != "note") for of_a_week in found],
    }


def write_predictions(out: Path, table: pd.DataFrame, told: Mapping[str, Any], more: Mapping[str, np.ndarray]) -> None:
    """Write a row a week: .csv and .parquet with `told` (see `about`) as columns, .npz with it as JSON in `about`, and `more` arrays."""
    arrays = {str(name): _as_array(table[name]) for name in table} | dict(more) | {"about": np.array(json.dumps(told))}
    plain = {name: told[name] for name in ("model", "model_sha256", "standardizer", "encoder_trained", "first_line")}
    plain["cautions"] = " ".join(told["cautions"])
    if "probability" in table:
        plain["probability_of"] = told["probability_of"]
    write_answers(out, table.assign(**plain), arrays)


def write_explanations(
    out: Path,
    made: Sequence[Attribution],
    participants: Sequence[str],
    weeks: Sequence[int],
    found: Sequence[Sequence[Finding]],
    told: Mapping[str, Any],
    masses: Sequence[WearMass],
) -> None:
    """attribution (weeks, minutes); participant, week (1 is the first), refused and findings of each; settings: JSON.

    completeness_gap and delta where the method has them. mass_worn, mass_not_worn and mass_missing: shares of each map's strength, 0 to 1,
    and minutes_worn and so on: of the minutes that it covers (see `WearMass`); NaN where that is not known.
    """
    check_ending(out, EXPLANATIONS)
    arrays = {
        "attribution": np.stack([one.values for one in made]),
        "participant": np.array(participants, dtype=str),
        "week": np.array(weeks, dtype=np.int64) + 1,
        **{name: np.array(values) for name, values in finding_columns(found).items()},
    }
    for name in ("worn", "not_worn", "missing"):
        arrays[f"mass_{name}"] = np.array([getattr(one, name) for one in masses])
        arrays[f"minutes_{name}"] = np.array([getattr(one, f"{name}_minutes") for one in masses])
    if made[0].completeness_gap is not None:
        arrays["completeness_gap"] = np.array([one.completeness_gap for one in made])
        arrays["delta"] = np.array([one.delta for one in made])
    arrays["settings"] = np.array(json.dumps([dict(one.settings) for one in made]))
    write_answers(out, pd.DataFrame(), arrays | {"about": np.array(json.dumps(told))})


def write_answers(out: Path, table: pd.DataFrame, arrays: Mapping[str, Any]) -> None:
    """Write .npz (arrays), .csv or .parquet (table), by the name's ending, atomically. WorkspaceError where it cannot be written."""
    check_ending(out)
    ending = out.suffix.lower()
    try:
        make_folder(out.parent)
        with replacing(out) as waiting:
            if ending == ".npz":
                np.savez_compressed(waiting, **arrays)
            elif ending == ".csv":
                write_csv(table, waiting)
            else:
                table.to_parquet(waiting, index=False)
    except OSError as error:
        raise WorkspaceError(
            f"{out} cannot be written: {error.strerror or error}. Choose another place for it, or make room on the disk."
        ) from error


def _as_array(column: pd.Series) -> np.ndarray:
    """Numbers and yes/no as they are, everything else as text, so that nothing needs unpickling. Whole numbers of which some are not
    known are floats with NaN."""
    if isinstance(column.dtype, pd.Int64Dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    return column.to_numpy() if column.dtype.kind in "fib" else column.to_numpy(dtype=str)
