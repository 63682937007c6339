"""What a model has seen already of the people of a cohort: their part in its own training, and what was said of them unseen."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pandas as pd

from pat_core.cohorts import RunInfo, Workspace
from pat_core.weights import Model
from pat_core.workflows.week_rows import first_weeks

WeekKey = tuple[str, int]
"""(participant, week index)."""

UNKNOWN = "unknown"
"""The part in training of people whose cohort a model was trained on in a run that is no longer here."""


@dataclass(frozen=True)
class Seen:
    """What the run that made a model did with the people of one cohort; empty where the model was not trained on it.

    split: participant -> train, validation or test. others: the part of everyone whom `split` does not name (None: none).
    held_out: (participant, week index) -> logit of a model of the same run that had not seen this person.
    tested: the participant behind each held-out logit, in the order of the run's test.
    """

    split: dict[str, str] = field(default_factory=dict)
    held_out: dict[WeekKey, float] = field(default_factory=dict)
    tested: tuple[str, ...] = ()
    others: str | None = None

    def part(self, participant: str) -> str | None:
        """train, validation, test, "unknown", or None for somebody who had no part in the model's training."""
        return self.split.get(participant, self.others)


def seen(workspace: Workspace, model: Model, cohort: str) -> Seen:
    """Look up the model's own run on this very cohort. Another cohort that bears the same name is other people."""
    cohort_id = workspace.cohort(cohort).id
    run = _own_run(workspace, model, cohort_id)
    if run is None:
        trained_on = [model.card.get("cohort_id"), *(model.card.get("cohorts_seen") or ())]
        return Seen(others=UNKNOWN if cohort_id in trained_on else None)
    split, test = run.folder / "split.json", run.folder / "test.csv"
    parts = json.loads(split.read_text()) if split.exists() else {}
    if not test.exists():
        return Seen(parts)
    table = pd.read_csv(test, dtype={"participant": str}, keep_default_na=False)
    return Seen(parts, _held_out(workspace, cohort, table), tuple(table["participant"]))


def _held_out(workspace: Workspace, cohort: str, table: pd.DataFrame) -> dict[WeekKey, float]:
    """A table that does not name its weeks is taken to tell of each person's first."""
    if "week" in table:
        keys = zip(table["participant"], table["week"].astype(int), strict=True)
        return dict(zip(keys, table["logit"].astype(float), strict=True))
    first = {row.participant: row.index for row in first_weeks(workspace.week_rows(cohort))}
    once = table.drop_duplicates("participant")
    told = zip(once["participant"], once["logit"].astype(float), strict=True)
    return {(person, first[person]): logit for person, logit in told if person in first}


def _own_run(workspace: Workspace, model: Model, cohort_id: str) -> RunInfo | None:
    runs = (run for run in workspace.runs() if run.cohort_id == cohort_id)
    return next((run for run in runs if (run.result or {}).get("model_sha256") == model.sha256), None)
