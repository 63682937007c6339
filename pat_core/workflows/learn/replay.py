"""One file from which a run can be made again: request, weeks by their hashes, splits, versions, and the numbers that came out.

It names nobody: people stand in it by the hashes of their weeks, so that it can go beside a paper, and whoever has the recordings can hold
its numbers against their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pat_core.cohorts import RunInfo, WeekRow, Workspace
from pat_core.csv_text import csv_text
from pat_core.errors import TrainingError
from pat_core.files import write_text
from pat_core.progress import Progress
from pat_core.training import LabelledWeeks
from pat_core.training.labelled_people import Split
from pat_core.workflows.models.run_files import write_json
from pat_core.workflows.week.labelled_weeks import RunRequest

if TYPE_CHECKING:
    from pat_core.training.finetuning import Finetuned

REPLAY, FOLDS = "replay.json", "folds.csv"
FORMAT, VERSION = "pat-explorer replay", 1
ROUNDING = 1e-4
"""Largest difference of an answer, in logits or the unit of a value, that other processors and versions of libraries explain."""
SIDES = ("train", "validation", "test")


@dataclass(frozen=True)
class Reproduced:
    """How a run came out that was made again. largest: difference of an answer about a tested week; figures: name -> (then, now).

    notes: what differs around it (versions, device), in sentences.
    """

    run: str
    weeks: int
    largest: float
    figures: Mapping[str, tuple[float, float]]
    notes: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Every number is the same to the last bit."""
        return self.largest == 0.0 and all(then == now for then, now in self.figures.values())

    @property
    def same(self) -> bool:
        """Answers differ by no more than rounding."""
        return self.largest <= ROUNDING

    @property
    def words(self) -> str:
        """The outcome in sentences."""
        figures = "; ".join(f"{name} {now:.4f}, then {then:.4f}" for name, (then, now) in self.figures.items())
        if self.exact:
            how = f"All {self.weeks:,} answers about people who were tested are the same to the last bit"
        elif self.same:
            how = f"The {self.weeks:,} answers about people who were tested differ by at most {self.largest:.1e}, which is rounding"
        else:
            how = f"The answers about people who were tested differ by up to {self.largest:.3g}: this is another result"
        return " ".join([f"{how} ({figures}).", *self.notes])


def keep_replay(
    run: RunInfo, request: RunRequest, data: LabelledWeeks, rows: Sequence[WeekRow], done: Finetuned, about: Mapping[str, Any]
) -> None:
    """Write the run's replay and its folds into its folder. rows: those of `data`, in its order. about: the fingerprint and versions."""
    splits = [one.split for one in done.trained]
    write_json(
        run.folder / REPLAY,
        {
            "format": FORMAT,
            "version": VERSION,
            "run": run.name,
            "request": request.as_spec(),
            **about,
            "weeks": [row.as_read for row in rows],
            "target": data.targets().tolist(),
            "splits": [_plain(split) for split in splits],
            "tested": {
                "rows": done.test_rows.tolist(),
                "fold": done.test_fold.tolist(),
                "repeat": done.test_repeat.tolist(),
                "outputs": np.asarray(done.test_outputs, np.float64).tolist(),
            },
            "figures": {name: asdict(figure) for name, figure in done.figures.items()},
            "computed_on": done.device,
        },
    )
    write_text(run.folder / FOLDS, csv_text(fold_table(data, splits)))


def fold_table(data: LabelledWeeks, splits: Sequence[Split]) -> pd.DataFrame:
    """A row a week: participant, week from 1, and for every split its part: train, validation, test or unused."""
    table = pd.DataFrame({"participant": data.people, "week": data.indices() + 1})
    for split in splits:
        name = "model" if split.fold is None else f"repeat {split.repeat + 1}, fold {split.fold + 1}"
        table[name] = split.parts(len(data.people))
    return table


def _plain(split: Split) -> dict[str, Any]:
    return {"fold": split.fold, "repeat": split.repeat} | {side: getattr(split, side).tolist() for side in SIDES}


