import copy

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from pat_core.errors import ExplanationError
from pat_core.explain import explain
from pat_core.explain.attention_reading import attention_entropy, attention_received, block_inputs, encode, one_week
from pat_core.explain.methods.alti import alti_map
from pat_core.explain.methods.one_block import attention_matrix, authors_map, value_norm_map
from pat_core.explain.methods.rollout import gradient_rollout_map, rollout_map
from tests.explain.closed_forms import AUTHORS, BOUND
from tests.explain.numpy_statement import numpy_attention
from tests.lively import lively

MAPS = {
    "authors": authors_map,
    "rollout": rollout_map,
    "gradient_rollout": gradient_rollout_map,
    "value_norm": value_norm_map,
    "alti": alti_map,
}
every_map = pytest.mark.parametrize("run", MAPS.values(), ids=MAPS)


def some_week(patches: int = 30, seed: int = 0, more: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=18 * patches + more).astype(np.float32)


class Largest(TorchDispatchMode):
    """The most numbers any tensor holds that torch makes meanwhile."""

    numbers = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        made = operation(*args, **(kwargs or {}))
        for tensor in made if isinstance(made, tuple | list) else (made,):
            if isinstance(tensor, torch.Tensor):
                self.numbers = max(self.numbers, tensor.numel())
        return made


@pytest.mark.parametrize("closed_form", AUTHORS.values(), ids=AUTHORS)
def test_closed_forms_of_the_authors_map(closed_form):
    assert closed_form() <= BOUND


@pytest.mark.parametrize(("size", "block"), [("small", 0), ("medium", 0), ("medium", 1), ("medium", -1)])
def test_the_authors_map_of_any_block_equals_its_numpy_statement(size, block):
    network, week = lively(size), some_week(40)
    summed = numpy_attention(network, week, block % network.config.blocks).sum(axis=1).mean(axis=0)  # over queries, then heads
    made = authors_map(network, week, block=block)
    np.testing.assert_allclose(made.values.reshape(40, 18)[:, 0] / 40, summed / summed.sum(), atol=1e-6)
    assert made.settings["block"] == block % network.config.blocks


@pytest.mark.parametrize("head", [0, 4, -1])
def test_the_authors_map_of_one_head_equals_its_numpy_statement(head):
    network, week = lively("small"), some_week(40)
    made = authors_map(network, week, head=head)
    np.testing.assert_allclose(made.values.reshape(40, 18)[:, 0], numpy_attention(network, week)[head].sum(axis=0), atol=2e-5)
    assert made.settings["head"] == head % 6 and f"head {head % 6 + 1} of 6" in made.note


def test_the_mean_over_heads_can_be_asked_for_by_name_and_is_the_mean_of_the_heads_maps():
    network, week = lively("small"), some_week()
    heads = np.mean([authors_map(network, week, head=head).values for head in range(6)], axis=0)
    np.testing.assert_allclose(authors_map(network, week, head="mean").values, heads, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"block": 2}, "This model has 2 blocks"),
        ({"block": -3}, "This model has 2 blocks"),
        ({"block": "last"}, "This model has 2 blocks"),
        ({"head": 12}, "This model has 12 heads"),
        ({"head": 0.5}, "This model has 12 heads"),
        ({"head": True}, "This model has 12 heads"),
    ],
)
def test_a_block_or_head_that_there_is_not_is_refused_with_how_many_there_are(settings, sentence):
    with pytest.raises(ExplanationError, match=sentence):
        authors_map(lively("medium"), some_week(), **settings)


@every_map
@pytest.mark.parametrize("embedding", ["linear", "conv"])
def test_every_map_has_mean_one_is_never_below_zero_and_is_one_value_a_patch(run, embedding):
    made = run(lively("medium", embedding), some_week(30, more=7))
    covered = made.values[:540].reshape(30, 18)
    assert np.isnan(made.values[540:]).all()
    assert (covered == covered[:, :1]).all() and covered.min() >= 0 and np.ptp(covered) > 1e-3
    assert covered.mean() == pytest.approx(1.0, abs=1e-5)
    assert (made.kind, made.resolution, made.flag) == ("attention", 18, "")


