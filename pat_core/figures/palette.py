"""Colours, type, layout and texts that every figure shares: one palette, designed for a light and a dark page.

Plotly takes what it is given for its own kind of HTML and fills in what stands in braces, so names go through `plain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import floor, log10
from typing import Literal

import plotly.graph_objects as go

ThemeName = Literal["light", "dark"]
Ramp = tuple[tuple[float, str], ...]

READABLE = 4.5
"""Least contrast of words with what is behind them (WCAG 2.1, AA)."""
FONT = '"Source Sans", "Source Sans Pro", "Segoe UI", "Helvetica Neue", Arial, sans-serif'


@dataclass(frozen=True)
class Theme:
    """One page theme. attention, sensitivity: from the background at 0 to the strongest; attribution: -1 (lowers) through the background
    to +1.

    lowers, raises: the two ends, for words and lines. marker: what is pointed at; violet, so neither blue, red nor the attention's amber.
    """

    name: ThemeName
    background: str
    text: str
    muted: str
    grid: str
    activity: str
    sleep: str
    sleep_key: str
    hatch: str
    hover: str
    marker: str
    lowers: str
    raises: str
    attention: Ramp
    sensitivity: Ramp
    attribution: Ramp


LIGHT = Theme(
    name="light",
    background="#ffffff",
    text="#1f2933",
    muted="#5f6c7b",
    grid="#e3e7ec",
    activity="#52606d",
    sleep="#edf1fb",
    sleep_key="#b9c6ec",
    hatch="#8b97a5",
    hover="#ffffff",
    marker="#7426b5",
    lowers="#1f66b0",
    raises="#b5182b",
    attention=((0.0, "#ffffff"), (0.25, "#fdeecb"), (0.5, "#f8c863"), (0.75, "#cf8a14"), (1.0, "#7d4a04")),
    sensitivity=((0.0, "#ffffff"), (0.25, "#d9efe9"), (0.5, "#86c8b9"), (0.75, "#2f8d7d"), (1.0, "#0b4a41")),
    attribution=(
        (0.0, "#134f92"),
        (0.25, "#5b9bd0"),
        (0.42, "#d3e4f1"),
        (0.5, "#ffffff"),
        (0.58, "#fadbd5"),
        (0.75, "#e2735f"),
        (1.0, "#a01025"),
    ),
)

DARK = Theme(
    name="dark",
    background="#0e1117",
    text="#e8ecf1",
    muted="#a3afbd",
    grid="#262d38",
    activity="#9fb3c8",
    sleep="#191f33",
    sleep_key="#4a5a90",
    hatch="#6f7f91",
    hover="#1a1f29",
    marker="#d3a6ff",
    lowers="#62b0f2",
    raises="#ff7d72",
    attention=((0.0, "#0e1117"), (0.25, "#3d2d10"), (0.5, "#936616"), (0.75, "#e5a52a"), (1.0, "#ffedb8")),
    sensitivity=((0.0, "#0e1117"), (0.25, "#12332f"), (0.5, "#1f6d62"), (0.75, "#4fbcab"), (1.0, "#cff7ee")),
    attribution=(
        (0.0, "#8ccbff"),
        (0.25, "#3a86c8"),
        (0.42, "#162b44"),
        (0.5, "#0e1117"),
        (0.58, "#431c20"),
        (0.75, "#d2524d"),
        (1.0, "#ffa79c"),
    ),
)


def theme(name: ThemeName = "light") -> Theme:
    """The theme called "light" or "dark"; anything else is taken as light."""
    return DARK if name == "dark" else LIGHT


def config(buttons: bool = True) -> dict[str, object]:
    """Plotly settings for every chart of the app: no logo, and no button that would send the chart elsewhere.

    buttons: False for small charts, which their buttons would cover where there is no pointer to hover with.
    """
    return {
        "displayModeBar": "hover" if buttons else False,
        "displaylogo": False,
        "showSendToCloud": False,
        "responsive": True,
        "modeBarButtonsToRemove": ["sendChartToCloud", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    }


def scale(ramp: Ramp) -> list[list[float | str]]:
    """A ramp in the form plotly takes as a colour scale."""
    return [[position, colour] for position, colour in ramp]


def base_layout(colours: Theme, height: int, **more: object) -> go.Layout:
    """Layout of a figure in the theme; `more` goes to go.Layout as it stands, in place of what the theme says."""
    font = {"family": FONT, "size": 12, "color": colours.text}
    base: dict[str, object] = {
        "height": height,
        "paper_bgcolor": colours.background,
        "plot_bgcolor": colours.background,
        "font": font,
        "hoverlabel": {"bgcolor": colours.hover, "bordercolor": colours.muted, "font": font, "align": "left"},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.muted, "activecolor": colours.text, "orientation": "h"},
        "showlegend": False,
        "template": "none",
    }
    return go.Layout(base | more)


def set_layout(figure: go.Figure, **parts: object) -> go.Figure:
    """Give a figure these parts of its layout whole. `update_layout` would merge them into what is there, at eight times the cost."""
    for name, part in parts.items():
        figure.layout[name] = part
    return figure


def contrast(first: str, second: str) -> float:
    """Contrast of two "#rrggbb" colours by their luminance, 1 to 21 (WCAG 2.1)."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def between(start: str, end: str, share: float) -> str:
    """The colour `share` (0 to 1) of the way from one "#rrggbb" to another, as a colour scale draws it."""
    ends = zip(_channels(start), _channels(end), strict=True)
    return "#" + "".join(f"{round(first + (last - first) * share):02x}" for first, last in ends)


def readable(on: str, colours: Theme) -> str:
    """A colour for words on a filled cell: the theme's text or background, else black or white, one of which always has 4.5 to 1."""
    return next(words for words in (colours.text, colours.background, "#000000", "#ffffff") if contrast(words, on) >= READABLE)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _luminance(colour: str) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (each / 255 for each in _channels(colour))]
    return float(sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))


def axis(colours: Theme, title: str | None = None, **more: object) -> dict[str, object]:
    """A quiet axis: hairline grid, no zero line, small ticks."""
    return {
        "showgrid": True,
        "gridcolor": colours.grid,
        "gridwidth": 1,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"size": 12, "color": colours.text},
        "title": {"text": title, "standoff": 8, "font": {"size": 12, "color": colours.muted}} if title else None,
        **more,
    }


RAISED = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")


def figures(value: float, digits: int = 2) -> str:
    """A number with `digits` significant figures, thousands with a comma, a true minus sign; a power of ten only below a millionth."""
    if value == 0 or value != value:
        return "0" if value == 0 else "no value"
    exponent = floor(log10(abs(value)))
    if exponent < -6:
        return f"{figures(value / 10.0**exponent, digits)} \u00d7 10\u207b{str(-exponent).translate(RAISED)}"
    decimals = max(0, digits - 1 - exponent)
    return f"{round(value, decimals):,.{decimals}f}".replace("-", "\u2212")


def signed(value: float, digits: int = 2) -> str:
    """As `figures`, with a plus sign where the value is above zero."""
    return ("+" if value > 0 else "") + figures(value, digits)


LONGEST = 80
"""Characters of a name in a figure; its caption holds it whole."""


def plain(text: object, most: int = LONGEST) -> str:
    """Text as Plotly shows it unchanged, in one line of at most so many characters: no tag, link, entity, field or formula."""
    line = " ".join(str(text).split())
    line = line if len(line) <= most else line[: most - 1].rstrip() + "…"
    return escape(line, quote=False).replace("{", "&#123;").replace("$", "&#36;")
