"""Figures: records in, `(figure, caption)` out. Pure: no files, no screens. The caption is also the alternative text."""

from pat_core.figures.charts.agreement_strip import agreement_strip
from pat_core.figures.charts.clock_bands import clock_bands
from pat_core.figures.charts.concept_dots import concept_dots
from pat_core.figures.charts.dose_curve import DoseLine, dose_curve
from pat_core.figures.charts.heads_grid import heads_grid
from pat_core.figures.charts.learning import training_curves
from pat_core.figures.charts.matrix_heatmap import attention_matrix
from pat_core.figures.charts.night_days import night_days
from pat_core.figures.charts.person_and_cohort import cohort_spread, day_bars, mean_day
from pat_core.figures.charts.prediction_dot import prediction_dot
from pat_core.figures.charts.rebuilt_strips import MaskedWeek, rebuilt_strips
from pat_core.figures.charts.rhythm_day import rhythm_day
from pat_core.figures.charts.scoreboard_dots import Score, scoreboard_dots
from pat_core.figures.charts.wear_days import wear_days
from pat_core.figures.palette import config, theme
from pat_core.figures.people.small_week import small_week
from pat_core.figures.sheet.sheet_plan import Layers
from pat_core.figures.sheet.week_sheet import Scales, brushed_minutes, common_scales, week_sheet, week_timeline

__all__ = [
    "DoseLine",
    "Layers",
    "MaskedWeek",
    "Scales",
    "Score",
    "agreement_strip",
    "attention_matrix",
    "brushed_minutes",
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
    "rebuilt_strips",
    "rhythm_day",
    "scoreboard_dots",
    "small_week",
    "theme",
    "training_curves",
    "wear_days",
    "week_sheet",
    "week_timeline",
]
