"""Figures of hidden minutes, and the two ways to fill them that need no network."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from pat_core.errors import PatError
from pat_core.evaluation.reconstruction import from_mean_day, interpolated, reconstruction_figures


def test_figures_are_of_hidden_minutes_alone():
    week, rebuilt = np.array([1.0, 2.0, 3.0, 50.0]), np.array([2.0, 2.0, 2.0, 0.0])
    made = reconstruction_figures(week, rebuilt, np.array([True, True, True, False]))
    assert (made.minutes, made.mse, made.mae, made.r2) == (3, pytest.approx(2 / 3), pytest.approx(2 / 3), 0.0)
    assert np.isnan(made.r), "what was rebuilt does not vary"


def test_perfect_is_1_and_worse_than_the_mean_is_below_0():
    rng = np.random.default_rng(0)
    week, hidden = rng.normal(size=300), rng.random(300) < 0.5
    assert reconstruction_figures(week, week, hidden).r2 == reconstruction_figures(week, week, hidden).r == pytest.approx(1)
    backwards = reconstruction_figures(week, -week, hidden)
    assert backwards.r2 < -2 and backwards.r == pytest.approx(-1)
    other = rng.normal(size=300)
    assert reconstruction_figures(week, other, hidden).r == pytest.approx(pearsonr(week[hidden], other[hidden])[0])
    assert np.isnan(reconstruction_figures(np.ones(4), np.arange(4.0), np.ones(4, bool)).r2)


def test_a_line_joins_visible_minutes_and_ends_as_they_end():
    week, hidden = np.array([9.0, 1.0, 9.0, 9.0, 4.0, 9.0]), np.array([True, False, True, True, False, True])
    np.testing.assert_allclose(interpolated(week, hidden), [1, 1, 2, 3, 4, 4])


def test_the_mean_day_is_that_of_other_days_and_bridges_minutes_that_no_day_shows():
    days = np.stack([np.full(1440, day, float) for day in (1.0, 2.0, 6.0)])
    days[:, 700] = (100.0, 200.0, 300.0)
    hidden = np.zeros((3, 1440), bool)
    hidden[2, 600:720] = True
    filled = from_mean_day(days.ravel(), hidden.ravel()).reshape(3, 1440)
    assert (filled[2, 600:700] == 1.5).all() and filled[2, 700] == 150 and filled[2, 800] == 6
    hidden[:, 0] = hidden[:, 1439] = True  # around midnight
    np.testing.assert_allclose(from_mean_day(days.ravel(), hidden.ravel())[[0, 1439]], 3)


def test_nothing_hidden_and_nothing_visible_are_refused():
    with pytest.raises(PatError, match="at least one hidden"):
        reconstruction_figures(np.ones(4), np.ones(4), np.zeros(4, bool))
    for fill in (interpolated, from_mean_day):
        with pytest.raises(PatError, match="Every minute is hidden"):
            fill(np.ones(4), np.ones(4, bool))
