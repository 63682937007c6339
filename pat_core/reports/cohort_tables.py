"""What is in the workspace, as tables and counts for readers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.records import Note, Refusal
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.demo import COHORT, LABEL, MODEL
from pat_core.workflows.people.simulated_people import PLANTED, label_name
from pat_core.workflows.read.clock_changes import WeekOverChange

MOST_VALUES = 8
"""So many values of a label are counted one by one; of more, only how many there are."""

NAMED = 3
"""So many recordings are named beside a sentence that is about them all; more are counted."""

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")

UNREMARKABLE = ("nonwear day", "high level")
"""Planted distractors that a first look should not start with."""


@dataclass(frozen=True)
class Holdings:
    """How much there is. models: those whose weights are here, without the untrained ones."""

    cohorts: int
    people: int
    weeks: int
    models: int
    runs: int


def holdings(workspace: Workspace, models: Iterable[ModelEntry]) -> Holdings:
    """Counts of what the workspace and this installation hold."""
    cohorts = workspace.cohorts()
    return Holdings(
        len(cohorts),
        sum(cohort.people for cohort in cohorts),
        sum(cohort.weeks for cohort in cohorts),
        sum(entry.present and entry.origin != "random" for entry in models),
        len(workspace.runs()),
    )


def first_person(workspace: Workspace, models: Mapping[str, ModelEntry]) -> str | None:
    """Whom the demonstration opens with: of those with the planted trait and an ordinary week, the one the model scores highest.

    None where the demonstration is not here.
    """
    if MODEL not in models or COHORT not in {cohort.name for cohort in workspace.cohorts()}:
        return None
    people = {person.participant: person for person in workspace.people(COHORT)}
    ordinary = [
        person.participant
        for person in people.values()
        if person.labels.get(label_name(LABEL)) == PLANTED and all(person.labels.get(name) != "yes" for name in UNREMARKABLE)
    ]
    predicted = workspace.predictions(models[MODEL].sha256 or "", COHORT, "model").values()
    logits = {week.participant: week.logit for week in predicted}
    return max(ordinary or people, key=lambda person: logits.get(person, float("-inf")), default=None)


def cohort_table(workspace: Workspace) -> pd.DataFrame:
    """A row a cohort: Cohort, People, Weeks, Unit, Who (simulated or recorded), Created."""
    return pd.DataFrame(
        {
            "Cohort": cohort.name,
            "People": cohort.people,
            "Weeks": cohort.weeks,
            "Unit": cohort.unit,
            "Who": "simulated people" if cohort.simulated else "recorded people",
            "Created": cohort.created,
        }
        for cohort in workspace.cohorts()
    )


def label_table(workspace: Workspace, cohort: str) -> pd.DataFrame:
    """A row a label: Label, Values with how many people have each (most frequent first), People without."""
    people = workspace.people(cohort)
    columns = workspace.cohort(cohort).label_columns
    filled = {name: [plain(p.labels[name]) for p in people if p.labels.get(name) not in (None, "")] for name in columns}
    rows = [{"Label": name, "Values": value_counts(values), "People without": len(people) - len(values)} for name, values in filled.items()]
    return pd.DataFrame(rows, columns=["Label", "Values", "People without"])


def given_labels_table(labels: Mapping[str, Mapping[str, object]]) -> pd.DataFrame:
    """The same for a table of people that has not been joined yet."""
    columns = list(dict.fromkeys(name for values in labels.values() for name in values))
    filled = {name: [plain(v[name]) for v in labels.values() if v.get(name) not in (None, "")] for name in columns}
    rows = [{"Label": name, "Values": value_counts(values), "People without": len(labels) - len(values)} for name, values in filled.items()]
    return pd.DataFrame(rows, columns=["Label", "Values", "People without"])


def plain(value: object) -> str:
    """A label's value as read: whole numbers without a decimal point."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def value_counts(values: list[str]) -> str:
    """ "case (16), comparison (24)"; of many different values how many, or their range where all are numbers."""
    counts = pd.Series(values, dtype=str).value_counts()
    if len(counts) <= MOST_VALUES:
        return ", ".join(f"{value} ({count})" for value, count in counts.items()) or "none"
    numbers = pd.to_numeric(pd.Series(values), errors="coerce")
    if numbers.notna().all():
        return f"{len(counts)} different numbers, {numbers.min():g} to {numbers.max():g}"
    return f"{len(counts)} different values"


def refusal_table(refused: Iterable[Refusal | Mapping[str, str]]) -> pd.DataFrame:
    """A row for everything that did not come in: What, Why."""
    plain = [(entry.what, entry.reason) if isinstance(entry, Refusal) else (entry["what"], entry["reason"]) for entry in refused]
    return pd.DataFrame(plain, columns=["What", "Why"])


def note_table(notes: Iterable[Note | Mapping[str, str]]) -> pd.DataFrame:
    """A row for everything that was noted at import: What, Note."""
    return pd.DataFrame(map(_note, notes), columns=["What", "Note"])


def _note(entry: Note | Mapping[str, str]) -> tuple[str, str]:
    return (entry.what, entry.sentence) if isinstance(entry, Note) else (entry["what"], entry["sentence"])


def note_lines(notes: Iterable[Note | Mapping[str, str]]) -> list[str]:
    """What was noted at import, a line a sentence, most frequent first, with the names of those it is about, or how many they are."""
    about: dict[str, list[str]] = {}
    for what, sentence in map(_note, notes):
        about.setdefault(sentence, []).append(what)
    groups = sorted(about.items(), key=lambda item: -len(item[1]))
    return [f"{', '.join(who) if len(who) <= NAMED else f'{len(who):,} recordings'}: {sentence}" for sentence, who in groups]


def shortened(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A table of refusals with the first sentence of each reason alone, and the sentences after it, each once, most frequent first."""
    parts = [SENTENCE_END.split(str(why).strip(), maxsplit=1) for why in table["Why"]]
    rest = Counter(part[1] for part in parts if len(part) > 1)
    return table.assign(Why=[part[0] for part in parts]), [sentence for sentence, _ in rest.most_common()]


def clock_changes_table(over: Sequence[WeekOverChange]) -> pd.DataFrame:
    """A row a week over a change: Participant, Week (from 1), Begins, Clock change, Time zone, Minutes, Done."""
    rows = [
        (week.participant, week.index + 1, datetime.fromisoformat(week.start), ", ".join(week.days), week.zone, week.minutes)
        + ({"cut": "cut to wall clock", "refuse": "refused"}[week.done],)
        for week in over
    ]
    return pd.DataFrame(rows, columns=["Participant", "Week", "Begins", "Clock change", "Time zone", "Minutes", "Done"])
