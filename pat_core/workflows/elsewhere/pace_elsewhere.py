"""How fast a place works: a few steps of each network that some work would train or explain, timed there before any of it begins.

It goes through the same launchers and queues as the work itself would, with sizes and settings alone.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import digest
from pat_core.errors import JobError
from pat_core.files import make_folder, write_text
from pat_core.jobs import Spec, Task
from pat_core.jobs.launchers.place_book import Place
from pat_core.jobs.parcel import Elsewhere, Packed
from pat_core.progress import Progress
from pat_core.training.pace.pace_asked import Pace, PaceAsked

PACES = "paces.json"


@dataclass(frozen=True)
class PaceRequest(Spec):
    """place: the name of the one that is measured, "" for this computer. record: hash of what is known of the place, so that another one
    of that name is measured anew."""

    place: str
    asked: tuple[PaceAsked, ...]
    record: str = ""

    @classmethod
    def at(cls, place: Place, asked: tuple[PaceAsked, ...]) -> Self:
        """Of a place as it is known now."""
        return cls(place.name, asked, digest(asdict(place))[:16])

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Self:
        """As `Spec.from_spec`, with records and tuples again."""
        return super().from_spec({**spec, "asked": tuple(map(PaceAsked.from_plain, spec["asked"]))})


def measure(workspace: Workspace, request: PaceRequest, progress: Progress) -> list[Pace]:
    """The paces in the order in which they are asked, as they came home from the place; of this computer they are measured now.

    TrainingError as `pace.measured`. JobError where what came home is none.
    """
    folder = folder_of(workspace, request)
    if not request.place:
        _measure(request.asked, make_folder(folder), progress)
    try:
        return _read(folder / PACES, len(request.asked))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def paces_of(result: Mapping[str, Any]) -> list[Pace]:
    """What a job keeps of it, read again. TypeError or ValueError where that is damaged."""
    paces = [Pace(**plain) for plain in result["paces"]]
    if not all(math.isfinite(seconds) and seconds >= 0.0 for pace in paces for seconds in (pace.reading, pace.learning)):
        raise ValueError("seconds below none")
    return paces


PACE = Task[PaceRequest, list[Pace]]("pace", PaceRequest, measure, lambda paces: {"paces": [asdict(pace) for pace in paces]})


def folder_of(workspace: Workspace, request: PaceRequest) -> Path:
    """Where what was measured comes home to."""
    return workspace.folder / "jobs" / f"{digest(request.as_spec())[:16]}.paces"


def pack(workspace: Workspace, request: PaceRequest, reads: Path) -> Packed:
    """Nothing but what is asked."""
    return Packed({"asked": request.as_spec()["asked"], "seed": 0}, {}, 0)


def work(reads: Path, kept: Path, asked: Mapping[str, Any], progress: Progress) -> None:
    """Measures there. Where several processes train together, the first alone: so the time holds at the most."""
    from pat_core.training.distributed import here  # with torch, which the work itself needs

    if here().first:
        _measure(tuple(map(PaceAsked.from_plain, asked["asked"])), kept, progress)


def _measure(asked: Sequence[PaceAsked], folder: Path, progress: Progress) -> None:
    from pat_core.training.pace.measured_pace import measured

    paces = []
    for number, one in enumerate(asked):
        progress.at(number / len(asked), f"Measuring {number + 1} of {len(asked)}")
        paces.append(asdict(measured(one)))
    write_text(folder / PACES, json.dumps({"paces": paces}))


def _read(path: Path, wanted: int) -> list[Pace]:
    try:
        paces = paces_of(json.loads(path.read_text(encoding="utf-8")))
        if len(paces) != wanted:
            raise ValueError(f"{len(paces)} in place of {wanted}")
        return paces
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise JobError(f"What was measured there cannot be read ({type(error).__name__}: {error}). Measure it again.") from error


PACE_ELSEWHERE = Elsewhere[PaceRequest](
    task=PACE,
    pack=pack,
    work=work,
    keeps_in=folder_of,
    keeps=r"paces\.json",
    hold=lambda workspace, request: nullcontext(),
    still=lambda workspace, request: None,
    ending=lambda workspace, request: request,
)
