"""A run as it goes, whoever started it: how far it is, what it has come to so far, and how it ended where it did not come to its end."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.job_status import LIVE, ended, job_line
from pages.components.shared.plain_text import literal
from pages.components.shared.trouble_guard import guarded
from pages.components.shared.words import _
from pat_core import jobs
from pat_core.cohorts import RunInfo
from pat_core.workflows.learn.run_record import run_state

BY_COMMAND = {
    "queued": _("This run was started on the command line and has not begun yet."),
    "running": _(
        "This run is in progress on the command line: its progress is shown in that terminal. This page shows the result when it is done."
    ),
    "failed": _("This run was started on the command line and failed there."),
    "cancelled": _("This run was started on the command line and was stopped there."),
    "lost": _("This run was started on the command line, and its process is gone."),
}
"""State -> what is to be said of a run that no job of this app's is at work on."""
REPEAT = _("Give the same command again: it continues from the last checkpoint.")
SECONDS, BY_COMMAND_SECONDS = 1.0, 3.0
"""From one look at a run at work to the next: at one of this app's jobs, and at one of the command line's."""


def run_status(run: RunInfo, state: str, so_far: Callable[[RunInfo], None]) -> None:
    """Nothing of a run that is done. so_far: draws what one at work has come to, anew with each look."""
    if state in LIVE:
        st.fragment(_live, run_every=SECONDS if run.job_id else BY_COMMAND_SECONDS)(run, state, so_far)
    elif state != "done" and run.job_id:
        ended(workspace().job(run.job_id))
    elif state != "done":
        st.warning(literal(" ".join(filter(None, (BY_COMMAND[state], run.note, REPEAT)))))


@guarded()
def _live(run: RunInfo, drawn: str, so_far: Callable[[RunInfo], None]) -> None:
    """drawn: the state that the page shows of this run; another one draws the whole page again."""
    jobs.refresh(workspace())
    now = next((other for other in workspace().runs() if other.folder == run.folder), None)
    if now is None or run_state(workspace(), now) != drawn:
        st.rerun()
    job = workspace().job(now.job_id) if now.job_id else None
    if job and job.active:
        job_line(job, cancel=True)
    else:  # no job of this app's, or one that ended before the command line went on with its run
        st.info(BY_COMMAND[drawn])
    so_far(now)
