"""Figures: records in, `(figure, caption)` out. Pure: no files, no screens. The caption is also the alternative text."""

from pat_core.figures.agreement import agreement_strip
from pat_core.figures.brush import brushed_minutes
from pat_core.figures.by_clock import clock_bands
from pat_core.figures.concepts import concept_dots
from pat_core.figures.curves import auc_comparison, calibration, roc, score_histogram
from pat_core.figures.dose import dose_curve
from pat_core.figures.heads import heads_grid
from pat_core.figures.learning import training_curves
from pat_core.figures.matrix import attention_matrix
from pat_core.figures.night_days import night_days
from pat_core.figures.palette import config, theme
from pat_core.figures.people import cohort_spread, day_bars, mean_day
from pat_core.figures.prediction import prediction_dot
from pat_core.figures.rhythm_day import rhythm_day
from pat_core.figures.scales import Scales, common_scales
from pat_core.figures.scoreboard import Score, scoreboard_dots
from pat_core.figures.wear import wear_days
from pat_core.figures.week_sheet import week_sheet
from pat_core.figures.week_timeline import week_timeline

__all__ = [
    "Scales",
    "Score",
    "agreement_strip",
    "attention_matrix",
    "auc_comparison",
    "brushed_minutes",
    "calibration",
    "clock_bands",
    "cohort_spread",
    "common_scales",
    "concept_dots",
    "config",
    "day_bars",
    "dose_curve",
    "heads_grid",
    "mean_day",
    "night_days",
    "prediction_dot",
    "rhythm_day",
    "roc",
    "score_histogram",
    "scoreboard_dots",
    "theme",
    "training_curves",
    "wear_days",
    "week_sheet",
    "week_timeline",
]
