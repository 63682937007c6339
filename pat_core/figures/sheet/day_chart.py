"""What figures of a week with a lane a day share: their lanes, clock axis, patterns of what is not there, hover and key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import Theme, axis, base_layout, set_layout
from pat_core.figures.sheet.lanes import BIN, Lanes, runs

Box = tuple[int, int, float, float]
"""First column, end column, bottom, top."""


def min_max_pairs(values: np.ndarray, width: int = BIN) -> tuple[np.ndarray, np.ndarray]:
    """Positions and values of the smallest and the largest of every `width` values, in the order in which they came.

    values: (n,) without NaN. No peak is lost: the largest of every bin is among the points.
    """
    positions: list[int] = []
    for first in range(0, len(values), width):
        part = values[first : first + width]
        positions.extend(sorted({first + int(part.argmin()), first + int(part.argmax())}))
    positions_kept = np.asarray(positions, int)
    return positions_kept, np.asarray(values)[positions_kept]


def height_of(values: np.ndarray, peak: float, height: float) -> np.ndarray:
    """Square-root scale: 0 at the base, `height` at `peak` and above. NaN stays NaN."""
    return height * np.sqrt(np.clip(values, 0, peak) / peak)


def outline(values: np.ndarray, base: float, height: float, peak: float) -> tuple[list[int], list[float]]:
    """Closed outlines of the stretches that have values: columns and y; NaN between stretches, so a gap stays a gap.

    values: (width,) in the week's unit, NaN where there is nothing to draw.
    """
    columns: list[int] = []
    tops: list[float] = []
    for first, end in runs(np.isfinite(values)):
        at, value = min_max_pairs(values[first:end])
        level = (base + height_of(value, peak, height)).round(2).tolist()
        opens, closes = (round(float(base + height_of(values[at], peak, height)), 2) for at in (first, end - 1))
        columns += [first, first, *(at + first).tolist(), end, end, first, end]
        tops += [base, opens, *level, closes, base, base, np.nan]
    return columns, tops


def activity_trace(lanes: Lanes, lane: int, values: np.ndarray, base: float, height: float, peak: float, colours: Theme) -> go.Scatter:
    """One lane's activity, filled to its base. Hover comes from elsewhere."""
    columns, tops = outline(values, base, height, peak)
    return go.Scatter(
        x=lanes.x(columns),
        y=np.asarray(tops, np.float32),
        name=f"activity {lane + 1}",
        mode="lines",
        fill="toself",
        fillcolor=colours.activity,
        line={"color": colours.activity, "width": 0.6},
        hoverinfo="skip",
    )


def boxes_trace(lanes: Lanes, boxes: Sequence[Box], name: str, **style: object) -> go.Scatter:
    """Many rectangles as one trace."""
    columns: list[int] = []
    y: list[float] = []
    for first, end, bottom, top in boxes:
        columns += [first, first, end, end, first, first]
        y += [bottom, top, top, bottom, bottom, np.nan]
    look = {"mode": "lines", "fill": "toself", "line": {"width": 0}, **style}
    return go.Scatter(x=lanes.x(columns), y=np.asarray(y, np.float32), name=name, hoverinfo="skip", **look)


def lines_trace(lanes: Lanes, stretches: Sequence[tuple[int, int, float]], name: str, **line: object) -> go.Scatter:
    """Horizontal lines (first column, end column, y) as one trace."""
    columns = [column for first, end, _ in stretches for column in (first, end, end)]
    y = [value for *_, level in stretches for value in (level, level, np.nan)]
    return go.Scatter(x=lanes.x(columns), y=np.asarray(y, np.float32), name=name, mode="lines", line=line, hoverinfo="skip")


def stretches(mask: np.ndarray, shortest: int = 1) -> list[tuple[int, int]]:
    """Stretches of True of at least `shortest` columns, after closing breaks shorter than that."""
    joined: list[tuple[int, int]] = []
    for first, end in runs(mask):
        if joined and first - joined[-1][1] < shortest:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return [(first, end) for first, end in joined if end - first >= shortest]


KEY_LINE, KEY_WIDTH = 16, 52
"""Pixels of a line of the key, and its characters: as many as fit a window of 400 pixels."""


