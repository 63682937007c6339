"""A cohort's attributions by clock as a result: who is in it, in words and as a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pat_core.explain.by_clock import ClockAttribution
from pat_core.explain.method_settings import TOLERANCE
from pat_core.settings import MINUTES_PER_DAY


@dataclass(frozen=True, eq=False)
class CohortByClock:
    """refused, without_start: people left out by the input gate, and because no clock is known. asked: people of both groups.

    drawn: how many of them were looked at. missed: maps whose gap is wider than the tolerance; they are in. copies: names that are not
    among `asked`, because their recording is here under another name too.
    """

    attribution: ClockAttribution
    asked: int
    drawn: int
    refused: int
    without_start: int
    missed: int
    copies: int = 0


def counts_words(made: CohortByClock) -> list[str]:
    """Who is in, who is left out, and how exact the maps are, a sentence each."""
    said = [f"{sum(made.attribution.people)} of {made.asked} people of the two groups are included, with their first week."]
    if made.drawn < made.asked:
        said.append(f"{made.drawn} of them were drawn at random: more would take long and change little.")
    if made.refused:
        said.append(f"{made.refused} left out: the input check found their week unfit for the model.")
    if made.without_start:
        said.append(f"{made.without_start} left out: their recording does not say when it started, so there is no clock.")
    if made.copies:
        said.append(
            f"{made.copies} left out: their recording is here under another name too. Each counts once, and not at all where its names are "
            "in both groups."
        )
    if made.missed:
        said.append(f"{made.missed} maps have a gap wider than {100 * TOLERANCE:g} % of the change of the score.")
    said.append("Each map is integrated gradients, compared with the mean week.")
    return said


def clock_table(made: CohortByClock) -> pd.DataFrame:
    """A row a window: its first minute of the day (or week) and clock time, both groups and their difference with bands, p-values.

    share: |difference| by the largest one. very small: it is under 5 % of the largest |mean| of either group.
    """
    laid = made.attribution
    day, minute = np.divmod(laid.starts, MINUTES_PER_DAY)
    clock = [f"{m // 60:02d}:{m % 60:02d}" for m in minute]
    table = pd.DataFrame({"from minute": laid.starts, "clock": clock} | ({"day from Monday": day + 1} if laid.over == "week" else {}))
    for name in ("cases", "controls", "difference"):
        band = getattr(laid, name)
        if band is not None:
            table[name], table[f"{name} low"], table[f"{name} high"] = band.mean, band.low, band.high
    for name in ("p", "adjusted", "found"):
        if getattr(laid, name) is not None:
            table[name] = getattr(laid, name)
    if laid.difference is not None:
        size = np.abs(laid.difference.mean)
        table["share"] = size / (np.nanmax(size, initial=0.0) or 1.0)
        table["very small"] = laid.very_small
    return table
