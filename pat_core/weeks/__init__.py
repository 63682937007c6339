"""Full weeks out of recordings, their quality, the per-minute standardizer, and the gate before a model."""

from pat_core.weeks.cut import cut, in_days
from pat_core.weeks.gate import GATE_VERSION, check
from pat_core.weeks.marks_applied import apply_marks, marked
from pat_core.weeks.minute_of_week import minute_of_week
from pat_core.weeks.quality_report import not_worn, quality_report
from pat_core.weeks.standardized_scale import check_standardized
from pat_core.weeks.standardizer import apply, fit, standardizer_sha
from pat_core.weeks.week_figures import report

__all__ = [
    "GATE_VERSION",
    "apply",
    "apply_marks",
    "check",
    "check_standardized",
    "cut",
    "fit",
    "in_days",
    "marked",
    "minute_of_week",
    "not_worn",
    "quality_report",
    "report",
    "standardizer_sha",
]
