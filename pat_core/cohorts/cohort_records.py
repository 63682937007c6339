"""Frozen records of what the workspace holds. Times (`created`, ...) are naive wall clock of this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pat_core.records import Alignment, Period, WeekReport
from pat_core.settings import MINUTES_PER_DAY
from pat_core.weeks.quality_report import MISSING_KINDS
from pat_core.weeks.week_time import span

if TYPE_CHECKING:  # these bring torch along, which a list of cohorts does without
    from pat_core.models.pat.pat_config import Embedding
    from pat_core.weights.bundle import Origin as ModelOrigin

JobState = Literal["queued", "running", "done", "failed", "cancelled", "lost"]
JOB_STATES: tuple[str, ...] = ("queued", "running", "done", "failed", "cancelled", "lost")
ACTIVE_STATES: tuple[str, ...] = ("queued", "running")
WAITING = "waiting"
"""In place of the process that starts a job's worker: none does yet, for others of its lane come first."""
UNLIMITED = "elsewhere"
"""The lane in which any number of jobs are under way at once."""
Label = str | float | None


@dataclass(frozen=True)
class Origin:
    """Where a cohort is from. source: of its recordings, in words. note: kept with it. simulated: its people are not real. imported: how it
    was imported, plain values (see `Workspace.import_record`)."""

    source: str = ""
    note: str = ""
    simulated: bool = False
    imported: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class CohortInfo:
    """One cohort. people, weeks, refused: counts. minutes: length of each week, of the longest where they differ. unit: of all its weeks.

    alignment: "start", "midnight", or "mixed". label_columns: in the order in which they first came.
    id: stable while the cohort lives, also under another name; never reused. marks: entries in the book of marks, those that take one
    back among them. folder: of its arrays, "" where it is the id; another one since a person was deleted. shortest: minutes of its shortest
    week, 0 where all have `minutes`.
    """

    name: str
    people: int
    weeks: int
    unit: str
    created: datetime
    simulated: bool
    source: str
    label_columns: tuple[str, ...]
    refused: int
    alignment: str
    note: str
    minutes: int
    id: str
    marks: int = 0
    folder: str = ""
    shortest: int = 0

    @property
    def one_length(self) -> bool:
        """Whether all its weeks have the same number of minutes."""
        return self.shortest in (0, self.minutes)

    @property
    def lengths(self) -> tuple[int, int]:
        """Minutes of its shortest and its longest window."""
        return self.shortest or self.minutes, self.minutes

    @property
    def length(self) -> int | None:
        """Minutes of each window; None where they differ."""
        return self.minutes if self.one_length else None

    @property
    def days(self) -> int:
        """Full days of its windows, of the longest where they differ; at least 1."""
        return max(1, self.minutes // MINUTES_PER_DAY)

    @property
    def span(self) -> str:
        """What its windows are called, in the singular: "week", "5-day window", "window" where they differ in length."""
        return span(self.minutes) if self.one_length else "window"

    @property
    def as_imported(self) -> str:
        """Its people and their weeks, for keys of what is made of them as they came in: another one after a person was deleted."""
        return f"{self.id}, people of {self.folder}" if self.folder else self.id

    @property
    def as_read(self) -> str:
        """What the values of its weeks depend on, for keys of what is made of them: the cohort, and what was marked by hand."""
        return f"{self.as_imported}, {self.marks} entries of marks" if self.marks else self.as_imported


@dataclass(frozen=True)
class Person:
    """One person of a cohort, with what is known of them and how many weeks they have."""

    participant: str
    labels: Mapping[str, Label]
    weeks: int


@dataclass(frozen=True)
class WeekRow:
    """One row of `weeks_array`. index: 0 for the person's first week. sha256: of the float32 bytes as imported, the week's identity.

    report: of the week as imported. marks: what was marked by hand and not taken back.
    """

    row: int
    participant: str
    index: int
    start: datetime | None
    date_known: bool
    unit: str
    device: str | None
    alignment: Alignment
    report: WeekReport
    sha256: str
    marks: tuple[Period, ...] = ()
    placement: str | None = None
    zone: str | None = None

    @property
    def as_read(self) -> str:
        """What this week's values depend on, for keys of what is made of them: their identity, and the minutes that were marked away.

        Marked rest leaves the values, and so this, as they are.
        """
        return ", ".join(filter(None, (self.sha256, taken_away(self.marks))))

    @property
    def altered(self) -> bool:
        """Whether marks keep some of its minutes from being read."""
        return self.as_read != self.sha256


@dataclass(frozen=True)
class Mark:
    """One period that a person marked by hand in week `index` of a participant: minutes [first, end) of the week, with who, when and why.

    kind: one of MARK_KINDS. undone_by, undone, undone_why: who took it back, when and why; None and "" while it is in force.
    """

    id: str
    participant: str
    index: int
    first: int
    end: int
    kind: str
    who: str
    why: str
    created: datetime
    undone_by: str | None = None
    undone: datetime | None = None
    undone_why: str = ""

    @property
    def in_force(self) -> bool:
        """It was not taken back."""
        return self.undone is None


@dataclass(frozen=True)
class Interpretation:
    """One version of what a person wrote about week `index` of a participant. about: a hash of what they were reading, "" where none was
    given."""

    id: str
    participant: str
    index: int
    text: str
    who: str
    created: datetime
    about: str = ""


@dataclass(frozen=True)
class Review:
    """How far somebody has come with a participant. state: one of REVIEW_STATES. note: why, "" where none was written."""

    id: str
    participant: str
    state: str
    note: str
    who: str
    created: datetime


@dataclass(frozen=True)
class KeptFilter:
    """Conditions on the people of a cohort that are kept under a name. conditions: plain values, as `people_conditions` writes them."""

    id: str
    name: str
    conditions: tuple[Mapping[str, Any], ...]
    created: datetime


@dataclass(frozen=True)
class Selection:
    """Some people of a cohort, chosen to be looked at apart. cohort: its name. participants: in the cohort's order. words: how they were
    chosen. kept_filter: the name of the filter that chose them, "" where none did."""

    id: str
    cohort: str
    participants: tuple[str, ...]
    words: str
    kept_filter: str
    created: datetime

    @property
    def sha256(self) -> str:
        """Of who they are, whatever their order: sha256 of the sorted identifiers, one a line."""
        return people_sha256(self.participants)


def people_sha256(participants: Iterable[str]) -> str:
    """sha256 of the sorted identifiers, one a line, in UTF-8: the same people have the same one, whoever chose them and how."""
    return hashlib.sha256("\n".join(sorted(participants)).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Diary:
    """A sleep diary that was brought into a cohort: out of which file, how it was read (plain values), by whom and when; how many nights of
    how many people it holds. undone_by, undone: who took it back and when; None while it holds."""

    id: str
    file: str
    read_as: Mapping[str, Any]
    who: str
    created: datetime
    nights: int
    people: int
    undone_by: str | None = None
    undone: datetime | None = None

    @property
    def in_force(self) -> bool:
        """It was not taken back."""
        return self.undone is None


REVIEW_STATES = ("new", "reviewed", "flagged")
"""Nobody has looked yet (or it is to be looked at again); looked at; looked at, and something is to be done."""


@dataclass(frozen=True)
class ModelInfo:
    """A weight file that was copied into the workspace. path: the copy. sha256: of the file's bytes."""

    name: str
    path: Path
    sha256: str
    origin: ModelOrigin
    size: str
    embedding: Embedding
    has_head: bool
    card: Mapping[str, Any]
    added: datetime


def taken_away(marks: Iterable[Period | Mark]) -> str:
    """Marks whose minutes are not read, as text: "exclude 600 to 1200"; "" where there are none."""
    periods = sorted((mark.first, mark.end, mark.kind) for mark in marks if mark.kind in MISSING_KINDS)
    return ", ".join(f"{kind} {first} to {end}" for first, end, kind in periods)


@dataclass(frozen=True)
class RunInfo:
    """One training run. folder: its own, for checkpoints. state: follows its job's where it has one.

    cohort: its name, which follows a renaming; cohort_id: None once that cohort was deleted. note: why it ended as it did, where there
    is something to say.
    """

    name: str
    cohort: str
    state: JobState
    config: Mapping[str, Any]
    result: Mapping[str, Any] | None
    job_id: str | None
    created: datetime
    folder: Path
    cohort_id: str | None = None
    note: str = ""

    @property
    def tests(self) -> bool:
        """Whether it tests a model on labels. A pretraining does not: it learns from weeks alone."""
        return self.config.get("task") != "pretrain"


@dataclass(frozen=True)
class JobInfo:
    """One background job. fraction: 0 to 1. pid with pid_started: the identity of its process, since pids are reused.

    lane: of one lane only so many run at once. starter: WAITING, or the process that has taken on starting the worker; None where nobody
    has.
    """

    id: str
    kind: str
    title: str
    spec: Mapping[str, Any]
    state: JobState
    fraction: float
    message: str
    created: datetime
    started: datetime | None
    finished: datetime | None
    heartbeat: datetime | None
    pid: int | None
    error: str | None
    result: Mapping[str, Any] | None
    pid_started: str | None = None
    cancel_requested: bool = False
    lane: str = "compute"
    starter: str | None = None

    @property
    def active(self) -> bool:
        """Waiting or at work: its state can still change by itself."""
        return self.state in ACTIVE_STATES

    @property
    def waiting(self) -> bool:
        """In the queue: it begins by itself once it is its turn."""
        return self.state == "queued" and self.starter == WAITING
