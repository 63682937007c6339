"""Each week of a cohort in figures of rhythm, sleep and wear: what a model without a network is given. Computed once and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pat_core.cohorts import WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.progress import Progress, Silent
from pat_core.records import UNKNOWN_UNIT, Week
from pat_core.rhythms import FEATURE_NAMES, NightSummary, Spread, six_features
from pat_core.settings import MINUTES_PER_DAY
from pat_core.wear import QualitySettings
from pat_core.weeks import GATE_VERSION, report
from pat_core.weeks.quality_report import MISSING_KINDS
from pat_core.workflows.read.worn_days import WEAR_VERSION, quality_settings
from pat_core.workflows.week.cohort_weeks import week_of
from pat_core.workflows.week.week_nights import WeekNights, minute_of_day, week_nights, week_rhythm

VERSION = 1
"""Counts up when a figure is computed in another way: figures that were kept are then computed again."""
AT_ONCE = 500
"""Weeks whose figures are kept together, so that a stop loses at most these."""

EVERY = 20
"""Weeks between two reports of how far it is."""

_NIGHT_FIGURES = ("time_in_bed", "sleep", "efficiency", "latency", "waso", "awakenings")
_NIGHT_TIMES = ("bedtime", "onset", "offset", "rise", "midpoint")
_TABLE = Codec[np.ndarray](np.ndarray)


@dataclass(frozen=True, eq=False)
class WeekFigures:
    """values: (weeks, figures) float64, NaN where a week does not define one. The first six are those of `six_features`."""

    names: tuple[str, ...]
    values: np.ndarray

    @property
    def six(self) -> np.ndarray:
        """(weeks, 6) the rhythm features of the simplest floor."""
        return self.values[:, : len(FEATURE_NAMES)]


def week_figures(workspace: Workspace, cohort: str, rows: Sequence[int] | np.ndarray, progress: Progress | None = None) -> WeekFigures:
    """Figures of these rows of the cohort's array, in their order; about 15 ms a week the first time."""
    names, settings, tables, done = _names(), quality_settings(workspace), [], 0
    weeks, flags, chunks = workspace.weeks_array(cohort), workspace.device_flags(cohort), _chunks(workspace, cohort, rows)
    for some, question in chunks:
        table = workspace.kept(question, _TABLE)
        if table is None:
            measured = []
            for number, row in enumerate(some, done + 1):
                if number % EVERY == 0:
                    (progress or Silent()).at(number / len(rows), f"Computing rhythm, sleep and wear: {number:,} of {len(rows):,} weeks")
                measured.append(list(figures_of(week_of(row, weeks, flags), settings).values()))
            table = np.array(measured, dtype=np.float64)
            workspace.keep(question, table, _TABLE)
        done += len(some)
        tables.append(table)
    return WeekFigures(names, np.concatenate(tables) if tables else np.empty((0, len(names))))


def figures_not_kept(workspace: Workspace, cohort: str, rows: Sequence[int] | np.ndarray) -> int:
    """How many of these rows `week_figures` would compute now."""
    return sum(len(some) for some, question in _chunks(workspace, cohort, rows) if workspace.kept(question, _TABLE) is None)


def _chunks(workspace: Workspace, cohort: str, rows: Sequence[int] | np.ndarray) -> list[tuple[list[WeekRow], Question]]:
    """The rows whose figures are kept together, with the question that they are kept under."""
    by_row, settings = {row.row: row for row in workspace.week_rows(cohort)}, quality_settings(workspace)
    wanted, info = [by_row[int(row)] for row in rows], workspace.cohort(cohort)
    chunks = []
    for some in (wanted[first : first + AT_ONCE] for first in range(0, len(wanted), AT_ONCE)):
        parts: dict[str, object] = {"cohort": info.id}  # goes when the cohort goes
        parts |= {"weeks": digest([(row.as_read, row.unit, str(row.start), row.device, row.placement, *_rest(row)) for row in some])}
        parts |= {"wear": repr(settings), "versions": [VERSION, WEAR_VERSION, GATE_VERSION]}
        chunks.append((some, Question("figures of rhythm, sleep and wear", parts)))
    return chunks


