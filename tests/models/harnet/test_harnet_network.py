"""harnet as its layer table says: sizes, circles, blurs, and the features that the authors' own network gives for the same weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pat_core.models.harnet import HARNETS, Stage
from pat_core.models.harnet.harnet_network import Harnet
from tests.models.harnet.drawn_harnet import drawn
from tests.shared import shared_file

EXTRACTOR = {"harnet5": 4_227_904, "harnet10": 10_457_408, "harnet30": 10_457_408}
WITH_FIVE = {"harnet5": 4_493_125, "harnet10": 10_984_773, "harnet30": 10_984_773}
TIMES = {"harnet5": [75, 37, 12, 4, 1], "harnet10": [150, 75, 15, 3, 1], "harnet30": [300, 100, 20, 4, 1]}
sizes = pytest.mark.parametrize("size", HARNETS)


@sizes
def test_parameters_and_times_are_those_of_the_paper(size):
    network = Harnet(HARNETS[size], 5)
    assert sum(each.numel() for each in network.feature_extractor.parameters()) == EXTRACTOR[size]
    assert sum(each.numel() for each in network.parameters()) == WITH_FIVE[size]
    x, times = torch.zeros(1, 3, HARNETS[size].samples), []
    for layer in network.eval().feature_extractor:
        x = layer(x)
        times.append(x.shape[-1])
    assert times == TIMES[size] and x.shape[1] == HARNETS[size].features


@pytest.mark.parametrize(
    ("step", "order", "blur"), [(2, 2, [1, 3, 3, 1]), (3, 1, [1, 2, 3, 2, 1]), (5, 1, [1, 2, 3, 4, 5, 4, 3, 2, 1]), (4, 0, [1, 1, 1, 1])]
)
def test_blurs_are_repeated_means(step, order, blur):
    np.testing.assert_allclose(Stage(1, 0, step, order).blur(), np.array(blur) / sum(blur), rtol=1e-6)


def test_a_window_is_a_circle_for_convolutions_and_ends_for_the_blur():
    network = drawn("harnet5", 0, 1)
    x = torch.randn(1, 3, 150, generator=torch.Generator().manual_seed(2))
    first = network.feature_extractor.layer1
    turned = first[:5](x.roll(7, dims=2))
    torch.testing.assert_close(turned, first[:5](x).roll(7, dims=2), rtol=1e-4, atol=1e-4)
    ones = first[5](torch.ones(1, 64, 150))
    assert ones[0, 0, 0] < 1 - 1e-3 and ones[0, 0, 37] == pytest.approx(1)


def test_windows_of_another_length_or_order_are_refused():
    with pytest.raises(ValueError, match=r"windows, 3, 150"):
        Harnet(HARNETS["harnet5"]).features(torch.zeros(1, 150, 3))
    with pytest.raises(ValueError, match="no classes"):
        Harnet(HARNETS["harnet5"])(torch.zeros(1, 3, 150))


@pytest.mark.shared
@sizes
def test_features_and_logits_are_those_of_the_authors_network(size):
    with np.load(shared_file(f"golden/harnet/{size}.npz")) as golden:
        network = drawn(size, 5, int(golden["seed"]))
        with torch.inference_mode():
            features = network.features(torch.from_numpy(golden["x"]))
            logits = network(torch.from_numpy(golden["x"]))
        assert np.abs(features.numpy() - golden["features64"]).max() < 1e-4
        assert np.abs(logits.numpy() - golden["logits64"]).max() < 1e-4
