"""What stands on the encoder: pooling and the classifier's head."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.models.pat.encoder import AttentionReader, Encoder
from pat_core.models.pat.pat_config import DROPOUT, HEAD_UNITS, WIDTH, PatConfig


class ClassifierHead(nn.Module):
    """Pooled embedding to logit: dropout 0.1, Dense(128, ReLU), Dense(1). (batch, 96) -> (batch,), or (batch, outputs) where they are more.

    ordinal: the outputs are one score less a threshold for each step (proportional odds, McCullagh 1980, J R Stat Soc B 42:109). The
    thresholds rise: `steps` (outputs,) holds the first and the logarithms of the distances between them.
    """

    def __init__(self, outputs: int = 1, ordinal: bool = False) -> None:
        super().__init__()
        self.outputs, self.ordinal = outputs, ordinal
        self.dropout = nn.Dropout(DROPOUT)
        self.hidden = nn.Linear(WIDTH, HEAD_UNITS)
        self.output = nn.Linear(HEAD_UNITS, 1 if ordinal else outputs)
        if ordinal:
            self.steps = nn.Parameter(torch.zeros(outputs))

    def forward(self, pooled: Tensor) -> Tensor:
        answers = self.output(self.hidden(self.dropout(pooled)).relu())
        if self.ordinal:
            return answers - self.thresholds()
        return answers.squeeze(-1) if self.outputs == 1 else answers

    def thresholds(self) -> Tensor:
        """(outputs,) of an ordinal head, rising: where the score has even odds of reaching each class after the first."""
        return torch.cumsum(torch.cat([self.steps[:1], self.steps[1:].exp()]), dim=0)

    def answering(self, output: int | None) -> ClassifierHead:
        """A head of one output that shares this one's weights: that of a class, or the score of an ordinal head."""
        if output is None and not self.ordinal:
            raise ValueError(f"{self.outputs} classes have no one score: the number of a class was expected")
        with torch.device("meta"):
            one, rows = ClassifierHead().train(self.training), slice(None) if self.ordinal else slice(output, int(output or 0) + 1)
        one.dropout, one.hidden = self.dropout, self.hidden
        one.output.weight, one.output.bias = (nn.Parameter(part.detach()[rows]) for part in (self.output.weight, self.output.bias))
        return one


class Classifier(nn.Module):
    """PAT with its head: (batch, minutes) standardized -> logit (batch,), or (batch, outputs) where there are several (see `Outputs`)."""

    def __init__(self, config: PatConfig, outputs: Outputs = ONE_LOGIT) -> None:
        super().__init__()
        self.config, self.minutes_per_token, self.outputs = config, config.patch, outputs
        self.encoder = Encoder(config)
        self.head = ClassifierHead(outputs.count, outputs.ordinal)

    def forward(self, week: Tensor, read: AttentionReader | None = None) -> Tensor:
        return self.head(self.pool(week, read))

    def score(self, week: Tensor, read: AttentionReader | None = None) -> Tensor:
        """(batch, minutes) -> (batch,). Of several classes the largest logit; to explain one of them, ask for its view (`answering`)."""
        answers = self.answering()(week, read) if self.head.ordinal else self(week, read)
        return answers if answers.ndim == 1 else answers.max(dim=1).values

    def answering(self, output: int | None = None) -> Classifier:
        """This network with one output, to be explained: that of a class, or the score of an ordinal head. It shares the weights."""
        if self.head.outputs == 1:
            return self
        view = copy.copy(self)
        view.outputs, view._modules = ONE_LOGIT, {**self._modules, "head": self.head.answering(output)}
        return view

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
