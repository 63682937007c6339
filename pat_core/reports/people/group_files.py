"""A comparison of groups to take away: its tables, its picture, and what was done, in one zip."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from pat_core import __version__
from pat_core.csv_text import csv_text
from pat_core.figures.people.group_panels import spread_words
from pat_core.workflows.workbench.group_comparison import EXPLORATION, FigureCompared, GroupComparison, PairTest, pair_table, spread_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACROSS = 3
"""Small charts beside one another on paper."""
LINE = 150
"""Signs of a line over the picture."""
INK, PALE = "#1f2933", "#9aa5b1"


def pairs_in_words(comparison: GroupComparison) -> pd.DataFrame:
    """A row a figure and pair as a reader sees it, smallest corrected p first, what was not tested last."""
    rows = sorted(
        ((figure, pair) for figure in comparison.figures for pair in figure.pairs),
        key=lambda row: (math.isnan(row[1].adjusted), row[1].adjusted, abs(row[1].difference.higher.value - 0.5) * -1),
    )
    return pd.DataFrame([_row(figure, pair) for figure, pair in rows])


def _row(figure: FigureCompared, pair: PairTest) -> dict[str, str]:
    spreads = {group.name: group for group in figure.groups}
    opens = figure.column.opens if figure.column.kind == "clock" else None
    each, higher = pair.difference, pair.difference.higher
    row = {"Figure": figure.column.called}
    row |= {"Group": f"{pair.first} ({each.first:,})", "Median": spread_words(spreads[pair.first], opens)}
    row |= {"Other group": f"{pair.second} ({each.second:,})", "Its median": spread_words(spreads[pair.second], opens)}
    if not each.tested:
        return row | {"Higher of 100 (95 %)": "not tested: too few people", "p": "", "p, Benjamini-Hochberg": "", "p, Holm": ""}
    effect = f"{100 * higher.value:.0f} ({100 * higher.low:.0f} to {100 * higher.high:.0f})"
    after = {"p, Benjamini-Hochberg": p_words(pair.adjusted), "p, Holm": p_words(pair.stepwise)}
    return row | {"Higher of 100 (95 %)": effect, "p": p_words(each.p)} | after


def p_words(p: float) -> str:
    """ "0.03", "< 0.001"; "" where nothing was tested."""
    if math.isnan(p):
        return ""
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def comparison_zip(comparison: GroupComparison, about: Mapping[str, str]) -> bytes:
    """groups.csv (spread of each group), tests.csv, groups.svg, groups.png and about.json. about: of whom it is, plain words."""
    file = io.BytesIO()
    plain: dict[str, Any] = {name: text for name, text in about.items() if text}
    plain |= {"groups by": comparison.by, "people": dict(comparison.sizes), "tests": comparison.tests, "notes": list(comparison.notes)}
    plain |= {"test": "Mann-Whitney U, two-sided, one value a person", "corrected by": "Benjamini-Hochberg, and Holm", "words": EXPLORATION}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("groups.csv", csv_text(spread_table(comparison)))
        archive.writestr("tests.csv", csv_text(pair_table(comparison)))
        for ending in ("svg", "png"):
            archive.writestr(f"groups.{ending}", comparison_picture(comparison, ending))
        archive.writestr("about.json", json.dumps(plain | {"pat_core": __version__}, indent=1, ensure_ascii=False))
    return file.getvalue()


def comparison_picture(comparison: GroupComparison, ending: str = "svg") -> bytes:
    """The small charts of a comparison on white, as .svg or .png."""
    from matplotlib.figure import Figure

    down = -(-len(comparison.figures) // ACROSS)
    picture = Figure(figsize=(10.5, 0.45 + down * (0.75 + 0.42 * len(comparison.sizes))), layout="constrained")
    picture.suptitle("\n".join(wrap(comparison.words, LINE)), fontsize=8, color=INK, x=0.01, ha="left", parse_math=False)
    axes = picture.subplots(down, ACROSS, squeeze=False).ravel()
    for place, figure in zip(axes, comparison.figures, strict=False):
        _panel(place, figure)
    for place in axes[len(comparison.figures) :]:
        place.set_axis_off()
    file = io.BytesIO()
    picture.savefig(file, format=ending, dpi=150, metadata={"Date": None} if ending == "svg" else None)
    return file.getvalue()


def _panel(axes: Axes, figure: FigureCompared) -> None:
    last = len(figure.groups) - 1
    for place, group in enumerate(figure.groups):
        base, median = last - place, group.median
        axes.fill_between(figure.grid, base, base + 0.72 * group.height, color=PALE, alpha=0.45, linewidth=0)
        axes.plot(group.middle, [base, base], color=INK, linewidth=0.8)
        axes.plot([median.low, median.high], [base, base], color=INK, linewidth=2.6)
        axes.plot([median.value], [base], "o", color=INK, markersize=4)
    names = [f"{group.name[:22]} ({group.people:,})" for group in figure.groups]
    axes.set_yticks(range(last, -1, -1), names, fontsize=7, parse_math=False)
    axes.set_title(figure.column.called, fontsize=8, color=INK, loc="left", parse_math=False)
    axes.tick_params(labelsize=7, length=0)
    axes.grid(axis="x", color="#e3e7ec", linewidth=0.6)
    axes.set_axisbelow(True)
    if figure.column.kind == "clock":
        axes.xaxis.set_major_formatter(lambda value, _place: figure.column.words(value))
    for side in axes.spines.values():
        side.set_visible(False)
