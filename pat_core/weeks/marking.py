"""What people mark by hand in a week, put into effect: minutes that are not to be used, and rest that overrides the estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..recordings import covered, nonwear, periods
from ..records import Period, Week
from .report import report

MISSING_KINDS = ("non-wear", "exclude")
"""Marks whose minutes become missing: for the model, for figures and for reports."""


def apply_marks(week: Week, marks: Sequence[Period]) -> Week:
    """The week with these marks: marked non-wear and excluded minutes are NaN, its report is made again. Itself where there are none."""
    if not marks:
        return week
    gone = covered((mark for mark in marks if mark.kind in MISSING_KINDS), week.values.size)
    values = np.where(gone, np.float32(np.nan), week.values)
    return replace(week, values=values, report=report(values, week.unit, week.worn), marks=tuple(marks))


def marked(week: Week, kind: str) -> np.ndarray:
    """(minutes,) bool, what was marked as this kind."""
    return covered((mark for mark in week.marks if mark.kind == kind), week.values.size)


def not_worn(week: Week) -> np.ndarray:
    """(minutes,) bool, when the device was not worn: by Choi 2011, by its own flags where it has any, and by hand."""
    mask = nonwear(week.values) | marked(week, "non-wear")
    return mask if week.worn is None else mask | (~week.worn & np.isfinite(week.values))


def with_marked_rest(rest: np.ndarray | None, week: Week) -> np.ndarray | None:
    """Estimated rest, (minutes,) bool or None where it cannot be estimated, with the marked rest in its place.

    An estimated period that a marked one touches gives way to it altogether, so that a period can be made shorter as well as longer. Where
    nothing is marked as rest, the estimate as it is.
    """
    by_hand = marked(week, "rest")
    if not by_hand.any():
        return rest
    kept = np.zeros(by_hand.size, bool) if rest is None else np.array(rest, bool)
    touched = [period for period in periods(kept) if by_hand[period.first : period.end].any()]
    return (kept & ~covered(touched, kept.size)) | by_hand
