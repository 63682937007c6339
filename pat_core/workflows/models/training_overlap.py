"""What a model has seen already of the people of a cohort: their part in its own training, and what was said of them unseen."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pandas as pd

from pat_core.cohorts import Mark, RunInfo, Workspace
from pat_core.cohorts.cohort_records import taken_away
from pat_core.csv_text import as_meant
from pat_core.weights import Model
from pat_core.workflows.models.run_files import MARKED
from pat_core.workflows.read.duplicates import LEARNED_FROM, learned_from, same_recording
from pat_core.workflows.week.cohort_weeks import first_weeks

WeekKey = tuple[str, int]
"""(participant, week index)."""

COPY = "copy"
"""The part of people whose recording the model learned from under another name, or in another cohort."""
UNKNOWN = "unknown"
"""The part in training of people whose cohort a model was trained on in a run that is no longer here."""


@dataclass(frozen=True)
class Seen:
    """What the run that made a model did with the people of one cohort; empty where the model was not trained on it.

    split: participant -> train, validation or test, or COPY: trained on under another name or in another
    cohort. others: the part of everyone whom `split` does not name (None: none).
    held_out: (participant, week index) -> logit of a model of the same run that had not seen this person. Weeks that are read with other
    marks today than in the test are left out: what was said then was said of other minutes.
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
    """Look up the model's own run on this very cohort, and whom else of it the model has learned from, by the content of their weeks.
    Another cohort that bears the same name is other people."""
    known = _of_own_run(workspace, model, cohort)
    learned = learned_from(workspace, model, cohort)
    if not known.split and not learned:
        return known
    same = same_recording(workspace, cohort)
    learned_names = {same[name] for name in same if known.split.get(name) in LEARNED_FROM or name in learned}
    learned |= {name for name in same if same[name] in learned_names}
    copies = {name for name in learned if known.split.get(name) not in LEARNED_FROM}
    part = "train" if known.others else COPY  # of a run that is gone it is known at least for these
    return replace(
        known,
        split=known.split | dict.fromkeys(copies, part),
        held_out={key: logit for key, logit in known.held_out.items() if key[0] not in copies},
    )


def _of_own_run(workspace: Workspace, model: Model, cohort: str) -> Seen:
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
    table["participant"] = table["participant"].map(as_meant)
    if table.get("repeat", pd.Series(dtype=int)).nunique() > 1:
        table = _over_repeats(table)
    return Seen(parts, _held_out(workspace, cohort, table), tuple(table["participant"]))


def _over_repeats(table: pd.DataFrame) -> pd.DataFrame:
    """A row a week: the mean of what the models of all repeats made of it, none of which had seen the person."""
    logit = table.groupby(["participant", "week"])["logit"].transform("mean")
    return table.assign(logit=logit).drop_duplicates(["participant", "week"])


def _held_out(workspace: Workspace, cohort: str, table: pd.DataFrame) -> dict[WeekKey, float]:
    """A table that does not name its weeks is taken to tell of each person's first, one that tells of no marks of weeks without any."""
    if "week" not in table:
        first = {row.participant: row.index for row in first_weeks(workspace.week_rows(cohort))}
        table = table[table["participant"].isin(list(first))].drop_duplicates("participant")
        table = table.assign(week=table["participant"].map(first))
    marks: dict[WeekKey, list[Mark]] = {}
    for mark in workspace.marks(cohort):
        if mark.in_force:
            marks.setdefault((mark.participant, mark.index), []).append(mark)
    then = table[MARKED] if MARKED in table else [""] * len(table)
    answer = next((name for name in ("logit", "value") if name in table), None)
    if answer is None:  # of several classes there is no one number
        return {}
    tested = zip(table["participant"], table["week"].astype(int), table[answer].astype(float), then, strict=True)
    return {(who, week): logit for who, week, logit, away in tested if taken_away(marks.get((who, week), ())) == away}


def _own_run(workspace: Workspace, model: Model, cohort_id: str) -> RunInfo | None:
    runs = (run for run in workspace.runs() if run.cohort_id == cohort_id)
    return next((run for run in runs if (run.result or {}).get("model_sha256") == model.sha256), None)
