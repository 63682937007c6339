"""What a training run is asked to do."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Literal

from pat_core.errors import TrainingError
from pat_core.models.pat.pat_config import LARGEST_SEED, MASK_RATIO

Style = Literal["full", "linear_probe"]
STYLES: tuple[Style, ...] = ("linear_probe", "full")
DEVICES = ("auto", "cuda", "mps", "cpu")


@dataclass(frozen=True)
class FinetuneSettings:
    """The paper's recipe by default.

    style: "full" trains everything, "linear_probe" freezes the encoder and trains the 128-unit head. learning_rate: None takes the
    paper's for the size. folds: 0 holds out `test_share` of the people; K >= 2 cross-validates, then trains on everyone for the model
    that is kept. max_epochs, patience: early stopping on validation AUC. seed: split, head, dropout.
    """

    style: Style = "linear_probe"
    learning_rate: float | None = None
    batch: int = 64
    max_epochs: int = 10_000
    patience: int = 250
    test_share: float = 0.2
    validation_share: float = 0.2
    folds: int = 0
    seed: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.style not in STYLES:
            raise TrainingError(f"Expected the style to be one of {', '.join(STYLES)}, got {self.style!r}.")
        if self.folds == 1 or not 0 <= self.folds <= 50:
            raise TrainingError(f"Expected 0 folds (one held-out test set) or 2 to 50, got {self.folds}.")
        _refuse_no_share(self, "test_share", "validation_share")
        _refuse_wrong_seed(self.seed)
        if self.max_epochs < 1 or self.batch < 1 or self.patience < 1:
            raise TrainingError("Expected at least one epoch, one person a batch and a patience of one epoch.")
        if self.learning_rate is not None and not 0.0 < self.learning_rate < 1.0:
            raise TrainingError(f"Expected a learning rate between 0 and 1 (the paper's are 1e-5 and smaller), got {self.learning_rate}.")

    def as_dict(self) -> dict[str, object]:
        """Plain values, for the run's record."""
        return asdict(self)


@dataclass(frozen=True)
class PretrainSettings:
    """The paper's recipe by default; `minutes` stops a run by the clock (None: no limit), which its card must then say.

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

    def __post_init__(self) -> None:
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


def _refuse_no_share(settings: object, *names: str) -> None:
    for name in names:
        if not 0.0 < getattr(settings, name) < 1.0:
            raise TrainingError(f"Expected {name.replace('_', ' ')} between 0 and 1, got {getattr(settings, name)}.")


def _refuse_wrong_seed(seed: int) -> None:
    if not 0 <= seed <= LARGEST_SEED:
        raise TrainingError(f"Expected a seed from 0 to {LARGEST_SEED}, got {seed}. Choose a smaller one.")
