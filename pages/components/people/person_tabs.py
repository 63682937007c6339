"""The tabs of the page of one person, of which the address names the one that is open: only that one is drawn."""

from __future__ import annotations

from functools import partial
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.people import marks_section, nights_section, similar_section
from pages.components.shared.cached_calls import rhythm_spread
from pages.components.shared.choices import choose
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participant_week import WeekView

Tab = Literal["week", "why", "nights", "rhythm", "wear", "similar", "receipt"]

TITLES: dict[Tab, str] = {
    "week": _("Week"),
    "why": _("Why"),
    "nights": _("Nights"),
    "rhythm": _("Rhythm"),
    "wear": _("Wear and marks"),
    "similar": _("Similar"),
    "receipt": _("Receipt"),
}


OF_THE_MODEL: tuple[Tab, ...] = ("week", "why", "similar", "receipt")
"""Where the model's answer and its maps have a part; the others are about the recording."""


def chosen(place: DeltaGenerator) -> Tab:
    """The open tab; the week unless the reader, or an address that they opened, asks for another. place: where the tabs stand."""
    draw = partial(st.segmented_control, required=True, label_visibility="collapsed")
    with place:
        return choose(Param.TAB, _("What to look at"), list(TITLES), words=TITLES.get, unsaid="week", draw=draw)


def draw(tab: Tab, view: WeekView, entry: ModelEntry) -> None:
    """The tabs that show no maps."""
    if tab == "nights":
        nights_section.section(view)
    elif tab == "rhythm":
        nights_section.rhythm(nights_section.as_chosen(view), rhythm_spread(view.cohort))
    elif tab == "wear":
        marks_section.section(view, entry)
    else:
        similar_section.section(view, entry)
