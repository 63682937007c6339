"""Which unit values look like. A guess for a reader to hold against what the file says; nothing is ever converted by it."""

from __future__ import annotations

import numpy as np

from ..records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT

FEWEST = 1000
"""Minutes with a value under which nothing is guessed."""
MOST_STEPS, STILL_SHARE = 250.0, 0.6
"""Nobody walks more steps a minute for long; and most minutes of a week have none."""
MOST_MIMS, MIMS_MEAN = 250.0, (1.0, 60.0)
MOST_MG = 8000.0
LEAST = 5.0


def guess_unit(values: np.ndarray) -> tuple[str, str]:
    """(unit, why) of (n,) activity a minute: one of the units of records.py, UNKNOWN_UNIT where it cannot be told.

    Counts and steps are whole numbers; MIMS and mg are not. Told apart by how large they get, how large they are on average and how many
    are zero. Counts of some devices are as small as steps, so a guess is never a refusal.
    """
    values = np.asarray(values)
    present = values[np.isfinite(values)]
    moving = present[present > 0]
    if present.size < FEWEST or moving.size == 0:
        return UNKNOWN_UNIT, "there is too little activity to tell."
    largest, mean, zero = float(present.max()), float(present.mean(dtype=np.float64)), 1 - moving.size / present.size
    whole = float(np.mean(moving == np.rint(moving))) > 0.99
    if present.min() < 0 or largest <= LEAST:
        return UNKNOWN_UNIT, f"values from {present.min():.3g} to {largest:.3g} are of none of the known units."
    if whole and largest <= MOST_STEPS and zero >= STILL_SHARE:
        return STEPS, f"whole numbers up to {largest:.0f}, {100 * zero:.0f} % of them zero."
    if whole:
        return COUNTS, f"whole numbers up to {largest:,.0f}."
    if largest <= MOST_MIMS and MIMS_MEAN[0] <= mean <= MIMS_MEAN[1]:
        return MIMS, f"fractions up to {largest:.0f}, {mean:.1f} on average."
    if largest <= MOST_MG:
        return MG, f"fractions up to {largest:,.0f}, {mean:.1f} on average."
    return UNKNOWN_UNIT, f"fractions up to {largest:,.0f} are of none of the known units."
