"""Groups compared by ranks: closed forms, what holds whatever the data, and how often intervals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pat_core.evaluation.group_difference import FEWEST, POINTS, corrected, density, group_difference, group_spread, median_interval

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60).map(np.array)
P = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_the_median_of_six_lies_between_the_least_and_the_greatest_and_of_fewer_nowhere():
    six = median_interval(np.array([3.0, 1, 2, 6, 5, 4]))
    assert (six.value, six.low, six.high, six.n) == (3.5, 1.0, 6.0, 6), "1 - 2 / 2^6 = 0.97 of the time"
    five = median_interval(np.arange(5.0))
    assert five.value == 2 and np.isnan(five.low) and np.isnan(five.high), "1 - 2 / 2^5 = 0.94"
    ten = median_interval(np.append(np.arange(1.0, 11), np.nan))
    assert (ten.low, ten.high, ten.n) == (2.0, 9.0, 10), "the second smallest and largest: 0.979"
    assert np.isnan(median_interval(np.array([])).value)


def test_the_interval_holds_the_median_at_least_as_often_as_it_promises():
    rng = np.random.default_rng(3)
    inside = [interval.low <= np.log(2) <= interval.high for interval in (median_interval(rng.exponential(size=31)) for _ in range(2000))]
    assert 0.95 <= np.mean(inside) <= 0.985


@given(NUMBERS)
def test_a_median_lies_within_its_interval_and_turns_over_with_its_values(values):
    interval, turned = median_interval(values), median_interval(-values)
    assert turned.value == pytest.approx(-interval.value) and interval.n == len(values)
    if np.isfinite(interval.low):
        assert interval.low <= interval.value <= interval.high and (turned.low, turned.high) == (-interval.high, -interval.low)


def test_a_difference_is_mann_whitneys_and_its_size_is_the_share_of_pairs():
    rng = np.random.default_rng(0)
    one, other = rng.normal(1, 1, 40), rng.normal(0, 2, 30)
    both = group_difference(np.append(one, np.nan), other)
    assert both.p == stats.mannwhitneyu(one, other).pvalue and (both.first, both.second) == (40, 30)
    assert both.higher.value == pytest.approx(np.mean(one[:, None] > other)) and both.higher.low < both.higher.value < both.higher.high
    assert group_difference(other, one).higher.value == pytest.approx(1 - both.higher.value)


def test_small_groups_are_not_tested_and_equal_values_differ_in_nothing():
    few = group_difference(np.arange(FEWEST - 1.0), np.arange(50.0))
    assert not few.tested and np.isnan(few.higher.value) and (few.first, few.second) == (FEWEST - 1, 50)
    same = group_difference(np.ones(20), np.ones(20))
    assert same.p == 1 and same.higher.value == 0.5


def test_corrections_are_those_of_the_papers():
    p = [0.01, 0.02, 0.03, 0.04, float("nan")]
    adjusted, stepwise = corrected(p)
    np.testing.assert_allclose(adjusted, [0.04, 0.04, 0.04, 0.04, np.nan])
    np.testing.assert_allclose(stepwise, [0.04, 0.06, 0.06, 0.06, np.nan])
    assert np.isnan(corrected([float("nan")])[0]).all() and corrected([0.2])[1][0] == 0.2


@given(P)
def test_corrected_values_are_no_smaller_keep_their_order_and_holms_are_the_stricter(p):
    adjusted, stepwise = corrected(p)
    order = np.argsort(p, kind="stable")
    assert (adjusted >= np.array(p) - 1e-12).all() and (stepwise >= adjusted - 1e-12).all() and (stepwise <= 1).all()
    assert (np.diff(adjusted[order]) >= -1e-12).all() and (np.diff(stepwise[order]) >= -1e-12).all()


def test_a_density_is_highest_where_values_are_and_a_spread_counts_who_is_missing():
    grid = np.linspace(0, 10, POINTS)
    hill = density(np.random.default_rng(0).normal(7, 0.5, 300), grid)
    assert hill.max() == 1 and grid[hill.argmax()] == pytest.approx(7, abs=0.4) and hill[0] < 1e-6
    assert density(np.full(5, 3.0), grid).sum() == 1 and density(np.array([]), grid).sum() == 0
    spread = group_spread("f", np.array([1.0, 2, 3, np.nan]), grid)
    assert (spread.people, spread.missing, spread.middle) == (3, 1, (1.5, 2.5)) and len(spread.values) == 3
    assert len(group_spread("f", np.arange(100.0), grid).values) == 0, "many people are a hill alone"
