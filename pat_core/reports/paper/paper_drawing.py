"""Lines, boxes and words on paper, in points from the upper left corner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pat_core.reports.paper.paper_style import FIGURE, MUTED, TEXT, face, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def points(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Axes in a box (left, top, width, height) of a figure whose unit is the point, y downwards; nothing is drawn of themselves."""
    left, top, width, height = box
    whole = figure.get_size_inches() * 72
    axes = figure.add_axes((left / whole[0], 1 - (top + height) / whole[1], width / whole[0], height / whole[1]))
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    return axes


def stroke(axes: Axes, x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray, **look: object) -> None:
    """A line through points. `Axes.plot` would look for the limits of the axes with each."""
    from matplotlib.lines import Line2D

    axes.add_artist(Line2D(x, y, **({"solid_capstyle": "butt", "clip_on": False} | look)))  # type: ignore[arg-type]


def boxes(axes: Axes, corners: Sequence[tuple[float, float, float, float]], **look: object) -> None:
    """Filled boxes (left, top, right, bottom) in one look; facecolors: one each."""
    from matplotlib.collections import PolyCollection

    shapes = [[(left, top), (right, top), (right, bottom), (left, bottom)] for left, top, right, bottom in corners]
    if shapes:
        axes.add_collection(PolyCollection(shapes, **({"edgecolors": "none", "linewidths": 0, "clip_on": False} | look)), autolim=False)  # type: ignore[arg-type]


def write(axes: Axes, x: float, y: float, text: str, size: float, *, bold: bool = False, colour: str = TEXT, align: str = "left") -> None:
    """One line of text as it stands, never a formula, whose letters stand on y."""
    axes.text(x, y, text, fontproperties=face(text, size, bold), color=colour, ha=align, va="baseline", parse_math=False, zorder=6)


Sign = tuple[Callable[["Axes", float, float], None], float, str]
"""Draws a sign of a key at x, y; how wide it is; its words."""
KEY_ROW = 10.5


def key(axes: Axes, width: float, signs: Sequence[Sign], top: float = 4.0) -> None:
    """Signs with their words in rows from the left edge, as many as are needed for `width` points."""
    x, y = 0.0, top
    for draw, size, text in signs:
        takes = size + 3 + width_of(text, FIGURE)
        if x and x + takes > width:
            x, y = 0.0, y + KEY_ROW
        draw(axes, x, y)
        write(axes, x + size + 3, y + 6, text, FIGURE, colour=MUTED)
        x += takes + 11


def key_rows(width: float, signs: Sequence[Sign]) -> int:
    """How many rows `key` takes."""
    x, rows = 0.0, 1
    for _draw, size, text in signs:
        takes = size + 3 + width_of(text, FIGURE)
        if x and x + takes > width:
            x, rows = 0.0, rows + 1
        x += takes + 11
    return rows
