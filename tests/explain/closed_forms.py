"""Closed forms of the attention maps: plain functions, each giving the largest difference from what algebra demands.

Tests hold each to `BOUND`; a benchmark prints them. `CLOSED_FORMS` names them all, in the order of the methods.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from pat_core.explain.attention_reading import mean_row, rows_to_one
from pat_core.explain.methods.alti import alti_map, contributions, nearness
from pat_core.explain.methods.one_block import attention_matrix, authors_map, norms, value_norm_map
from pat_core.explain.methods.rollout import FUSIONS, chefer, fuse, gradient_rollout_map, rollout, rollout_map, stochastic
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded

BOUND = 1e-6
N, HEADS, TOKEN = 12, 3, 5


def far(found: Tensor | np.ndarray, expected: Tensor | np.ndarray | float) -> float:
    return float(np.abs(np.asarray(found) - np.asarray(expected)).max())


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def random_attention(seed: int, *, heads: int = HEADS) -> Tensor:
    """(heads, N, N), rows sum to 1."""
    return torch.softmax(2 * drawn(seed, heads, N, N), dim=-1)


UNIFORM = torch.full((N, N), 1.0 / N, dtype=torch.float64)
IDENTITY = torch.eye(N, dtype=torch.float64)
PERMUTATION = IDENTITY[torch.randperm(N, generator=torch.Generator().manual_seed(0))]
ON_ONE_TOKEN = torch.zeros(N, N, dtype=torch.float64)
ON_ONE_TOKEN[:, TOKEN] = 1.0


def small_network(blocks: int = 2, *, seed: int = 0) -> Classifier:
    """Two heads, float64, every bias and norm away from its starting value."""
    network = seeded(lambda: Classifier(PatConfig("custom", patch=18, heads=2, blocks=blocks)), seed).eval().double()
    with torch.no_grad():
        for index, (name, value) in enumerate(network.named_parameters()):
            if "norm" in name or "bias" in name:
                value += 0.1 * drawn(seed + index, *value.shape)
    return network


def evenly_attending(blocks: int = 2) -> Classifier:
    """All queries are 0, so every patch attends to all alike; all values are one, so that what is carried is alike too."""
    network = small_network(blocks)
    with torch.no_grad():
        for block in network.encoder.blocks:
            block.attention.query.weight.zero_()
            block.attention.query.bias.zero_()
            block.attention.value.weight.zero_()
    return network


def week(patches: int = N, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=patches * 18)


def rollout_of_uniform() -> float:
    return max(
        far(rollout([UNIFORM.expand(HEADS, N, N)] * blocks, fusion=fusion, discard=discard), 1 / N)
        for blocks in (1, 2, 4)
        for fusion in FUSIONS
        for discard in (0.0, 0.5)
    )


def rollout_of_identity() -> float:
    return max(far(rollout([IDENTITY] * blocks), 1 / N) for blocks in (1, 3))


def permutation_without_residual() -> float:
    return max(far(mean_row([PERMUTATION] * blocks), 1 / N) for blocks in (1, 2, 3))


def rollout_of_all_on_one_token() -> float:
    worst = 0.0
    for blocks in (1, 2, 4):
        expected = np.full(N, 2.0**-blocks / N)
        expected[TOKEN] += 1 - 2.0**-blocks
        worst = max(worst, *(far(rollout([ON_ONE_TOKEN.expand(HEADS, N, N)] * blocks, fusion=fusion), expected) for fusion in FUSIONS))
    return worst


def rollout_rows_sum_to_one() -> float:
    """Of the matrix of every fusion and discard ratio, and of the mean row of their product."""
    worst = 0.0
    for fusion in FUSIONS:
        for discard in (0.0, 0.3, 0.9, 0.999):
            heads = [random_attention(seed) for seed in range(3)]
            for block in heads:
                worst = max(worst, far(stochastic(fuse(block, fusion), fusion, discard)[0].sum(dim=-1), 1.0))
            worst = max(worst, far(rollout(heads, fusion=fusion, discard=discard).sum(), 1.0))
    return worst


def rollout_against_the_product_of_matrices() -> float:
    """Later blocks on the left, and R formed, as `rollout` never does."""
    blocks = [random_attention(seed).mean(dim=0) for seed in range(3)]
    formed = IDENTITY
    for block in blocks:
        formed = (block / 2 + IDENTITY / 2) @ formed
    return far(rollout(blocks), formed.mean(dim=0))


def one_block_is_half_the_authors_map() -> float:
    """r = a/2 + 1/(2N), as levels: half the authors' map and a half."""
    network = small_network(1)
    return far(rollout_map(network, week()).values, authors_map(network, week()).values / 2 + 0.5) / N


def network_that_attends_evenly(run: Callable[..., object]) -> Callable[[], float]:
    def measured() -> float:
        return max(far(run(evenly_attending(blocks), week()).values, 1.0) / N for blocks in (1, 2))

    return measured


def chefer_of_nothing() -> float:
    return far(chefer([torch.zeros(N, N, dtype=torch.float64)] * 3), 0.0)


