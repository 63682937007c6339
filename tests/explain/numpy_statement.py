"""PAT's attention stated once more, in float64 NumPy, from a network's weights alone: what the readers of attention are held to."""

from __future__ import annotations

import numpy as np


def numpy_attention(network, week: np.ndarray, block: int = 0) -> np.ndarray:
    """softmax(Q K^T / sqrt(96)) of one block of a linear PAT, for one standardized week (minutes,): (heads, query, key)."""
    state = {name: value.detach().double().cpu().numpy() for name, value in network.state_dict().items()}
    patch, heads = network.config.patch, network.config.heads
    patches = week[: week.size // patch * patch].reshape(-1, patch).astype(np.float64)
    tokens = _dense(state, "encoder.patches.projection", patches)
    angle = np.arange(len(tokens))[:, None] * np.exp(np.arange(0, 96, 2) * (-np.log(10000.0) / 96))
    tokens = tokens + np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    for before in range(block):
        tokens = _block(state, f"encoder.blocks.{before}", tokens, heads)
    return _weights(state, f"encoder.blocks.{block}", tokens, heads)


def _dense(state, name: str, x: np.ndarray) -> np.ndarray:
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def _norm(state, name: str, x: np.ndarray) -> np.ndarray:
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-6) * state[f"{name}.weight"] + state[f"{name}.bias"]


def _weights(state, name: str, tokens: np.ndarray, heads: int) -> np.ndarray:
    query, key = (_dense(state, f"{name}.attention.{part}", tokens).reshape(len(tokens), heads, 96) for part in ("query", "key"))
    made = []
    for head in range(heads):
        score = query[:, head] @ key[:, head].T / np.sqrt(96)
        weights = np.exp(score - score.max(axis=1, keepdims=True))
        made.append(weights / weights.sum(axis=1, keepdims=True))
    return np.stack(made)


def _block(state, name: str, tokens: np.ndarray, heads: int) -> np.ndarray:
    weights = _weights(state, name, tokens, heads)
    value = _dense(state, f"{name}.attention.value", tokens).reshape(len(tokens), heads, 96)
    mixed = np.concatenate([weights[head] @ value[:, head] for head in range(heads)], axis=1)
    tokens = _norm(state, f"{name}.norm1", tokens + _dense(state, f"{name}.attention.output", mixed))
    hidden = np.maximum(_dense(state, f"{name}.feed_forward1", tokens), 0)
    return _norm(state, f"{name}.norm2", tokens + _dense(state, f"{name}.feed_forward2", hidden))
