"""Background jobs as a person sees them: how far, what now, cancel, and what to do when one was lost."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.phrases import left_words
from pages.components.shared.plain_text import lines, literal
from pages.components.shared.session_names import Key
from pages.components.shared.trouble_guard import guarded
from pages.components.shared.words import _
from pat_core import jobs
from pat_core.cohorts import JobInfo
from pat_core.errors import PatError
from pat_core.jobs import Spec, Task
from pat_core.progress import seconds_left

LIVE = ("queued", "running")

GO_ON = _("Continue from where it stopped")
AGAIN = {
    "finetune": GO_ON,
    "pretrain": GO_ON,
    "compare": GO_ON,
    "compare_encoders": GO_ON,
    "scoreboard": GO_ON,
    "predict": GO_ON,
    "embed": GO_ON,
    "by_clock": GO_ON,
    "report_batch": GO_ON,
    "import": _("Import again"),
    "download": _("Download again"),
}
"""Kind of work -> what starting it again does, where it was stopped from outside. What failed by itself is tried again."""

KEPT = {
    "finetune": _("It can continue from its last checkpoint; before the first one it starts afresh."),
    "pretrain": _("It can continue from its last checkpoint; before the first one it starts afresh."),
    "compare": _("The trainings done by then are kept."),
    "compare_encoders": _("The encoders read by then are kept."),
    "scoreboard": _("What was measured by then is kept."),
    "predict": _("What was predicted by then is kept."),
    "embed": _("The weeks read by then are kept, 512 at a time."),
    "by_clock": _("The maps made by then are kept."),
    "report_batch": _("The reports drawn by then are kept."),
    "download": _("No partial file is kept."),
}
"""Kind of work -> what is left of it once it is stopped."""
NOTHING_KEPT = _("Nothing was saved.")


def job_for(task: Task[Any, Any], request: Spec) -> JobInfo | None:
    """The latest job that does exactly this; one that is at work comes before those that ended."""
    return task.job_for(workspace(), request)


def job_line(job: JobInfo, cancel: bool = False) -> None:
    """One running job: title, bar and what it is doing."""
    remaining = _left(job)
    st.progress(min(max(job.fraction or 0.0, 0.0), 1.0), text=literal(f"{job.title}: {doing(job)}{remaining and f'. {remaining}'}"))
    if job.cancel_requested:
        st.caption(_("Stopping at the next step."))
    elif job.waiting and not cancel and st.button(_("Leave the queue"), key=f"leave.{job.id}", help=_("Nothing has been done yet.")):
        jobs.cancel(workspace(), job.id)
        st.rerun()
    elif cancel and st.button(
        _("Cancel"), key=f"cancel.{job.id}", help=_("Stops at the next step. {result}").format(result=KEPT.get(job.kind, NOTHING_KEPT))
    ):
        jobs.cancel(workspace(), job.id)


def doing(job: JobInfo) -> str:
    """What a live job does, or how many come before it."""
    if job.waiting:
        return _("queued ({number} before it)").format(number=workspace().jobs_before(job))
    return job.message or _("starting")


def _left(job: JobInfo) -> str:
    """How long a job takes from now on, by its pace since it was first seen in this tab; "" where that cannot be told yet."""
    if job.state != "running":
        return ""
    now = (time.monotonic(), job.fraction or 0.0)
    seconds = seconds_left(st.session_state.setdefault(Key.JOB_PACE.of(job.id, job.started), now), now)
    return "" if seconds is None else _("{time} left").format(time=left_words(seconds))


def follow(job_id: str, on: str | None = None) -> JobInfo:
    """Show a job until it ends: live while it runs, then its end in a sentence. Returns its state as of this run. on: as of `ended`."""
    space = workspace()
    jobs.refresh(space)
    job = space.job(job_id)
    if job.state in LIVE:
        st.fragment(_follow_live, run_every=1.0)(job_id)
    else:
        ended(job, on)
    return job


@guarded()
def _follow_live(job_id: str) -> None:
    space = workspace()
    jobs.refresh(space)
    job = space.job(job_id)
    if job.state not in LIVE:
        st.rerun()
    job_line(job, cancel=True)


def again_words(job: JobInfo) -> str:
    """What starting a job again would do: work that was stopped goes on, what failed by itself is tried once more."""
    return _("Try again") if job.state == "failed" else AGAIN.get(job.kind, _("Start it again"))


def ended(job: JobInfo, on: str | None = None) -> None:
    """How a job ended, what is left of it, and the button that starts it again. on: where it then goes on, as of `jobs.resume`."""
    if job.state == "done":
        return
    remains = KEPT.get(job.kind, "")
    if job.state == "cancelled":
        st.info(literal(_("{job} was cancelled. {result}").format(job=job.title, result=remains).rstrip()))
    elif job.state == "failed":
        st.error(lines(job.error or _("{job} failed.").format(job=job.title)))  # a reason a line
    else:
        message = job.error or _("{job} stopped before it was done.").format(job=job.title)
        st.warning(literal(f"{message} {remains}".rstrip()))
    if job.state in ("failed", "lost"):
        _log(job)
    if st.button(again_words(job), key=f"resume.{job.id}"):
        try:
            jobs.resume(workspace(), job.id, on=on)
        except PatError as error:
            st.error(literal(error))
            return
        st.rerun()


def _log(job: JobInfo) -> None:
    written = jobs.log_tail(workspace(), job.id)
    if written:
        with st.expander(_("Log of its process")):
            st.code(written, language=None, wrap_lines=True)
