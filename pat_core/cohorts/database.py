"""The workspace's database: its tables, opening it, and one transaction for each operation.

Threads of a web server and worker processes use it at once, so no operation shares a connection with another that is under way
(connections.py). WAL lets readers go on while one writes; a second writer waits (busy timeout). A database of an older version becomes one
of this version when it is opened.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from pat_core.cohorts import workspace_trouble
from pat_core.cohorts.connections import BUSY_SECONDS, connection_to, log_of, opened
from pat_core.errors import WorkspaceError, WorkspaceTrouble
from pat_core.files import make_folder, reserve, tighten

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

# The shortest of its windows, where they differ in length; NULL: all have `minutes`.
_VERSION_9 = ("ALTER TABLE cohorts ADD COLUMN shortest INTEGER",)

# The numbers of heads that have several, and the probabilities of their classes, as JSON; '' where there is one logit.
_VERSION_10 = ("ALTER TABLE predictions ADD COLUMN answers TEXT NOT NULL DEFAULT ''",)

# What people wrote about a week. Versions are added; none is ever changed.
_VERSION_11 = (
    """CREATE TABLE interpretations (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, participant TEXT NOT NULL, week_index INTEGER NOT NULL,
        text TEXT NOT NULL, who TEXT NOT NULL, written REAL NOT NULL, about TEXT NOT NULL)""",
    "CREATE INDEX interpretations_by_week ON interpretations(cohort_id, participant, week_index)",
    """CREATE TRIGGER interpretations_are_never_changed BEFORE UPDATE ON interpretations
        BEGIN SELECT RAISE(ABORT, 'interpretations are never changed, only followed by another version'); END""",
)

# Who has looked at whom. Entries are added; the last one of a participant holds.
_VERSION_12 = (
    """CREATE TABLE reviews (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, participant TEXT NOT NULL,
        state TEXT NOT NULL, note TEXT NOT NULL, who TEXT NOT NULL, written REAL NOT NULL)""",
    "CREATE INDEX reviews_by_cohort ON reviews(cohort_id, participant)",
    """CREATE TRIGGER reviews_are_never_changed BEFORE UPDATE ON reviews
        BEGIN SELECT RAISE(ABORT, 'reviews are never changed, only followed by another entry'); END""",
)

# Filters that are kept under a name, and people who were chosen, both as JSON. Neither is a record of what somebody did: both are edited.
_VERSION_13 = (
    """CREATE TABLE filters (
        id TEXT PRIMARY KEY, cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, name TEXT NOT NULL,
        conditions TEXT NOT NULL, written REAL NOT NULL, UNIQUE (cohort_id, name)) WITHOUT ROWID""",
    """CREATE TABLE selections (
        id TEXT PRIMARY KEY, cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, participants TEXT NOT NULL,
        words TEXT NOT NULL, kept_filter TEXT NOT NULL, written REAL NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX selections_by_cohort ON selections(cohort_id, written)",
)

# Sleep diaries as they were imported, a night an entry. Taking one back is an entry of its own; of nights that came twice the last holds.
_VERSION_14 = (
    """CREATE TABLE diaries (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        cohort_id TEXT NOT NULL REFERENCES cohorts(id) ON DELETE CASCADE, file TEXT NOT NULL, read_as TEXT NOT NULL, who TEXT NOT NULL,
        added REAL NOT NULL, undoes TEXT UNIQUE REFERENCES diaries(id))""",
    """CREATE TABLE diary_nights (
        diary_id TEXT NOT NULL REFERENCES diaries(id) ON DELETE CASCADE, participant TEXT NOT NULL, evening TEXT NOT NULL,
        night TEXT NOT NULL, PRIMARY KEY (diary_id, participant, evening)) WITHOUT ROWID""",
    "CREATE INDEX diaries_by_cohort ON diaries(cohort_id)",
    """CREATE TRIGGER diary_nights_are_never_changed BEFORE UPDATE ON diary_nights
        BEGIN SELECT RAISE(ABORT, 'nights of a diary are never changed, only taken back'); END""",
)

