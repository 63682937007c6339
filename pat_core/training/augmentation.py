"""Training on more than the weeks there are: days in another order, and weeks between two people's. Drawn anew for every batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from pat_core.settings import MINUTES_PER_DAY
from pat_core.training.objective import AfterBatch, Examples, Prediction, Rows


@dataclass(frozen=True)
class Augmentation:
    """rotate: each week begins with a day of its own by lot, the days before it coming last (all seven of a week). mixup: alpha of the
    Beta distribution of each batch's share (Zhang et al. 2018, arXiv 1710.09412); 0 mixes nothing."""

    rotate: bool = True
    mixup: float = 0.2


def rotated(weeks: Tensor, first_days: Tensor) -> Tensor:
    """(weeks, minutes) beginning with day `first_days` (weeks,) 0 .. days - 1 each; minutes beyond the last whole day stay where they are.

    Every day stays whole and at its own hours, and the days keep their order, so that nothing but the day it begins with is changed.
    """
    whole = weeks.shape[1] // MINUTES_PER_DAY * MINUTES_PER_DAY
    if not whole:
        return weeks
    minute = torch.arange(weeks.shape[1], device=weeks.device)
    order = (minute[None, :whole] + first_days.to(weeks.device)[:, None] * MINUTES_PER_DAY) % whole
    return torch.cat([weeks.gather(1, order), weeks[:, whole:]], dim=1)


class Augmented(Prediction):
    """Another objective, trained on augmented weeks; validation and test are of the weeks as they are."""

    def __init__(self, objective: Prediction, augmentation: Augmentation) -> None:
        self.objective, self.augmentation = objective, augmentation
        self.watched, self.output_shape = objective.watched, objective.output_shape

    def loss(self, network: nn.Module, examples: Examples, rows: Rows, draws: torch.Generator) -> Tensor:
        weeks, target = examples.inputs(rows), np.asarray(examples.target[rows])
        if self.augmentation.rotate:
            days = max(1, weeks.shape[1] // MINUTES_PER_DAY)
            weeks = rotated(weeks, torch.randint(days, (len(weeks),), generator=draws))
        if not self.augmentation.mixup:
            return self._of(network(weeks), target, draws)
        partner = torch.randperm(len(weeks), generator=draws)
        share = _beta(self.augmentation.mixup, draws)
        outputs = network(share * weeks + (1.0 - share) * weeks[partner.to(weeks.device)])
        return share * self._of(outputs, target, draws) + (1.0 - share) * self._of(outputs, target[partner.numpy()], draws)

    def evaluate(self, network: nn.Module, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
        return self.objective.evaluate(network, held_out, batch, after_batch)

    def explained(self, outputs: Tensor) -> Tensor:
        return self.objective.explained(outputs)

    def _of(self, outputs: Tensor, target: np.ndarray, draws: torch.Generator) -> Tensor:
        """The objective's loss of answers that the network gave already."""
        return self.objective.loss(_ANSWERED, Examples(lambda _: outputs, target), slice(0, len(target)), draws)


_ANSWERED = nn.Identity()


def _beta(alpha: float, draws: torch.Generator) -> float:
    """One number of Beta(alpha, alpha), from the generator of the batch, so that a run that was killed draws the same again."""
    seed = int(torch.randint(2**31, (1,), generator=draws))
    return float(np.random.default_rng(seed).beta(alpha, alpha))