def read_replay(path: Path) -> dict[str, Any]:
    """The replay in a file. TrainingError where it is none."""
    try:
        replay = json.loads(path.read_text())
        if replay["format"] != FORMAT or replay["version"] > VERSION:
            raise ValueError(f"it says it is {replay['format']} {replay['version']}")
        for name in ("request", "weeks", "target", "splits", "tested", "figures", "model"):
            replay[name]
    except OSError as error:
        raise TrainingError(f"{path} cannot be read: {error.strerror or error}. Give the path of a run's {REPLAY}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{path.name} is no replay of a run ({error}). Every run keeps one in its folder, called {REPLAY}.") from error
    return replay


def reproduce(
    workspace: Workspace, path: Path, cohort: str | None = None, device: str | None = None, progress: Progress | None = None
) -> Reproduced:
    """Do again what a replay file describes, on the cohort of the same weeks, and hold the numbers against those of then.

    cohort: its name here; None for the name that it had. Nothing is kept. TrainingError where people, weeks, labels or the model are
    others than then.
    """
    from pat_core.training.finetuning import finetune
    from pat_core.workflows.learn.finetune_run import as_trained, prepare_run, trainee_of

    replay = read_replay(path)
    request = RunRequest.from_spec(replay["request"])
    request = replace(request, cohort=cohort or request.cohort)
    if device:
        request = replace(request, settings=replace(request.settings, device=device))
    prepared = prepare_run(workspace, as_trained(request))
    if prepared.start.sha256 != replay["model"]:
        raise TrainingError(
            f"The run started from another model than the {request.model!r} of today (SHA-256 {replay['model'][:12]}…, here "
            f"{prepared.start.sha256[:12]}…). Add the file it started from under that name."
        )
    at = _places(replay, prepared.data, prepared.rows, request.cohort)
    splits = [Split(at[one["train"]], at[one["validation"]], at[one["test"]], one["fold"], one["repeat"]) for one in replay["splits"]]
    with TemporaryDirectory() as folder:
        done = finetune(trainee_of(prepared.start), prepared.data, request.settings, Path(folder), progress, splits)
    then = np.array(replay["tested"]["outputs"], dtype=np.float64)
    now = np.asarray(done.test_outputs, np.float64)
    figures = {
        name: (float(old["value"]), float(done.figures[name].value)) for name, old in replay["figures"].items() if name in done.figures
    }
    largest = float(np.abs(then - now).max()) if then.shape == now.shape else float("inf")
    return Reproduced(replay["run"], len(now), largest, figures, tuple(_notes(replay, done.device)))


def _places(replay: Mapping[str, Any], data: LabelledWeeks, rows: Sequence[WeekRow], cohort: str) -> np.ndarray:
    """(weeks,) where each week of then stands in `data` today. TrainingError where one is not there, or has another label."""
    there: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        there.setdefault(row.as_read, []).append(number)
    places = [there[week].pop(0) if there.get(week) else -1 for week in replay["weeks"]]
    missing, more = places.count(-1), len(rows) - len(places) + places.count(-1)
    if missing or more:
        raise TrainingError(
            f"The run was made of {len(places):,} weeks; of these {missing:,} are not among those that the cohort {cohort!r} gives for it "
            f"today, and {more:,} others are. Import the same recordings in the same way, with the same labels and marks."
        )
    at = np.array(places, dtype=int)
    changed = int((data.targets()[at] != np.array(replay["target"], dtype=np.float64)).sum())
    if changed:
        raise TrainingError(
            f"{changed:,} of {len(places):,} weeks have another label today than when the run was made. Correct the labels."
        )
    return at


def _notes(replay: Mapping[str, Any], device: str) -> list[str]:
    """What differs around the numbers."""
    from pat_core.workflows.models.model_cards import versions

    then, now = dict(replay.get("versions") or {}), versions()
    other = [f"{name} {then[name]} then, {now[name]} now" for name in now if name in then and then[name] != now[name]]
    notes = [f"Other versions: {'; '.join(other)}."] if other else []
    if replay.get("computed_on") != device:
        notes.append(f"Computed on {device}, then on {replay.get('computed_on')}.")
    return notes
