"""Seeded networks whose every weight matters, norms and biases too, so that a wrong wiring shows."""

from __future__ import annotations

import torch

from pat_core.models.pat import config_for
from pat_core.models.pat.heads import Classifier, seeded


def lively(size: str = "small", embedding: str = "linear", seed: int = 0) -> Classifier:
    """A classifier in evaluation mode with biases and norms away from their starting values."""
    network = seeded(lambda: Classifier(config_for(size, embedding)), seed).eval()
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for name, value in network.named_parameters():
            if "norm" in name or "bias" in name:
                value += 0.1 * torch.randn(value.shape, generator=generator)
    return network
