"""People drawn anew, and BCa intervals."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from pat_core.errors import PatError
from pat_core.evaluation.resampling import bca_intervals, drawn, sample_of


def means(x):
    return lambda weights: np.column_stack([weights @ x / weights.sum(1), weights @ x**2 / weights.sum(1)])


def test_bca_of_several_figures_is_that_of_scipy():
    x = np.random.default_rng(0).exponential(size=30)
    made = bca_intervals(means(x), sample_of(30, None), resamples=6000)
    for figure, values in zip(made, (x, x**2), strict=True):
        other = bootstrap((values,), np.mean, method="BCa", n_resamples=6000, rng=1).confidence_interval
        assert (figure.low, figure.high) == pytest.approx(tuple(other), rel=0.04)
        assert (figure.value, figure.n) == (pytest.approx(values.mean()), 30)


def test_people_are_drawn_whole_and_within_their_kind():
    people, labels = np.array(["c", "a", "b", "a", "c", "d"]), np.array([0, 1, 0, 1, 0, 1])
    sample = sample_of(6, people, labels)
    weights = np.concatenate(list(drawn(sample, 50, 0)))
    assert (weights[:, 0] == weights[:, 4]).all() and (weights[:, 1] == weights[:, 3]).all()
    assert (weights[:, 1] + weights[:, 5] == 2).all() and (weights[:, 0] + weights[:, 2] == 2).all()
    assert sample.summed(np.arange(6)).tolist() == [4, 2, 4, 5] and not sample.single


def test_a_constant_has_a_point_and_what_has_no_value_has_none():
    constant, missing = bca_intervals(lambda w: np.column_stack([np.ones(len(w)), np.full(len(w), np.nan)]), sample_of(9, None), 20)
    assert (constant.low, constant.value, constant.high) == (1, 1, 1)
    assert np.isnan([missing.low, missing.value, missing.high]).all()


def test_more_people_than_are_left_out_one_by_one_have_about_the_same_interval(monkeypatch):
    x = np.random.default_rng(0).exponential(size=400)
    plain = bca_intervals(means(x), sample_of(400, None), 1000)[0]
    monkeypatch.setattr("pat_core.evaluation.resampling.MOST_LEFT_OUT", 40)
    grouped = bca_intervals(means(x), sample_of(400, None), 1000)[0]
    assert (grouped.low, grouped.high) == pytest.approx((plain.low, plain.high), rel=0.02)


def test_of_very_many_people_fewer_are_drawn(monkeypatch):
    monkeypatch.setattr("pat_core.evaluation.resampling.MOST_WEIGHTS", 1000)
    sample = sample_of(40, None)
    assert sum(len(weights) for weights in drawn(sample, 1000, 0)) == 200
    assert sum(len(weights) for weights in drawn(sample, 3, 0)) == 3


def test_people_who_do_not_fit_are_refused():
    with pytest.raises(PatError, match="Each of the 3 rows needs a person; got 2"):
        sample_of(3, np.arange(2))
