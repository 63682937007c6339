"""A comparison for readers: the table as text and as CSV, its rows for the charts, what it will cost, and how to read it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pat_core.figures.charts.compare_charts import ComparedModel, CurvePoint
from pat_core.plurals import counted
from pat_core.records import Interval
from pat_core.reports.evaluation_words import signed
from pat_core.workflows.comparing.compare_cells import Comparison
from pat_core.workflows.comparing.compare_request import ALL, Offer
from pat_core.workflows.comparing.compare_table import Line, size_words
from pat_core.workflows.comparing.paper_results import SOURCE

HOW_TO_READ = (
    "AUC on the people held out, the mean over training sizes and repetitions. The interval (95 %) is over the people tested and over "
    "repetitions. Against the floor: the mean AUC less that of the better floor on the same people; an interval that holds 0 does not "
    "show a difference. All models are tested on the same people; with every further model, the highest is more likely to be so by chance."
)
ONE_REPETITION = "With one repetition the intervals leave out how much a training varies by itself. Repeat it to know."


def line_table(lines: Sequence[Line]) -> pd.DataFrame:
    """A row a line: label, model, AUC at each size, their mean with its interval, against the floor, the paper's."""
    sizes = [size for size in dict.fromkeys(point.size for line in lines for point in line.points)]
    sizes.sort(key=lambda size: (size == ALL, size))
    rows = []
    for line in lines:
        by_size = {point.size: point.mean for point in line.points}
        row: dict[str, object] = {"Label": line.groups.words, "Model": line.title, "Parameters": line.parameters}
        row |= {f"AUC, {size_words(size)}": by_size.get(size) for size in sizes}
        row |= {"Mean AUC": line.mean.value, "from": line.mean.low, "to": line.mean.high}
        row |= {"Against the floor": None if line.difference is None else with_interval(line.difference, difference=True)}
        rows.append(row | ({"Paper": line.paper} if any(other.paper is not None for other in lines) else {}))
    return pd.DataFrame(rows)


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """A `line_table` as readers see it: three digits, thousands apart, a dash where nothing was computed."""

    def word(value: object, name: str) -> str:
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return "–"
        return f"{value:,.0f}" if name == "Parameters" else f"{value:.3f}" if isinstance(value, float) else str(value)

    return pd.DataFrame({name: [word(value, str(name)) for value in table[name]] for name in table})


def cell_table(comparison: Comparison) -> pd.DataFrame:
    """A row a training: what was asked, how many learned and were tested, its AUC with interval, epochs and seconds."""
    rows = []
    for cell, done in comparison.results.items():
        tested = int(done.positive.sum()), int(len(done.positive) - done.positive.sum())
        row: dict[str, object] = {
            "label": cell.groups.label,
            "positive": cell.groups.positive,
            "negative": cell.groups.negative or "everyone else",
        }
        row |= {"model": cell.model, "style": cell.style, "size": size_words(cell.size), "seed": cell.seed}
        row |= {"train_positive": done.train[0], "train_negative": done.train[1], "test_positive": tested[0], "test_negative": tested[1]}
        row |= {"auc": done.auc.value, "low": done.auc.low, "high": done.auc.high}
        rows.append(row | {"best_epoch": done.best_epoch, "epochs": done.epochs, "seconds": round(done.seconds, 1)})
    return pd.DataFrame(rows)


def dot_rows(lines: Sequence[Line]) -> list[ComparedModel]:
    """The lines as `compare_dots` draws them."""
    return [
        ComparedModel(line.groups.words, line.title, line.mean.value, line.mean.low, line.mean.high, line.floor, line.paper)
        for line in lines
    ]


def curve_rows(lines: Sequence[Line]) -> list[CurvePoint]:
    """The lines as `compare_curves` draws them."""
    return [
        CurvePoint(line.groups.words, line.title, point.people, point.mean, point.lowest, point.highest, line.floor)
        for line in lines
        for point in line.points
    ]


def with_interval(interval: Interval, difference: bool = False) -> str:
    """A figure and its interval: 0.73 (0.61 to 0.83)."""
    words = signed if difference else "{:.2f}".format
    if interval.low != interval.low:  # no interval can be had
        return words(interval.value)
    return f"{words(interval.value)} ({words(interval.low)} to {words(interval.high)})"


def as_text(comparison: Comparison, lines: Sequence[Line]) -> str:
    """The whole as text: a block a label, the floors first."""
    parts = []
    for offer in comparison.offers:
        own = [line for line in lines if line.groups == offer.groups]
        parts.append(f"{offer.groups.words}: {people_words_of(offer)}")
        for line in own:
            beside = "" if line.difference is None else f"  against the floor {with_interval(line.difference, difference=True)}"
            paper = "" if line.paper is None else f"  paper {line.paper:.3f}"
            unfinished = "" if line.whole else "  (not all of its trainings are done)"
            parts.append(f"  {line.title:<38} {with_interval(line.mean)}{beside}{paper}{unfinished}")
    parts.append(HOW_TO_READ)
    parts += [ONE_REPETITION] if comparison.request.seeds == 1 else []
    parts += [f"The paper's figures: {SOURCE}"] if comparison.request.paper else []
    return "\n".join(parts)


def people_words_of(offer: Offer) -> str:
    """How many are tested and can be trained on, by group."""
    (tested, others), (train, rest) = offer.test, offer.train
    return f"{tested + others:,} people held out ({tested:,} and {others:,}), {train + rest:,} to train on ({train:,} and {rest:,})"


def left_words(comparison: Comparison) -> str:
    """How many trainings are left."""
    missing, kept = len(comparison.missing), len(comparison.results)
    if not missing:
        return f"Every training of this comparison is done: {kept:,}."
    already = f" {counted(kept, 'other is', 'others are')} kept already." if kept else ""
    return f"{counted(missing, 'training is', 'trainings are')} to be done.{already}"
