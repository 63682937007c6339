"""Full weeks out of recordings, their quality, the per-minute standardizer, and the gate before a model."""

from .clock import minute_of_week
from .cut import cut, in_days
from .gate import GATE_VERSION, check
from .marking import apply_marks, marked
from .quality_report import not_worn, quality_report
from .report import report
from .scale import check_standardized
from .standardizer import apply, fit, standardizer_sha

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
