"""What a training run is asked to do, and what the recipes make of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from pat_core.errors import TrainingError
from pat_core.models.baselines import FAMILIES
from pat_core.models.pat.pat_config import LARGEST_SEED, MASK_RATIO
from pat_core.records import StandardizePer

Style = Literal["full", "linear_probe"]
STYLES: tuple[Style, ...] = ("linear_probe", "full")
Recipe = Literal["recommended", "paper"]
RECIPES: tuple[Recipe, ...] = ("recommended", "paper")
Keep = Literal["refit", "ensemble"]
KEEPS: tuple[Keep, ...] = ("refit", "ensemble")
DEVICES = ("auto", "cuda", "mps", "cpu")
MOST_REPEATS = 50
LEARNING_RATE = {"small": 1e-5, "medium": 1e-5, "large": 1e-6, "huge": 5e-7}
"""Fine-tuning step of Adam by size of PAT (authors' notebooks)."""


@dataclass(frozen=True)
class FinetuneSettings:
    """What a run may be asked; what is left None is as the recipe has it (see `course`).

    style: "full" trains everything, "linear_probe" a head on the frozen encoder. learning_rate, batch, max_epochs, patience: of a
    training in epochs with early stopping on validation people. folds: 0 holds out `test_share` of the people; K >= 2 cross-validates.
    seed: split, head, dropout, and all that is drawn. recipe: "paper" as the authors train, "recommended" as we would; its linear
    probe is a regularised logistic regression, which has no epochs and needs no validation people. keep: of a cross-validation, a model
    that is trained again on everyone ("refit"), or the models of the folds together ("ensemble", mean logit). repeats: of the
    cross-validation, with folds drawn anew each time. standardize: minutes are compared with the same minute of the "window", as in the
    paper, or of the "day": then the model reads windows of any length, whenever they begin. The recommended recipe holds the deviations
    of few people up (`pat_core.weeks.steadied`).
    """

    style: Style = "linear_probe"
    learning_rate: float | None = None
    batch: int | None = None
    max_epochs: int | None = None
    patience: int | None = None
    test_share: float = 0.2
    validation_share: float = 0.2
    folds: int = 0
    seed: int = 0
    device: str = "auto"
    recipe: Recipe = "recommended"
    keep: Keep = "refit"
    repeats: int = 1
    standardize: StandardizePer = "window"

    def __post_init__(self) -> None:
        for name, words in (("style", STYLES), ("recipe", RECIPES), ("keep", KEEPS), ("standardize", get_args(StandardizePer))):
            if getattr(self, name) not in words:
                raise TrainingError(f"Expected the {name} to be one of {', '.join(words)}, got {getattr(self, name)!r}.")
        if self.folds == 1 or not 0 <= self.folds <= 50:
            raise TrainingError(f"Expected 0 folds (one held-out test set) or 2 to 50, got {self.folds}.")
        if not 1 <= self.repeats <= MOST_REPEATS:
            raise TrainingError(f"Expected a cross-validation to be done 1 to {MOST_REPEATS} times, got {self.repeats}.")
        if not self.folds and (self.repeats > 1 or self.keep == "ensemble"):
            what = "Repeats" if self.repeats > 1 else "An ensemble"
            raise TrainingError(f"{what} need a cross-validation, but one test set is held out. Choose 2 folds or more.")
        if self.keep == "ensemble" and self.standardize == "day":
            raise TrainingError(
                "The models of an ensemble are brought together minute by minute of the window, so minutes of the day cannot be compared. "
                "Keep one model that is trained on everyone, or compare minutes of the window."
            )
        _refuse_no_share(self, "test_share", "validation_share")
        _refuse_wrong_seed(self.seed)
        if min(1 if number is None else number for number in (self.max_epochs, self.batch, self.patience)) < 1:
            raise TrainingError("Expected at least one epoch, one person a batch and a patience of one epoch.")
        if self.learning_rate is not None and not 0.0 < self.learning_rate < 1.0:
            raise TrainingError(f"Expected a learning rate between 0 and 1 (the paper's are 1e-5 and smaller), got {self.learning_rate}.")
        given = [name for name in ("learning_rate", "batch", "max_epochs", "patience") if getattr(self, name) is not None]
        if given and not self.in_epochs:
            raise TrainingError(
                f"The recommended linear probe is a regularised logistic regression, which has no {given[0].replace('_', ' ')}. Leave that "
                "out, or choose the recipe paper, which trains a head in epochs."
            )

    @property
    def in_epochs(self) -> bool:
        """Whether there is a training in epochs, stopped by validation people; False for the recommended linear probe."""
        return self.recipe == "paper" or self.style == "full"

    @property
    def holds_up(self) -> bool:
        """Whether the deviations of few people are held up before anything is compared with them."""
        return self.recipe == "recommended"

    def as_dict(self) -> dict[str, object]:
        """Plain values, for the run's record."""
        return asdict(self)

    @classmethod
    def from_stored(cls, plain: Mapping[str, Any]) -> FinetuneSettings:
        """Of a run's record. Those of before there was a recipe are the paper's, and stated each of its figures."""
        if "recipe" in plain:
            return cls(**plain)
        usual = {"batch": PAPER_BATCH, "max_epochs": PAPER_EPOCHS, "patience": PAPER_PATIENCE}
        stated: dict[str, Any] = {name: None if name in usual and value == usual[name] else value for name, value in plain.items()}
        return cls(**stated | {"recipe": "paper"})


PAPER_BATCH, PAPER_EPOCHS, PAPER_PATIENCE = 64, 10_000, 250
RECOMMENDED_RATE = {"small": 1e-3, "medium": 3e-4, "large": 1e-4, "huge": 5e-5, **dict.fromkeys(FAMILIES, 1e-3)}
"""Highest learning rate of full fine-tuning by size, that of the head; see `Course.layer_decay` for what lies below it. Of baselines, which
start from nothing, Adam's usual one."""


@dataclass(frozen=True)
class Course:
    """How a training in epochs goes, every figure stated.

    warm_up: share of all epochs in which the rate rises, from where it falls along a cosine; None: it is constant. layer_decay: factor on
    the learning rate from each layer to the one below it, the head having the whole rate. rotate, mixup: see `Augmentation`.
    """

    learning_rate: float
    batch: int
    max_epochs: int
    patience: int
    shuffle: bool = False
    warm_up: float | None = None
    layer_decay: float = 1.0
    weight_decay: float = 0.0
    rotate: bool = False
    mixup: float = 0.0


def course(settings: FinetuneSettings, size: str) -> Course:
    """The course of a run for a model of this size: its recipe, with what the settings state in its place."""
    if settings.recipe == "paper":
        usual = Course(LEARNING_RATE.get(size, 1e-5), PAPER_BATCH, PAPER_EPOCHS, PAPER_PATIENCE)
    else:
        rate = RECOMMENDED_RATE.get(size, 1e-4)
        usual = Course(rate, 16, 40, 15, shuffle=True, warm_up=0.1, layer_decay=0.7, weight_decay=0.01, rotate=True, mixup=0.2)
    stated = {name: getattr(settings, name) for name in ("learning_rate", "batch", "max_epochs", "patience")}
    return replace(usual, **{name: value for name, value in stated.items() if value is not None})


def learned_nothing(best_epoch: int, risen: int, epochs: int, best_value: float | None = None) -> bool:
    """Whether a training in epochs was best at its very start: in the first epoch, or the first twentieth of those that it trained.

    best_epoch: that is kept; risen: when the figure of validation people was first as good; best_value: of it, where it can be no better
    than 1. Where the figure never rose after the start, training did not help to put people in order, though among epochs that are
    equally good a later one is kept; one that was perfect at once could not rise, and tells nothing.
    """

    def early(epoch: int) -> bool:
        return epochs > 1 and 1 <= epoch <= max(1, epochs // 20)

    return early(best_epoch) or (early(risen) and best_value is not None and best_value < 1.0)


LossOn = Literal["all", "hidden"]
LOSS_ON: tuple[LossOn, ...] = ("all", "hidden")


@dataclass(frozen=True)
class PretrainSettings:
    """The paper's recipe by default; `minutes` stops a run by the clock (None: no limit), which its card must then say. loss_on: "all"
    minutes, as in the paper, or those alone that were "hidden" from the encoder. smoothed: weeks are smoothed before the encoder reads
    them and rebuilds them (see `models.baselines.smoothing`), which the paper tried and left.

    TrainingError where a value makes no sense.
    """

    epochs: int = 1000
    batch: int = 128
    learning_rate: float = 1e-3
    mask_ratio: float = MASK_RATIO
    validation_share: float = 0.1
    patience: int = 250
    plateau_patience: int = 75
    smallest_rate: float = 1e-4
    seed: int = 0
    device: str = "auto"
    minutes: float | None = None
    loss_on: LossOn = "all"
    smoothed: bool = False

    def __post_init__(self) -> None:
        if self.loss_on not in LOSS_ON:
            raise TrainingError(f"Expected the loss to be on one of {', '.join(LOSS_ON)} minutes, got {self.loss_on!r}.")
        if self.epochs < 1 or self.batch < 1 or self.patience < 1 or self.plateau_patience < 1:
            raise TrainingError(
                "Expected at least one epoch, one person a batch, and patiences of one epoch, got "
                f"{self.epochs} epochs, a batch of {self.batch}, and patiences of {self.patience} and {self.plateau_patience}."
            )
        _refuse_no_share(self, "mask_ratio", "validation_share")
        if not 0.0 < self.learning_rate < 1.0 or not 0.0 <= self.smallest_rate < 1.0:
            raise TrainingError(
                f"Expected learning rates between 0 and 1 (the paper's is 1e-3), got {self.learning_rate} falling to {self.smallest_rate}."
            )
        if self.minutes is not None and not (math.isfinite(self.minutes) and self.minutes > 0.0):
            raise TrainingError(f"Expected a time above 0 minutes, or none for no limit, got {self.minutes} minutes.")
        _refuse_wrong_seed(self.seed)


PRETRAIN_RATES: dict[str, tuple[float, float]] = {
    "small": (1e-3, 1e-4),
    "medium": (1e-3, 1e-4),
    "large": (1e-4, 1e-5),
    "huge": (1e-5, 1e-6),
}
"""Size -> the paper's learning rate of pretraining, and the floor to which it is halved."""
PRETRAIN_PATIENCE: dict[str, tuple[int, int]] = {"small": (250, 75), "medium": (250, 75), "large": (500, 100), "huge": (500, 100)}
"""Size -> the paper's epochs without a better validation loss until pretraining ends, and until its rate is halved."""


def paper_pretraining(size: str) -> PretrainSettings:
    """The paper's recipe for a size; that of medium for a shape of one's own."""
    (rate, floor), (patience, plateau) = PRETRAIN_RATES.get(size, PRETRAIN_RATES["medium"]), PRETRAIN_PATIENCE.get(size, (250, 75))
    return PretrainSettings(learning_rate=rate, smallest_rate=floor, patience=patience, plateau_patience=plateau)


def _refuse_no_share(settings: object, *names: str) -> None:
    for name in names:
        if not 0.0 < getattr(settings, name) < 1.0:
            raise TrainingError(f"Expected {name.replace('_', ' ')} between 0 and 1, got {getattr(settings, name)}.")


def _refuse_wrong_seed(seed: int) -> None:
    if not 0 <= seed <= LARGEST_SEED:
        raise TrainingError(f"Expected a seed from 0 to {LARGEST_SEED}, got {seed}. Choose a smaller one.")
