"""What a fine-tuning run is asked to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from pat_core.errors import TrainingError

Style = Literal["full", "linear_probe"]
STYLES: tuple[Style, ...] = ("linear_probe", "full")


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
            raise TrainingError(f"Expected a style out of {', '.join(STYLES)}, got {self.style!r}.")
        if self.folds == 1 or not 0 <= self.folds <= 50:
            raise TrainingError(f"Expected 0 folds (one held-out test set) or 2 to 50, got {self.folds}.")
        for name in ("test_share", "validation_share"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise TrainingError(f"Expected {name.replace('_', ' ')} between 0 and 1, got {getattr(self, name)}.")
        if self.max_epochs < 1 or self.batch < 1 or self.patience < 1:
            raise TrainingError("Expected at least one epoch, one person a batch and a patience of one epoch.")
        if self.learning_rate is not None and not 0.0 < self.learning_rate < 1.0:
            raise TrainingError(f"Expected a learning rate between 0 and 1 (the paper's are 1e-5 and smaller), got {self.learning_rate}.")

    def as_dict(self) -> dict[str, object]:
        """Plain values, for the run's record."""
        return asdict(self)
