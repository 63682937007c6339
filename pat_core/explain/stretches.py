"""Sums of a map over stretches of minutes: the measures of maps compare patches, hours or days, and no single minutes."""

from __future__ import annotations

import numpy as np

from pat_core.records import Attribution


def sums(values: np.ndarray, width: int, *, partly: bool = False) -> np.ndarray:
    """(minutes,) -> (stretches,) float64: sums over stretches of `width` minutes; a last one that is cut short is left out.

    A stretch that lacks a minute (NaN) has no sum, so NaN. partly: it has that of its other minutes, and is left out where there are
    none: for stretches that do not end where the patches do, as hours.
    """
    whole = len(values) // width
    parts = np.asarray(values[: whole * width], np.float64).reshape(whole, width)
    return np.nansum(parts[np.isfinite(parts).any(axis=1)], axis=1) if partly else parts.sum(axis=1)


def by_patch(attribution: Attribution) -> np.ndarray:
    """(patches,) float64 sum of the map over each whole patch, with its sign."""
    return sums(attribution.values, attribution.patch)
