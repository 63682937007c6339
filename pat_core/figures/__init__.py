"""Figures: records in, `(figure, caption)` out. Pure: no files, no screens. The caption is also the alternative text."""

from pat_core.figures.brush import brushed_minutes
from pat_core.figures.curves import auc_comparison, calibration, roc, score_histogram
from pat_core.figures.learning import training_curves
from pat_core.figures.palette import config, theme
from pat_core.figures.people import cohort_spread, day_bars, mean_day
from pat_core.figures.prediction import prediction_dot
from pat_core.figures.week_sheet import week_sheet
from pat_core.figures.week_timeline import week_timeline

__all__ = [
    "auc_comparison",
    "brushed_minutes",
    "calibration",
    "cohort_spread",
    "config",
    "day_bars",
    "mean_day",
    "prediction_dot",
    "roc",
    "score_histogram",
    "theme",
    "training_curves",
    "week_sheet",
    "week_timeline",
]
