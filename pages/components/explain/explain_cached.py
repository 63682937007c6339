"""Answers of the Explain page worth keeping between reruns. Keys hold everything the answer depends on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import streamlit as st

from pages.components.explain.explain_controls import Look
from pages.components.people.explanation_section import Line
from pages.components.shared.cached_calls import BY_CONTENT, folder_key, model, workspace
from pages.components.shared.words import _
from pat_core.explain.matrix_record import AttentionMatrix
from pat_core.progress import Progress
from pat_core.records import Attribution, WeekQuestion
from pat_core.workflows.explanations import attention_views
from pat_core.workflows.explanations.week_maps import explain_read
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.predictions import ReadWeek
from pat_core.workflows.people.participant_week import WeekView

Answer = TypeVar("Answer")


def heads(look: Look, view: WeekView) -> np.ndarray:
    """(blocks, heads, patches) attention received in this week."""
    return _heads(folder_key(), look.entry, view.read.question, look.cohort.as_read, view.read)


@st.cache_data(show_spinner=_("Reading all heads"), max_entries=32, hash_funcs=BY_CONTENT)
def _heads(folder: str, entry: ModelEntry, question: WeekQuestion, as_read: str, _read: ReadWeek) -> np.ndarray:
    return attention_views.heads_of_week(workspace(), model(entry), _read)


def attention_map(look: Look, view: WeekView, block: int, head: int | None) -> AttentionMatrix:
    """The query-by-key map of one block and head of this week; the workspace keeps it."""
    return attention_views.attention_map(workspace(), model(look.entry), view.read, block=block, head=head)


def contrast(look: Look, view: WeekView, other: WeekView) -> Attribution:
    """What raised or lowered the score of the one compared with the other, with a progress line while it is made."""
    network = model(look.entry)
    return with_line(
        _("Comparing the two people"),
        lambda line: attention_views.contrast_people(workspace(), network, view.read, other.read, progress=line),
    )


def integrated_gradients(look: Look, view: WeekView) -> Attribution:
    """Compared with the mean week, as on the page of one person, with a progress line while it is made."""
    network = model(look.entry)
    return with_line(
        _("Explaining {person}").format(person=view.week.participant),
        lambda line: explain_read(workspace(), network, view.read, "integrated_gradients", progress=line),
    )


def with_line(title: str, work: Callable[[Progress], Answer]) -> Answer:
    """Do it with a progress line that goes when it is done; a click anywhere ends the work at its next step."""
    place = st.empty()
    try:
        return work(Line(place, title))
    finally:
        place.empty()
