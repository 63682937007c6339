import numpy as np
import pytest

from pat_core.errors import ExplanationError
from pat_core.explain.methods.one_block import attention_matrix, authors_map, heads_overview
from tests.explain.closed_forms import BOUND, MATRIX, N, small_network, week
from tests.explain.numpy_statement import numpy_attention
from tests.lively import lively


@pytest.mark.parametrize("closed_form", MATRIX.values(), ids=MATRIX)
def test_closed_forms_of_the_matrix(closed_form):
    assert closed_form() <= BOUND


@pytest.mark.parametrize(("block", "head"), [(0, None), (1, 0), (-1, 1), (0, "mean")])
def test_without_pooling_it_is_the_attention_in_multiples_of_the_uniform_level(block, head):
    network = small_network()
    weights = numpy_attention(network, week(), block % 2)
    made = attention_matrix(network, week(), block=block, head=head)
    expected = weights.mean(axis=0) if head in (None, "mean") else weights[head]
    np.testing.assert_allclose(made.values, expected * N, atol=1e-6)
    assert (made.block, made.head) == (block % 2, None if head == "mean" else head)
    assert (made.patches, made.patches_a_cell, made.patch, made.heads, made.blocks) == (N, 1, 18, 2, 2)


def test_each_cell_is_the_mean_over_its_patches_and_the_last_holds_what_is_left():
    network = small_network()
    full = attention_matrix(network, week()).values
    made = attention_matrix(network, week(), side=3)  # 12 patches, 4 a cell
    np.testing.assert_allclose(made.values, full.reshape(3, 4, 3, 4).mean(axis=(1, 3)), atol=1e-6)
    uneven = attention_matrix(network, week(), side=5)  # 3 a cell would be 4 cells
    assert uneven.patches_a_cell == 3 and uneven.values.shape == (4, 4)
    rest = attention_matrix(network, week(11), side=5)  # 3 + 3 + 3 + 2
    assert rest.patches_in.tolist() == [3, 3, 3, 2]
    np.testing.assert_allclose(rest.values[-1, -1], attention_matrix(network, week(11)).values[9:, 9:].mean(), atol=1e-6)


def test_a_whole_week_is_pooled_to_a_side_of_at_most_140():
    made = attention_matrix(lively("small"), np.random.default_rng(0).normal(size=10080).astype(np.float32))
    assert made.values.shape == (140, 140) and made.patches_a_cell == 4
    assert made.values.dtype == np.float32 and made.values.min() >= 0
    np.testing.assert_allclose(made.values.astype(np.float64).mean(axis=1), 1.0, atol=1e-5)


def test_its_columns_are_the_authors_map():
    network = small_network()
    columns = attention_matrix(network, week(), block=0, head=1).values.mean(axis=0)
    np.testing.assert_allclose(columns, authors_map(network, week(), block=0, head=1).values.reshape(N, 18)[:, 0], atol=1e-5)


def test_the_overview_is_every_heads_received_attention():
    network = small_network()
    overview = heads_overview(network, week())
    assert overview.shape == (2, 2, N)
    for block in range(2):
        np.testing.assert_allclose(overview[block], numpy_attention(network, week(), block).sum(axis=1), atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({"block": 7}, "2 blocks"), ({"head": 2}, "2 heads"), ({"head": "first"}, "2 heads"), ({"side": 0}, "1 cell")],
)
def test_what_the_model_does_not_have_is_refused_in_a_sentence(settings, sentence):
    with pytest.raises(ExplanationError, match=sentence):
        attention_matrix(small_network(), week(), **settings)
