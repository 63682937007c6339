"""Whether a map finds evidence of known place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError


@dataclass(frozen=True)
class Localization:
    """auprc: area under the precision-recall curve (average precision). auroc: under the ROC curve. chance: share of evidence patches,
    which a random order has as its auprc."""

    auprc: float
    auroc: float
    chance: float


def evidence_share(mask: np.ndarray, patch: int) -> np.ndarray:
    """(minutes,) bool evidence -> (patches,) share of each patch that is evidence; a last part of a patch is left out."""
    whole = len(mask) // patch
    return np.asarray(mask[: whole * patch], bool).reshape(whole, patch).mean(axis=1)


def localization(strength: np.ndarray, share: np.ndarray, *, least: float = 0.5, edges: bool = True) -> Localization | None:
    """strength: (patches,), higher where evidence is held to be; share: (patches,) of each patch that is evidence.

    A patch counts as evidence from `least` on (for evidence scattered in single minutes, take any share above zero). Patches with less
    count as none; edges False leaves them out instead, as unclear borders are in image segmentation, which is kinder to every map.
    None where all or no patch is evidence.
    """
    if strength.shape != share.shape:
        raise PatError(f"Expected one strength for each of {share.size} patches, got {strength.size}. Use the model's own patches.")
    if not np.isfinite(strength).all():
        raise PatError("The map has patches without a value, so it cannot be held against the evidence. Explain the week again.")
    counted = np.ones(share.size, bool) if edges else (share == 0) | (share >= least)
    evidence, strength = share[counted] >= least, strength[counted]
    if not 0 < evidence.sum() < evidence.size:
        return None
    from sklearn.metrics import average_precision_score, roc_auc_score  # a second to import, for those alone who know the evidence

    return Localization(
        float(average_precision_score(evidence, strength)), float(roc_auc_score(evidence, strength)), float(evidence.mean())
    )
