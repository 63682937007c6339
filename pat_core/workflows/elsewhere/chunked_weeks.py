"""What is computed of each week of a cohort by itself, on another machine: in chunks of people, each kept as soon as it is done.

What is left to do here is the task itself, which finds what came home among the results that it keeps.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, TypeVar

import numpy as np

from pat_core.cohorts import WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import digest
from pat_core.errors import WorkspaceError
from pat_core.files import make_folder, open_private, replacing, write_text
from pat_core.jobs import Task
from pat_core.jobs.parcel import Elsewhere, Packed
from pat_core.jobs.spread import Arrays, Compute, spread
from pat_core.progress import Progress
from pat_core.weights import Model, load, save
from pat_core.workflows.elsewhere.week_files import WEEKS, read_weeks, write_weeks

MODEL, LISTED = "model.safetensors", "weeks.json"
HOLDS_WEEKS = "Activity as the model reads it, standardized, a number a minute: weeks that have no answer here yet"
HOLDS_MODEL = "The weights of the model, without its card and the names of its classes"
Request = TypeVar("Request")


@dataclass(frozen=True, eq=False)
class Todo:
    """One week to read: its row, and its standardized minutes (minutes,)."""

    row: WeekRow
    read: Callable[[], np.ndarray]


Home = tuple[Sequence[Todo], Arrays]
"""Weeks of one chunk that came home, and the arrays of `compute`."""


@dataclass(frozen=True)
class Chunked(Generic[Request]):
    """One kind of such work. todo: the model that answers, and the weeks that have no answer here. compute: the answers to some weeks on
    the other machine. keep: puts the answers that came home among the results here. at_once: weeks a chunk.
    """

    task: Task[Any, Any]
    todo: Callable[[Workspace, Request], tuple[Model, list[Todo]]]
    compute: Compute
    keep: Callable[[Workspace, Request, Iterable[Home]], None]
    at_once: int

    def elsewhere(self) -> Elsewhere[Any]:
        return Elsewhere(self.task, self._pack, self._work, folder_of, r"\d{6}\.npz", _held, _refuse_without_people, self._ending)

    def _pack(self, workspace: Workspace, request: Any, reads: Path) -> Packed:
        """The same weeks in the same order as when this was begun, so that the chunks that are done fit."""
        model, todo = self.todo(workspace, request)
        if not todo:
            raise WorkspaceError("Every week of this cohort has its answer already, so there is nothing to send. Choose this computer.")
        folder = make_folder(folder_of(workspace, request))
        by_content = {_content(one): one for one in todo}
        listed = _listed(folder)
        if any(name not in by_content for name in listed) or len(listed) != len(by_content):
            shutil.rmtree(folder)
            listed = list(by_content)
            write_text(make_folder(folder) / LISTED, json.dumps(listed))
        chosen = [by_content[name] for name in listed]
        lengths = [one.row.report.minutes for one in chosen]
        write_weeks(reads / WEEKS, _Weeks(chosen, lengths))
        network = model.network
        if model.outputs.classes and not model.explains:
            network = _without_names(network)
        save(reads / MODEL, network, has_head=True, standardizer=None, card={}, name="model", origin="own")
        asked = {"lengths": lengths, "at_once": self.at_once, "seed": 0}
        return Packed(asked, {WEEKS: HOLDS_WEEKS, MODEL: HOLDS_MODEL}, len({one.row.participant for one in chosen}))

    def _work(self, reads: Path, kept: Path, asked: Mapping[str, Any], progress: Progress) -> None:
        from pat_core.training.distributed import here  # with torch, which the work itself needs

        if not here().first:  # chunks are spread by other means
            return
        lengths, size = asked["lengths"], int(asked["at_once"])
        weeks = read_weeks(reads / WEEKS, lengths)
        numbers = range(-(-len(lengths) // size))
        missing = [number for number in numbers if not (kept / _name(number)).exists()]

        def reading(number: int) -> Callable[[], list[np.ndarray]]:
            rows = range(number * size, min((number + 1) * size, len(lengths)))
            return lambda: [np.array(weeks[row]) for row in rows]

        part, left = _Rest(progress, len(numbers), len(missing)), len(missing)
        part.at(0.0, _words(len(numbers) - left, len(numbers)))
        for number, arrays in spread(self.compute, (reads / MODEL).read_bytes(), {}, {one: reading(one) for one in missing}, part):
            with replacing(kept / _name(number)) as waiting, open(waiting, "wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
            left -= 1
            part.at(1.0 - left / len(missing), _words(len(numbers) - left, len(numbers)))

    def _ending(self, workspace: Workspace, request: Any) -> Any:
        """Takes what came home among the results here."""
        folder = folder_of(workspace, request)
        self.keep(workspace, request, self._home(folder, self.todo(workspace, request)[1]))
        shutil.rmtree(folder, ignore_errors=True)
        return request

    def _home(self, folder: Path, todo: Sequence[Todo]) -> Iterator[Home]:
        """The chunks in a folder, one by one."""
        by_content, listed = {_content(one): one for one in todo}, _listed(folder)
        for path in sorted(folder.glob("??????.npz")):
            first = int(path.stem) * self.at_once
            some = [by_content.get(name) for name in listed[first : first + self.at_once]]
            if all(some):  # else they changed meanwhile, or are known already
                with np.load(path, allow_pickle=False) as arrays:
                    yield [one for one in some if one], {name: arrays[name] for name in arrays.files}


class _Rest:
    """Progress of the chunks that are left, as a part of all."""

    def __init__(self, whole: Progress, chunks: int, left: int) -> None:
        self.whole, self.begun, self.share = whole, 1.0 - left / max(1, chunks), left / max(1, chunks)

    def at(self, fraction: float, message: str) -> None:
        self.whole.at(self.begun + self.share * fraction, message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self.whole.metric(step, values)


class _Weeks:
    """Weeks to read, as `write_weeks` takes them: an array of weeks, or rows of several lengths."""

    def __init__(self, todo: Sequence[Todo], lengths: Sequence[int]) -> None:
        self.todo, self.lengths = todo, lengths
        self.shape = (len(todo), max(lengths, default=0))

    def __len__(self) -> int:
        return len(self.todo)

    def __getitem__(self, rows: Any, /) -> np.ndarray:
        return np.stack([one.read() for one in self.todo[rows]]) if isinstance(rows, slice) else self.todo[rows].read()


def folder_of(workspace: Workspace, request: Any) -> Path:
    """Where the chunks of a request come home to."""
    return workspace.folder / "jobs" / f"{digest(request.as_spec())[:16]}.chunks"


def model_from(weights: bytes) -> Model:
    """The model in the bytes of a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / MODEL
        with open_private(path, "wb") as file:
            file.write(weights)
        model = load(path)
        model.network  # noqa: B018  (read now: the file goes)
        return model


