"""How long what is missing of a comparison takes at the most: its trainings one by one, from a few measured steps of each model."""

from __future__ import annotations

from collections.abc import Sequence

from pat_core.cohorts import Workspace
from pat_core.models.baselines import baseline_of
from pat_core.training import FinetuneSettings
from pat_core.training.pace.pace_asked import Pace, PaceAsked
from pat_core.workflows.comparing.compare_cells import Comparison, as_probe
from pat_core.workflows.comparing.compare_request import FLOORS, Cell
from pat_core.workflows.learn.time_to_expect import Expectation, TimeToExpect, Training, asked_of
from pat_core.workflows.week.labelled_weeks import labelled_people


def comparing(workspace: Workspace, comparison: Comparison) -> Expectation:
    """Of the trainings and tests that are missing. A model that is trained at several sizes, or again, is measured once."""
    trainings = _trainings(workspace, comparison)
    asked = tuple(dict.fromkeys(one.asked for one in trainings if one.asked))

    def time(paces: Sequence[Pace]) -> TimeToExpect:
        known = dict(zip(asked, paces, strict=True))
        parts = [(one.epochs, *one.seconds(known[one.asked] if one.asked else None)) for one in trainings]
        device = paces[0].device if paces else "cpu"
        return TimeToExpect(device, sum(epochs for epochs, *_ in parts), 0.0, sum(epochs * epoch + once for epochs, epoch, once in parts))

    return Expectation(asked, time)


def _trainings(workspace: Workspace, comparison: Comparison) -> list[Training]:
    request = comparison.request
    minutes, people = workspace.cohort(request.cohort).minutes, {one.groups: (sum(one.train), sum(one.test)) for one in comparison.offers}
    windows = {groups: len(labelled_people(workspace, request.run_request(groups)).people) / sum(people[groups]) for groups in people}
    kinds = {(cell.model, cell.style): _kind(workspace, comparison, cell, minutes) for cell in comparison.missing}
    trainings = []
    for cell in comparison.missing:
        settings, size, asked = kinds[cell.model, cell.style]
        known, tested = (windows[cell.groups] * many for many in (cell.size or people[cell.groups][0], people[cell.groups][1]))
        held = known * settings.validation_share if settings.in_epochs else 0.0
        trainings.append(Training(settings, size, asked, known - held, held, tested))
    return trainings


def _kind(workspace: Workspace, comparison: Comparison, cell: Cell, minutes: int) -> tuple[FinetuneSettings, str, PaceAsked | None]:
    """(settings, size, what is measured) of the trainings of a model in one style."""
    settings = comparison.request.settings
    if cell.model in FLOORS:
        return settings, cell.model, None
    if cell.style == "linear_probe" and not baseline_of(cell.model):
        settings = as_probe(settings)
    return settings, *asked_of(workspace, cell.model, settings, minutes)