def chefer_of_powers() -> float:
    """A matrix with A A = A gives (I + A)^L = I + (2^L - 1) A: uniform, identity, and all on one token; a permutation gives 2^L / N."""
    worst = 0.0
    for blocks in (1, 2, 4):
        more = 2.0**blocks - 1
        for matrix in (UNIFORM, IDENTITY, ON_ONE_TOKEN):
            worst = max(worst, far(chefer([matrix] * blocks), more * matrix.mean(dim=0)))
        worst = max(worst, far(chefer([PERMUTATION] * blocks), more / N))
    return worst


def chefer_against_the_product_of_matrices() -> float:
    blocks = [random_attention(seed).mean(dim=0) * drawn(seed, N, N).relu() for seed in range(3)]
    formed = IDENTITY
    for block in blocks:
        formed = formed + block @ formed
    return far(chefer(reversed(blocks)), formed.mean(dim=0) - 1 / N)


def zero_gradient() -> float:
    """A head that does not read the tokens: the map is zero."""
    network = small_network()
    with torch.no_grad():
        network.head.output.weight.zero_()
    return far(gradient_rollout_map(network, week()).values, 0.0)


def value_norm_of(attention: Tensor) -> Tensor:
    carried = drawn(7, HEADS, N, 96)
    return mean_row([rows_to_one(norms(attention.expand(HEADS, N, N), carried))[0]])


def value_norm_of_identity_and_permutation() -> float:
    """A row with one entry is that entry, however large what it carries."""
    return max(far(value_norm_of(matrix), 1 / N) for matrix in (IDENTITY, PERMUTATION))


def value_norm_of_all_on_one_token() -> float:
    return far(value_norm_of(ON_ONE_TOKEN), np.eye(N)[TOKEN])


def value_norm_of_equal_values() -> float:
    """With one head and values alike it is the attention itself."""
    attention = random_attention(3, heads=1)
    carried = drawn(1, 96).expand(1, N, 96)
    return far(rows_to_one(norms(attention, carried))[0], attention[0])


def alti_of_one_share() -> float:
    """Where token k's share is all of y, c is |y| for k and 0 for the shares that are nothing."""
    made = drawn(2, N, 96)
    split = torch.zeros(N, N, 96, dtype=torch.float64)
    split[TOKEN] = made
    return far(rows_to_one(nearness(split, made))[0], ON_ONE_TOKEN)


def alti_of_equal_shares() -> float:
    """N shares of y / N each are equally near."""
    made = drawn(2, N, 96)
    return far(rows_to_one(nearness((made / N).expand(N, N, 96).clone(), made))[0], 1 / N)


def alti_of_equal_tokens() -> float:
    """Equal tokens differ only in where their residual lies: the mean over rows is 1/N."""
    block = small_network(1).encoder.blocks[0]
    tokens = drawn(4, 96).expand(N, 96).contiguous()
    return far(mean_row([rows_to_one(contributions(block, tokens))[0]] * 2), 1 / N)


def matrix_rows() -> float:
    """Mean 1 a row, weighted by the patches in a cell where the last cell holds fewer."""
    worst = 0.0
    for side in (12, 6, 5, 1):
        for head in (None, 1):
            made = attention_matrix(small_network(), week(), head=head, side=side)
            worst = max(worst, far(np.average(made.values.astype(np.float64), axis=1, weights=made.patches_in), 1.0))
    return worst


ROLLOUT = {
    "uniform attention gives 1/N": rollout_of_uniform,
    "attention to oneself changes nothing": rollout_of_identity,
    "a permutation without residual gives 1/N": permutation_without_residual,
    "all rows on one token": rollout_of_all_on_one_token,
    "rows sum to 1 for every fusion and discard ratio": rollout_rows_sum_to_one,
    "the product of matrices, later blocks on the left": rollout_against_the_product_of_matrices,
    "one block is a/2 + 1/(2N)": one_block_is_half_the_authors_map,
    "a network that attends evenly, rollout": network_that_attends_evenly(rollout_map),
}
AUTHORS = {"a network that attends evenly, authors' map": network_that_attends_evenly(authors_map)}
GRADIENT_ROLLOUT = {
    "no gradient gives 0": chefer_of_nothing,
    "powers of I + A": chefer_of_powers,
    "the product of I + A, later blocks on the left": chefer_against_the_product_of_matrices,
    "a head that reads nothing gives 0": zero_gradient,
    "a network that attends evenly, gradient rollout": network_that_attends_evenly(gradient_rollout_map),
}
VALUE_NORM = {
    "identity and permutation give 1/N": value_norm_of_identity_and_permutation,
    "all on one token, value norm": value_norm_of_all_on_one_token,
    "equal values leave the attention": value_norm_of_equal_values,
    "a network that attends evenly, value norm": network_that_attends_evenly(value_norm_map),
}
ALTI = {
    "one share is everything": alti_of_one_share,
    "equal shares are equally near": alti_of_equal_shares,
    "equal tokens give 1/N": alti_of_equal_tokens,
    "a network that attends evenly and carries nothing, ALTI": network_that_attends_evenly(alti_map),
}
MATRIX = {"rows of the matrix have mean 1": matrix_rows}
CLOSED_FORMS: dict[str, Callable[[], float]] = {**ROLLOUT, **AUTHORS, **GRADIENT_ROLLOUT, **VALUE_NORM, **ALTI, **MATRIX}
