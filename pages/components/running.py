"""Background jobs as a person sees them: how far, what now, cancel, and what to do when one was lost."""

from __future__ import annotations

import streamlit as st

from pages.components.cached import workspace
from pat_core import jobs
from pat_core.cohorts import JobInfo
from pat_core.errors import PatError

LIVE = ("queued", "running")


def job_line(job: JobInfo, cancel: bool = False) -> None:
    """One running job: title, bar and what it is doing."""
    st.progress(min(max(job.fraction or 0.0, 0.0), 1.0), text=f"{job.title}: {job.message or 'starting'}")
    if cancel and st.button("Cancel", key=f"cancel.{job.id}", help="Stops at the next step. Nothing half-written stays."):
        jobs.cancel(workspace(), job.id)


def follow(job_id: str) -> JobInfo:
    """Show a job until it ends: live while it runs, then its end in a sentence. Returns its state as of this run."""
    space = workspace()
    jobs.refresh(space)
    job = space.job(job_id)
    if job.state in LIVE:
        st.fragment(_follow_live, run_every=1.0)(job_id)
    else:
        ended(job)
    return job


def _follow_live(job_id: str) -> None:
    space = workspace()
    jobs.refresh(space)
    job = space.job(job_id)
    if job.state not in LIVE:
        st.rerun()
    job_line(job, cancel=True)


def ended(job: JobInfo) -> None:
    """How a job ended. A lost or failed one can go on from where it was."""
    if job.state == "done":
        return
    if job.state == "cancelled":
        st.info(f"{job.title} was cancelled. Nothing half-written was kept.")
    elif job.state == "failed":
        st.error((job.error or f"{job.title} failed.").replace("\n", "  \n"))  # a reason a line
    else:
        st.warning(job.error or f"{job.title} stopped before it was done.")
    if st.button("Go on from where it stopped", key=f"resume.{job.id}"):
        try:
            jobs.resume(workspace(), job.id)
        except PatError as error:
            st.error(str(error))
            return
        st.rerun()
