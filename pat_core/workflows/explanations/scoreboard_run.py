"""The scoreboard of explanations, measured: models are trained on simulated people whose evidence was planted, and every method is held
against it. All rows are kept as they are measured, so that work that was stopped goes on. Nobody in it exists."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pat_core import __version__
from pat_core.cohorts import Workspace, processes
from pat_core.cohorts.kept.result_cache import digest
from pat_core.errors import ExplanationError, WorkspaceError
from pat_core.evaluation import evidence_share
from pat_core.explain import METHODS
from pat_core.explain.baselines import references
from pat_core.explain.judging.target_table import target_table
from pat_core.explain.method_registry import REPLACEMENTS
from pat_core.files import make_folder, write_text
from pat_core.jobs import Spec, Task
from pat_core.progress import Progress, Share
from pat_core.weights import Model
from pat_core.workflows.explanations.planted_models import LEARNING_RATE, PLANTED_TASKS, NewPeople, Planted, new_people, planted_model
from pat_core.workflows.explanations.scoreboard import read_board
from pat_core.workflows.explanations.week_maps import METHOD_VERSION

if TYPE_CHECKING:
    from pat_core.explain.judging.week_scores import PlantedWeek

BOARD, FOLDER = "board.json", "scoreboards"
NAME = r"[a-z]+-[a-z]+-\d+-\d+x\d+"
KEEPS = rf"{NAME}\.(jsonl|safetensors)|runs/{NAME}/(model/(last|finished)\.safetensors|threads\.json)"
"""What is kept of a measurement that is under way: the rows of each model, the model, and the checkpoints of one that is trained."""
REFERENCE_WEEKS = 4
EXTRA_PEOPLE = 40
"""Beside twice as many as there are weeks to explain, of whom half are positive: for the model's AUC, and as weeks to compare with."""
PASSES = {
    "integrated_gradients": (27, 1100), "expected_gradients": (0, 350), "occlusion_hour": (0, 190), "shapley_day": (0, 75),
    "gradient_rollout": (13, 16), "patch_gradients": (0, 44),
}  # fmt: skip
"""Method -> about what a week costs, and one that is measured in depth, in gradients of its network, for progress and time to expect:
measured in November 2026 on the small model."""
OTHER_PASSES, RANDOM_PASSES = (2, 18), 24
"""Of the other methods, and of the random orders of a week that is measured in depth."""


@dataclass(frozen=True)
class ScoreboardRequest(Spec):
    """sizes: of PAT. tasks: names in PLANTED_TASKS. models: so many of each size and task, each from its own seed. weeks: of new people to
    explain, a model; deep: of these, how many in depth (deletion, noise, randomization, slow methods). methods: names in METHODS. people,
    epochs: that each model is trained with. ExplanationError where one of them is none."""

    sizes: tuple[str, ...] = ("small", "medium")
    tasks: tuple[str, ...] = tuple(PLANTED_TASKS)
    models: int = 3
    weeks: int = 70
    deep: int = 10
    methods: tuple[str, ...] = tuple(METHODS)
    people: int = 1000
    epochs: int = 4

    def __post_init__(self) -> None:
        for name, there in (("sizes", LEARNING_RATE), ("tasks", PLANTED_TASKS), ("methods", METHODS)):
            given: Sequence[str] = getattr(self, name)
            if not given or (wrong := [one for one in given if one not in there]):
                raise ExplanationError(f"Expected {name} out of {', '.join(there)}; got {', '.join(wrong) if given else 'none'}.")
        for name, least in (("models", 1), ("weeks", 1), ("deep", 0), ("people", 40), ("epochs", 1)):
            if getattr(self, name) < least:
                raise ExplanationError(f"A scoreboard needs {least} or more {name}; got {getattr(self, name)}.")

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Self:
        """As `Spec.from_spec`, with tuples again."""
        return super().from_spec({name: tuple(value) if isinstance(value, list) else value for name, value in spec.items()})

    @property
    def cells(self) -> list[Planted]:
        """Every model, a seed of every task before the next seed."""
        return [
            Planted(size, task, seed, self.people, self.epochs)
            for size in self.sizes for seed in range(self.models) for task in self.tasks
        ]  # fmt: skip

    @property
    def in_depth(self) -> int:
        return min(self.deep, self.weeks)

    @property
    def passes(self) -> int:
        """About so many gradients a model, for all of its weeks."""
        deep = RANDOM_PASSES + sum(_passes(name, True) for name in self.methods)
        return deep * self.in_depth + sum(_passes(name, False) for name in self.methods) * (self.weeks - self.in_depth)