def _without_names(network: Any) -> Any:
    """The same network, of whose classes nothing but the number is known."""
    import copy

    outputs = network.outputs
    nameless = copy.copy(network)
    nameless.outputs = replace(outputs, classes=tuple(f"class {number + 1}" for number in range(len(outputs.classes))))
    return nameless


def _content(one: Todo) -> str:
    """A week as it is read today."""
    return f"{one.row.row} {one.row.as_read}"


def _listed(folder: Path) -> list[str]:
    try:
        return [str(name) for name in json.loads((folder / LISTED).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def _name(number: int) -> str:
    return f"{number:06d}.npz"


def _words(done: int, chunks: int) -> str:
    return f"{done:,} of {chunks:,} chunks of people are done"


def _held(workspace: Workspace, request: Any) -> nullcontext[None]:
    return nullcontext()


def _refuse_without_people(workspace: Workspace, request: Any) -> None:
    """WorkspaceError where the cohort was deleted, or is another one by now."""
    if request.cohort_id and all(cohort.id != request.cohort_id for cohort in workspace.cohorts()):
        raise WorkspaceError(f"The cohort {request.cohort!r} was deleted, so the work was stopped and its data removed where it was.")


def stacked(arrays: Iterable[Arrays]) -> Arrays:
    """Arrays of several weeks as those of one chunk, under the number of each."""
    return {f"{number}/{name}": values for number, each in enumerate(arrays) for name, values in each.items()}


def unstacked(arrays: Arrays, weeks: int) -> list[Arrays]:
    """Those of each week again."""
    parts: list[Arrays] = [{} for _ in range(weeks)]
    for key, values in arrays.items():
        number, _, name = key.partition("/")
        parts[int(number)][name] = values
    return parts
