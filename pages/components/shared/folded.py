"""A part of a page that is drawn once it is opened: what stays folded costs the reader no time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Key

Answer = TypeVar("Answer")


def folded(title: str, key: Key, draw: Callable[[], Answer], unopened: Answer) -> Answer:
    """What `draw` returns where the part of this title is open, else `unopened`."""
    part = st.expander(literal(title), key=key, on_change="rerun")
    if not part.open:
        return unopened
    with part:
        return draw()
