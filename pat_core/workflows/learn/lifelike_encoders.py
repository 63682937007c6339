"""Encoders that ship: pretrained on lifelike simulated people and on people of NHANES, never on anybody for having a diagnosis."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError
from pat_core.models.pat import config_for
from pat_core.models.pat.pat_config import MASK_RATIO
from pat_core.progress import Progress, Share, Silent
from pat_core.records import COUNTS, Standardizer
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pat_core.simulate import simulate_lifelike
from pat_core.weeks import apply, fit, steadied
from pat_core.weights import save
from pat_core.weights.catalogue import CITATION
from pat_core.workflows.learn.rebuilt_weeks import LINE, MEAN_DAY, NETWORK, rebuilding_figures
from pat_core.workflows.models.model_cards import versions
from pat_core.workflows.read.duplicates import CARD, few_marks, for_card
from pat_core.workflows.week.cohort_weeks import first_weeks, unfit_rows

if TYPE_CHECKING:
    from pat_core.training.loop import Fitted

TOGETHER = 100
"""Simulated people who are standardized together: encoders are used on cohorts of about so many."""
FEWEST_REAL = 20
VALIDATED = 0.1
"""Share of the real people, and one hundred simulated ones of each kind, on whom the best epoch is chosen."""
WORN, DAYS = ("wrist", "hip"), 7
PUT_ON = 9 * 60, 16 * 60
"""Minutes of the day between which wrist devices are put on in half of the hundreds."""
SIMULATED_SEED = 1_000_000
"""Added to the seed, and to that of each next hundred: nobody of a demonstration or a benchmark is among these people."""


@dataclass(frozen=True)
class LifelikeRecipe:
    """simulated: people on the wrist and as many on the hip, whole hundreds. asked: share of the patches that are rebuilt in each step
    (see `SampledReconstruction`). The learning rate rises for a twentieth of the epochs and falls along a cosine."""

    size: str = "small"
    simulated: int = 1000
    epochs: int = 10
    batch: int = 16
    learning_rate: float = 1e-3
    asked: float = 0.15
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Learned:
    """What is learned from, standardized: z (weeks, minutes), the `held_out` first ones of which, those of real people foremost, are to
    validate on. real: people of the cohort (learned from, validated on). standardizer: of a hundred simulated people on the wrist. marks:
    of the real people's weeks."""

    z: np.ndarray
    held_out: int
    real: tuple[int, int]
    standardizer: Standardizer
    marks: np.ndarray


def pretrain_lifelike(
    workspace: Workspace, cohort: str, recipe: LifelikeRecipe, out: Path, without: Collection[str] = (), progress: Progress | None = None
) -> str:
    """Pretrain on simulated people and the first fit weeks of a cohort, and save the encoder with its decoder. Returns its SHA-256.

    without: people of the cohort it must not see, to be tested on. Goes on from the checkpoint beside `out`. TrainingError where the cohort
    has too few people.
    """
    from pat_core.models.pat.heads import seeded
    from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder

    progress, config = progress or Silent(), config_for(recipe.size, "linear")
    progress.at(0.0, "Simulating people")
    data = gather(workspace, cohort, recipe, without)
    network = seeded(lambda: MaskedAutoencoder(config), recipe.seed)
    checkpoint = out.with_suffix(".checkpoint")
    fitted = _fit(network, data, recipe, checkpoint, Share(progress, 0.02, 0.98))
    network.load_state_dict(fitted.best)
    rebuilt = rebuilding_figures(network.eval(), list(data.z[: data.real[1]]), MASK_RATIO, recipe.seed)
    card = _card(cohort, recipe, data, fitted, rebuilt, len(without))
    sha256 = save(out, network, has_head=False, standardizer=data.standardizer, card=card, name=card["name"], origin="bundled")
    checkpoint.unlink(missing_ok=True)
    return sha256