def _rest(row: WeekRow) -> list[str]:
    """Rest that was marked by hand, which moves nights and leaves the values as they are; [] where there is none."""
    return sorted(f"{mark.kind} {mark.first} to {mark.end}" for mark in row.marks if mark.kind not in MISSING_KINDS)


def figures_of(week: Week, settings: QualitySettings) -> dict[str, float]:
    """One week in figures, NaN where it does not define one: less than two days have no rhythm, other units than counts no nights."""
    enough = week.values.size >= 2 * MINUTES_PER_DAY
    six = six_features(week.values, minute_of_day(week.start)) if enough else np.full(len(FEATURE_NAMES), np.nan)
    nights = week_nights(week, None, settings, unfit="")
    return dict(zip(FEATURE_NAMES, map(float, six), strict=True)) | _rhythm(week, nights, enough) | _sleep(nights) | _wear(week, nights)


def _names() -> tuple[str, ...]:
    """In the order of `figures_of`: those of a week of zeros, which has them all."""
    zeros = np.zeros(2 * MINUTES_PER_DAY, np.float32)
    week = Week("", 0, zeros, None, False, UNKNOWN_UNIT, None, "start", report(zeros, UNKNOWN_UNIT))
    return tuple(figures_of(week, QualitySettings()))


def _rhythm(week: Week, nights: WeekNights, enough: bool) -> dict[str, float]:
    """Rhythm besides the six: levels as logarithms, clock times in hours from where hardly anyone's lies."""
    if not enough:
        return dict.fromkeys(("log_mesor", "log_amplitude", "l5_from_15h", "m10_from_3h", "sri"), float("nan"))
    rhythm = week_rhythm(week, nights, fit=True)
    return {
        "log_mesor": _log(rhythm.mesor),
        "log_amplitude": _log(rhythm.amplitude),
        "l5_from_15h": (rhythm.l5_start / 60 - 15) % 24,
        "m10_from_3h": (rhythm.m10_start / 60 - 3) % 24,
        "sri": float("nan") if rhythm.sri is None else rhythm.sri,
    }


def _sleep(nights: WeekNights) -> dict[str, float]:
    """Means and deviations over nights; times in hours after noon, through midnight without a leap."""
    summary: NightSummary | None = None if nights.report is None else nights.report.summary
    figures: dict[str, float] = {}
    for name in _NIGHT_FIGURES:
        figures |= _spread(name, None if summary is None else getattr(summary, name))
    for name in _NIGHT_TIMES:
        spread = _spread(name, None if summary is None else getattr(summary, name))
        figures |= {f"{name}_after_noon": (spread[f"{name}_mean"] / 60 - 12) % 24, f"{name}_sd": spread[f"{name}_sd"]}
    others = ("naps", "nap_minutes", "social_jetlag", "nights", "left_out")
    return figures | {name: _number(None if summary is None else getattr(summary, name)) for name in others}


def _spread(name: str, spread: Spread | None) -> dict[str, float]:
    mean, sd = (float("nan"), float("nan")) if spread is None else (spread.mean, spread.sd)
    return {f"{name}_mean": mean, f"{name}_sd": sd}


def _wear(week: Week, nights: WeekNights) -> dict[str, float]:
    present = week.values[np.isfinite(week.values)]
    known = present.size > 0
    return {
        "valid_days": _number(nights.quality.valid_days),
        "nonwear_share": float(nights.nonwear.mean()) if nights.nonwear.size else float("nan"),
        "missing_share": 1.0 - present.size / max(1, week.values.size),
        "zero_share": float((present == 0).mean()) if known else float("nan"),
        "log_mean": _log(float(present.mean(dtype=np.float64))) if known else float("nan"),
        "log_sd": _log(float(present.std(dtype=np.float64))) if known else float("nan"),
        "log_maximum": _log(float(present.max())) if known else float("nan"),
        "saturated_share": _number(nights.quality.saturated_share),
    }


def _log(value: float) -> float:
    return float(np.log1p(max(value, 0.0))) if np.isfinite(value) else float("nan")


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
