"""Inductive Venn-Abers predictors (Vovk, Petej & Fedorova 2015, arXiv 1511.00213).

p0 and p1 of a score are what isotonic regression of the calibration people and this one gives it, were they negative or positive. Isotonic
regression is the slope of the lower convex hull of (count, positives) summed up to each score, so both are the slope of the tangent that
joins the hull left of the new person to the hull right of them: no fit is repeated.
"""

from __future__ import annotations

import numpy as np


def venn_abers(calibration_scores: np.ndarray, labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(p0, p1), (n,) each, for scores (n,), from calibration scores and labels 0/1 (m,) in any order; m at least 1."""
    known, index = np.unique(calibration_scores, return_inverse=True)
    count = np.r_[0.0, np.cumsum(np.bincount(index))]
    positives = np.r_[0.0, np.cumsum(np.bincount(index, labels))]
    places = np.column_stack([np.searchsorted(known, scores, "left"), np.searchsorted(known, scores, "right")])
    needed, back = np.unique(places, axis=0, return_inverse=True)
    left = _hulls(count, positives, set(needed[:, 0].tolist()))
    mirrored = _hulls(-count[::-1], positives[::-1], {len(known) - place for place in needed[:, 1].tolist()})
    bounds = np.empty((len(needed), 2))
    for row, (first, last) in enumerate(needed.tolist()):
        a, b = left[first], len(known) - mirrored[len(known) - last]
        for label in (0, 1):
            # the new person lies between: everything right of them has one more person and `label` more positives
            rises = positives[b][None, :] + label - positives[a][:, None]
            bounds[row, label] = np.max(np.min(rises / (count[b][None, :] + 1 - count[a][:, None]), axis=1))
    result = bounds[back.reshape(-1)]
    return result[:, 0], result[:, 1]


def _hulls(x: np.ndarray, y: np.ndarray, needed: set[int]) -> dict[int, np.ndarray]:
    """The corners of the lower convex hull of points 0 to i, for each needed i; x rises."""
    hulls, corners = {}, list[int]()
    for i in range(len(x)):
        while len(corners) > 1:
            first, last = corners[-2], corners[-1]
            if (y[last] - y[first]) * (x[i] - x[last]) < (y[i] - y[last]) * (x[last] - x[first]):
                break
            corners.pop()
        corners.append(i)
        if i in needed:
            hulls[i] = np.array(corners)
    return hulls