FULL = ScoreboardRequest()
"""As the published one."""
LOOK = ScoreboardRequest(("small",), ("presence", "absence"), 1, 30, 0, ("authors", "rollout", "integrated_gradients", "gradient"), 300)
"""Few methods on two models: enough weeks for a verdict on where maps point, and none in depth, since so few would get no verdict."""


class RowFile:
    """A file of JSON lines that a stopped run goes on with: what is in it is not measured again. Each line is added in one step."""

    def __init__(self, path: Path) -> None:
        self.path, self.rows = path, list[dict[str, Any]]()
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else ():
            with suppress(ValueError, TypeError):  # a line that is damaged is measured again
                row = json.loads(line)
                self.rows += [row] if line.endswith("\n") and "key" in row else []
        self.keys = {row["key"] for row in self.rows}

    def current(self) -> list[dict[str, Any]]:
        """Without maps of an earlier version of the methods, which a run that went on left in the file."""
        return [row for row in self.rows if row.get("version", METHOD_VERSION) == METHOD_VERSION]

    def once(self, key: str, measure: Callable[[], dict[str, Any]], about: Mapping[str, Any] | None = None) -> None:
        """Adds a row, unless one of this key is there. about: what it begins with."""
        if key not in self.keys:
            self.rows.append({"key": key, **(about or {}), **measure()})
            self.keys.add(key)
            write_text(self.path, "".join(f"{json.dumps(row)}\n" for row in self.rows))


def measure(folder: Path, request: ScoreboardRequest, progress: Progress) -> None:
    """Everything that a request asks for and that is not in the folder yet; Cancelled as `progress`."""
    cells = request.cells
    for number, planted in enumerate(cells):
        share = Share(progress, number / len(cells), 1 / len(cells))
        words = f"Model {number + 1:,} of {len(cells):,}: {planted.size}, {PLANTED_TASKS[planted.task].words}"
        share.at(0.0, words)
        rows = RowFile(make_folder(folder) / f"{planted.name}.jsonl")
        if (done := f"done {METHOD_VERSION}") in rows.keys:
            continue
        training = _share_of_training(request)
        model = planted_model(planted, folder, _Within(Share(share, 0.0, training), words))
        measure_model(model, planted, request, rows, _Within(Share(share, training, 1 - training), words))
        rows.once(done, lambda: {"what": "done"})
    shutil.rmtree(folder / "runs", ignore_errors=True)


def measure_model(model: Model, planted: Planted, request: ScoreboardRequest, rows: RowFile, progress: Progress) -> None:
    """Everything of one trained model: weeks of positive people of its task, of whom the first ones in depth."""
    from pat_core.explain.judging.week_scores import map_row, random_row, variants

    new = new_people(model, planted, 2 * request.weeks + EXTRA_PEOPLE)
    about = {"task": planted.task, "size": planted.size, "seed": planted.seed}
    rows.once(f"auc {request.weeks}", lambda: {"what": "auc", **new.auc}, about)
    done = 0.0
    for number, week in enumerate(_weeks(model, planted, request, new)):
        mark = f"{number} {'deep' if week.deep else ''} {METHOD_VERSION}"
        of_week = {**about, "week": number, "version": METHOD_VERSION}
        each = RANDOM_PASSES / len(REPLACEMENTS)
        steps = [(f"random {mark} {one}", each, partial(random_row, week, one)) for one in REPLACEMENTS if week.deep]
        for name in filter(week.applies, request.methods):
            settings = list(variants(week, name))
            each = _passes(name, week.deep) / len(settings)
            steps += [(f"{name} {variant} {mark}", each, partial(map_row, week, name, variant, given)) for variant, given in settings]
        for key, cost, step in steps:
            progress.at(min(1.0, done / request.passes), f"Week {number + 1:,} of {request.weeks:,}")
            rows.once(key, step, of_week)
            done += cost


