"""The parts of the Pretrain page: which there are, which is shown, and the way from one to the other."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.components.shared.choices import choose
from pages.components.shared.session_names import Param
from pages.components.shared.words import _

TRAIN, INSPECT, COMPARE = "train", "inspect", "compare"
TITLES = {TRAIN: _("Pretrain an encoder"), INSPECT: _("See what it rebuilds"), COMPARE: _("Compare two encoders")}


def view() -> str:
    """The part that is shown, bound to the address both ways."""
    draw = partial(st.segmented_control, required=True, label_visibility="collapsed")
    return choose(Param.STUDIO, _("Part of the page"), list(TITLES), words=TITLES.get, draw=draw, unsaid=TRAIN)


def inspecting(encoder: str) -> dict[str, str]:
    """The address of the part that rebuilds weeks by this encoder, for a link."""
    return {str(Param.STUDIO): INSPECT, str(Param.ENCODER): encoder}
