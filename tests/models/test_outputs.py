"""Heads of several outputs: probabilities in closed form, views that share the weights, and files that bring them back."""

import numpy as np
import pytest
import torch

from pat_core.errors import WeightsError
from pat_core.explain import METHODS
from pat_core.models.contract import AnsweringNetwork
from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.weights import load, save

SMALL = PatConfig("custom", patch=18, heads=2, blocks=1)
STAGES = ("mild", "moderate", "severe")
KINDS = [Outputs("classes", STAGES), Outputs("ordinal", STAGES), Outputs("value", (), "years"), ONE_LOGIT]


def network_for(outputs: Outputs) -> Classifier:
    network = seeded(lambda: Classifier(SMALL, outputs), 1).eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights += 0.1 * torch.randn(weights.shape, generator=torch.Generator().manual_seed(weights.numel()))
    return network


def week(people: int = 3) -> torch.Tensor:
    return torch.randn(people, 180, generator=torch.Generator().manual_seed(0))


def test_probabilities_are_softmax_differences_of_steps_and_sigmoid():
    logits = np.log([[1.0, 2.0, 5.0]])
    np.testing.assert_allclose(KINDS[0].probabilities(logits), [[1 / 8, 2 / 8, 5 / 8]])
    np.testing.assert_allclose(KINDS[1].probabilities(np.log([[3.0, 1 / 3]])), [[1 / 4, 1 / 2, 1 / 4]])
    np.testing.assert_allclose(ONE_LOGIT.probabilities(np.log([3.0])), [[1 / 4, 3 / 4]])
    np.testing.assert_allclose(KINDS[0].probabilities(np.array([[1e4, -1e4, 0.0]])), [[1, 0, 0]])
    assert KINDS[2].probabilities(np.array([[40.0]])).shape == (1, 0)


def test_thresholds_rise_whatever_the_steps_are():
    head = network_for(KINDS[1]).head
    with torch.no_grad():
        head.steps.copy_(torch.tensor([0.5, -3.0]))
    assert torch.allclose(head.thresholds(), torch.tensor([0.5, 0.5 + np.exp(-3.0)], dtype=torch.float32))


@pytest.mark.parametrize("outputs", KINDS, ids=lambda outputs: outputs.kind)
def test_a_view_has_one_output_and_shares_the_weights(outputs):
    network, z = network_for(outputs), week()
    assert isinstance(network, AnsweringNetwork)
    with torch.no_grad():
        answers = network(z).reshape(3, -1)
        assert answers.shape == (3, outputs.count) and network.score(z).shape == (3,)
        if outputs.kind == "classes":
            for number in range(3):
                view = network.answering(number)
                assert torch.allclose(view(z), answers[:, number], atol=1e-6) and torch.equal(view.score(z), view(z))
                assert view.head.output.weight.data_ptr() == network.head.output.weight[number].data_ptr()
            with pytest.raises(ValueError, match="the number of a class"):
                network.answering()
        else:
            assert torch.allclose(network.answering().score(z), network.score(z), atol=1e-6)
        if outputs.kind == "ordinal":
            assert torch.allclose(network.score(z)[:, None] - network.head.thresholds(), answers, atol=1e-5)


@pytest.mark.parametrize("outputs", KINDS, ids=lambda outputs: outputs.kind)
def test_integrated_gradients_sum_to_the_change_of_the_class_or_the_value(outputs):
    view, z = network_for(outputs).answering(1), week(1)[0].numpy()
    made = METHODS["integrated_gradients"].run(view, z, tolerance=0.001)
    with torch.no_grad():
        change = float(view(torch.from_numpy(z)[None]) - view(torch.zeros(1, z.size)))
    assert made.delta == pytest.approx(change, abs=1e-5) and abs(made.completeness_gap) < 0.001 * max(1.0, abs(change))
    assert np.nansum(made.values) == pytest.approx(change, abs=2e-3)


@pytest.mark.parametrize("outputs", KINDS, ids=lambda outputs: outputs.kind)
def test_a_file_brings_back_what_its_head_answers(outputs, tmp_path):
    network = network_for(outputs)
    save(tmp_path / "a.safetensors", network, has_head=True, standardizer=None, card={}, name="a", origin="own")
    back = load(tmp_path / "a.safetensors")
    assert back.outputs == outputs == back.network.outputs
    with torch.no_grad():
        assert torch.equal(back.network(week()), network(week()))


def test_a_file_whose_head_is_not_what_it_says_is_refused(tmp_path):
    network = network_for(KINDS[0])
    network.outputs = Outputs("classes", (*STAGES, "worst"))
    with pytest.raises(WeightsError, match=r"head.output.*expected float32 of shape \(4"):
        save(tmp_path / "a.safetensors", network, has_head=True, standardizer=None, card={}, name="a", origin="own")


@pytest.mark.parametrize("wrong", [{"kind": "x"}, {"kind": "classes", "classes": ["a", "b"]}, {"kind": "value", "classes": ["a", "b", "c"]},
                                   {"kind": "ordinal", "classes": ["a", "a", "b"]}, {"kind": "value", "unit": 3}])  # fmt: skip
def test_outputs_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="expected|belong"):
        Outputs.from_dict(wrong)
