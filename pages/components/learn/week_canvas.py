"""A week that answers while it is dragged over: a query whose attention follows the pointer, or minutes that are hidden.

Streamlit has no element that is dragged over a picture, so this one draws itself (week_canvas.js). Its numbers come with the page, and a
drag asks the server only once the pointer is released.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pat_core.figures.lessons.dragged_week import Dragged

_BESIDE = Path(__file__)
_canvas = st.components.v2.component(
    "pat_explorer_week_canvas",
    css=_BESIDE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_BESIDE.with_suffix(".js").read_text(encoding="utf-8"),
)


def week_canvas(key: str, drawn: Dragged, on_release: Callable[[], None]) -> None:
    """The picture. on_release: called once something was moved; `moved` of the session's value of the key says what."""
    _canvas(key=key, data=drawn[0], on_moved_change=on_release)
