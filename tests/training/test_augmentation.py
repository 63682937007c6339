"""Days in another order and weeks between two people's: what stays as it is, and that a batch draws the same again."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from pat_core.training.augmentation import Augmentation, Augmented, rotated
from pat_core.training.objective import Binary, Examples

DAY = 1440


def days_of(week: torch.Tensor) -> list[tuple[float, ...]]:
    return [tuple(day.tolist()) for day in week.reshape(-1, DAY)]


def test_rotation_keeps_each_day_at_its_hours_and_the_days_in_their_order():
    for days in (1, 3, 7):
        weeks = torch.randn(days, days * DAY, generator=torch.Generator().manual_seed(1))
        turned = rotated(weeks, torch.arange(days))
        for first, (before, after) in enumerate(zip(weeks, turned, strict=True)):
            there = days_of(before)
            assert days_of(after) == there[first:] + there[:first]


def test_minutes_beyond_the_last_whole_day_stay_and_a_part_of_a_day_is_not_turned():
    week = torch.arange(2.0 * DAY + 5)[None]
    turned = rotated(week, torch.tensor([1]))[0]
    assert turned[0] == DAY and turned[DAY] == 0 and torch.equal(turned[-5:], week[0, -5:])
    assert torch.equal(rotated(week[:, :100], torch.tensor([3])), week[:, :100])


class Seen(nn.Module):
    """Answers with the mean of a week, and keeps what it was given."""

    def forward(self, weeks):
        self.given = weeks
        return weeks.mean(dim=1)


def of(weeks: torch.Tensor, positive) -> Examples:
    return Examples(lambda rows: weeks[rows], np.array(positive, bool))


def loss(augmentation: Augmentation, examples: Examples, seed: int) -> tuple[float, torch.Tensor]:
    network = Seen()
    objective = Augmented(Binary(examples.target), augmentation)
    return float(objective.loss(network, examples, slice(0, len(examples)), torch.Generator().manual_seed(seed))), network.given


@pytest.fixture
def four():
    return of(torch.randn(4, 7 * DAY, generator=torch.Generator().manual_seed(2)), [1, 0, 0, 1])


def test_every_first_day_is_drawn_and_the_same_seed_draws_the_same(four):
    firsts = set()
    for seed in range(12):
        value, given = loss(Augmentation(mixup=0.0), four, seed)
        assert loss(Augmentation(mixup=0.0), four, seed)[0] == value
        for before, after in zip(four.inputs(slice(0, 4)), given, strict=True):
            firsts.add(days_of(before).index(days_of(after)[0]))
    assert firsts == set(range(7))


def test_mixup_mixes_weeks_and_losses_by_the_same_share(four):
    weeks, objective = four.inputs(slice(0, 4)), Binary(four.target)
    value, given = loss(Augmentation(rotate=False, mixup=1.0), four, 5)
    # with the weeks known, share and partner follow from what the network was given
    for partner in torch.tensor([[a, b, c, d] for a in range(4) for b in range(4) for c in range(4) for d in range(4)]):
        if len(set(partner.tolist())) < 4:
            continue
        share = float(((given - weeks[partner]) * (weeks - weeks[partner])).sum() / ((weeks - weeks[partner]) ** 2).sum().clamp(min=1e-9))
        if torch.allclose(share * weeks + (1 - share) * weeks[partner], given, atol=1e-5):
            break
    else:
        raise AssertionError("the network was not given a mixture of the weeks")
    whole = slice(0, 4)
    own, other = (
        float(objective.loss(nn.Identity(), Examples(lambda _: given.mean(dim=1), four.target[order]), whole, torch.Generator()))
        for order in (np.arange(4), partner.numpy())
    )
    assert value == pytest.approx(share * own + (1 - share) * other, rel=1e-4)


def test_without_augmentation_the_loss_is_that_of_the_objective_and_so_is_validation(four):
    objective = Binary(four.target)
    plain = float(objective.loss(Seen(), four, slice(0, 4), torch.Generator()))
    assert loss(Augmentation(rotate=False, mixup=0.0), four, 1)[0] == pytest.approx(plain)
    augmented = Augmented(objective, Augmentation())
    assert augmented.watched == objective.watched
    assert augmented.evaluate(Seen(), four, 2, lambda _: None) == objective.evaluate(Seen(), four, 2, lambda _: None)