@every_map
def test_single_precision_gives_the_map_of_double_precision(run):
    network, week = lively("medium"), some_week()
    double = run(copy.deepcopy(network).double(), week).values
    np.testing.assert_allclose(run(network, week).values, double, atol=1e-3 * np.nanmax(double))


@every_map
def test_a_network_left_in_training_mode_gives_the_same_map_and_is_not_changed(run):
    network, week = lively("medium"), some_week()
    before, expected = copy.deepcopy(network.state_dict()), run(network, week).values
    network.train()
    np.testing.assert_array_equal(run(network, week).values, expected)
    assert all(module.training for module in network.modules())
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(parameter.grad is None and parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize("run", [*MAPS.values(), attention_matrix], ids=[*MAPS, "matrix"])
def test_the_weights_of_a_whole_block_are_never_formed(run):
    network, patches = lively("medium"), 300
    with Largest() as largest:
        run(network, some_week(patches))
    assert 0 < largest.numbers < 12 * patches * patches


@every_map
def test_a_week_with_gaps_and_several_weeks_at_once_are_refused_in_a_sentence(run):
    gaps = some_week()
    gaps[5:8] = np.nan
    with pytest.raises(ExplanationError, match="3 of the 540 minutes"):
        run(lively(), gaps)
    with pytest.raises(ExplanationError, match="one week at a time"):
        run(lively(), np.stack([some_week(), some_week()]))


@every_map
def test_a_cancelled_map_stops(run):
    class Stopped(Exception):
        pass

    class Stop:
        def at(self, fraction, message):
            raise Stopped

    with pytest.raises(Stopped):
        run(lively(), some_week(), progress=Stop())


@pytest.mark.parametrize("embedding", ["linear", "conv"])
def test_walking_the_blocks_one_at_a_time_leaves_the_encoders_tokens(embedding):
    network, week = lively("medium", embedding), some_week()
    with torch.no_grad():
        walked = block_inputs(network.encoder, one_week(network, week))
        np.testing.assert_allclose(walked[-1], network.encoder(torch.from_numpy(week)[None])[0], atol=1e-5)
    assert len(walked) == 3


def test_received_attention_has_mean_one_in_every_block_and_head():
    weeks = np.random.default_rng(0).normal(size=(5, 18 * 20)).astype(np.float32)
    received = attention_received(lively("medium").encoder, weeks)
    assert received.shape == (2, 5, 12, 20)
    np.testing.assert_allclose(received.mean(axis=-1), 1.0, atol=1e-5)


def test_people_read_together_and_alone_give_the_same_tokens_and_attention():
    network = lively("small")
    weeks = np.random.default_rng(3).normal(size=(6, 18 * 10)).astype(np.float32)
    tokens, received = encode(network.encoder, weeks)
    for person in range(6):
        alone, seen = encode(network.encoder, weeks[person])
        np.testing.assert_allclose(tokens[person], alone[0], atol=1e-5)
        np.testing.assert_allclose(received[:, person], seen[:, 0], atol=1e-5)


@every_map
def test_a_map_of_a_week_shorter_than_one_patch_is_refused_in_a_sentence(run):
    with pytest.raises(ExplanationError, match="18 minutes"):
        run(lively(), np.zeros(17, dtype=np.float32))


@pytest.mark.parametrize("method", ["rollout", "authors", "integrated_gradients"])
def test_a_week_shorter_than_one_patch_is_refused_in_a_sentence(method):
    with pytest.raises(ExplanationError, match="18 minutes"):
        explain(lively(), np.zeros(17, dtype=np.float32), method, has_head=True)


def test_entropy_is_one_where_attention_is_even_and_that_of_the_weights_elsewhere():
    network = lively("small", seed=3)
    z = np.stack([some_week(seed=seed) for seed in range(3)])
    tokens, patches = [], 30

    def read(block, weights):
        p = weights.double().numpy()
        tokens.append((-(p * np.log(p)).sum(-1) / np.log(patches)).mean((1, 2)))

    with torch.no_grad():
        network.encoder(torch.from_numpy(z), read)
    np.testing.assert_allclose(attention_entropy(network.encoder, z), tokens, rtol=1e-5)
    with torch.no_grad():
        for block in network.encoder.blocks:
            for parameter in block.attention.parameters():
                parameter.zero_()
    np.testing.assert_allclose(attention_entropy(network.encoder, z), 1.0, atol=1e-6)