@dataclass(frozen=True, eq=False)
class DayChart:
    """lane, pitch: pixels of a lane, and from one lane to the next. The y axis counts pixels."""

    lanes: Lanes
    colours: Theme
    lane: float
    pitch: float

    def base(self, lane: int) -> float:
        """y of a lane's foot; lane 0 is on top."""
        return self.pitch * (self.lanes.count - 1 - lane)

    def middle(self, lane: int) -> float:
        """y of a lane's middle."""
        return self.base(lane) + self.lane / 2

    @property
    def bottom(self) -> int:
        """Pixels under the lanes: without a clock the axis needs a title."""
        return 62 if self.lanes.x_start else 82

    def figure(self, right: int, below: float, above: float) -> go.Figure:
        """The axes and nothing on them. right: margin in pixels; below, above: y from the lowest lane's foot, and over the pitch of all."""
        lanes = self.lanes
        margin = {"l": 84, "r": right, "t": 12, "b": self.bottom}
        height = round(self.pitch * lanes.count) + 12 + self.bottom
        figure = go.Figure(layout=base_layout(self.colours, height, margin=margin, dragmode=False, hovermode="closest"))
        common: dict[str, Any] = {"range": lanes.x([0, lanes.width]), "fixedrange": True}
        if lanes.x_start is None:
            x = axis(self.colours, "hours from the first minute of each day of the recording", ticksuffix=" h", **common)
        else:
            x = axis(self.colours, type="date", tickformat="%H:%M", **common)
        y = axis(
            self.colours,
            showgrid=False,
            fixedrange=True,
            ticklabelstandoff=6,
            range=[-below, self.pitch * lanes.count + above],
            tickvals=[self.middle(lane) for lane in range(lanes.count)],
            ticktext=[name.replace("\n", "<br>") for name in lanes.names],
        )
        return set_layout(figure, xaxis=x, yaxis=y)

    def boxes(self, minutes: np.ndarray, low: float, high: float, name: str, **style: object) -> list[go.Scatter]:
        """A box for each stretch of (minutes,) bool, from `low` to `high` over its lane's foot, as one trace; none where none is True."""
        laid = self.lanes.mask(minutes)
        boxes: list[Box] = [
            (first, end, self.base(lane) + low, self.base(lane) + high)
            for lane in range(self.lanes.count)
            for first, end in stretches(laid[lane])
        ]
        return [boxes_trace(self.lanes, boxes, name, **style)] if boxes else []

    def hover(self, points: Sequence[tuple[int, int, str]]) -> go.Scatter:
        """Unseen points (lane, column, words) that say their words."""
        look = {"mode": "markers", "marker": {"size": 2, "opacity": 0}, "hovertemplate": "%{text}<extra></extra>"}
        y = np.asarray([self.middle(lane) for lane, _, _ in points], np.float32)
        return go.Scatter(
            x=self.lanes.x([column for _, column, _ in points]), y=y, text=[words for *_, words in points], name="hover", **look
        )

    def beside(self, lane: int, text: str, colour: str) -> dict[str, object]:
        """Words at the end of a lane."""
        place = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 8, "yanchor": "middle", "showarrow": False}
        return {**place, "y": self.middle(lane), "text": text, "font": {"size": 12, "color": colour}}


def hatch(colours: Theme) -> dict[str, object]:
    """Of minutes in which the device was not worn."""
    pattern = {"shape": "/", "fgcolor": colours.hatch, "bgcolor": colours.background, "size": 5, "solidity": 0.22}
    return {"fillpattern": pattern, "fillcolor": colours.background}


def dots(colours: Theme) -> dict[str, object]:
    """Of minutes without data."""
    pattern = {"shape": ".", "fgcolor": colours.muted, "bgcolor": colours.background, "size": 5, "solidity": 0.2}
    return {"fillpattern": pattern, "fillcolor": colours.background}


def add_key(figure: go.Figure, signs: Sequence[tuple[bool, str, str, str]], shift: int, colours: Theme, left: int = 0) -> None:
    """The key under an axis, in lines that fit a narrow window: (whether there is any, colour, sign, name) each.

    The figure grows by the lines after the first. shift: pixels up; left: pixels to the left of the lanes.
    """
    rows: list[list[tuple[str, str, str]]] = [[]]
    for there, colour, sign, name in signs:
        if not there:
            continue
        if rows[-1] and sum(len(other) + 6 for *_, other in rows[-1]) + len(name) > KEY_WIDTH:
            rows.append([])
        rows[-1].append((colour, sign, name))
    lines = ["&nbsp;&nbsp;&nbsp;".join(f"<span style='color:{colour}'>{sign}</span> {name}" for colour, sign, name in row) for row in rows]
    more = KEY_LINE * (len(lines) - 1)
    figure.layout.height += more
    figure.layout.margin.b += more
    place = {"x": 0, "xref": "paper", "xanchor": "left", "xshift": -left, "y": 0, "yref": "paper", "yanchor": "top", "yshift": shift}
    font = {"size": 11.5, "color": colours.muted}
    figure.add_annotation(**place, text="<br>".join(lines), align="left", showarrow=False, font=font)
