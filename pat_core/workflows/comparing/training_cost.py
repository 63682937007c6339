"""What a comparison will cost before it begins: how many trainings are left, and how long they take at the most."""

from __future__ import annotations

from dataclasses import dataclass

from pat_core.cohorts import Workspace
from pat_core.errors import WeightsError
from pat_core.models.baselines import FAMILIES, baseline_of
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.training import FinetuneSettings
from pat_core.training.recipes import course
from pat_core.workflows.comparing.compare_cells import Comparison
from pat_core.workflows.comparing.compare_request import FLOORS, Cell
from pat_core.workflows.models.model_entries import resolve

SECONDS_A_WEEK = {
    "cnn_1d": 0.017, "cnn_3d": 0.014, "conv_lstm": 0.08, "lstm": 0.06, "small": 0.08, "medium": 0.36, "large": 2.0, "huge": 8.0,
}  # fmt: skip
"""Of one epoch, forwards and backwards, for a week of 10,080 minutes on one core: measured in November 2026, good for the order alone."""
READING = 0.33
"""Reading a week takes this share of learning from it."""
FITTED_SECONDS = 0.01
"""A person, of what is solved at once."""


@dataclass(frozen=True)
class Cost:
    """kept: trainings that are done. missing: those that are not. seconds: that these take at the most."""

    kept: int
    missing: int
    seconds: float


def cost_of(workspace: Workspace, comparison: Comparison) -> Cost:
    """Of what is missing; early stopping ends most trainings sooner."""
    minutes = workspace.cohort(comparison.request.cohort).minutes
    people = {one.groups: (sum(one.train), sum(one.test)) for one in comparison.offers}
    seconds = 0.0
    for cell in comparison.missing:
        known, tested = people[cell.groups]
        seconds += _seconds(workspace, comparison.request.settings, cell, cell.size or known, tested, minutes)
    return Cost(len(comparison.results), len(comparison.missing), seconds)


def _seconds(workspace: Workspace, settings: FinetuneSettings, cell: Cell, people: int, tested: int, minutes: int) -> float:
    baseline = baseline_of(cell.model)
    if cell.model in FLOORS or (baseline and FAMILIES[baseline.family].fitted):
        return FITTED_SECONDS * (people + tested)
    try:
        size = baseline.family if baseline else resolve(workspace, cell.model).config.size
    except WeightsError:
        return 0.0
    week = SECONDS_A_WEEK.get(size, SECONDS_A_WEEK["medium"]) * minutes / MINUTES_PER_WEEK
    if cell.style == "linear_probe":
        return READING * week * (people + tested)
    epochs = course(settings, size).max_epochs
    share = settings.validation_share
    return week * (epochs * people * (1 - share + READING * share) + READING * tested)
