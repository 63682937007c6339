"""The tabs of the page of one person, of which the address names the one that is open: only that one is drawn."""

from __future__ import annotations

from functools import partial
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.choices import choose
from pages.components.shared.session_names import Param
from pages.components.shared.words import _

Tab = Literal["week", "why", "nights", "rhythm", "wear", "receipt"]

TITLES: dict[Tab, str] = {
    "week": _("Week"),
    "why": _("Why"),
    "nights": _("Nights"),
    "rhythm": _("Rhythm"),
    "wear": _("Wear and marks"),
    "receipt": _("Receipt"),
}


OF_THE_MODEL: tuple[Tab, ...] = ("week", "why", "receipt")
"""Where the model's answer and its maps have a part; the others are about the recording."""


def chosen(place: DeltaGenerator) -> Tab:
    """The open tab; the week unless the reader, or an address that they opened, asks for another. place: where the tabs stand."""
    draw = partial(st.segmented_control, required=True, label_visibility="collapsed")
    with place:
        return choose(Param.TAB, _("What to look at"), list(TITLES), words=TITLES.get, unsaid="week", draw=draw)