def _weeks(model: Model, planted: Planted, request: ScoreboardRequest, new: NewPeople) -> Iterator[PlantedWeek]:
    """Weeks of people who have what is planted, one after another."""
    from pat_core.explain.judging.week_scores import PlantedWeek

    others = references(new.z[~new.cohort.positive][:REFERENCE_WEEKS], "simulated people without the label")
    network: Any = model.network  # read once: a PAT with a head
    for number, person in enumerate(np.flatnonzero(new.cohort.positive)[: request.weeks]):
        evidence = evidence_share(new.evidence[person], network.config.patch)
        least, deep, lot = PLANTED_TASKS[planted.task].least, number < request.in_depth, 1000 * planted.seed + number
        yield PlantedWeek(network, new.standardizer, new.z[person], evidence, least, others, deep, lot)


def _passes(name: str, deep: bool) -> int:
    return PASSES.get(name, OTHER_PASSES)[deep]


def _share_of_training(request: ScoreboardRequest) -> float:
    """Of the work on one model; to learn from a week takes about as long as a gradient."""
    training = request.people * request.epochs
    return training / max(1, training + request.passes)


class _Within:
    """A model's progress: what is done, after the words of the model; of dozens of models no curves are kept."""

    def __init__(self, whole: Progress, words: str) -> None:
        self.whole, self.words = whole, words

    def at(self, fraction: float, message: str) -> None:
        self.whole.at(fraction, f"{self.words}. {message}")

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        """There is no curve of it."""


def figures_in(folder: Path, request: ScoreboardRequest, checks: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The board of what was measured in a folder so far: `target_table`, and what is "not measured". checks: figures of other sources.

    ExplanationError where a file there holds something else.
    """
    files = {planted: RowFile(folder / f"{planted.name}.jsonl") for planted in request.cells}
    there = {planted: file.current() for planted, file in files.items() if file.rows}
    missing = Counter((planted.task, planted.size) for planted in files if planted not in there)
    left = [f"{task}, {size} ({count} of {request.models} models)" for (task, size), count in missing.items()]
    try:
        return target_table([row for rows in there.values() for row in rows], checks) | {"not measured": left}
    except (KeyError, TypeError, ValueError) as error:
        raise ExplanationError(
            f"The figures in {folder} cannot be read ({type(error).__name__}: {error}). Remove it and measure again."
        ) from error


def name_of(request: ScoreboardRequest) -> str:
    """What a measurement is called among others."""
    return digest(request.as_spec())[:16]


def folder_of(workspace: Workspace, request: ScoreboardRequest) -> Path:
    """Where a measurement keeps its rows, its models and its board."""
    return workspace.folder / FOLDER / name_of(request)


@contextmanager
def alone(workspace: Workspace, request: ScoreboardRequest) -> Iterator[None]:
    """WorkspaceError where another process is at work on the same measurement."""
    folder = make_folder(folder_of(workspace, request))
    with workspace.writing():  # the lock of the database keeps two from taking it at once
        if processes.run_alive(folder):
            raise WorkspaceError("Another process is measuring this scoreboard right now. Wait for it, or stop it first.")
        processes.claim_run(folder)
    try:
        yield
    finally:
        processes.release_run(folder)


def run_scoreboard(workspace: Workspace, request: ScoreboardRequest, progress: Progress) -> dict[str, Any]:
    """Measure what is not measured yet, and keep the board in the workspace; the board."""
    folder = folder_of(workspace, request)
    with alone(workspace, request):
        measure(folder, request, progress)
        about = {"measured": date.today().isoformat(), "version": METHOD_VERSION, "pat_core": __version__, "request": request.as_spec()}
        board = {**about, **figures_in(folder, request)}
        write_text(folder / BOARD, json.dumps(board, indent=1))
    return board


SCOREBOARD = Task("scoreboard", ScoreboardRequest, run_scoreboard, lambda board: {"figures": len(board["rows"])})


def kept_boards(workspace: Workspace) -> dict[ScoreboardRequest, dict[str, Any]]:
    """What was measured on this computer, or at its places: request -> board, the latest first. One that cannot be read, or that is of
    another version of the methods, is left out."""
    boards: dict[ScoreboardRequest, dict[str, Any]] = {}
    for path in sorted((workspace.folder / FOLDER).glob(f"*/{BOARD}"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
        try:
            board = read_board(path)
            if board["version"] == METHOD_VERSION:
                boards[ScoreboardRequest.from_spec(board["request"])] = board
        except (OSError, ValueError, KeyError, TypeError, ExplanationError):
            continue
    return boards
