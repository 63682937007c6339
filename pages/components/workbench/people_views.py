"""Which view of a cohort's people: the list comes first, the others are for whoever works with everyone at once."""

from __future__ import annotations

import streamlit as st

from pages.components.shared.choices import choose
from pages.components.shared.session_names import Param
from pages.components.shared.words import _

TITLES = {"list": _("List"), "table": _("Table"), "groups": _("Groups"), "map": _("Map")}


def view() -> str:
    """The view, bound to the address; the list leaves no word there."""
    return choose(
        Param.PEOPLE_VIEW,
        _("View"),
        list(TITLES),
        "list",
        TITLES.__getitem__,
        draw=st.segmented_control,
        unsaid="list",
        required=True,
        label_visibility="collapsed",
    )
