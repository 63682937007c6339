"""An edited week as a model reads it: what all doses of one edit share, and the reading of one.

Every week is read alone, in a batch of one, as the page of one person reads it: equal weeks then have equal logits to the last bit, so
that no rounding can pass for a change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.errors import WeekError
from pat_core.explain.embedding_distance import Reference, distance, pooled
from pat_core.progress import Progress
from pat_core.records import Finding, Week
from pat_core.wear import QualitySettings
from pat_core.weeks import report
from pat_core.weeks.edits import EDITS, Edit, EditContext
from pat_core.weights import Model, require_head
from pat_core.workflows.explanations.map_quality import reference_for
from pat_core.workflows.models.week_reading import ReadWeek, as_read
from pat_core.workflows.read.week_quality import quality_settings
from pat_core.workflows.week.week_nights import WeekNights, week_nights


@dataclass(frozen=True)
class Place:
    """Where an embedding lies: its distance from the reference people (no unit), and the share of them, 0 to 1, who lie nearer.

    far: farther than nearly all of them (see explain.distance.FAR).
    """

    distance: float
    nearer: float
    far: bool


@dataclass(frozen=True)
class WeekEdit:
    """What is done to a week. name: a key of EDITS. window: (first, end) minutes of the week, for edits that need one. anyway: edit a week
    too that the input gate refused."""

    name: str = "shift_wake"
    window: tuple[int, int] | None = None
    anyway: bool = False


@dataclass(frozen=True, eq=False)
class Ground:
    """What all doses of one edit of one week share. settings: how wear is judged. anyway: as in `WeekEdit`. whom: the people of
    `reference`, or why there are none."""

    model: Model
    read: ReadWeek
    settings: QualitySettings
    edit: Edit
    anyway: bool
    context: EditContext
    reference: Reference | None
    whom: str

    @property
    def week(self) -> Week:
        """As recorded."""
        return self.read.week

    def at(self, dose: float) -> tuple[Week, np.ndarray, tuple[Finding, ...], float, np.ndarray]:
        """The week at a dose: itself, standardized, what the gate says of it, its logit and its embedding (96,)."""
        values = self.edit.apply(self.week.values, dose, self.context)
        worn = self.edit.flags(self.week.worn, dose, self.context)
        edited = replace(self.week, values=values, worn=worn, report=report(values, self.week.unit, worn))
        read = as_read(self.model, self.read.question, edited, self.read.standardizer)
        logit, embedding = _read(self.model, read.z)
        return edited, read.z, read.findings, logit, embedding

    def recorded(self) -> tuple[float, Place | None]:
        """Logit and place of the week as it is stored, not through the edit at dose 0: dose 0 is then a test of the edit."""
        logit, embedding = _read(self.model, self.read.z)
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
    read: ReadWeek,
    edit: WeekEdit,
    *,
    nights: WeekNights | None = None,
    only_kept: bool = False,
    progress: Progress | None = None,
) -> Ground:
    """What an edit of this week needs. nights: of the week, by the sleep score that rest is told by; by that of its device unless given.

    only_kept: where the people to compare with were not read through the network yet, leave the places out, and `whom` says so.

    Raises UntrainedError without a trained head, and WeekError where there is no such edit and where the input gate refuses the recorded
    week, unless `anyway`.
    """
    require_head(model)
    if edit.name not in EDITS:
        raise WeekError(f"There is no edit called “{edit.name}”. Known are: {', '.join(EDITS)}.")
    if read.refused and not edit.anyway:
        reason = next(finding.message for finding in read.findings if finding.severity == "refuse")
        raise WeekError(f"The input check found the recorded week unfit for the model, so no edit of it is read. {reason}")
    settings = quality_settings(workspace)
    known = nights or week_nights(read.week, None, settings)
    context = EditContext(known.rest, read.week.start, edit.window, nights=known.in_bed)
    asked = read.question
    reference, whom = reference_for(workspace, model, asked.cohort, asked.standardize_by, asked.participant, progress, only_kept)
    return Ground(model, read, settings, EDITS[edit.name], edit.anyway, context, reference, whom)


def _read(model: Model, z: np.ndarray) -> tuple[float, np.ndarray]:
    """Logit and embedding (96,) of one standardized week (minutes,), in one pass."""
    import torch

    embedding = pooled(model.network, z)
    with torch.no_grad():
        return float(model.network.head(torch.from_numpy(embedding))[0]), embedding[0]
