"""How well hidden minutes of a week were rebuilt, beside what needs no network: a straight line, and the person's own mean day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.settings import MINUTES_PER_DAY


@dataclass(frozen=True)
class ReconstructionFigures:
    """Of hidden minutes alone, in the unit of the week (standard deviations where it is standardized). minutes: how many. mse, mae: mean
    squared and absolute error. r2: 1 - squared error over that of the hidden minutes' own mean, unclipped: below 0 it is worse than that
    mean. r: Pearson's. Both NaN where the hidden minutes do not vary, r also where what was rebuilt does not."""

    minutes: int
    mse: float
    mae: float
    r2: float
    r: float


def reconstruction_figures(week: np.ndarray, rebuilt: np.ndarray, hidden: np.ndarray) -> ReconstructionFigures:
    """week, rebuilt (minutes,); hidden (minutes,) bool: the minutes that count. PatError where they do not fit together or none is
    hidden."""
    week, rebuilt, hidden = np.asarray(week, np.float64), np.asarray(rebuilt, np.float64), np.asarray(hidden, bool)
    if not week.shape == rebuilt.shape == hidden.shape or week.ndim != 1 or not hidden.any():
        raise PatError(
            f"Expected a week, what was rebuilt and which minutes were hidden, all (minutes,) and at least one hidden; got {week.shape}, "
            f"{rebuilt.shape} and {hidden.shape} with {int(hidden.sum())} hidden."
        )
    true, filled = week[hidden], rebuilt[hidden]
    missed, spread = filled - true, true - true.mean()
    squares = float(spread @ spread)
    away = filled - filled.mean()
    both = np.sqrt(squares * float(away @ away))
    return ReconstructionFigures(
        minutes=int(hidden.sum()),
        mse=float(np.mean(missed**2)),
        mae=float(np.mean(np.abs(missed))),
        r2=1 - float(missed @ missed) / squares if squares else float("nan"),
        r=float(spread @ away) / float(both) if both else float("nan"),
    )


def interpolated(week: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """(minutes,) with hidden minutes on a straight line between the visible ones next to them; before the first and after the last visible
    one, its value. PatError where nothing is visible."""
    _need_visible(hidden)
    at = np.arange(len(week))
    return np.where(hidden, np.interp(at, at[~hidden], np.asarray(week, np.float64)[~hidden]), week)


def from_mean_day(week: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """(minutes,) with hidden minutes as the mean of the visible ones at the same minute of the other days; where none is visible at that
    minute, on a straight line around the clock between minutes at which some are. PatError where nothing is visible."""
    _need_visible(hidden)
    minute = np.arange(len(week)) % MINUTES_PER_DAY
    seen = np.bincount(minute[~hidden], minlength=MINUTES_PER_DAY)
    total = np.bincount(minute[~hidden], weights=np.asarray(week, np.float64)[~hidden], minlength=MINUTES_PER_DAY)
    known = np.flatnonzero(seen)
    day = np.interp(np.arange(MINUTES_PER_DAY), known, total[known] / seen[known], period=MINUTES_PER_DAY)
    return np.where(hidden, day[minute], week)


def _need_visible(hidden: np.ndarray) -> None:
    if np.asarray(hidden).all():
        raise PatError("Every minute is hidden, so there is nothing to rebuild a week from. Hide a smaller share.")
