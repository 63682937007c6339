"""Full weeks out of recordings, their quality, the per-minute standardizer, and the gate before a model."""

from pat_core.weeks.chosen_weeks import ChosenWeeks, JoinedWeeks, StandardizedWeeks, by_length, lengths_of
from pat_core.weeks.cut import check_days, cut, length_words
from pat_core.weeks.gate import GATE_VERSION, check, too_short
from pat_core.weeks.quality_report import apply_marks, marked, not_worn, quality_report, report
from pat_core.weeks.standardized_scale import check_standardized
from pat_core.weeks.standardizer import Starts, Weeks, apply, fit, minutes_of_day, standardizer_sha, steadied
from pat_core.weeks.week_time import in_days, minute_of_week, span

__all__ = [
    "ChosenWeeks",
    "GATE_VERSION",
    "JoinedWeeks",
    "StandardizedWeeks",
    "Starts",
    "Weeks",
    "apply",
    "apply_marks",
    "by_length",
    "check",
    "check_days",
    "check_standardized",
    "cut",
    "fit",
    "in_days",
    "length_words",
    "lengths_of",
    "marked",
    "minute_of_week",
    "minutes_of_day",
    "not_worn",
    "quality_report",
    "report",
    "span",
    "standardizer_sha",
    "steadied",
    "too_short",
]
