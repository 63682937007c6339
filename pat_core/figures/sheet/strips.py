"""Explanations as thin strips: one heatmap for all strips of one kind, and its small colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import Theme, scale
from pat_core.figures.sheet.lanes import BIN, Lanes
from pat_core.records import Attribution
from pat_core.settings import MINUTES_PER_DAY

PERCENTILE = 99.0
LEAST_LIMIT = 0.02
"""Logits per bin at which the attribution's colours end at the least, however weak a week's attributions are."""
FAINT = 0.05
"""Share of the limit under which the signed line is left out: it would only rule the strip."""


@dataclass(frozen=True, eq=False)
class Row:
    """One strip in one lane: from `bottom` to `top` on the y axis."""

    lane: int
    strip: int
    bottom: float
    top: float


def of_kind(strips: Sequence[Attribution], kind: str) -> list[int]:
    """Which strips are of this kind."""
    return [index for index, strip in enumerate(strips) if strip.kind == kind]


def binned_sum(laid: np.ndarray, width: int = BIN) -> np.ndarray:
    """(lanes, columns) -> (lanes, columns / width): the sum of what is there, NaN where nothing is. Sums keep completeness."""
    parts = _parts(laid, width)
    return np.where(np.isfinite(parts).any(-1), np.nansum(parts, axis=-1), np.nan).astype(np.float32)


def binned_mean(laid: np.ndarray, width: int = BIN) -> np.ndarray:
    """(lanes, columns) -> (lanes, columns / width): the mean of what is there, NaN where nothing is."""
    present = np.isfinite(_parts(laid, width)).sum(-1)
    return (binned_sum(laid, width) / np.maximum(present, 1)).astype(np.float32)


def attribution_limit(strips: Sequence[Attribution], lanes: Lanes) -> float:
    """Where the colours end, in logits per bin: the 99th percentile of |bin sums| over all attribution strips, never under `LEAST_LIMIT`.

    The percentile is about 0.4 % of a week's summed |attribution|, so a scale that always followed it would paint a week of 0.1 logits
    as boldly as one of 10. With the floor a week whose |attributions| sum to 0.1 logits stays near the background (2 % of the ramp), and
    an hour that moves the score by 0.1 logits is pale (two fifths of it). Weeks of 5 logits and more are scaled by their own percentile.
    """
    sums = [np.abs(binned_sum(lanes.take(strips[index].values))).ravel() for index in of_kind(strips, "attribution")]
    values = np.concatenate(sums) if sums else np.zeros(0)
    values = values[np.isfinite(values)]
    return max(float(np.percentile(values, PERCENTILE)), LEAST_LIMIT) if values.size else LEAST_LIMIT


def level_limit(strips: Sequence[Attribution], kind: str) -> float:
    """Top of the colours of attention or sensitivity, whose mean is 1: `multiples_limit` over what is drawn of all strips of the kind."""
    values = [strips[index].values for index in of_kind(strips, kind)]
    drawn = [binned_mean(each[None])[0] for each in values] if kind == "sensitivity" else values
    return multiples_limit(np.concatenate(drawn or [np.zeros(1)]))


def multiples_limit(values: np.ndarray) -> float:
    """Top of colours for multiples of a mean of 1: twice that, or the 99th percentile where it is more, to one decimal."""
    values = np.asarray(values)[np.isfinite(values)]
    return max(2.0, float(np.ceil(float(np.percentile(values, PERCENTILE)) * 10) / 10)) if values.size else 2.0


def patch_edges(lanes: Lanes, patches: Sequence[int]) -> np.ndarray:
    """Column edges such that every patch of every strip is made of whole columns, in all lanes."""
    width = gcd(*patches, *([MINUTES_PER_DAY] if lanes.count > 1 else []))
    row, column = np.argwhere(lanes.minutes >= 0)[0]
    phase = int(column - lanes.minutes[row, column]) % width
    return np.unique(np.concatenate(([0], np.arange(phase, lanes.width, width), [lanes.width])))


def attention_heatmap(lanes: Lanes, strips: Sequence[Attribution], rows: Sequence[Row], limit: float, colours: Theme) -> go.Heatmap:
    """All attention strips, one colour a patch and never finer."""
    edges = patch_edges(lanes, [strips[index].patch for index in of_kind(strips, "attention")])
    middles = (edges[:-1] + edges[1:]) // 2
    laid = {index: lanes.take(strips[index].values)[:, middles] for index in of_kind(strips, "attention")}
    return _heatmap(lanes, edges, laid, rows, "attention", 0.0, limit, colours.attention)


def attribution_heatmap(lanes: Lanes, strips: Sequence[Attribution], rows: Sequence[Row], limit: float, colours: Theme) -> go.Heatmap:
    """All attribution strips, summed over bins of 5 minutes, symmetric limits."""
    laid = {index: binned_sum(lanes.take(strips[index].values)) for index in of_kind(strips, "attribution")}
    edges = np.append(np.arange(0, lanes.width, BIN), lanes.width)
    return _heatmap(lanes, edges, laid, rows, "attribution", -limit, limit, colours.attribution)


def sensitivity_heatmap(lanes: Lanes, strips: Sequence[Attribution], rows: Sequence[Row], limit: float, colours: Theme) -> go.Heatmap:
    """All sensitivity strips, mean over bins of 5 minutes, from zero."""
    laid = {index: binned_mean(lanes.take(strips[index].values)) for index in of_kind(strips, "sensitivity")}
    edges = np.append(np.arange(0, lanes.width, BIN), lanes.width)
    return _heatmap(lanes, edges, laid, rows, "sensitivity", 0.0, limit, colours.sensitivity)


def signed_line(lanes: Lanes, strips: Sequence[Attribution], rows: Sequence[Row], limit: float, colours: Theme) -> go.Scatter:
    """The attribution once more as a line (up raises, down lowers), so that colour is not the only channel."""
    columns: list[int] = []
    y: list[float] = []
    sums = {index: binned_sum(lanes.take(strips[index].values)) for index in of_kind(strips, "attribution")}
    for row in rows:
        if row.strip not in sums:
            continue
        share = np.clip(sums[row.strip][row.lane] / limit, -1, 1)
        level = (row.top + row.bottom) / 2 + share * ((row.top - row.bottom) / 2 - 0.5)
        level = np.where(np.abs(share) < FAINT, np.nan, np.round(level, 1))
        same = np.zeros(len(level), bool)  # a point between two equal neighbours adds nothing to the line
        same[1:-1] = (level[1:-1] == level[:-2]) & (level[1:-1] == level[2:])
        same |= np.isnan(level) & np.concatenate(([True], np.isnan(level[:-1])))
        ends = np.flatnonzero(~same)
        columns += [*(ends * BIN + BIN // 2).tolist(), lanes.width]
        y += [*level[ends].tolist(), np.nan]
    line = {"color": colours.text, "width": 0.9}
    return go.Scatter(x=lanes.x(columns), y=np.asarray(y, np.float32), name="signed line", mode="lines", line=line, hoverinfo="skip")


def _heatmap(
    lanes: Lanes,
    edges: np.ndarray,
    laid: dict[int, np.ndarray],
    rows: Sequence[Row],
    name: str,
    low: float,
    high: float,
    ramp: tuple[tuple[float, str], ...],
) -> go.Heatmap:
    """Rows from the bottom up, with a row of NaN wherever two strips do not touch."""
    y: list[float] = []
    z: list[np.ndarray] = []
    for row in sorted((row for row in rows if row.strip in laid), key=lambda row: row.bottom):
        if y and row.bottom > y[-1]:
            z.append(np.full(len(edges) - 1, np.nan, np.float32))
        if not y or row.bottom > y[-1]:
            y.append(row.bottom)
        y.append(row.top)
        z.append(laid[row.strip][row.lane])
    return go.Heatmap(
        x=lanes.x(edges),
        y=y,
        z=np.asarray(z, np.float32),
        name=name,
        zmin=low,
        zmax=high,
        colorscale=scale(ramp),
        hoverinfo="skip",
        zsmooth=False,
    )


def _parts(laid: np.ndarray, width: int) -> np.ndarray:
    lost = -laid.shape[1] % width
    padded = np.pad(laid, ((0, 0), (0, lost)), constant_values=np.nan)
    return padded.reshape(laid.shape[0], -1, width)
