"""An edited week as a model reads it: what all doses of one edit share, and the reading of one.

Every week is read alone, in a batch of one, as the page of one person reads it: equal weeks then have equal logits to the last bit, so
that no rounding can pass for a change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import torch

from pat_core.cohorts import Workspace
from pat_core.errors import WeekError
from pat_core.explain.distance import Reference, distance, pooled
from pat_core.progress import Progress
from pat_core.records import COUNTS, Finding, Standardizer, Week
from pat_core.rhythms import asleep_by_device, rest_periods
from pat_core.rhythms.rest import SHORTEST_REST
from pat_core.settings import MINUTES_PER_DAY
from pat_core.weeks import apply, not_worn, report, with_marked_rest
from pat_core.weeks.editing import bounds
from pat_core.weeks.edits import EDITS, Edit, EditContext
from pat_core.weights import Model, require_head
from pat_core.workflows.fitness import findings, refused
from pat_core.workflows.predicting import WhoseStandardizer, cohort_standardizer, default_standardizer
from pat_core.workflows.rhythm import minute_of_day
from pat_core.workflows.trust import reference_for

MOSTLY_OFF = 0.9
"""A rest in which the device was off for at least this share is no night."""
EVENING, MORNING, NOON = 21 * 60, 9 * 60, 12 * 60
"""Minutes of the day: a rest of which nothing lies from the evening to the morning is a nap, however long."""


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
    """What all doses of one edit of one week share. whom: the people of `reference`, or why there are none."""

    model: Model
    week: Week
    standardizer: Standardizer
    whose: WhoseStandardizer
    edit: Edit
    context: EditContext
    reference: Reference | None
    whom: str

    def at(self, dose: float) -> tuple[Week, np.ndarray, tuple[Finding, ...], float, np.ndarray]:
        """The week at a dose: itself, standardized, what the gate says of it, its logit and its embedding (96,)."""
        values = self.edit.apply(self.week.values, dose, self.context)
        edited = replace(self.week, values=values, report=report(values, self.week.unit))
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
) -> Ground:
    """What an edit of this week needs. Raises as `what_if.what_if` does."""
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
    rest = rest_of(week)
    context = EditContext(rest, week.start, window, nights=None if rest is None else nights_of(rest, week.start))
    reference, whom = reference_for(workspace, model, cohort, whose, without=participant, only_kept=only_kept, progress=progress)
    return Ground(model, week, standardizer, whose, EDITS[edit], context, reference, whom)


def rest_of(week: Week) -> np.ndarray | None:
    """(minutes,) bool, a week's main rest periods, by the sleep score made for the device; None where the unit does not allow an estimate.

    A device on a table rests too: periods in which it was hardly worn tell of no night, and are left out. Rest that was marked by hand
    takes the place of the estimate, in any unit.
    """
    if week.unit != COUNTS:
        return with_marked_rest(None, week)
    rest = rest_periods(asleep_by_device(week.values, week.device), minute_of_day(week.start))
    off = not_worn(week)
    for first, end in bounds(rest):
        rest[first:end] = off[first:end].mean() < MOSTLY_OFF
    return with_marked_rest(rest, week)


def nights_of(rest: np.ndarray, start: datetime | None) -> np.ndarray:
    """(minutes,) bool, the nights among rest periods: from each noon to the next the longest that lies in part between 21:00 and 09:00.

    A period belongs to the day in which its middle lies. start: wall clock of the first minute; None: the longest of each 24 hours from
    the first minute, for then no night can be told from a nap. Periods of less than three hours are none of `rest_periods`.
    """
    begins = minute_of_day(start)
    longest: dict[int, tuple[int, int]] = {}
    for first, end in bounds(rest):
        clock = (begins + np.arange(first, end)) % MINUTES_PER_DAY
        if end - first < SHORTEST_REST or (start is not None and not ((clock >= EVENING) | (clock < MORNING)).any()):
            continue
        day = ((first + end) // 2 + (begins - NOON if start else 0)) // MINUTES_PER_DAY
        before, after = longest.get(day, (0, 0))
        if end - first > after - before:
            longest[day] = (first, end)
    nights = np.zeros(rest.size, bool)
    for first, end in longest.values():
        nights[first:end] = True
    return nights


@torch.no_grad()
def _read(model: Model, z: np.ndarray) -> tuple[float, np.ndarray]:
    """Logit and embedding (96,) of one standardized week (minutes,), in one pass."""
    embedding = pooled(model.network, z)
    return float(model.network.head(torch.from_numpy(embedding))[0]), embedding[0]
