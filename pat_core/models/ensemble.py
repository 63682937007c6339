"""Several networks of one configuration as one: the score is the mean of their logits (Lakshminarayanan et al. 2017, arXiv 1612.01474).

Each member was trained behind a standardizer of its own. The ensemble reads weeks that one standardizer, the reference, has prepared, and
gives each member what its own would have: z_k = a_k z + b_k, minute by minute.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from pat_core.models.pat.heads import Classifier
from pat_core.models.pat.pat_config import WIDTH
from pat_core.records import Standardizer


class Ensemble(nn.Module):
    """(weeks, minutes) standardized by the reference -> (weeks,) the mean of the members' logits; (weeks, outputs) where a head has more.

    members: of one configuration; they may share an encoder. scale, shift: (members, minutes), from `between`. A missing minute, which is 0
    for the reference, is the reference's mean for every member. Tokens of the members stand side by side: (weeks, tokens, members * 96), of
    which `head` makes the score, so that whoever pools tokens and asks the head asks all members.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, members: Sequence[Classifier], scale: Tensor, shift: Tensor) -> None:
        super().__init__()
        self.members: Sequence[Classifier] = nn.ModuleList(members)  # type: ignore[assignment]  # torch does not say what its list holds
        self.config, self.minutes_per_token, self.outputs = members[0].config, members[0].minutes_per_token, members[0].outputs
        self.register_buffer("scale", scale)
        self.register_buffer("shift", shift)

    def as_read(self, week: Tensor, member: int) -> Tensor:
        """(weeks, minutes) as this member's own standardizer gives them. Windows of another length than the ensemble's are compared with
        other people anyway, and every member reads them as they come."""
        if week.shape[1] != self.scale.shape[1]:
            return week
        return week * self.scale[member] + self.shift[member]

    def forward(self, week: Tensor) -> Tensor:
        return torch.stack([member(self.as_read(week, number)) for number, member in enumerate(self.members)]).mean(dim=0)

    def score(self, week: Tensor) -> Tensor:
        """(weeks, minutes) -> (weeks,), as that of one network."""
        answers = self.answering()(week) if self.outputs.ordinal else self(week)
        return answers if answers.ndim == 1 else answers.max(dim=1).values

    def answering(self, output: int | None = None) -> Ensemble:
        """This ensemble with one output, to be explained, as `Classifier.answering`. It shares the weights."""
        if self.outputs.count == 1:
            return self
        return Ensemble([member.answering(output) for member in self.members], self.scale, self.shift).train(self.training)

    def tokens(self, week: Tensor) -> Tensor:
        return torch.cat([member.tokens(self.as_read(week, number)) for number, member in enumerate(self.members)], dim=-1)

    def head(self, pooled: Tensor) -> Tensor:
        """(weeks, members * 96), the mean over `tokens`, -> (weeks,) logits."""
        parts = pooled.split(WIDTH, dim=-1)
        return torch.stack([member.head(part) for member, part in zip(self.members, parts, strict=True)]).mean(dim=0)


def between(reference: Standardizer, own: Sequence[Standardizer]) -> tuple[Tensor, Tensor]:
    """(members, minutes) each: scale and shift from what the reference gives of a week to what each member's own standardizer gives.

    (x - m_k) / s_k = (s / s_k) z + (m - m_k) / s_k, where z = (x - m) / s.
    """
    scale = [reference.scale / one.scale for one in own]
    shift = [(reference.mean - one.mean) / one.scale for one in own]
    one, other = (torch.stack([torch.as_tensor(part, dtype=torch.float32) for part in parts]) for parts in (scale, shift))
    return one, other
