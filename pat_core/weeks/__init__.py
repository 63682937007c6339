"""Full weeks out of recordings, their quality, the per-minute standardizer, and the gate before a model."""

from .clock import minute_of_week
from .cut import cut, in_days
from .gate import GATE_VERSION, check
from .report import report
from .scale import check_standardized
from .standardizer import apply, fit, standardizer_sha

__all__ = ["GATE_VERSION", "apply", "check", "check_standardized", "cut", "fit", "in_days", "minute_of_week", "report", "standardizer_sha"]
