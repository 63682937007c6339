"""A label of two values, as in the paper: class-weighted cross-entropy, watched by the AUC of validation people."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from pat_core.evaluation import auc
from pat_core.training.objective import AfterBatch, Examples, Prediction, Rows, Watched


def class_weights(positive: np.ndarray) -> Tensor:
    """(2,) loss weights of negatives and positives: {0: positives/total, 1: negatives/total}; trains at a 50/50 prior."""
    share = float(np.mean(positive))
    return torch.tensor([share, 1.0 - share], dtype=torch.float32)


class Binary(Prediction):
    """One logit a week, of the positive label. Targets are 0 and 1; the class weights are those of the training rows `positive` (rows,)."""

    watched = Watched("AUC", higher=True, digits=3)

    def __init__(self, positive: np.ndarray) -> None:
        self.weights = class_weights(positive)

    def loss(self, network: nn.Module, examples: Examples, rows: Rows, draws: torch.Generator) -> Tensor:
        return self._of(network(examples.inputs(rows)), examples.target[rows])

    def evaluate(self, network: nn.Module, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
        logits = self.outputs(network, held_out, batch, after_batch)
        if not torch.isfinite(logits).all():
            return {"loss": math.nan, "AUC": math.nan}
        return {"loss": float(self._of(logits, held_out.target)), "AUC": auc(held_out.target, logits.numpy())}

    def explained(self, outputs: Tensor) -> Tensor:
        return outputs  # the logit itself

    def _of(self, logits: Tensor, positive: np.ndarray) -> Tensor:
        # Keras averages the weighted losses over the batch; it does not divide by the sum of the weights
        target = torch.as_tensor(positive, dtype=torch.float32, device=logits.device)
        return binary_cross_entropy_with_logits(logits, target, weight=self.weights.to(logits.device)[target.long()])
