"""What the verb `scoreboard` of the command line does, and its options. Heavy imports wait until it is asked for."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pat_core.commands.verbs import Answer, workspace_of
from pat_core.commands.verbs_places import done_there, option, unsent
from pat_core.progress import Progress

if TYPE_CHECKING:
    from pat_core.workflows.explanations.scoreboard_run import ScoreboardRequest

GIVEN = ("sizes", "tasks", "models", "weeks", "deep", "methods", "people", "epochs")


def scoreboard(chosen: Namespace, progress: Progress) -> Answer:
    """Methods of explanation held against planted evidence; goes on where it was stopped."""
    from pat_core.reports.comparing.scoreboard_words import as_text, figure_rows
    from pat_core.reports.place_words import time_words
    from pat_core.workflows.elsewhere.time_to_explain import scoring
    from pat_core.workflows.explanations.scoreboard_run import SCOREBOARD, kept_boards, run_scoreboard

    workspace, request = workspace_of(chosen), _request(chosen)
    if chosen.cost:
        time = scoring(request).here()
        return Answer({"models": len(request.cells), "seconds": time.seconds, "device": time.device}, time_words(time))
    board = kept_boards(workspace).get(request)
    if board is None and chosen.on and (first := done_there(workspace, SCOREBOARD, request, TITLE, chosen, progress)):
        return first
    board = board or run_scoreboard(workspace, request, progress)
    text = as_text(board)
    if chosen.out:
        from pat_core.csv_text import write_csv

        write_csv(figure_rows(board), chosen.out)
        text += f"\nWritten to {chosen.out}: a row a figure."
    return Answer({**board, "out": chosen.out}, text, (SIMULATED,))


TITLE = "Scoreboard of explanations"
SIMULATED = "Simulated evidence is clearer than life: do not trust on people what fails here; what passes here may still fail on them."


def _request(chosen: Namespace) -> ScoreboardRequest:
    from pat_core.workflows.explanations.scoreboard_run import FULL, LOOK

    given: dict[str, Any] = {name: value for name in GIVEN if (value := vars(chosen)[name]) is not None}
    given |= {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    return replace(FULL if chosen.full else LOOK, **given)


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    text = "Measure the methods of explanation on simulated people whose evidence was planted; goes on where it was stopped."
    a = verb("scoreboard", scoreboard, text)
    a.set_defaults(check=unsent)
    a.add_argument("--full", action="store_true", help="all of it, as published: hours (default: a look, in minutes)")
    a.add_argument("--sizes", nargs="+", metavar="SIZE", help="of PAT: small, medium, large")
    a.add_argument("--tasks", nargs="+", metavar="TASK", help="what is planted: presence, brief, absence, fragmentation, interaction, none")
    a.add_argument("--models", type=int, metavar="N", help="of each size and task, each from its own seed")
    a.add_argument("--weeks", type=int, metavar="N", help="to explain, a model; below 30 nothing gets a verdict")
    a.add_argument("--deep", type=int, metavar="N", help="of these, how many in depth: deletion, noise, randomization, slow methods")
    a.add_argument("--methods", nargs="+", metavar="METHOD", help="names that `methods` lists")
    a.add_argument("--people", type=int, metavar="N", help="that each model is trained on")
    a.add_argument("--epochs", type=int, metavar="N", help="of that")
    a.add_argument("--cost", action="store_true", help="measure nothing: say, from a few steps, how long it takes")
    a.add_argument("--out", type=Path, metavar="FILE", help="a .csv with a row a figure")
    option(a)
