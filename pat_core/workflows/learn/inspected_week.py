"""A week of a cohort with patches hidden, rebuilt by a model that has its decoder: what the Pretrain page shows of any week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pat_core.cohorts import Workspace
from pat_core.records import Finding, StandardizeBy, Week, WeekQuestion
from pat_core.weights import Model
from pat_core.workflows.learn.rebuilt_weeks import RebuiltWeek, rebuild
from pat_core.workflows.models.predictions import read_week

if TYPE_CHECKING:
    from pat_core.workflows.models.model_entries import ModelEntry


@dataclass(frozen=True, eq=False)
class InspectedWeek:
    """rebuilt: the week as the model reads it, smoothed where its pretraining was (smoothed). patch: minutes that are hidden together.
    standardize_by, findings: as of a `ReadWeek`."""

    week: Week
    rebuilt: RebuiltWeek
    patch: int
    smoothed: bool
    standardize_by: StandardizeBy
    findings: tuple[Finding, ...]


def has_decoder(entry: ModelEntry) -> bool:
    """Whether its file kept the decoder, so that it can rebuild a week."""
    return bool(entry.card.get("has_decoder"))


def inspected_week(workspace: Workspace, model: Model, question: WeekQuestion, mask_ratio: float, seed: int) -> InspectedWeek:
    """Hide `mask_ratio` of the patches, drawn from the seed, and rebuild them. WeightsError without a decoder, else as `read_week`."""
    from pat_core.models.baselines.smoothing import smoothed
    from pat_core.weights.networks import autoencoder_of

    network = autoencoder_of(model)
    read = read_week(workspace, model, question)
    settings = model.card.get("settings")
    smooth = bool(isinstance(settings, dict) and settings.get("smoothed"))
    z = smoothed(read.z[None])[0] if smooth else read.z
    by = read.question.standardize_by or "model"
    return InspectedWeek(read.week, rebuild(network, z, mask_ratio, seed), network.config.patch, smooth, by, read.findings)
