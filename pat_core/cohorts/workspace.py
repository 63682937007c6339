"""The workspace: one folder with a SQLite database (WAL) and arrays beside it. Every write is whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from pat_core.cohorts.kept.result_cache import Cache
from pat_core.cohorts.stores import cohort_rows
from pat_core.cohorts.stores.diary_store import DiaryStore
from pat_core.cohorts.stores.interpretation_store import InterpretationStore
from pat_core.cohorts.stores.job_store import JobStore
from pat_core.cohorts.stores.mark_store import MarkStore
from pat_core.cohorts.stores.participant_codes import Nameless
from pat_core.cohorts.stores.review_store import ReviewStore
from pat_core.cohorts.stores.selection_store import SelectionStore
from pat_core.errors import WorkspaceTrouble
from pat_core.settings import workspace_folder


class Workspace(Nameless, MarkStore, DiaryStore, InterpretationStore, ReviewStore, SelectionStore, JobStore, Cache):
    """Opens a workspace, and makes it where there is none. Safe for threads and for several processes at once.

    folder: None takes `settings.workspace_folder()`. read_only: to look at one that cannot be written. Raises WorkspaceTrouble where the
    folder cannot be written, a file stands in its place, or its database is damaged; WorkspaceError where that is another program's, or of
    a newer version. Folders are the owner's alone (0700), and so are files (0600): an existing workspace is tightened.
    In it: workspace.sqlite3, cohorts/<id>/weeks.npy (and worn.npy), models/<id>/, runs/<id>/, cache/<sha256 of key>.npz, jobs/<id>.log.
    """

    def __init__(self, folder: str | Path | None = None, read_only: bool = False) -> None:
        super().__init__(workspace_folder() if folder is None else Path(folder), read_only)
        if not read_only:
            with suppress(WorkspaceTrouble):  # a full disk: what is left over goes at a later open
                self.sweep()
                self.forget_named()

    def stamp(self, cohort: str) -> str:
        """Changes when this cohort's labels, marks or diaries change, when another takes its name, and when any run starts, ends or goes.

        For whoever keeps what was made of them. Weeks and people are those of the import as long as a cohort lives, but for its marks
        and for people who were deleted.
        """
        with self.reading() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            identity = info.id
            revision = connection.execute("SELECT revision FROM cohorts WHERE id = ?", (identity,)).fetchone()
            diaries = connection.execute("SELECT count(*) FROM diaries WHERE cohort_id = ?", (identity,)).fetchone()
            runs = connection.execute("SELECT id, name, cohort_id, state, result FROM runs ORDER BY id").fetchall()
        return sha256(repr((info.as_read, revision, diaries, runs)).encode()).hexdigest()

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder)!r})"
