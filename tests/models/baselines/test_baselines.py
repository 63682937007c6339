"""The paper's baselines: parameters and arithmetic by closed forms, and each learns what was planted."""

from math import prod

import numpy as np
import pytest
import torch

from pat_core.models.baselines import FAMILIES, BaselineConfig, baseline_of
from pat_core.models.baselines.baseline_config import shapes
from pat_core.models.baselines.baseline_network import BaselineNetwork, untrained
from pat_core.models.baselines.conv_lstm import ConvLstm
from pat_core.models.baselines.lstm import Lstm
from pat_core.models.baselines.smoothing import SavitzkyGolay
from pat_core.models.baselines.wavelet_logistic import coefficients, minutes_of
from pat_core.models.contract import ScoringNetwork

DAY = 1440
EVERY = pytest.mark.parametrize("family", FAMILIES)


def test_parameters_are_those_of_the_paper():
    counted = {family: sum(map(prod, shapes(BaselineConfig(family)).values())) for family in FAMILIES}
    assert counted == {"wavelet_logistic": 10_081, "lstm": 15_601, "cnn_1d": 10_561, "conv_lstm": 1_759_689, "cnn_3d": 793_793}
    units = {"K": 1e3, "M": 1e6}
    for family, parameters in counted.items():
        number, unit = FAMILIES[family].stated.split()
        assert parameters == pytest.approx(float(number) * units[unit], rel=0.06), family


@EVERY
@pytest.mark.parametrize("days", [7, 3, 1])
def test_a_network_is_what_its_shapes_say_and_answers_with_one_number(family, days):
    if family == "lstm" and days == 7:
        days = 2  # the same weights at any length; seven days of steps take a second
    config = BaselineConfig(family, days * DAY, smoothed=days == 3)
    network = untrained(config, 0)
    assert {name: tuple(value.shape) for name, value in network.state_dict().items()} == shapes(config)
    assert isinstance(network, ScoringNetwork)
    week = torch.randn(2, days * DAY)
    assert network.score(week).shape == (2,) and network.tokens(week).shape == (2, 24 * days, 60)
    assert torch.equal(network.tokens(week).flatten(1), week)


@EVERY
def test_the_same_seed_draws_the_same_weights_and_leaves_torchs_generator_alone(family):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    one, other = (untrained(BaselineConfig(family, DAY), 3).state_dict() for _ in range(2))
    assert torch.rand(1) == expected
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_another_length_is_refused_in_a_sentence():
    network = untrained(BaselineConfig("cnn_1d", 2 * DAY), 0)
    with pytest.raises(ValueError, match="windows of 2,880 minutes and reads no others, but this one has 1,440"):
        network.score(torch.zeros(1, DAY))
    with pytest.raises(ValueError, match="whole days"):
        BaselineConfig("lstm", DAY + 1)


def test_names_stand_for_baselines():
    assert baseline_of("cnn_3d-smoothed", DAY) == BaselineConfig("cnn_3d", DAY, True)
    assert baseline_of("lstm") == BaselineConfig("lstm") and baseline_of("lstm2") is None
    assert all(baseline_of(BaselineConfig(family, DAY, s).reference, DAY).smoothed is s for family in FAMILIES for s in (True, False))


def test_smoothing_is_scipys():
    from scipy.signal import savgol_filter

    week = np.random.default_rng(0).normal(size=(2, 300))
    smoothed = SavitzkyGolay()(torch.from_numpy(week))
    np.testing.assert_allclose(smoothed, savgol_filter(week, 51, 3), atol=1e-6)


def test_the_lstm_is_keras_formula():
    """i, f, o by sigmoid and c by tanh, with one bias; a forget bias of 1 at the start."""
    layer = Lstm(2, 3).eval()
    assert layer.bias.tolist() == [0.0] * 3 + [1.0] * 3 + [0.0] * 6
    torch.testing.assert_close(layer.recurrent_kernel.T @ layer.recurrent_kernel, torch.eye(3))  # orthonormal columns of (12, 3)
    steps, state, cell = torch.randn(1, 5, 2), torch.zeros(3), torch.zeros(3)
    for x in steps[0]:
        i, f, c, o = (layer.kernel @ x + layer.recurrent_kernel @ state + layer.bias).chunk(4)
        cell = f.sigmoid() * cell + i.sigmoid() * c.tanh()
        state = o.sigmoid() * cell.tanh()
    torch.testing.assert_close(layer(steps)[0], state)


def test_the_first_day_of_a_conv_lstm_is_its_formula():
    """Without a state before it: ReLU of the candidate through the hard sigmoids of two gates."""
    layer = ConvLstm(1, 2, 2, torch.relu)
    assert layer.padding == (0, 1, 0, 1)  # an even kernel's odd pixel comes last
    picture = torch.randn(1, 1, 1, 4, 5)
    with torch.no_grad():
        gates = torch.nn.functional.conv2d(picture[0], layer.kernel, layer.bias)[0]
        admit, _, candidate, show = gates.chunk(4)
        expected = (0.2 * show + 0.5).clamp(0, 1) * ((0.2 * admit + 0.5).clamp(0, 1) * candidate.relu())
        torch.testing.assert_close(layer(picture)[0, 0], expected)


def test_wavelet_weights_of_minutes_give_the_same_sum_as_of_coefficients():
    weeks, weights = np.random.default_rng(1).normal(size=(3, 2 * DAY)), np.random.default_rng(2).normal(size=2 * DAY)
    assert coefficients(weeks).shape == weeks.shape
    np.testing.assert_allclose(np.sum(coefficients(weeks) ** 2, axis=1), np.sum(weeks**2, axis=1))  # orthonormal
    np.testing.assert_allclose(weeks @ minutes_of(weights), coefficients(weeks) @ weights)


def test_a_family_without_an_answer_is_no_network():
    class Silent(BaselineNetwork):
        """A family that was not finished."""

    with pytest.raises(TypeError, match="answer"):
        Silent(BaselineConfig("lstm"))
