"""Findings and how they are put, and the checks that activity and standardized values have in common."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from pat_core.records import Finding, Severity, Week
from pat_core.settings import MINUTES_PER_DAY
from pat_core.weeks.week_time import span

SHUFFLED = 0.1
"""Correlation of neighbouring minutes under which a week is no week. Real ones: .59 and more for 99 of 100 weeks
of OBF-Psychiatric (the least .45), .62 and more for 95 of 100 of NHANES 2003-04 (the least 0, hardly moving); shuffled: at most .04."""
FEW_MOVING = 0.05
"""Share of moving minutes under which nothing can be said of their order."""


def together(values: np.ndarray) -> float | None:
    """Correlation of each minute with the next, of (minutes,) activity or standardized values, NaN left out; square roots are taken, so
    that a few high minutes do not decide. None where hardly any minute differs from the most common value."""
    values = np.asarray(values, np.float64)
    present = values[np.isfinite(values)]
    if present.size < 2 or np.mean(present != np.median(present)) < FEW_MOVING:
        return None
    size = np.sign(values) * np.sqrt(np.abs(values))
    first, second = size[:-1], size[1:]
    both = np.isfinite(first) & np.isfinite(second)
    centre = float(np.mean(size[np.isfinite(size)]))
    spread = float(np.mean((size[np.isfinite(size)] - centre) ** 2))
    return float(np.mean((first[both] - centre) * (second[both] - centre)) / spread) if both.any() and spread > 0 else None


MISSING_WARN, MISSING_REFUSE = 0.05, 0.5


def refuse(code: str, message: str, value: float | None = None) -> Finding:
    """A finding that keeps a week from the model."""
    return _finding(code, "refuse", message, value)


def warn(code: str, message: str, value: float | None = None) -> Finding:
    """A finding that is said beside the answer."""
    return _finding(code, "warn", message, value)


def percent(share: float) -> str:
    """A share, 0 to 1, for a reader: "12 %", "1.2 %"."""
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def when(week: Week, minute: int) -> str:
    """A minute of the week for a reader: "from Tuesday 10:00 (day 2)", or its number where the clock is not known."""
    if week.start is None:
        return f"from minute {minute} of the {span(week.values.size)}"
    return f"from {week.start + timedelta(minutes=minute):%A %H:%M} (day {minute // MINUTES_PER_DAY + 1})"


def shuffled(values: np.ndarray) -> Iterator[Finding]:
    """Minutes, (minutes,) activity or standardized, that are not in the order in which they were lived."""
    correlation = together(values)
    if correlation is not None and correlation < SHUFFLED:
        yield refuse(
            "shuffled",
            f"Neighbouring minutes are unrelated (correlation {correlation:.2f}; nearly all real weeks have 0.6 or more): the minutes "
            "were shuffled, sorted by something else, or are not activity.",
            correlation,
        )


def _finding(code: str, severity: Severity, message: str, value: float | None) -> Finding:
    return Finding(code, severity, message.strip(), value)
