"""What a reader takes away of an evaluation: every person's score and fold, all figures, and the request with hashes and versions."""

from __future__ import annotations

import io
import json
import math
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from pat_core.csv_text import csv_text
from pat_core.errors import EvaluationError
from pat_core.files import write_text
from pat_core.reports.evaluation_words import as_text, figure_lines, recalibrated, recalibration_words
from pat_core.workflows.evaluate.evaluation_run import EvaluationRecord, SecondModel
from pat_core.workflows.evaluate.head_optimism import HeadOptimism
from pat_core.workflows.evaluate.operating_point import OperatingPoint
from pat_core.workflows.evaluate.tested_people import content
from pat_core.workflows.models.model_cards import versions


def evaluation_files(record: EvaluationRecord, point: OperatingPoint) -> dict[str, str]:
    """File name -> its text. Names of people stand in predictions.csv and folds.csv alone."""
    files = {
        "evaluation.txt": as_text(record, point) + "\n",
        "figures.csv": csv_text(figures_table(record, point)),
        "predictions.csv": csv_text(predictions_table(record, point)),
        "folds.csv": csv_text(folds_table(record)),
        "evaluation.json": json.dumps(plain_values(record, point), indent=1),
    }
    if record.split:
        files["split.csv"] = csv_text(pd.DataFrame(record.split.items(), columns=["participant", "part_of_the_kept_model"]))
    if record.groups:
        files["groups.csv"] = csv_text(groups_table(record))
    return files


def zipped(files: dict[str, str]) -> bytes:
    """The files in one zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def write_evaluation(files: dict[str, str], folder: Path) -> list[str]:
    """Write the files into a folder, which may be new; their names. EvaluationError where a file stands in its place."""
    if folder.exists() and not folder.is_dir():
        raise EvaluationError(f"Expected a folder for the evaluation's files, but {folder} is a file. Give another name.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        write_text(folder / name, text)
    return list(files)


def figures_table(record: EvaluationRecord, point: OperatingPoint) -> pd.DataFrame:
    """A row a figure: section, figure, value, low, high, people of the group, of the others, meaning."""
    positives, negatives = record.people.counts
    rows = [
        {
            "section": line.section,
            "figure": line.key,
            "value": line.interval.value,
            "low": line.interval.low,
            "high": line.interval.high,
            "people_of_the_group": positives,
            "other_people": negatives,
            "meaning": line.meaning,
        }
        for line in figure_lines(record, point)
    ]
    return pd.DataFrame(rows)


def predictions_table(record: EvaluationRecord, point: OperatingPoint) -> pd.DataFrame:
    """A row a person: participant, group, positive, logit, probability, called at the threshold, weeks read."""
    people = record.people
    return pd.DataFrame(
        {
            "participant": people.participants,
            "group": [people.positive_value if positive else people.negative_value for positive in people.positive],
            "positive": people.positive.astype(int),
            "logit": people.logits,
            "probability": people.probabilities,
            "called": (people.probabilities >= point.threshold).astype(int),
            "weeks": people.weeks,
        }
    )


def folds_table(record: EvaluationRecord) -> pd.DataFrame:
    """A row a person and repeat: participant, repeat, fold, logit by a model that had not seen them."""
    people = record.people
    return pd.concat(
        [
            pd.DataFrame({"participant": people.participants, "repeat": repeat, "fold": people.fold[repeat], "logit": people.each[repeat]})
            for repeat in range(len(people.each))
        ]
    )


def instability_table(done: HeadOptimism) -> pd.DataFrame:
    """A row a person: the probability by a head that learned from everyone, and within what 95 % of those of people drawn anew lie."""
    i = done.optimism.instability
    columns = {"participant": done.participants, "positive": done.positive.astype(int), "probability": i.original}
    return pd.DataFrame(columns | {"low": i.low, "high": i.high, "mean_difference": i.error})


def groups_table(record: EvaluationRecord) -> pd.DataFrame:
    """A row a part of the people, as `GroupRow`."""
    rows = []
    for row in record.groups:
        plain = {"group": row.group or "not known", "people": row.people, "positives": row.positives, "negatives": row.negatives}
        figures = {"prevalence": row.prevalence, "auc": row.auc, "in_the_large": row.in_the_large, "slope": row.slope}
        for name, interval in figures.items():
            plain |= {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}
        rows.append(plain | {"no_slope": row.no_slope, "mean_probability": row.mean_probability, "few_people": int(row.few)})
    return pd.DataFrame(rows)


def plain_values(record: EvaluationRecord, point: OperatingPoint, names: bool = False) -> dict[str, Any]:
    """Everything as plain values: what was asked, by which weights, on whom, all figures. names: with a list of the people."""
    people = record.people
    positives, negatives = people.counts
    plain = {
        "request": record.request.as_spec(),
        "model": record.model,
        "model_sha256": record.sha256,
        "people": {
            "of_the_group": positives, "others": negatives, "label": people.label, "positive": people.positive_value,
            "negative": people.negative_value, "cohort": people.cohort, "sha256": content(people),
            "simulated": people.simulated, "how": people.how,
            "folds": people.folds, "repeats": len(people.each), "left_out": list(people.left_out),
            "chosen": None if people.chosen is None else dict(people.chosen),
        },
        "figures": asdict(record.figures),
        "recalibration": _recalibration(record),
        "threshold": asdict(point),
        "second_model": None if record.second is None else _second(record.second),
        "groups": [asdict(row) for row in record.groups],
        "floors": [asdict(floor) for floor in record.floors],
        "other_explanations": None if record.others is None else asdict(record.others),
        "cautions": list(record.cautions),
        "versions": versions(),
    }  # fmt: skip
    if names:
        plain["predictions"] = predictions_table(record, point).to_dict("records")
    return finite(plain)


def _second(second: SecondModel) -> dict[str, Any]:
    """Without what is of single people."""
    return {name: value for name, value in asdict(second).items() if name not in ("positive", "probabilities", "theirs")}


def _recalibration(record: EvaluationRecord) -> dict[str, Any] | None:
    """Which figures it made better and which worse, whether it did harm, and that in words."""
    change = recalibrated(record)
    if change is None:
        return None
    sides = {"better": list(change.better), "worse": list(change.worse)}
    return sides | {"harmful": change.harmful, "words": recalibration_words(record)}


def finite(value: Any) -> Any:
    """JSON has no NaN and no infinity: null, and the word."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "infinite" if value > 0 else "minus infinite"
    return value
