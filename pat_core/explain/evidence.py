"""Two kinds of evidence side by side: activity that was there, and activity that was missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.records import Attribution

_MEAN_WEEK = "mean week"


@dataclass(frozen=True, eq=False)
class TwoEvidence:
    """presence, absence: (minutes,) float32 logits, 0 where the minute belongs to the other, NaN where the map has no value.

    presence_logits, absence_logits: their sums, which together are delta plus the gap. words: both sums in a sentence.
    """

    presence: np.ndarray
    absence: np.ndarray
    presence_logits: float
    absence_logits: float
    words: str


def two_evidence(attribution: Attribution, z: np.ndarray) -> TwoEvidence:
    """Split a map against the mean week by whether the week's minute lies above the mean (z > 0) or not (z <= 0), z: (minutes,).

    Every value of the map is in exactly one part. Raises ExplanationError for a map that is no attribution by the minute, or is not
    against the mean week: only there does the sign of z say whether activity was there or missing.
    """
    z = np.asarray(z, dtype=np.float32)
    against = attribution.settings.get("baseline", attribution.settings.get("replacement", _MEAN_WEEK))
    if attribution.kind != "attribution" or attribution.resolution != 1:
        raise ExplanationError(
            f"Evidence by presence and absence needs an attribution with a value for each minute; {attribution.method} gives none. "
            "Choose integrated gradients."
        )
    if against != _MEAN_WEEK:
        raise ExplanationError(
            f"Evidence by presence and absence is told apart against the mean week; this map is against: {against}. "
            "Explain the week against the mean week."
        )
    if z.shape != attribution.values.shape:
        raise ExplanationError(
            f"The map has {attribution.values.size} minutes and the week {z.size}: they are not of the same week. Explain this week again."
        )
    values = np.asarray(attribution.values, dtype=np.float32)
    above, blank = z > 0, np.isnan(values)
    presence = np.where(blank | above, values, np.float32(0))
    absence = np.where(blank | ~above, values, np.float32(0))
    there, missing = float(np.nansum(presence, dtype=np.float64)), float(np.nansum(absence, dtype=np.float64))
    words = f"Activity that was there {_moved(there)}; activity that was missing {_moved(missing)}."
    return TwoEvidence(presence, absence, there, missing, words)


def _moved(logits: float) -> str:
    if abs(logits) < 0.005:
        return "left the score as it was"
    return f"{'raised' if logits > 0 else 'lowered'} the score by {abs(logits):.2g} logits on balance"
