"""Lesson 4: what its numbers mean in closed form, and the claims of the screens against the arrays that they show."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.workflows.lessons import lesson_attention as attention


def test_an_even_share_is_one_and_a_favourite_gets_all():
    even = np.full((2, 5, 5), 0.2)
    np.testing.assert_allclose(attention.received_by(even), 1.0)
    np.testing.assert_allclose(attention.evenness(even), 1.0)
    favourite = np.zeros((1, 5, 5))
    favourite[..., 3] = 1.0
    np.testing.assert_allclose(attention.received_by(favourite), [[0, 0, 0, 5, 0]])
    np.testing.assert_allclose(attention.evenness(favourite), 0.0)


def test_maps_that_are_alike_correlate_by_one():
    ramp = np.arange(6.0)
    assert attention.alike(np.stack([ramp, 2 * ramp + 1, ramp - 3])) == pytest.approx(1.0)
    assert attention.alike(np.stack([ramp, -ramp])) == pytest.approx(-1.0)


def test_every_query_gives_all_of_its_attention():
    weights = attention.weights()
    assert weights.shape == (6, 560, 560)
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0, atol=1e-5)
    assert attention.alike(weights.mean(axis=0)[::14]) > 0.6, "most queries look at the same patches"
    even = attention.evenness(weights)
    assert even.max() > 0.97 > 0.9 > even.min() and attention.alike(attention.received_by(weights)) < 0.6


def test_the_map_that_is_kept_is_that_of_the_model_that_is_shown():
    computed = attention.received_by(attention.weights().mean(axis=0))
    np.testing.assert_allclose(attention.two_models().received[0, 0], computed, rtol=2e-3, atol=2e-3)


def test_two_models_have_equal_scores_and_other_maps():
    two = attention.two_models()
    assert two.aucs.difference.low < 0 < two.aucs.difference.high and abs(two.aucs.difference.value) < 0.02
    assert (np.abs(two.logits[0] - two.logits[1])[two.rows] < attention.ALIKE).all() and two.positive[two.rows].all()
    shared = [two.shared(person) for person in range(attention.SHOWN)]
    assert len(two.rows) == attention.SHOWN and max(shared) < 0.6 and 0.3 < np.mean(shared) < 0.6


def test_attention_leans_to_what_was_planted_and_most_of_it_lies_elsewhere():
    two = attention.two_models()
    planted = two.evidence.reshape(attention.SHOWN, attention.TOKENS, attention.PATCH).mean(axis=2) > 0.5
    share = np.mean([two.received[0, one][planted[one]].sum() / attention.TOKENS for one in range(attention.SHOWN)])
    assert 1.2 * planted.mean() < share < 0.5


def test_taking_out_what_a_map_names_moves_the_score_more_than_chance():
    changes = attention.two_models().changes.mean(axis=(0, 1))
    assert (changes[:, 0] == 0).all()
    attended, raising, random = changes[:, attention.TAKEN.index(80)]
    assert raising < attended < 4 * random < 0
