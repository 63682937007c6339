"""When a device was worn: non-wear rules, the settings that judge a week, and what values look like."""

from __future__ import annotations

from pat_core.wear.nonwear import Choi, Troiano, flat_at_an_edge, longest_flat_run, nonwear, to_minutes
from pat_core.wear.units import guess_unit
from pat_core.wear.wear_rules import SOURCES, QualitySettings, Wear, covered, flat_tail, periods, saturation, wear_hours, wear_of

__all__ = [
    "Choi",
    "QualitySettings",
    "SOURCES",
    "Troiano",
    "Wear",
    "covered",
    "flat_at_an_edge",
    "flat_tail",
    "guess_unit",
    "longest_flat_run",
    "nonwear",
    "periods",
    "saturation",
    "to_minutes",
    "wear_hours",
    "wear_of",
]
