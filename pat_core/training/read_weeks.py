"""Labelled weeks as a network reads them: standardized by the people it learns from; of several lengths, those of one length together.

Nothing is padded: a batch holds windows of one length.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from pat_core.errors import TrainingError
from pat_core.models.contract import TokenNetwork
from pat_core.progress import Progress
from pat_core.records import StandardizePer, Standardizer
from pat_core.training.labelled_people import LabelledWeeks, Split
from pat_core.weeks import apply, by_length, fit, in_days

EMBED_AT_ONCE = 16


def fit_standardizer(data: LabelledWeeks, rows: np.ndarray, per: StandardizePer, source: str) -> Standardizer:
    """Means and deviations of the first windows of these rows' people, by minute of the window or of the day. TrainingError as
    `check_lengths`."""
    check_lengths(data, per)
    return fit(data.weeks, source, data.unit, data.first_weeks(rows), per, data.begins())


def check_lengths(data: LabelledWeeks, per: StandardizePer) -> None:
    """TrainingError where windows that differ in length are to be compared by minute of the window."""
    lengths = data.lengths()
    if per == "window" and np.unique(lengths).size > 1:
        raise TrainingError(
            f"The windows differ in length ({in_days(int(lengths.min()))} to {in_days(int(lengths.max()))}), so they have no minutes of "
            "the window in common. Compare by minute of the day (Fine-tune, or --standardize day), or import windows of one length."
        )


def standardized(standardizer: Standardizer, data: LabelledWeeks, rows: np.ndarray) -> np.ndarray:
    """(rows, minutes) float32 as the network reads them; rows of one length."""
    return apply(standardizer, data.weeks[rows], data.begins()[rows])


def grouped(split: Split, data: LabelledWeeks) -> Split:
    """The same split with windows of one length next to one another in each part, the shortest first; as it is where all are alike."""
    lengths = data.lengths()
    if np.unique(lengths).size == 1:
        return split
    parts = {name: getattr(split, name) for name in ("train", "validation", "test")}
    return replace(split, **{name: rows[np.argsort(lengths[rows], kind="stable")] for name, rows in parts.items()})


def edges(data: LabelledWeeks, rows: np.ndarray) -> tuple[int, ...]:
    """Positions among these rows, of a grouped split, at which windows of another length begin."""
    return tuple((np.flatnonzero(np.diff(data.lengths()[rows])) + 1).tolist())


@torch.no_grad()
def embed(network: TokenNetwork, data: LabelledWeeks, standardizer: Standardizer, rows: np.ndarray, device, progress: Progress) -> Tensor:
    """(rows, width) pooled embeddings in evaluation mode, a few weeks at a time."""
    network.eval()
    embedded: Tensor | None = None
    done = 0
    for alike in by_length(data.lengths()[rows]):
        for first in range(0, len(alike), EMBED_AT_ONCE):
            some = alike[first : first + EMBED_AT_ONCE]
            pooled = network.tokens(torch.from_numpy(standardized(standardizer, data, rows[some])).to(device)).mean(dim=1)
            if embedded is None:  # all at once: small results kept one by one would hold the large memory between them, 0.2 MB a week
                embedded = pooled.new_empty(len(rows), pooled.shape[1])
            embedded[torch.from_numpy(some)] = pooled
            done += len(some)
            progress.at(0.0, f"Reading weeks through the frozen encoder: {done} of {len(rows)}")
    return torch.empty(0, 0) if embedded is None else embedded
