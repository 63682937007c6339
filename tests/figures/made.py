"""A made-up week and its strips, for the tests of figures."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from pat_core.records import COUNTS, Attribution, Week, WeekReport

MINUTES = 10080
MISSING = slice(3000, 3090)


def week(start: datetime | None = datetime(2025, 5, 7, 15, 37), date_known: bool = True) -> Week:
    """Noise by day, quiet nights, 90 missing minutes, one high peak."""
    random = np.random.default_rng(3)
    clock = np.arange(MINUTES) % 1440
    values = np.where(clock < 960, random.gamma(1.0, 300.0, MINUTES), 0).astype(np.float32)
    values[5003] = 9000
    values[MISSING] = np.nan
    report = WeekReport(MINUTES, 90, 480, 960, 0.3, 0.0, 200.0, 9000.0, COUNTS)
    return Week("P001", 0, values, start, date_known, COUNTS, None, "start", report)


def attention(patch: int = 18) -> Attribution:
    values = np.repeat(np.random.default_rng(1).gamma(8, 1 / 8, MINUTES // patch), patch)
    return Attribution("rollout", "attention", (values / values.mean()).astype(np.float32), patch)


def attribution(delta: float = 2.0) -> Attribution:
    values = np.random.default_rng(2).normal(0, 1e-3, MINUTES)
    settings = {"baseline": "mean_week", "steps": 32}
    return Attribution("integrated_gradients", "attribution", values.astype(np.float32), 18, delta, 0.004 * delta, settings)
