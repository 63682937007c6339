"""What the percentages of a model are worth, as a table: as the model gives them, and by each recalibration, measured on its test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pat_core.records import Interval
from pat_core.workflows.models.answers import OWN, RECALIBRATIONS
from pat_core.workflows.models.held_out_calibration import TestCalibration
from pat_core.workflows.models.similar_scores import test_calibration


def calibration_table(card: Mapping[str, Any]) -> pd.DataFrame:
    """A row a way to state a percentage: Percentages, Slope (1 is right), Off by (points, mean distance from the smooth curve), Brier
    score, Shown (yes or no), Why. Empty where the card tells of no test."""
    calibration = test_calibration(card)
    columns = ["Percentages", "Slope", "Off by (points)", "Brier score", "Shown", "Why"]
    return pd.DataFrame([] if calibration is None else _rows(calibration), columns=columns)


def _rows(calibration: TestCalibration) -> list[tuple[object, ...]]:
    names = {OWN: "as the model gives them"} | {way: f"recalibrated by {name}" for way, name in RECALIBRATIONS.items()}
    return [
        (names[way], _words(one.slope, 1, 2), _words(one.ici, 100, 0), round(one.brier, 3), _yes(calibration, way), _why(calibration, way))
        for way in names
        if (one := calibration.measured.get(way)) is not None
    ]


def _yes(calibration: TestCalibration, way: str) -> str:
    return "yes" if calibration.bears_out(way) else "no"


def _why(calibration: TestCalibration, way: str) -> str:
    return f"{calibration.measured[way].why} {calibration.change_words(way)}".strip()


def _words(interval: Interval, times: float, digits: int) -> str:
    value, low, high = (f"{times * bound:.{digits}f}" for bound in (interval.value, interval.low, interval.high))
    return f"{value} ({low} to {high})" if interval.value == interval.value else "not known"
