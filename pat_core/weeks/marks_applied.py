"""What people mark by hand in a week, put into effect: minutes that are not to be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pat_core.records import Period, Week
from pat_core.wear import covered
from pat_core.weeks.week_figures import report

MISSING_KINDS = ("non-wear", "exclude")
"""Marks whose minutes become missing: for the model, for figures and for reports."""


def apply_marks(week: Week, marks: Sequence[Period]) -> Week:
    """The week with these marks: marked non-wear and excluded minutes are NaN, its report is made again. Itself where there are none."""
    if not marks:
        return week
    excluded = covered((mark for mark in marks if mark.kind in MISSING_KINDS), week.values.size)
    values = np.where(excluded, np.float32(np.nan), week.values)
    return replace(week, values=values, report=report(values, week.unit, week.worn), marks=tuple(marks))


def marked(week: Week, kind: str) -> np.ndarray:
    """(minutes,) bool, what was marked as this kind."""
    return covered((mark for mark in week.marks if mark.kind == kind), week.values.size)
