"""Full weeks out of recordings, their quality, the per-minute standardizer, and the gate before a model."""

from .cut import cut, in_days
from .gate import check, check_standardized
from .report import report
from .standardizer import apply, fit

__all__ = ["apply", "check", "check_standardized", "cut", "fit", "in_days", "report"]
