"""What stands on the encoder: pooling and the classifier's head."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

from pat_core.models.pat.encoder import AttentionReader, Encoder
from pat_core.models.pat.pat_config import DROPOUT, HEAD_UNITS, WIDTH, PatConfig


class ClassifierHead(nn.Module):
    """Pooled embedding to logit: dropout 0.1, Dense(128, ReLU), Dense(1). (batch, 96) -> (batch,)."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = nn.Dropout(DROPOUT)
        self.hidden = nn.Linear(WIDTH, HEAD_UNITS)
        self.output = nn.Linear(HEAD_UNITS, 1)

    def forward(self, pooled: Tensor) -> Tensor:
        return self.output(self.hidden(self.dropout(pooled)).relu()).squeeze(-1)


class Classifier(nn.Module):
    """PAT with its head: (batch, minutes) standardized -> logit (batch,). The probability is the logit's sigmoid."""

    def __init__(self, config: PatConfig) -> None:
        super().__init__()
        self.config, self.minutes_per_token = config, config.patch
        self.encoder = Encoder(config)
        self.head = ClassifierHead()

    def forward(self, week: Tensor, read: AttentionReader | None = None) -> Tensor:
        return self.head(self.pool(week, read))

    score = forward

    def tokens(self, week: Tensor) -> Tensor:
        return self.encoder(week)

    def pool(self, week: Tensor, read: AttentionReader | None = None) -> Tensor:
        """(batch, minutes) -> (batch, 96): the mean over tokens, which is what the head reads."""
        return self.encoder(week, read).mean(dim=1)


Network = TypeVar("Network", bound=nn.Module)


def seeded(build: Callable[[], Network], seed: int) -> Network:
    """Build a network with Keras' default initial weights, drawn from `seed` without touching torch's global generator."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build()
        for module in network.modules():
            if isinstance(module, nn.Linear | nn.Conv1d):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
    return network