def gather(workspace: Workspace, cohort: str, recipe: LifelikeRecipe, without: Collection[str] = ()) -> Learned:
    """Everybody there is to learn from: simulated people by hundreds, each hundred standardized by itself, and the cohort's people, each
    also as weeks that begin with another of their days."""
    unfit = unfit_rows(workspace, cohort)
    fit_ones = [row for row in workspace.week_rows(cohort) if row.row not in unfit and row.participant not in without]
    rows = np.array([row.row for row in first_weeks(fit_ones)], dtype=int)
    if len(rows) < FEWEST_REAL:
        raise TrainingError(f"Expected at least {FEWEST_REAL} people with a fit week to learn from; “{cohort}” has {len(rows)}.")
    rows = np.random.default_rng(recipe.seed).permutation(rows)
    count = max(1, round(VALIDATED * len(rows)))
    weeks = np.asarray(workspace.weeks_array(cohort)[rows])
    real = apply(steadied(fit(weeks[count:], f"people of {cohort}", workspace.cohort(cohort).unit)), weeks)
    turned = [np.roll(real[count:], -day * MINUTES_PER_DAY, axis=1) for day in range(DAYS)]
    hundreds = {worn: [_hundred(worn, number, recipe.seed) for number in range(1 + recipe.simulated // TOGETHER)] for worn in WORN}
    checked = [real[:count], *(of[0][0] for of in hundreds.values())]
    learned = [*turned, *(z for of in hundreds.values() for z, _ in of[1:])]
    return Learned(
        z=np.concatenate([*checked, *learned]),
        held_out=sum(map(len, checked)),
        real=(len(rows) - count, count),
        standardizer=hundreds["wrist"][0][1],
        marks=few_marks(workspace, cohort, rows.tolist()),
    )


def _hundred(worn: str, number: int, seed: int) -> tuple[np.ndarray, Standardizer]:
    """(TOGETHER, minutes) standardized weeks from Monday 00:00, and by what. Every other hundred on the wrist is each person's week from
    when they put the device on, as recordings are read unless their first midnight is asked for."""
    drawn = SIMULATED_SEED + 1_000 * (len(WORN) * seed + WORN.index(worn)) + number
    weeks = simulate_lifelike(TOGETHER, drawn, worn, days=DAYS + 1).weeks
    if worn == "wrist" and number % 2:
        begins = np.random.default_rng(drawn).integers(*PUT_ON, TOGETHER)
        weeks = np.stack([week[begin : begin + MINUTES_PER_WEEK] for week, begin in zip(weeks, begins, strict=True)])
    standardizer = steadied(fit(weeks[:, :MINUTES_PER_WEEK], f"{TOGETHER} simulated people, {worn}", COUNTS))
    return apply(standardizer, weeks[:, :MINUTES_PER_WEEK]), standardizer


def _fit(network: Any, data: Learned, recipe: LifelikeRecipe, checkpoint: Path, progress: Progress) -> Fitted:
    import torch

    from pat_core.training.loop import Cosine, LoopSettings, fit
    from pat_core.training.masked.sampled_reconstruction import SampledReconstruction
    from pat_core.training.objective import Examples

    def examples(first: int, end: int) -> Examples:
        part = data.z[first:end]
        return Examples(lambda rows: torch.from_numpy(part[rows]), np.zeros(len(part)))

    settings = LoopSettings(
        recipe.learning_rate, recipe.batch, recipe.epochs, recipe.epochs, recipe.seed, shuffle=True, cosine=Cosine(0.05)
    )
    objective = SampledReconstruction(network.config, recipe.asked, MASK_RATIO, recipe.seed)
    parts = examples(data.held_out, len(data.z)), examples(0, data.held_out)
    run = asdict(recipe) | {"real": hashlib.sha256(data.marks.tobytes()).hexdigest()}
    return fit(network, objective, *parts, settings, checkpoint, progress, run)


def _card(
    cohort: str, recipe: LifelikeRecipe, data: Learned, fitted: Fitted, rebuilt: dict[str, dict[str, Any]], without: int
) -> dict[str, Any]:
    people, validated = data.real
    simulated = recipe.simulated * len(WORN)
    first_line = f"Pretrained on {simulated:,} simulated people and {people} people of {cohort}. These are not the published PAT weights."
    error = {way: rebuilt[way]["mse"]["value"] for way in (NETWORK, LINE, MEAN_DAY)}
    return {
        "name": f"PAT-{recipe.size[0].upper()} on lifelike weeks",
        "first_line": first_line,
        "pretrained_on": f"{simulated:,} simulated people (pat_core.simulate, {' and '.join(WORN)}), {people} people of {cohort}",
        "people": people,
        "participants": simulated + people,
        "validated_on": validated,
        "left_out": without,
        "simulated": True,
        "unit": COUNTS,
        "device": "simulated wrist and hip; ActiGraph on the hip",
        "settings": asdict(recipe) | {"mask_ratio": MASK_RATIO, "loss_on": "all"},
        "validation_loss": fitted.best_value,
        "epochs": fitted.epochs,
        "best_epoch": fitted.best_epoch,
        "stopped": fitted.stopped,
        "rebuilt": rebuilt,
        "bias": (
            f"The real people are of {cohort}, {people} of them: one country, one device, worn on the hip and off at night. The simulated "
            "ones have no illness, no shift work and no travel. Whatever is rare or missing there it has hardly seen or not at all."
        ),
        "risks": (
            "A model that starts from it inherits what it learned and what it missed. It has seen few real people beside the 21,538 of the "
            "paper, so its simulated people decide most of what it knows. It is no diagnosis and gives none."
        ),
        "limits": (
            f"With {MASK_RATIO:.0%} of a week hidden, its mean squared error on the hidden minutes of {validated} people of {cohort}, on "
            f"whom its best epoch was chosen, is {error[NETWORK]:.3f} squared standard deviations; that of a straight line "
            f"{error[LINE]:.3f}, of the visible minutes' mean day {error[MEAN_DAY]:.3f}. On people it had no part in: "
            "benchmarks/results, encoders."
        ),
        "licence": "Apache-2.0; the real people's weeks are in the public domain",
        "citation": CITATION,
        "versions": versions(),
        CARD: for_card(data.marks, ["train"] * len(data.marks), {}),
    }