STEPS: tuple[tuple[str, ...], ...] = (
    _VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6, _VERSION_7, _VERSION_8, _VERSION_9, _VERSION_10,
    _VERSION_11, _VERSION_12, _VERSION_13, _VERSION_14,
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


DATABASE = "workspace.sqlite3"
SHELVES = ("cohorts", "models", "runs")
FOLDERS = (*SHELVES, "cache", "jobs")
Answer = TypeVar("Answer")


class Database:
    """folder: of the workspace (absolute). read_only: look at what is there, without writing anything.

    Raises WorkspaceTrouble where it cannot be opened or made, and wherever it cannot be read or written later.
    """

    folder: Path
    read_only: bool

    def __init__(self, folder: Path, read_only: bool = False) -> None:
        self.folder, self.read_only = folder.expanduser().absolute(), read_only
        self._path = self.folder / DATABASE
        if not read_only:
            _make_folders(self.folder)
            tighten(self.folder)
            workspace_trouble.keep_reserve(self.folder)
        with self._in_words():
            self._open()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the database, whatever others write meanwhile."""
        with self._in_words(), self._readable() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                with suppress(sqlite3.Error):  # ending a read must not hide what went wrong in it
                    connection.execute("ROLLBACK")

    @contextmanager
    def writing(self, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction that is whole or not at all. Not durable: a power cut (not a kill) may undo it, for heartbeats."""
        if self.read_only:
            raise workspace_trouble.read_only(self.folder)
        with self._in_words(), connection_to(self._path) as connection:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")  # at once: a read that turns into a write could not wait for another writer
            try:
                yield connection
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has ended the transaction already
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def unwritable(self) -> WorkspaceTrouble | None:
        """Why nothing can be written just now, though what is there can be read; None where all is well, or the folder is gone."""
        if not self._path.exists():
            return None
        if self.read_only or not workspace_trouble.writable(self.folder):
            return workspace_trouble.read_only(self.folder)
        return workspace_trouble.full(self.folder) if workspace_trouble.no_room(self.folder) else None

    def with_last_room(self, work: Callable[[], Answer]) -> Answer:
        """Does small work that a full disk must not stop (deleting, saying how a job ended): the room kept for it is given up first."""
        try:
            return work()
        except WorkspaceTrouble as error:
            if error.kind != "full" or not workspace_trouble.give_up_reserve(self.folder):
                raise
        return work()

    def wipe_free_pages(self) -> None:
        """Rewrites the database without what was deleted from it, which SQLite leaves in free pages and in its log. Where others are
        reading just now, the log is emptied by the last of them."""
        with self._in_words(), connection_to(self._path) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _readable(self) -> Iterator[sqlite3.Connection]:
        """A connection to read from. SQLite wants to write a small file beside the database even to read it: where that cannot be, on a
        full or read-only disk, the database is read as it lies there, unless a log beside it says that this is not all."""
        as_it_lies = "ro&immutable=1"
        if self.read_only or (self.unwritable() is not None and not self._has_log()):
            with closing(opened(self._path, as_it_lies)) as connection:
                yield connection
            return
        with connection_to(self._path) as connection:
            yield connection

    def _has_log(self) -> bool:
        log = log_of(self._path)
        return log.exists() and log.stat().st_size > 0

    def _open(self) -> None:
        new = not self._path.exists()
        if self.read_only:
            if new:
                raise workspace_trouble.gone(self._path)
            with self._readable() as connection:
                self._check_version(connection)
            return
        if not new and self._path.stat().st_size == 0 and any((self.folder / "cohorts").glob("*/weeks.npy")):
            raise workspace_trouble.damaged(self._path)  # emptied: a new one in its place would hide whose weeks these are
        if new:
            try:
                reserve(self._path, exist_ok=False)  # SQLite gives its log the mode of the database
            except FileExistsError:
                pass  # another process makes this workspace too, and was faster
            except OSError as error:
                raise workspace_trouble.of_system(error, self.folder) from error
        with self._readable() as connection:
            if self._check_version(connection) == VERSION:
                return
        with closing(opened(self._path, "rwc")) as connection:
            _switch_to_wal(connection)
            connection.execute("BEGIN IMMEDIATE")
            bring_up_to_date(connection)
            connection.execute("COMMIT")

    def _check_version(self, connection: sqlite3.Connection) -> int:
        connection.execute("BEGIN")
        version = version_of(connection)
        connection.execute("COMMIT")
        if version < 0:
            raise WorkspaceError(
                f"Expected the database of a workspace at {self._path}, found the database of another program. "
                "Choose another folder as workspace."
            )
        if version > VERSION:
            raise WorkspaceError(
                f"The workspace {self.folder} was last used by a newer PAT Explorer (its tables are version {version}, this program "
                f"knows up to {VERSION}). Update the program, or choose another folder as workspace."
            )
        if self.read_only and version < VERSION:
            raise WorkspaceTrouble(
                f"The workspace {self.folder} is of an older version and read-only, so it cannot be brought up to date. Allow writing.",
                "read-only",
            )
        return version

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise workspace_trouble.of_database(error, self._path, BUSY_SECONDS) from error
        except UnicodeDecodeError as error:
            raise workspace_trouble.damaged(self._path) from error
        except UnicodeEncodeError as error:
            raise WorkspaceError("A name or text holds characters that cannot be stored (half of a pair). Type it again.") from error


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Two processes that open a new workspace at once: the busy timeout does not hold for this one switch."""
    for _ in range(100):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.05)


def _make_folders(folder: Path) -> None:
    try:
        for name in ("", *FOLDERS):
            make_folder(folder / name)
    except (FileExistsError, NotADirectoryError) as error:
        raise WorkspaceTrouble(
            f"Expected a folder for the workspace at {folder}, but {error.filename} is a file. Choose another folder (PAT_WORKSPACE).",
            "no folder",
        ) from error
    except OSError as error:
        if error.errno in workspace_trouble.NO_ROOM:
            raise workspace_trouble.full(folder) from error
        raise WorkspaceTrouble(
            f"The workspace {folder} cannot be created: {error.strerror or error}. Choose a folder you can write (PAT_WORKSPACE).",
            "no folder",
        ) from error
    except ValueError as error:
        raise WorkspaceError(
            f"The workspace {folder} cannot be created: {error}. Choose a folder you can write (PAT_WORKSPACE)."
        ) from error
    if not workspace_trouble.writable(folder):
        raise workspace_trouble.read_only(folder)
