import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation

from pat_core.errors import Cancelled, ExplanationError
from pat_core.explain.logit_function import weeks_at_once
from pat_core.explain.methods.occlusion import occlusion_day, occlusion_hour, own_day, replaced
from tests.explain.scores import Listening, Score, by_day, linear
from tests.lively import lively

DAY = 1440


def weeks(minutes: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=minutes).astype(np.float32)


def sums(values: np.ndarray, length: int) -> np.ndarray:
    return np.add.reduceat(values.astype(np.float64), np.arange(0, values.size, length))


@pytest.mark.parametrize(("method", "length"), [(occlusion_hour, 60), (occlusion_day, DAY)])
@pytest.mark.parametrize("replacement", ["mean week", "own day"])
def test_of_a_linear_score_each_part_gets_its_weights_times_the_distance_from_the_replacement(method, length, replacement):
    (network, weight), z = linear(2 * DAY + 720), weeks(2 * DAY + 720)
    made = method(network, z, replacement=replacement)
    np.testing.assert_allclose(sums(made.values, length), sums(weight * (z - replaced(z, replacement)), length), atol=2e-5)
    assert abs(made.completeness_gap) < 1e-4 and made.resolution == length


def test_minutes_of_one_part_share_one_value():
    made = occlusion_hour(linear(DAY)[0], weeks(DAY))
    hours = made.values.reshape(24, 60)
    assert (hours == hours[:, :1]).all() and len(np.unique(hours[:, 0])) == 24


def test_where_days_work_together_the_gap_is_what_they_do_not_add_up_to():
    network = by_day(lambda days: days[:, 0] * days[:, 1])
    z = np.repeat(np.float32([2.0, 3.0]), DAY)
    made = occlusion_day(network, z)  # f = 6, and 0 as soon as either day is gone
    np.testing.assert_allclose(sums(made.values, DAY), [6.0, 6.0], rtol=1e-5)
    assert made.delta == pytest.approx(6.0) and made.completeness_gap == pytest.approx(6.0, rel=1e-5)
    assert "need not add up" in made.note


def test_the_effects_of_hours_are_those_that_replacing_them_by_hand_gives():
    network, z = lively(), weeks(DAY, 3)
    made = occlusion_hour(network, z)
    with torch.no_grad():
        for hour in (0, 7, 23):
            without = z.copy()
            without[hour * 60 : hour * 60 + 60] = 0
            effect = float(network(torch.from_numpy(z)[None]) - network(torch.from_numpy(without)[None]))
            assert sums(made.values, 60)[hour] == pytest.approx(effect, abs=2e-6)


def test_it_is_captums_feature_ablation_whatever_the_batches():
    network, z = lively("medium"), weeks(2 * DAY, 4)
    mask = torch.arange(2 * DAY)[None] // 60
    other = torch.from_numpy(replaced(z, "own day"))[None]
    expected = FeatureAblation(network).attribute(torch.from_numpy(z)[None], baselines=other, feature_mask=mask)[0].numpy()
    made = occlusion_hour(network, z, replacement="own day")
    np.testing.assert_allclose(made.values * 60, expected, atol=2e-6)


def test_a_last_part_of_an_hour_is_an_hour_of_its_own_and_unread_minutes_are_blank():
    (network, weight), z = linear(60 * 5 + 30, patch=25), weeks(60 * 5 + 30)  # 13 patches cover 325 minutes: 5 hours and 25 minutes
    weight[325:] = 0  # no patch covers them, so no PAT reads them
    made = occlusion_hour(network, z)
    assert np.isnan(made.values[325:]).all() and np.isfinite(made.values[:325]).all()
    np.testing.assert_allclose(sums(made.values[:325], 60), sums((weight * z)[:325], 60), atol=1e-5)


def test_parts_that_equal_their_replacement_get_nothing():
    z = np.tile(weeks(DAY, 5), 3)
    assert np.abs(sums(occlusion_day(lively(), z, replacement="own day").values, DAY)).max() < 1e-6
    assert np.abs(sums(occlusion_hour(lively(), np.zeros(DAY, np.float32)).values, 60)).max() < 1e-6
    assert np.abs(sums(occlusion_day(lively(), z).values, DAY)).max() > 1e-3


def test_the_own_day_is_the_median_at_each_clock_minute_and_a_part_day_counts_where_it_is():
    z = np.concatenate([np.full(DAY, 1.0), np.full(DAY, 5.0), np.full(720, 99.0)]).astype(np.float32)
    day = own_day(z)
    assert (day[:720] == 5.0).all() and (day[720:] == 3.0).all()
    assert replaced(z, "own day").shape == z.shape and (replaced(z, "own day")[2 * DAY :] == day[:720]).all()


def test_one_day_has_no_own_median_and_an_unknown_replacement_is_refused():
    with pytest.raises(ExplanationError, match="at least 2 days"):
        occlusion_hour(lively(), weeks(DAY), replacement="own day")
    with pytest.raises(ExplanationError, match="mean week, own day"):
        occlusion_day(lively(), weeks(DAY), replacement="noise")


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ExplanationError, match="not a number"):
        occlusion_hour(Score(lambda week: week.sum(dim=1) / 0), weeks(DAY))


def test_every_pass_is_counted_and_batches_stay_small():
    network, z = linear(2 * DAY)[0], weeks(2 * DAY)
    made = occlusion_hour(network, z)
    assert made.evaluations == sum(network.calls) == 48 + 3
    assert max(network.calls) <= weeks_at_once(network, 2 * DAY)


def test_a_reader_can_follow_it_and_cancel_between_batches():
    network, listening = linear(2 * DAY)[0], Listening()
    occlusion_hour(network, weeks(2 * DAY), progress=listening)
    assert listening.fractions == sorted(listening.fractions) and listening.fractions[0] == 0 and listening.fractions[-1] == 1
    network.calls.clear()
    with pytest.raises(Cancelled):
        occlusion_hour(network, weeks(2 * DAY), progress=Listening(cancel_at=4))
    assert len(network.calls) == 3
