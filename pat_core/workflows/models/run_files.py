"""What lies in a run's folder beside its checkpoints: what it was started on, its split, its curves, its test."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pandas as pd

from pat_core.cohorts import RunInfo, WeekRow, Workspace
from pat_core.cohorts.cohort_records import taken_away
from pat_core.csv_text import csv_text
from pat_core.errors import TrainingError
from pat_core.files import write_text
from pat_core.training import LabelledWeeks

if TYPE_CHECKING:
    from pat_core.training.finetuning import Finetuned

FINGERPRINT = "fingerprint.json"
MARKED = "marked_away"
"""Column of test.csv: which minutes of the week marks kept from being read (see `taken_away`); "" where there were none."""
CHANGED = {
    "cohort_id": "the cohort (it was deleted or made again)",
    "model": "the model it starts from",
    "people": "who has the label",
    "weeks": "the weeks or the marks in them",
    "labels": "the labels",
    "same": "which names hold the same recording",
}


def fingerprint(cohort_id: str, model_sha256: str, data: LabelledWeeks, rows: Sequence[WeekRow]) -> dict[str, str]:
    """What a run depends on besides its request. rows: those of `data`, in its order."""
    parts = {
        "cohort_id": cohort_id,
        "model": model_sha256,
        "people": _digest(f"{row.participant}\n{row.index}" for row in rows),
        "weeks": _digest(row.as_read for row in rows),
        "labels": _digest(str(int(target)) if data.task.two_classes else repr(target) for target in data.targets().tolist()),
    }
    if data.same:  # runs that were begun before copies were kept together have none, and would go on with another split
        parts["same"] = _digest(sorted(f"{name}\n{first}" for name, first in data.same.items()))
    return parts


def keep_fingerprint(run: RunInfo, now: dict[str, str]) -> None:
    """Write it at a run's first start; afterwards refuse to go on where anything of it changed (TrainingError)."""
    path = run.folder / FINGERPRINT
    if not path.exists():
        write_json(path, now)
        return
    try:
        then = json.loads(path.read_text())
        changed = [words for key, words in CHANGED.items() if then.get(key) != now.get(key)]
    except (OSError, ValueError, AttributeError) as error:
        raise TrainingError(f"What the run {run.name!r} was started on cannot be read ({path}: {error}). Start a new run.") from error
    if changed:
        raise TrainingError(
            f"The run {run.name!r} cannot go on: since it was started, {', '.join(changed)} changed. Start a new run under another name."
        )


def keep_curves(folder: Path, curves_of: Iterable[tuple[int, str, float]]) -> None:
    """curves.csv: a row an epoch, a column a curve. curves_of: (epoch, name, value)."""
    curves = pd.DataFrame(curves_of, columns=["epoch", "name", "value"])
    write_text(folder / "curves.csv", csv_text(curves.pivot(index="epoch", columns="name", values="value"), index=True))


def keep_people(folder: Path, done: Finetuned, data: LabelledWeeks, rows: Sequence[WeekRow]) -> None:
    """split.json (participant -> part) and test.csv (a row a held-out week and repeat). rows: those of `data`, in its order.

    Of other targets than two classes test.csv holds the number that was to be learned, and a column for each number of the head.
    """
    write_json(folder / "split.json", {str(person): str(part) for person, part in zip(data.people, done.split, strict=True)})
    tests = {
        "participant": data.people[done.test_rows],
        "week": data.indices()[done.test_rows],
        "positive" if data.task.two_classes else "target": _numbers(data)[done.test_rows],
        "fold": done.test_fold,
        "repeat": done.test_repeat,
        **_answers(done),
        MARKED: [taken_away(rows[row].marks) for row in done.test_rows],
    }
    write_text(folder / "test.csv", csv_text(pd.DataFrame(tests)))


def _numbers(data: LabelledWeeks) -> np.ndarray:
    """(rows,) the number that is learned: whole, but for a value."""
    return data.targets() if data.task.kind == "value" else data.targets().astype(int)


def _answers(done: Finetuned) -> dict[str, np.ndarray]:
    """Column of test.csv -> (n,) what the head answered for each held-out week."""
    names = {"two classes": ["logit"], "value": ["value"], "classes": [f"logit {name}" for name in done.outputs.classes]}
    steps = [f"logit of reaching {name}" for name in done.outputs.classes[1:]]
    return dict(zip(names.get(done.outputs.kind, steps), done.test_outputs.T, strict=True))


TABLES = ("replay.json", "folds.csv", "test.csv", "split.json", "curves.csv")
"""What of a run's folder goes to whoever reads its result: how to make it again, who stood where, what was said of whom, how it went."""


def run_zip(run: RunInfo) -> bytes:
    """These files of a run, those that are there, as a zip."""
    with BytesIO() as whole:
        with ZipFile(whole, "w", ZIP_DEFLATED) as archive:
            for name in TABLES:
                if (run.folder / name).exists():
                    archive.write(run.folder / name, name)
        return whole.getvalue()


def run_curves(workspace: Workspace, run: RunInfo) -> list[tuple[int, str, float]]:
    """(epoch, name, value) by epoch: all of them where the run is done, else what its job has told so far.

    The kept model's are `train loss`, `validation loss` and `validation AUC` (or what else was watched); those of a fold
    begin with `fold 1 ` and so on.
    """
    path = run.folder / "curves.csv"
    if path.exists():
        table = pd.read_csv(path).melt(id_vars="epoch", var_name="name").dropna().sort_values("epoch", kind="stable")
        return list(table.itertuples(index=False, name=None))
    return workspace.metrics(run.job_id) if run.job_id else []


def write_json(path: Path, content: object) -> None:
    """Write plain values, atomically."""
    write_text(path, json.dumps(content, indent=1))


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()
