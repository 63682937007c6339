"""Small horizontal colour bars, with words at their ends."""

from __future__ import annotations

from collections.abc import Sequence

from pat_core.figures.palette import Theme, figures, signed
from pat_core.figures.plotly_text import plain
from pat_core.figures.sheet.lanes import BIN

LENGTH, ROW = 150, 94
"""Pixels: a bar's length, and the height of a row of bars with their words."""
CROWDED = 3.3
"""Limit from which the words at 0 and at 1 would run into one another."""


def places(bars: int) -> list[tuple[float, int]]:
    """Where so many bars stand over a figure: their middles as shares of its width, and rows from below.

    Each has a row of its own: two side by side run into one another in a narrow window, and no figure knows how wide it will be.
    """
    return [(0.5, bars - 1 - row) for row in range(bars)]


def colour_bar(
    kind: str, limit: float, x: float, y: float, length: int, colours: Theme, names: Sequence[str] = (), reach: str = ""
) -> dict[str, object]:
    """A small horizontal bar at (x, y) of the paper, `length` pixels long. limit: where its colours end.

    names: the strips it is for. reach: whose range an attribution's colours have.
    """
    title, ticks = _words(kind, limit, reach)
    return {
        "orientation": "h",
        "x": x,
        "y": y,
        "xanchor": "center",
        "yanchor": "bottom",
        "lenmode": "pixels",
        "len": length,
        "thickness": 8,
        "xpad": 0,
        "ypad": 0,
        "outlinewidth": 0.5,
        "outlinecolor": colours.muted,
        "title": {
            "text": f"<b>{plain(names[0])}</b><br>{title}" if len(names) == 1 else title,
            "side": "top",
            "font": {"size": 11, "color": colours.text},
        },
        "tickvals": list(ticks),
        "ticktext": list(ticks.values()),
        "tickfont": {"size": 10.5, "color": colours.text},
        "ticks": "outside",
        "ticklen": 3,
        "tickcolor": colours.muted,
        "tickangle": 0,
    }


def _words(kind: str, limit: float, reach: str) -> tuple[str, dict[float, str]]:
    """The title, and what stands at which value."""
    if kind == "attribution":
        ends = {-limit: f"{signed(-limit)}<br>lowers<br>the score", 0.0: "0", limit: f"{signed(limit)}<br>raises<br>the score"}
        return f"Logits per {BIN} min{reach and f', {reach}'}", ends
    middle = "uniform" if kind == "attention" else "mean"
    none = " " if limit > CROWDED else "none"
    ends = {0.0: f"0<br>{none}<br> ", 1.0: f"1<br>{middle}<br> ", limit: f"{figures(limit)}<br>or more<br> "}
    return ("Attention received (1 = uniform)" if kind == "attention" else "Response to a small change (1 = mean)"), ends
