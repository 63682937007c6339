from itertools import permutations

import numpy as np
import pytest
import torch
from captum.attr import ShapleyValues

from pat_core.errors import Cancelled, ExplanationError
from pat_core.explain.methods.occlusion import replaced
from pat_core.explain.methods.shapley import days_of, shapley_day, shapley_values
from tests.explain.scores import Listening, Score, by_day, linear
from tests.lively import lively

DAY = 1440


def weeks(minutes: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=minutes).astype(np.float32)


def days(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float64).reshape(-1, DAY).sum(axis=1)


@pytest.mark.parametrize("replacement", ["mean week", "own day"])
def test_of_a_linear_score_each_day_gets_its_weights_times_the_distance_from_the_replacement(replacement):
    (network, weight), z = linear(3 * DAY), weeks(3 * DAY)
    made = shapley_day(network, z, replacement=replacement)
    np.testing.assert_allclose(days(made.values), days(weight * (z - replaced(z, replacement))), atol=5e-5)


def test_days_that_do_the_same_share_equally_and_a_day_that_does_nothing_gets_nothing():
    network = by_day(lambda each: each[:, 0] * each[:, 1] + 0 * each[:, 2])
    made = shapley_day(network, np.repeat(np.float32([2.0, 2.0, 7.0]), DAY))
    np.testing.assert_allclose(days(made.values), [2.0, 2.0, 0.0], atol=1e-5)


def test_a_week_of_days_that_act_together_sums_to_the_change_of_the_score():
    network, z = by_day(lambda each: torch.exp(each.sum(dim=1)) * each[:, 3]), np.repeat(weeks(7, 1), DAY)
    made = shapley_day(network, z)
    assert made.evaluations == 128 == sum(network.calls)
    with torch.no_grad():
        delta = float(network.score(torch.from_numpy(z)[None]) - network.score(torch.zeros(1, z.size)))
    assert made.delta == pytest.approx(delta, abs=1e-6)
    assert abs(made.completeness_gap) < 1e-5 * max(1.0, abs(delta))
    assert np.nansum(made.values, dtype=np.float64) - made.delta == pytest.approx(made.completeness_gap, abs=1e-9)


def test_it_is_the_mean_over_all_orders_of_putting_the_days_back():
    network, z = lively("medium"), weeks(3 * DAY, 2)
    expected = np.zeros(3)
    with torch.no_grad():
        for order in permutations(range(3)):
            week = np.zeros_like(z)
            before = float(network(torch.from_numpy(week)[None]))
            for day in order:
                week[day * DAY : (day + 1) * DAY] = z[day * DAY : (day + 1) * DAY]
                after = float(network(torch.from_numpy(week)[None]))
                expected[day] += (after - before) / 6
                before = after
    np.testing.assert_allclose(days(shapley_day(network, z).values), expected, atol=2e-6)


def test_it_is_captums_shapley_values_over_all_orders():
    network, z = lively(), weeks(3 * DAY, 3)
    mask = torch.arange(3 * DAY)[None] // DAY
    expected = ShapleyValues(network).attribute(torch.from_numpy(z)[None], feature_mask=mask)[0].numpy()
    np.testing.assert_allclose(shapley_day(network, z).values * DAY, expected, atol=2e-6)


def test_the_glove_game_has_its_known_values():
    # Player 0 has the left glove, 1 and 2 a right one: a pair is worth 1. Shapley: 2/3, 1/6, 1/6.
    worth = np.array([float(bool(r & 1) and bool(r & 6)) for r in range(8)])
    np.testing.assert_allclose(shapley_values(worth), [2 / 3, 1 / 6, 1 / 6], atol=1e-12)


@pytest.mark.parametrize(
    ("covered", "count", "last"), [(DAY, 1, DAY), (700, 1, 700), (2 * DAY + 719, 2, DAY + 719), (2 * DAY + 720, 3, 720)]
)
def test_a_last_part_of_a_day_joins_the_day_before_below_half_a_day(covered, count, last):
    day = days_of(covered)
    assert day.size == covered and day[-1] + 1 == count and (day == count - 1).sum() == last


def test_unread_minutes_are_blank_and_the_rest_still_sums():
    network, z = lively(), weeks(DAY + 800 + 7, 4)  # 124 patches of 18 cover 2,232 minutes
    made = shapley_day(network, z)
    assert np.isnan(made.values[2232:]).all() and np.isfinite(made.values[:2232]).all()
    assert abs(made.completeness_gap) < 1e-5


def test_more_days_than_can_be_combined_are_refused_and_so_is_a_score_that_is_no_number():
    with pytest.raises(ExplanationError, match="at most 10 days; this recording has 11"):
        shapley_day(linear(11 * DAY)[0], weeks(11 * DAY))
    with pytest.raises(ExplanationError, match="not a number"):
        shapley_day(Score(lambda week: week.sum(dim=1) / 0), weeks(DAY))


def test_a_reader_can_cancel_between_batches():
    network = linear(3 * DAY, patch=5)[0]  # 864 tokens: 5 weeks at once
    with pytest.raises(Cancelled):
        shapley_day(network, weeks(3 * DAY), progress=Listening(cancel_at=2))
    assert network.calls == [5]
