"""Distances between weeks: symmetric, zero to itself, the same in any unit, and shares of pairs that are counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.errors import ExplanationError
from pat_core.explain import week_neighbours
from pat_core.explain.week_neighbours import cohort_nearness


@pytest.fixture
def weeks() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(12, 5))


def table(nearness) -> np.ndarray:
    return np.stack([nearness.distances(week) for week in range(len(nearness.places))])


def test_a_distance_is_symmetric_and_no_way_round_is_shorter(weeks):
    between = table(cohort_nearness(weeks, range(12)))
    np.testing.assert_array_equal(between, between.T)
    assert (np.diag(between) == 0).all() and (between[~np.eye(12, dtype=bool)] > 0).all()
    assert (between[:, None] <= between[:, :, None] + between[None] + 1e-12).all()


def test_no_number_of_an_embedding_weighs_more_for_its_unit_and_constant_ones_nothing(weeks):
    other = np.column_stack([weeks * [1, 10, 0.1, 1000, 1] + [0, 5, -3, 1e3, 0], np.full(12, 7.0)])
    np.testing.assert_allclose(table(cohort_nearness(other, range(12))), table(cohort_nearness(weeks, range(12))), rtol=1e-9)


def test_two_people_at_random_differ_by_the_root_of_two():
    many = np.random.default_rng(0).normal(size=(400, 60))
    assert cohort_nearness(many, range(400)).pairs.mean() == pytest.approx(np.sqrt(2), abs=0.02)


def test_the_share_of_nearer_pairs_is_counted(weeks):
    people = [0, 2, 4, 6, 8]
    nearness = cohort_nearness(weeks, people)
    by_hand = np.sort([table(nearness)[one, other] for one in people for other in people if one < other])
    np.testing.assert_allclose(nearness.pairs, by_hand, rtol=1e-12)
    shares = [nearness.share_nearer(distance + 1e-9) for distance in by_hand]
    np.testing.assert_allclose(shares, np.arange(1, 11) / 10)
    assert nearness.share_nearer(0) == 0 and nearness.share_nearer(1e9) == 1


def test_of_many_people_a_seeded_draw_stands_for_all_pairs(monkeypatch):
    many = np.random.default_rng(1).normal(size=(90, 8))
    whole = cohort_nearness(many, range(90))
    monkeypatch.setattr(week_neighbours, "MOST_PAIRED", 40)
    drawn = cohort_nearness(many, range(90))
    assert len(drawn.pairs) == 40 * 39 // 2 and np.array_equal(drawn.pairs, cohort_nearness(many, range(90)).pairs)
    assert abs(drawn.share_nearer(float(np.median(whole.pairs))) - 0.5) < 0.1
    np.testing.assert_array_equal(drawn.places, whole.places)


def test_too_few_people_and_people_all_alike_are_refused(weeks):
    with pytest.raises(ExplanationError, match="at least 3 people"):
        cohort_nearness(weeks, [0, 1])
    with pytest.raises(ExplanationError, match="do not differ"):
        cohort_nearness(np.ones((4, 6)), range(4))
