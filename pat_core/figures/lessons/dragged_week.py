"""A week that is dragged over, as plain values for the browser, which draws it while the pointer moves."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np

from pat_core.figures.lessons.lesson_chart import DAYS, moment
from pat_core.figures.palette import ThemeName, between
from pat_core.figures.palette import theme as theme_called
from pat_core.settings import MINUTES_PER_WEEK

Dragged = tuple[dict[str, Any], str]
"""Plain values, and what they show in words, also the alternative text."""


def queries_of(many: int, patches: int) -> np.ndarray:
    """(many,) the patches that ask, spread evenly over the week."""
    return np.arange(many) * patches // many


def dragged_query(counts: np.ndarray, weights: np.ndarray, asked: int, *, theme: ThemeName = "light") -> Dragged:
    """counts: (patches,) mean activity. weights: (queries, patches) attention of `queries_of` patches. asked: which of them is drawn."""
    queries, shares, colours = queries_of(len(weights), counts.size), weights * counts.size, theme_called(theme)
    limit = max(2.0, float(np.percentile(shares, 99)))
    caption = (
        f"Upper strip of each day: activity. Below: attention of the patch in violet, {_when(int(queries[asked]), counts.size)}; full "
        f"colour from {limit:.1f} even shares on. Drag over the week."
    )
    plain = _week(counts) | {
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
    return plain, caption


def dragged_cover(counts: np.ndarray, hidden: np.ndarray, *, theme: ThemeName = "light") -> Dragged:
    """counts: (patches,) mean activity. hidden: (patches,) bool."""
    colours = theme_called(theme)
    caption = (
        "A week of this person, a row a day; violet is hidden. Drag to hide, drag over hidden patches to show them again; or use the arrow "
        "keys and the space bar."
    )
    plain = _week(counts) | {
        "kind": "hide",
        "hidden": "".join("1" if one else "0" for one in hidden),
        "cursor": int(hidden.argmax()),
        "names": [_when(patch, counts.size) for patch in range(counts.size)],
        "words": {"hidden": "hidden", "shown": "visible"},
        "label": caption,
        "colours": {
            "ground": between(colours.background, colours.activity, 0.06),
            "bar": colours.activity,
            "cover": between(colours.background, colours.marker, 0.55),
            "marker": colours.marker,
            "muted": colours.muted,
        },
    }
    return plain, caption


def hidden_of(signs: object, before: np.ndarray) -> np.ndarray:
    """(patches,) bool out of what the browser sent; as it was before, where that is nothing of the kind."""
    hidden = np.array([sign == "1" for sign in str(signs)])
    return hidden if hidden.shape == before.shape else before


def day_changed(hidden: np.ndarray, before: np.ndarray) -> str | None:
    """The day of DAYS on which the first patch differs; None where none does."""
    changed = np.flatnonzero(hidden != before)
    return DAYS[int(changed[0]) * len(DAYS) // hidden.size] if changed.size else None


def _when(patch: int, patches: int) -> str:
    return moment(patch * MINUTES_PER_WEEK // patches)


def _week(counts: np.ndarray) -> dict[str, Any]:
    high = max(float(np.percentile(np.sqrt(counts), 99)), 1.0)
    activity = np.clip(100 * np.sqrt(counts) / high, 0, 100).round().astype(int).tolist()
    return {"days": list(DAYS), "perDay": counts.size // len(DAYS), "activity": activity}
