"""What is too long to wait for on the Explain page: its job where there is one, else the button that starts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import streamlit as st

from pages.components.shared.job_status import follow, job_for
from pages.components.shared.plain_text import literal
from pat_core.cohorts import JobInfo
from pat_core.jobs import Spec, Task


def need_result(task: Task[Any, Any], request: Spec, label: str, explanation: str, start: Callable[[], JobInfo]) -> NoReturn:
    """Stops the page: the result is not there yet. explanation: what starting it means. Called only where nothing is kept."""
    job = job_for(task, request)
    ended = job is not None and follow(job.id).state
    if not ended or ended == "done":  # done, and yet nothing kept: labels or weights changed since
        st.write(literal(explanation))
        if st.button(literal(label), type="primary", key=f"explain.start.{task.kind}"):
            start()
            st.rerun()
    st.stop()
