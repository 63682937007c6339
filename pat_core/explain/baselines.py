"""What a week is compared with, where a method needs something to compare with (facts on presence and absence in each docstring)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.records import Standardizer
from pat_core.settings import MINUTES_PER_WEEK

MEAN_WEEK, NONWEAR, PERSON, REFERENCES = "mean week", "non-wear", "another person", "reference weeks"
BASELINES = (MEAN_WEEK, NONWEAR, PERSON, REFERENCES)
"""Names of the baselines, the default first."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """weeks: (k, minutes) standardized float32; more than one for a baseline that is averaged over. whom: the people, in words.

    caution: what this baseline cannot show, "" where nothing is to be said.
    """

    name: str
    weeks: np.ndarray
    whom: str = ""
    caution: str = ""

    @property
    def sha256(self) -> str:
        """Of the weeks' float32 bytes: two baselines of one name are told apart by it."""
        return hashlib.sha256(np.ascontiguousarray(self.weeks, dtype="<f4").tobytes()).hexdigest()

    def settings(self) -> dict[str, object]:
        """What a result must say of it."""
        return {"baseline": self.name, "baseline_weeks": len(self.weeks), "baseline_of": self.whom, "baseline_sha256": self.sha256}


def mean_week(minutes: int = MINUTES_PER_WEEK) -> Baseline:
    """Zero after per-minute standardization: the average of the people the standardizer was fitted on, minute by minute."""
    return Baseline(MEAN_WEEK, np.zeros((1, minutes), np.float32), "the standardizer's people")


def nonwear(standardizer: Standardizer, minutes: int | None = None, start: datetime | None = None) -> Baseline:
    """A device that lies on a table: zero activity, z = -mean / scale. minutes, start: of the window that is compared with it, needed by a
    standardizer per minute of the day.

    Against it a missing activity is no difference, so absence cannot be seen: on planted late wake-ups its area under the
    precision-recall curve was .19 where the mean week had .68; on planted bouts it was a little better (.94 against .91).
    """
    mean, scale = standardizer.laid_out(standardizer.mean.size if minutes is None else minutes, start)
    values = (-mean / scale).astype(np.float32)[None]
    return Baseline(NONWEAR, values, "a device that was not worn", "Compared with non-wear, missing activity cannot be seen.")


def another(z: np.ndarray, who: str) -> Baseline:
    """One other person's standardized week (minutes,): the attribution sums to the difference of the two logits."""
    return Baseline(PERSON, np.asarray(z, np.float32)[None], who)


def references(z: np.ndarray, whom: str) -> Baseline:
    """Several people's standardized weeks (k, minutes), averaged over: expected gradients (Erion 2021) need at least two."""
    weeks = np.asarray(z, np.float32)
    if weeks.ndim != 2 or len(weeks) < 2:
        raise ExplanationError(
            f"Expected gradients average over reference weeks: at least 2 are needed, got {len(weeks) if weeks.ndim == 2 else 1}. "
            "Choose a cohort with more people, or the mean week as the baseline."
        )
    return Baseline(REFERENCES, weeks, whom)
