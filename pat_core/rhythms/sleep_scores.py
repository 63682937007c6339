"""Sleep or wake for every minute from counts, as ActiLife computes it, and how regular that is.

The weights belong to counts of an ActiGraph, one a minute; with MIMS or mg they mean nothing, so callers show no score there.
Cole et al. 1992 (doi 10.1093/sleep/15.5.461); Sadeh et al. 1994 (doi 10.1093/sleep/17.3.201); Phillips et al. 2017
(doi 10.1038/s41598-017-03171-4).
"""

from __future__ import annotations

import numpy as np

from pat_core.settings import MINUTES_PER_DAY

_COLE_KRIPKE = np.array([106.0, 54.0, 58.0, 76.0, 230.0, 74.0, 67.0])
"""Weights of the four minutes before, this one and the two after."""
_CAP = 300.0


def cole_kripke(counts: np.ndarray) -> np.ndarray:
    """(minutes,) bool, True asleep, from (minutes,) counts. A missing minute is not asleep, and counts as still for its neighbours."""
    counts, present = _present(counts)
    scaled = np.minimum(counts / 100, _CAP)
    padded = np.concatenate([np.zeros(4), scaled, np.zeros(2)])
    depth = 0.001 * np.correlate(padded, _COLE_KRIPKE, "valid")
    return (depth < 1) & present


def sadeh(counts: np.ndarray) -> np.ndarray:
    """(minutes,) bool, True asleep, from (minutes,) counts. A missing minute is not asleep, and counts as still for its neighbours."""
    counts, present = _present(counts)
    capped = np.minimum(counts, _CAP)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(capped, 5), 11)
    before = np.lib.stride_tricks.sliding_window_view(np.pad(capped, (5, 0)), 6)
    moderate = ((around >= 50) & (around < 100)).sum(axis=1)
    score = 7.601 - 0.065 * around.mean(axis=1) - 1.08 * moderate - 0.056 * before.std(axis=1, ddof=1) - 0.703 * np.log(capped + 1)
    return (score > -4) & present


def sri(asleep: np.ndarray, missing: np.ndarray | None = None, epochs_per_day: int = MINUTES_PER_DAY) -> float:
    """Sleep regularity index: -100 (every day the reverse of the one before) to 100 (all days alike); about 0 for sleep at random.

    asleep: (epochs,) bool over more than a day. missing: (epochs,) bool, left out of the comparison. Twice the share of epochs in the same
    state as 24 hours before, in percent, minus 100. NaN where no two epochs are a day apart.
    """
    asleep = np.asarray(asleep, dtype=bool)
    here, there = asleep[:-epochs_per_day], asleep[epochs_per_day:]
    known = np.ones(len(here), dtype=bool)
    if missing is not None:
        missing = np.asarray(missing, dtype=bool)
        known = ~(missing[:-epochs_per_day] | missing[epochs_per_day:])
    return float(-100 + 200 * np.mean((here == there)[known])) if known.any() else float("nan")


def _present(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    counts = np.asarray(counts, dtype=np.float64)
    present = np.isfinite(counts)
    return np.where(present, counts, 0.0), present
