"""The tables of the workspace, and how a database of an older version becomes one of this version."""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x50415457
"""'PATW' in the file's header: tells our database from any other SQLite file."""

_VERSION_1 = (
    """CREATE TABLE cohorts (
        id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, people INTEGER NOT NULL, weeks INTEGER NOT NULL, minutes INTEGER NOT NULL,
        unit TEXT NOT NULL, alignment TEXT NOT NULL, simulated INTEGER NOT NULL, source TEXT NOT NULL, note TEXT NOT NULL,
        label_columns TEXT NOT NULL, created REAL NOT NULL)""",
    """CREATE TABLE people (
        cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, position INTEGER NOT NULL, participant TEXT NOT NULL,
        weeks INTEGER NOT NULL, labels TEXT NOT NULL, PRIMARY KEY (cohort_id, position), UNIQUE (cohort_id, participant)) WITHOUT ROWID""",
    """CREATE TABLE weeks (
        cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, row INTEGER NOT NULL, participant TEXT NOT NULL,
        week_index INTEGER NOT NULL, start TEXT, date_known INTEGER NOT NULL, unit TEXT NOT NULL, device TEXT, alignment TEXT NOT NULL,
        report TEXT NOT NULL, sha256 TEXT NOT NULL,
        PRIMARY KEY (cohort_id, row), UNIQUE (cohort_id, participant, week_index)) WITHOUT ROWID""",
    """CREATE TABLE refusals (
        cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, position INTEGER NOT NULL, what TEXT NOT NULL,
        reason TEXT NOT NULL, PRIMARY KEY (cohort_id, position)) WITHOUT ROWID""",
    """CREATE TABLE models (
        id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, file TEXT NOT NULL, sha256 TEXT NOT NULL, origin TEXT NOT NULL,
        size TEXT NOT NULL, embedding TEXT NOT NULL, has_head INTEGER NOT NULL, card TEXT NOT NULL, added REAL NOT NULL)""",
    # No reference to models: bundled and published models have predictions without being copied into the workspace.
    """CREATE TABLE predictions (
        cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, model_sha256 TEXT NOT NULL, standardizer TEXT NOT NULL,
        row INTEGER NOT NULL, logit REAL, probability_raw REAL, probability REAL, prevalence REAL,
        PRIMARY KEY (cohort_id, model_sha256, standardizer, row)) WITHOUT ROWID""",
    # The cohort's name stands beside its id, because a run outlives its cohort.
    """CREATE TABLE runs (
        id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, cohort_id TEXT REFERENCES cohorts(id) ON DELETE SET NULL, cohort TEXT NOT NULL,
        state TEXT NOT NULL, config TEXT NOT NULL, result TEXT, job_id TEXT, created REAL NOT NULL)""",
    """CREATE TABLE jobs (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, spec TEXT NOT NULL, state TEXT NOT NULL,
        fraction REAL NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '', created REAL NOT NULL, queued REAL NOT NULL, started REAL,
        finished REAL, heartbeat REAL, pid INTEGER, pid_started TEXT, error TEXT, result TEXT,
        cancel_requested INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE metrics (
        job_id TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE, step INTEGER NOT NULL, name TEXT NOT NULL, value REAL,
        PRIMARY KEY (job_id, step, name)) WITHOUT ROWID""",
    "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX runs_by_cohort ON runs(cohort_id)",
    "CREATE INDEX runs_by_job ON runs(job_id)",
    "CREATE INDEX jobs_by_state ON jobs(state)",
)

_VERSION_2 = ("ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''",)

# Counts up with every change of a cohort's labels: whether anything changed is then told without reading its people.
_VERSION_3 = ("ALTER TABLE cohorts ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",)

_VERSION_4 = (
    """CREATE TABLE notes (
        cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, position INTEGER NOT NULL, what TEXT NOT NULL,
        sentence TEXT NOT NULL, PRIMARY KEY (cohort_id, position)) WITHOUT ROWID""",
    # Nothing is ever changed here: taking a mark back is an entry of its own, once for each mark.
    """CREATE TABLE marks (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, participant TEXT NOT NULL, week_index INTEGER NOT NULL,
        from_minute INTEGER NOT NULL, to_minute INTEGER NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
        made REAL NOT NULL, undoes TEXT UNIQUE REFERENCES marks(id))""",
    "CREATE INDEX marks_by_cohort ON marks(cohort_id, participant, week_index)",
    """CREATE TRIGGER marks_are_never_changed BEFORE UPDATE ON marks
        BEGIN SELECT RAISE(ABORT, 'marks are never changed, only taken back by another entry'); END""",
)

# How a cohort was imported, as JSON: the choices that made it, and what they did.
_VERSION_5 = ("ALTER TABLE cohorts ADD COLUMN imported TEXT NOT NULL DEFAULT '{}'",)

# Where on the body, and whose clock: counts of a hip are not those of a wrist.
_VERSION_6 = ("ALTER TABLE weeks ADD COLUMN placement TEXT", "ALTER TABLE weeks ADD COLUMN zone TEXT")

# What the arrays beside the weeks held when they were stored (rows of before say NULL); a secret for codes of people; and the queue of
# jobs: a lane holds so many at once, starter is the process that took on starting the worker.
_VERSION_7 = (
    "ALTER TABLE weeks ADD COLUMN worn_sha256 TEXT",
    "ALTER TABLE cohorts ADD COLUMN truth TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE cohorts ADD COLUMN salt TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT 'compute'",
    "ALTER TABLE jobs ADD COLUMN command TEXT",
    "ALTER TABLE jobs ADD COLUMN starter TEXT",
)

# The name of the folder of its arrays, where that is not its id: since a person was deleted the others' weeks lie in a new one.
_VERSION_8 = ("ALTER TABLE cohorts ADD COLUMN folder TEXT NOT NULL DEFAULT ''",)

STEPS: tuple[tuple[str, ...], ...] = (
    _VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6, _VERSION_7, _VERSION_8,
)  # fmt: skip
"""STEPS[n] turns version n into version n + 1. Steps that were once released are never edited, only followed by another."""

VERSION = len(STEPS)


def version_of(connection: sqlite3.Connection) -> int:
    """The version this database was left in; 0 where it has never been used, -1 where it is another program's.

    Call it inside a transaction: the three answers belong together, and another process may be making the tables right now.
    """
    (ours,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if ours == APPLICATION_ID:
        return version
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return 0 if tables == 0 and version == 0 and ours == 0 else -1


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """All missing steps in one transaction, which the caller has begun: a killed process leaves the old version whole."""
    for number in range(version_of(connection), VERSION):
        for statement in STEPS[number]:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
