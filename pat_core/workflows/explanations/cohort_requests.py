"""What both kinds of explanations of a whole cohort are asked with, and how a job keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pat_core.jobs.job_requests import Spec

KEPT_AS = "whose"
"""What `standardize_by` is called in the specs of jobs, those of earlier versions among them."""


class CohortRequest(Spec):
    """For frozen dataclasses with `standardize_by`."""

    def as_spec(self) -> dict[str, object]:
        """Plain values, for a job and what is kept of it."""
        return {KEPT_AS if name == "standardize_by" else name: value for name, value in super().as_spec().items()}

    @classmethod
    def from_spec(cls, spec: Mapping[str, object]) -> Self:
        """The request back from plain values; fields that it does not know, of another version, are left out."""
        return super().from_spec({"standardize_by" if name == KEPT_AS else name: value for name, value in spec.items()})
