"""A week that answers while it is dragged over: a query whose attention follows the pointer, or minutes that are hidden.

Streamlit has no element that is dragged over a picture, so this one draws itself (week_canvas.js). The figure's numbers come with the page,
and a drag asks the server only once the pointer is released.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.figures.lessons.lesson_chart import DAYS, moment
from pat_core.figures.palette import between, theme

PATCH, A_DAY = 18, 80
"""Minutes of a patch, and patches of a day."""

_BESIDE = Path(__file__)
_canvas = st.components.v2.component(
    "pat_explorer_week_canvas",
    css=_BESIDE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_BESIDE.with_suffix(".js").read_text(encoding="utf-8"),
)


def drag_query(key: str, counts: np.ndarray, weights: np.ndarray, asked: int, on_release: Callable[[], None]) -> str:
    """Drag the patch that asks. counts: (patches,) mean activity. weights: (queries, patches) attention of queries spread evenly over the
    week. asked: which of them is drawn. on_release: called once another one was dragged to; `moved` of the
    session's value of the key is its place. Returns the caption."""
    queries = np.arange(len(weights)) * counts.size // len(weights)
    shares = weights * counts.size
    limit = max(2.0, float(np.percentile(shares, 99)))
    colours = theme(theme_name())
    caption = _(
        "Upper strip of each day: activity. Below: attention of the patch in violet, {time}; full colour from {limit:.1f} even shares on. "
        "Drag over the week."
    ).format(time=moment(int(queries[asked]) * PATCH), limit=limit)
    data = _week(counts) | {
        "kind": "ask",
        "asked": asked,
        "queries": queries.tolist(),
        "weights": b64encode((255 * np.clip(shares / limit, 0, 1)).round().astype(np.uint8).tobytes()).decode(),
        "label": caption,
        "colours": {
            "activity": [[0, between(colours.background, colours.activity, 0.04)], [1, colours.activity]],
            "attention": [list(stop) for stop in colours.attention],
            "marker": colours.marker,
            "muted": colours.muted,
        },
    }
    _canvas(key=key, data=data, on_moved_change=on_release)
    return caption


def drag_cover(key: str, counts: np.ndarray, hidden: np.ndarray, on_release: Callable[[], None]) -> str:
    """Drag over what is to be hidden. counts: (patches,) mean activity. hidden: (patches,) bool. on_release: called once another stretch
    was hidden or shown; `moved` of the session's value of the key says which (`hidden_of`). Returns the caption."""
    colours = theme(theme_name())
    caption = _(
        "A week of this person, a row a day; violet is hidden. Drag to hide, drag over hidden patches to show them again; or use the arrow "
        "keys and the space bar."
    )
    data = _week(counts) | {
        "kind": "hide",
        "hidden": _signs(hidden),
        "cursor": int(np.flatnonzero(hidden)[0]) if hidden.any() else 0,
        "names": [moment(patch * PATCH) for patch in range(counts.size)],
        "words": {"hidden": _("hidden"), "shown": _("visible")},
        "label": caption,
        "colours": {
            "ground": between(colours.background, colours.activity, 0.06),
            "bar": colours.activity,
            "cover": between(colours.background, colours.marker, 0.55),
            "marker": colours.marker,
            "muted": colours.muted,
        },
    }

    _canvas(key=key, data=data, on_moved_change=on_release)
    return caption


def _week(counts: np.ndarray) -> dict[str, Any]:
    high = max(float(np.percentile(np.sqrt(counts), 99)), 1.0)
    return {"days": list(DAYS), "perDay": A_DAY, "activity": np.clip(100 * np.sqrt(counts) / high, 0, 100).round().astype(int).tolist()}


def _signs(hidden: np.ndarray) -> str:
    return "".join("1" if one else "0" for one in hidden)


def hidden_of(signs: object, before: np.ndarray) -> np.ndarray:
    """(patches,) bool out of what the browser sent; as it was before, where that is nothing of the kind."""
    hidden = np.array([sign == "1" for sign in str(signs)])
    return hidden if hidden.shape == before.shape else before
