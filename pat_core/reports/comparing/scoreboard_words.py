"""The scoreboard of explanations in words and as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pat_core.plurals import counted
from pat_core.workflows.explanations.scoreboard import PLANTED, VERDICTS, not_measured, target_rows
from pat_core.workflows.explanations.scoreboard_run import ScoreboardRequest

Row = Mapping[str, Any]
ABOUT = ("measure", "task", "size", "method", "variant")
"""What makes two figures of two boards the same."""


def figure_rows(board: Mapping[str, Any]) -> pd.DataFrame:
    """A row a figure, with its verdict in a word."""
    return pd.DataFrame([{**row, "met": VERDICTS[row["met"]]} for row in board["rows"]])


def targets_beside(rows: Sequence[Row], shipped: Sequence[Row]) -> pd.DataFrame:
    """`target_rows` of a board, each beside the figure of the published one; "not measured" where that has none."""
    known = {tuple(row[name] for name in ABOUT): f"{row['value']:.3g}" for row in shipped}
    listed = [row for row in rows if row["number"]]
    beside = [known.get(tuple(row[name] for name in ABOUT), "not measured") for row in listed]
    table = pd.DataFrame(target_rows(listed))
    if len(table):
        table.insert(list(table).index("Figure") + 1, "As shipped", beside)
    return table


def asked_words(request: ScoreboardRequest) -> str:
    """What a board is of: "small; missing mornings; 1 model of each, trained on 300 people; 30 weeks a model"."""
    tasks = ", ".join(PLANTED[task] for task in request.tasks)
    models = f"{counted(request.models, 'model')} of each, trained on {request.people:,} people"
    return f"{', '.join(request.sizes)}; {tasks}; {models}; {counted(request.weeks, 'week')} a model"


def models_words(board: Mapping[str, Any]) -> str:
    """How well the models themselves find what was planted, for a map of a model that does not can show nothing of it."""
    aucs = [f"{PLANTED.get(one['task'], one['task'])}, {one['size']}: {one['value']:.3f}" for one in board["models"]]
    return f"AUC of the models on new people: {'; '.join(aucs)}." if aucs else ""


def as_text(board: Mapping[str, Any]) -> str:
    """Verdicts and targets for a terminal."""
    rows: Sequence[Row] = board["rows"]
    aimed = [row for row in rows if row["met"] is not None]
    table = pd.DataFrame(target_rows(rows))
    parts = [
        asked_words(ScoreboardRequest.from_spec(board["request"])) + ".",
        models_words(board),
        f"{sum(row['met'] for row in aimed)} of {len(aimed)} targets are met.",
        table.to_string(index=False) if len(table) else "",
        f"Not measured yet: {'; '.join(not_measured(board))}." if board["not measured"] else "",
    ]
    return "\n".join(filter(None, parts))
