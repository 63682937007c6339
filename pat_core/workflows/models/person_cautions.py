"""What to know before a model's answer about one person of a cohort is believed: of the model, the person and how the device was worn."""

from __future__ import annotations

from collections.abc import Iterable

from pat_core.cohorts import WeekRow, Workspace
from pat_core.records import Finding, Week
from pat_core.wear import QualitySettings
from pat_core.weights import Model
from pat_core.workflows.models.cautions import by_cost, group_caution, model_cautions, seen_caution, wear_caution
from pat_core.workflows.models.training_overlap import Seen
from pat_core.workflows.week.cohort_weeks import measured_with


class PersonCautions:
    """The same sentences for a page, a list and a file. standardize_by: whose people the minutes are compared with. settings: how wear is
    judged. own: what the model has seen of the cohort."""

    def __init__(self, workspace: Workspace, model: Model, cohort: str, standardize_by: str, settings: QualitySettings, own: Seen) -> None:
        self.model, self.cohort, self.standardize_by = model, workspace.cohort(cohort), standardize_by
        self.settings, self.own = settings, own
        self.labels = {person.participant: person.labels for person in workspace.people(cohort)}
        self.by_device: dict[tuple[str | None, int], tuple[Finding, ...]] = {}

    def of(self, week: Week | WeekRow, off: float | None, findings: Iterable[Finding], held_out: bool = False) -> tuple[Finding, ...]:
        """The costliest first. off: share of the week that was not worn, None where that is not known. findings: of the week. held_out: the
        answer rests on a score by a model that had not seen them."""
        key = device, minutes = measured_with(week), week.report.minutes
        if key not in self.by_device:
            self.by_device[key] = model_cautions(self.model, self.cohort, self.standardize_by, device, minutes)
        return by_cost(
            (
                *seen_caution(self.own.part(week.participant), held_out),
                *group_caution(self.model.card, self.labels.get(week.participant, {})),
                *self.by_device[key],
                *wear_caution(off, self.settings, findings, minutes),
            )
        )
