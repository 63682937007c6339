"""What is too long to wait for on the Explain page: its job where there is one, else the button that starts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import streamlit as st

from pages.components.shared.job_status import LIVE, follow, job_for
from pages.components.shared.plain_text import literal
from pages.components.shared.where_it_runs import where_it_runs
from pat_core.cohorts import JobInfo
from pat_core.errors import PatError
from pat_core.jobs import Spec, Task
from pat_core.workflows.learn.time_to_expect import Expectation


def need_result(
    task: Task[Any, Any],
    request: Spec,
    label: str,
    explanation: str,
    start: Callable[[str], JobInfo],
    expected: Callable[[], Expectation] | None = None,
) -> NoReturn:
    """Stops the page: the result is not there yet. explanation: what starting it means. start: at a place, "" for this computer. expected:
    how long it takes, of work that can be done at other places. Called only where nothing is kept."""
    job = job_for(task, request)
    if job is not None and job.state in LIVE:
        follow(job.id)
        st.stop()
    begins = job is None or job.state == "done"  # done, and yet nothing kept: labels or weights changed since
    if begins:
        st.write(literal(explanation))
    place, ready = where_it_runs(task, request, expected) if expected is not None else ("", True)
    if job is not None and not begins:
        follow(job.id, place)
    elif st.button(literal(label), type="primary", key=f"explain.start.{task.kind}", disabled=not ready):
        try:
            start(place)
        except PatError as error:
            st.error(literal(error))
            st.stop()
        st.rerun()
    st.stop()
