"""The paper's own table, to be set beside ours; and what `--paper` asks for to make the same (arXiv 2411.15240)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError
from pat_core.models.baselines import FAMILIES, BaselineConfig
from pat_core.nhanes.nhanes_labels import LABELS
from pat_core.training import FinetuneSettings
from pat_core.workflows.comparing.compare_request import ALL, CompareRequest, Groups, offer
from pat_core.workflows.models.model_entries import models

SOURCE = (
    "Ruan, Zhang, Oh, Jin & Jacobson, arXiv 2411.15240 (versions before May 2026): average test AUC over the training sizes 500, 1,000, "
    "2,500 and all; NHANES 2013-14, 2,000 people held out."
)
PAPER_LABELS = ("benzodiazepine", "ssri", "sleep disorder", "sleep abnormality", "depression")
_FIGURES = {
    "lstm": (0.493, 0.527, 0.494, 0.513, 0.489),
    "wavelet_logistic": (0.620, 0.674, 0.529, 0.525, 0.523),
    "cnn_1d": (0.632, 0.616, 0.563, 0.534, 0.522),
    "conv_lstm": (0.668, 0.606, 0.606, 0.585, 0.550),
    "cnn_3d-smoothed": (0.697, 0.680, 0.605, 0.615, 0.586),
    "small": (0.701, 0.641, 0.587, 0.555, 0.560),
    "medium": (0.744, 0.690, 0.641, 0.641, 0.559),
    "large conv": (0.762, 0.695, 0.631, 0.659, 0.610),
    "large": (0.767, 0.700, 0.632, 0.665, 0.589),
}
"""Of a baseline by its reference, of a PAT by its size: in the order of PAPER_LABELS."""

PAPER_SIZES = (500, 1000, 2500, ALL)
PAPER_TEST = 2000
PAPER_PATS = ("PAT-S_21k", "PAT-M_21k", "PAT-L_21k")
"""Those whose encoder has not seen the people of 2013-14. No weights of a convolutional one are published."""


def paper_figure(model: str, label: str) -> float | None:
    """The paper's mean AUC of a model, called as in `_FIGURES`, for a label; None where the paper has none."""
    return _FIGURES[model][PAPER_LABELS.index(label)] if model in _FIGURES and label in PAPER_LABELS else None


def paper_baselines() -> tuple[str, ...]:
    """References of the paper's baselines, as the paper's table has them: the CNN-3D smoothed, the others plain."""
    return tuple(BaselineConfig(family, smoothed=family == "cnn_3d").reference for family in FAMILIES)


def paper_request(
    workspace: Workspace, name: str, cohort: str, settings: FinetuneSettings, seeds: int, given: Sequence[str] = ()
) -> CompareRequest:
    """The paper's experiment on a cohort with NHANES' labels: five labels, all baselines, every published PAT that is here.

    given: models in place of these. TrainingError where the cohort has none of the labels. Labels and PATs that are not here are left out.
    """
    test = PAPER_TEST if workspace.cohort(cohort).people >= 2 * PAPER_TEST else 0
    here = {entry.reference for entry in models(workspace) if entry.present}
    chosen = tuple(given) or (*paper_baselines(), *(pat for pat in PAPER_PATS if pat in here))
    every = tuple(Groups(label, "yes", "no") for label in PAPER_LABELS)
    whole = CompareRequest(name, cohort, every, chosen, ("full",), PAPER_SIZES, seeds, test, "first", settings, True)
    groups = tuple(one for one in every if not _why_not(workspace, whole, one))
    if not groups:
        raise TrainingError(
            f"The paper's table is of the labels {', '.join(LABELS)}, and {cohort} has none of them with enough people. Prepare NHANES "
            "2013-14 with `nhanes`, which makes them, or compare by a label of your own without --paper."
        )
    return replace(whole, groups=groups)


def _why_not(workspace: Workspace, request: CompareRequest, groups: Groups) -> str:
    """Why a label of the paper's cannot be compared on here; "" where it can."""
    try:
        offer(workspace, request, groups)
    except TrainingError as error:
        return str(error)
    return ""


def paper_missing(workspace: Workspace, request: CompareRequest) -> list[str]:
    """What of the paper's table cannot be made here, in sentences."""
    absent_labels = [Groups(label, "yes", "no") for label in PAPER_LABELS if label not in {groups.label for groups in request.groups}]
    sentences = [f"{one.label} is left out. {_why_not(workspace, request, one)}" for one in absent_labels]
    if not request.test:
        sentences.append(f"Fewer than {2 * PAPER_TEST:,} people: a fifth of them is held out in place of the paper's {PAPER_TEST:,}.")
    here = {entry.reference for entry in models(workspace) if entry.present}
    if absent := [pat for pat in PAPER_PATS if pat not in here]:
        sentences.append(f"Not downloaded, so left out: {', '.join(absent)} (Models page, or `models download`).")
    sentences.append("The paper's convolutional PAT-L is left out: its weights are not published.")
    return sentences
