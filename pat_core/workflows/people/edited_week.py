"""An edited week as a model reads it: what all doses of one edit share, and the reading of one.

Every week is read alone, in a batch of one, as the page of one person reads it: equal weeks then have equal logits to the last bit, so
that no rounding can pass for a change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from pat_core.cohorts import Workspace
from pat_core.errors import WeekError
from pat_core.explain.embedding_distance import Reference, distance, pooled
from pat_core.progress import Progress
from pat_core.records import Finding, Standardizer, Week
from pat_core.wear import QualitySettings
from pat_core.weeks import apply, report
from pat_core.weeks.edits import EDITS, Edit, EditContext
from pat_core.weights import Model, require_head
from pat_core.workflows.explanations.map_quality import reference_for
from pat_core.workflows.models.predictions import WhoseStandardizer, cohort_standardizer, default_standardizer
from pat_core.workflows.read.week_quality import quality_settings
from pat_core.workflows.week.gate_findings import findings, refused
from pat_core.workflows.week.week_nights import week_nights


@dataclass(frozen=True)
class Place:
    """Where an embedding lies: its distance from the reference people (no unit), and the share of them, 0 to 1, who lie nearer.

    far: farther than nearly all of them (see explain.distance.FAR).
    """

    distance: float
    nearer: float
    far: bool


@dataclass(frozen=True, eq=False)
class Ground:
    """What all doses of one edit of one week share. settings: how wear is judged. whom: the people of `reference`, or why there are
    none."""

    model: Model
    week: Week
    settings: QualitySettings
    standardizer: Standardizer
    whose: WhoseStandardizer
    edit: Edit
    context: EditContext
    reference: Reference | None
    whom: str

    def at(self, dose: float) -> tuple[Week, np.ndarray, tuple[Finding, ...], float, np.ndarray]:
        """The week at a dose: itself, standardized, what the gate says of it, its logit and its embedding (96,)."""
        values = self.edit.apply(self.week.values, dose, self.context)
        worn = self.edit.flags(self.week.worn, dose, self.context)
        edited = replace(self.week, values=values, worn=worn, report=report(values, self.week.unit, worn))
        z = apply(self.standardizer, values[None])[0]
        logit, embedding = _read(self.model, z)
        return edited, z, findings(edited, self.standardizer, self.model, self.whose), logit, embedding

    def recorded(self) -> tuple[float, Place | None]:
        """Logit and place of the week as it is stored, not through the edit at dose 0: dose 0 is then a test of the edit."""
        logit, embedding = _read(self.model, apply(self.standardizer, self.week.values[None])[0])
        return logit, self.place(embedding)

    def place(self, embedding: np.ndarray) -> Place | None:
        """Where an embedding (96,) lies; None where there is nobody to compare with."""
        if self.reference is None:
            return None
        far = float(distance(self.reference, embedding)[0])
        return Place(far, self.reference.share_nearer(far), self.reference.is_far(far))


def ground_of(
    workspace: Workspace,
    model: Model,
    cohort: str,
    participant: str,
    index: int,
    edit: str,
    whose: WhoseStandardizer | None,
    window: tuple[int, int] | None,
    anyway: bool,
    only_kept: bool,
    progress: Progress | None,
    score: str | None = None,
) -> Ground:
    """What an edit of this week needs. score: of sleep, by which its rest is told. Raises as `dose_response.what_if` does."""
    require_head(model)
    if edit not in EDITS:
        raise WeekError(f"There is no edit called “{edit}”. Known are: {', '.join(EDITS)}.")
    whose = whose or default_standardizer(model)
    week = workspace.week(cohort, participant, index)
    standardizer = cohort_standardizer(workspace, cohort, model, whose)
    found = findings(week, standardizer, model, whose)
    if refused(found) and not anyway:
        reason = next(finding.message for finding in found if finding.severity == "refuse")
        raise WeekError(f"The input check found the recorded week unfit for the model, so no edit of it is read. {reason}")
    settings = quality_settings(workspace)
    known = week_nights(week, score, settings)
    context = EditContext(known.rest, week.start, window, nights=known.in_bed)
    reference, whom = reference_for(workspace, model, cohort, whose, without=participant, only_kept=only_kept, progress=progress)
    return Ground(model, week, settings, standardizer, whose, EDITS[edit], context, reference, whom)


@torch.no_grad()
def _read(model: Model, z: np.ndarray) -> tuple[float, np.ndarray]:
    """Logit and embedding (96,) of one standardized week (minutes,), in one pass."""
    embedding = pooled(model.network, z)
    return float(model.network.head(torch.from_numpy(embedding))[0]), embedding[0]
