"""What happens inside the process that does a parcel's work, on whatever machine: `python -m pat_core work --parcel FOLDER`."""

from __future__ import annotations

import fcntl
import logging
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.errors import Cancelled, JobError
from pat_core.files import open_private
from pat_core.jobs.endings import ended_by, polite, stopped_by_sigterm
from pat_core.jobs.file_progress import FileProgress, read_state
from pat_core.jobs.helpers import called_in
from pat_core.jobs.parcel import KEPT, READS, Elsewhere, read_manifest
from pat_core.progress import Silent

LOCK, PARCEL = "work.lock", "parcel"
logger = logging.getLogger(__name__)


def work_parcel(folder: Path, elsewhere: Iterable[Elsewhere[Any]]) -> str:
    """Does the work of the parcel in a folder to its end, or goes on with it; the state it ended in: done, failed, cancelled (the reader
    asked), preempted (the place did). elsewhere: the kinds of work that this program knows. What went wrong stands in its state, and is
    not raised.

    JobError where the folder holds no parcel, or another process is at work on it.
    """
    parcel, known = read_manifest(folder), {one.task.kind: one for one in elsewhere}
    with _alone(folder):
        if read_state(folder).get("state") == "done":
            return "done"
        progress = FileProgress(folder)
        with stopped_by_sigterm(progress.stop):
            progress.write("running")
            polite()
            _seed(parcel.asked.get("seed"))
            try:
                progress.keep_room()
                if parcel.kind not in known:
                    raise JobError(f"This machine does not know work of the kind {parcel.kind!r}. Bring PAT Explorer up to date there.")
                with progress.beats(), called_in(PARCEL, {}, folder, progress):
                    known[parcel.kind].work(folder / READS, folder / KEPT, parcel.asked, progress)
                state, reason = "done", ""
            except (Cancelled, KeyboardInterrupt):
                state, reason = ("cancelled", "") if progress.cancelled else ("preempted", "The place asked it to stop.")
            except (Exception, SystemExit) as error:
                logger.exception("the work of parcel %s stopped", parcel.id)
                state, reason = "failed", ended_by(error)
            progress.end(state, reason)
    return state


def help_parcel(folder: Path, elsewhere: Iterable[Elsewhere[Any]]) -> None:
    """A helper's part of it: the same trainings, of which it keeps nothing."""
    parcel = read_manifest(folder)
    known = {one.task.kind: one for one in elsewhere}
    known[parcel.kind].work(folder / READS, folder / KEPT, parcel.asked, Silent())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """JobError where another process does this work. The system lets go of the lock when a process ends, however it ends."""
    with open_private(folder / LOCK, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise JobError(f"Another process is at work on the parcel in {folder}. Wait for it, or stop it first.") from error
        yield


def _seed(seed: object) -> None:
    """As for jobs here: a net under work that seeds what it uses."""
    number = seed % 2**32 if isinstance(seed, int) else 0
    random.seed(number)
    np.random.seed(number)
