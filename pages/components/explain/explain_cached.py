"""Answers of the Explain page worth keeping between reruns. Keys hold everything the answer depends on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import streamlit as st

from pages.components.explain.explain_controls import Look
from pages.components.people.explanation_section import Line
from pages.components.shared.cached_calls import folder_key, model, workspace
from pat_core.explain.methods.attention_matrix import AttentionMatrix
from pat_core.progress import Progress
from pat_core.records import Attribution
from pat_core.workflows.explanations import attention_views
from pat_core.workflows.explanations.week_maps import explain_week
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participant_week import WeekView

Answer = TypeVar("Answer")
_BY_CONTENT = {ModelEntry: lambda entry: (entry.reference, entry.sha256)}


def heads(look: Look, view: WeekView) -> np.ndarray:
    """(blocks, heads, patches) attention received in this week."""
    return _heads(folder_key(), look.entry, look.cohort.name, look.cohort.as_read, _of(view), look.whose)


@st.cache_data(show_spinner="Reading all heads", max_entries=32, hash_funcs=_BY_CONTENT)
def _heads(folder: str, entry: ModelEntry, cohort: str, cohort_id: str, of: tuple[str, int], whose: str) -> np.ndarray:
    return attention_views.heads_of_week(workspace(), model(entry), cohort, of, whose=whose)


def attention_map(look: Look, view: WeekView, block: int, head: int | None) -> AttentionMatrix:
    """The query-by-key map of one block and head of this week; the workspace keeps it."""
    return attention_views.attention_map(
        workspace(), model(look.entry), look.cohort.name, _of(view), block=block, head=head, whose=look.whose
    )


def contrast(look: Look, view: WeekView, other: WeekView) -> Attribution:
    """What raised or lowered the score of the one compared with the other, with a progress line while it is made."""
    read, pair = model(look.entry), (_of(view), _of(other))
    return with_line(
        "Comparing the two people",
        lambda line: attention_views.contrast_people(workspace(), read, look.cohort.name, *pair, whose=look.whose, progress=line),
    )


def integrated_gradients(look: Look, view: WeekView) -> Attribution:
    """Compared with the mean week, as on the page of one person, with a progress line while it is made."""
    read, of = model(look.entry), _of(view)
    return with_line(
        f"Explaining {of[0]}",
        lambda line: explain_week(workspace(), read, look.cohort.name, *of, "integrated_gradients", look.whose, progress=line),
    )


def with_line(title: str, work: Callable[[Progress], Answer]) -> Answer:
    """Do it with a progress line that goes when it is done; a click anywhere ends the work at its next step."""
    place = st.empty()
    try:
        return work(Line(place, title))
    finally:
        place.empty()


def _of(view: WeekView) -> tuple[str, int]:
    return view.week.participant, view.week.index
