"""The scoreboard measured on another machine: models and rows there, the board of them here. Nothing of anybody leaves: all people in it
are simulated, on the machine that measures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pat_core.cohorts import Workspace
from pat_core.jobs.parcel import Elsewhere, Packed
from pat_core.progress import Progress
from pat_core.workflows.explanations.scoreboard_run import KEEPS, SCOREBOARD, ScoreboardRequest, alone, folder_of, measure


def pack(workspace: Workspace, request: ScoreboardRequest, reads: Path) -> Packed:
    """Nothing but what is asked."""
    return Packed({"request": request.as_spec(), "seed": 0}, {}, 0)


def work(reads: Path, kept: Path, asked: Mapping[str, Any], progress: Progress) -> None:
    """Every model and every row. Where several processes work together, the first alone."""
    from pat_core.training.distributed import Alone, here, sharing  # with torch, which the work itself needs

    if not here().first:
        return
    with sharing(Alone()):
        measure(kept, ScoreboardRequest.from_spec(asked["request"]), progress)


SCOREBOARD_ELSEWHERE = Elsewhere[ScoreboardRequest](
    task=SCOREBOARD,
    pack=pack,
    work=work,
    keeps_in=folder_of,
    keeps=KEEPS,
    hold=alone,
    still=lambda workspace, request: None,
    ending=lambda workspace, request: request,
)
