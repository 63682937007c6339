import numpy as np
import pytest

from pat_core.errors import ExplanationError
from pat_core.explain import attention_received, encode, explain
from tests.lively import lively


def numpy_attention(network, week: np.ndarray) -> np.ndarray:
    """The authors' statement in NumPy for one block: (heads, query, key)."""
    state = {name: value.double().numpy() for name, value in network.state_dict().items()}
    patches = week.reshape(-1, 18).astype(np.float64)
    tokens = patches @ state["encoder.patches.projection.weight"].T + state["encoder.patches.projection.bias"]
    angle = np.arange(len(tokens))[:, None] * np.exp(np.arange(0, 96, 2) * (-np.log(10000.0) / 96))
    tokens = tokens + np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    heads = []
    for head in range(6):
        rows = slice(head * 96, (head + 1) * 96)
        query, key = (
            tokens @ state[f"encoder.blocks.0.attention.{name}.weight"][rows].T + state[f"encoder.blocks.0.attention.{name}.bias"][rows]
            for name in ("query", "key")
        )
        score = query @ key.T / np.sqrt(96)
        weights = np.exp(score - score.max(axis=1, keepdims=True))
        heads.append(weights / weights.sum(axis=1, keepdims=True))
    return np.stack(heads)


def test_the_authors_map_equals_its_numpy_statement():
    network = lively("small")
    week = np.random.default_rng(0).normal(size=18 * 40).astype(np.float32)
    summed = numpy_attention(network, week).sum(axis=1).mean(axis=0)  # over queries, then the mean over heads
    share = summed / summed.sum()
    made = explain(network, week, "authors", has_head=False)
    np.testing.assert_allclose(made.values.reshape(40, 18)[:, 0] / 40, share, atol=1e-6)


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


@pytest.mark.parametrize("method", ["rollout", "authors", "integrated_gradients"])
def test_a_week_shorter_than_one_patch_is_refused_in_a_sentence(method):
    with pytest.raises(ExplanationError, match="18 minutes"):
        explain(lively(), np.zeros(17, dtype=np.float32), method, has_head=True)
