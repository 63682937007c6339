import numpy as np
import pytest
from scipy.stats import false_discovery_control

from pat_core.errors import ExplanationError
from pat_core.explain.by_clock import cohort_by_clock

DAY, WEEK = 1440, 10080


def people(count: int, minutes: int = 2 * DAY, seed: int = 0) -> np.ndarray:
    return (0.01 * np.random.default_rng(seed).normal(size=(count, minutes))).astype(np.float32)


def halves(count: int) -> np.ndarray:
    return np.arange(count) % 2 == 0


def test_a_days_bins_sum_to_each_maps_sum_divided_by_its_days():
    values = people(6, 3 * DAY)
    made = cohort_by_clock(values, np.full(6, 480), None, resamples=20)
    assert made.cases.mean.shape == (48,)
    assert made.cases.mean.sum() == pytest.approx(values.sum(dtype=np.float64) / 6 / 3, rel=1e-6)


def test_over_a_week_each_bin_is_the_mean_of_that_half_hour_of_the_week():
    values = people(4, WEEK)
    made = cohort_by_clock(values, np.zeros(4, int), None, over="week", resamples=20)
    np.testing.assert_allclose(made.cases.mean, values.reshape(4, 336, 30).sum(axis=2).mean(axis=0), atol=1e-6)
    assert made.starts[0] == 0 and made.starts[-1] == WEEK - 30


@pytest.mark.parametrize(("over", "bins"), [("day", 48), ("week", 336)])
def test_people_who_start_at_different_times_are_aligned_to_the_clock(over, bins):
    starts = np.array([0, 700, 1441, 9000])
    values = np.zeros((4, WEEK), np.float32)
    for row, start in zip(values, starts, strict=True):
        row[(np.arange(WEEK) + start) % WEEK == 3 * DAY + 615] = 7.0  # one minute: Thursday 10:15, wherever the recording begins
    made = cohort_by_clock(values, starts, None, over=over, resamples=20)
    expected = np.zeros(bins)
    expected[20 if over == "day" else 3 * 48 + 20] = 1.0 if over == "day" else 7.0
    np.testing.assert_allclose(made.cases.mean, expected, atol=1e-6)


def test_minutes_without_a_value_are_left_out_and_do_not_count_as_zero():
    values = np.ones((2, 2 * DAY), np.float32)
    values[:, :30] = np.nan
    made = cohort_by_clock(values, np.zeros(2, int), None, resamples=20)
    np.testing.assert_allclose(made.cases.mean, 30.0)
    values[:, DAY : DAY + 30] = np.nan
    made = cohort_by_clock(values, np.zeros(2, int), None, resamples=20)
    assert np.isnan(made.cases.mean[0]) and np.isnan(made.cases.low[0]) and np.isfinite(made.cases.mean[1:]).all()


def test_a_planted_difference_in_one_bin_is_found_there_alone():
    values, group = people(40), halves(40)
    values[group, 600:630] += 0.02
    values[group, DAY + 600 : DAY + 630] += 0.02
    made = cohort_by_clock(values, np.zeros(40, int), group)
    assert np.flatnonzero(made.differs).tolist() == [20]
    assert made.difference.mean[20] == pytest.approx(0.6, abs=0.1) and made.difference.low[20] > 0
    assert made.people == (20, 20) and "1 of 48 windows" in made.words


def test_a_difference_under_a_twentieth_of_the_largest_mean_is_very_small_however_sure():
    values, group = people(40) * 1e-3, halves(40)
    values += 0.1  # 3 logits a bin in both groups
    values[group, 600:630] += 0.0049
    values[group, DAY + 600 : DAY + 630] += 0.0049
    values[group, 900:930] += 0.02
    values[group, DAY + 900 : DAY + 930] += 0.02
    made = cohort_by_clock(values, np.zeros(40, int), group)
    assert made.differs[20] and made.very_small[20] and made.differs[30] and not made.very_small[30]
    assert "very small (under 5 % of the largest mean)" in made.words
    assert cohort_by_clock(values, np.zeros(40, int), None, resamples=20).very_small is None


def test_a_single_bin_of_a_whole_week_can_still_be_found():
    values, group = people(24, WEEK), halves(24)
    values[group, 5000:5100] -= 0.03
    made = cohort_by_clock(values, np.zeros(24, int), group, over="week", resamples=200)
    assert made.permutations >= 336 / 0.05
    assert made.differs[167:170].all() and made.differs.sum() <= 5 and (made.difference.mean[167:170] < 0).all()


def test_without_a_difference_little_is_found():
    found = [cohort_by_clock(people(20, DAY, seed), np.zeros(20, int), halves(20), resamples=300, seed=seed) for seed in range(30)]
    assert sum(bool(made.differs.any()) for made in found) <= 5  # 5 % of 30 are 1.5
    p = np.concatenate([made.p for made in found])
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.02) and np.mean(p) == pytest.approx(0.5, abs=0.05)


def test_the_p_values_are_corrected_after_benjamini_and_hochberg():
    made = cohort_by_clock(people(12), np.zeros(12, int), halves(12), level=0.2)
    np.testing.assert_allclose(made.adjusted, false_discovery_control(made.p))
    np.testing.assert_array_equal(made.differs, made.adjusted <= 0.2)


def test_every_exchange_of_four_people_gives_the_exact_p():
    values = np.repeat(np.float32([1, 2, 3, 10])[:, None], DAY, axis=1)
    group = np.array([False, False, True, True])  # |difference| 5; of the 6 divisions two reach it: this one and its mirror image
    made = cohort_by_clock(values, np.zeros(4, int), group, resamples=20000)
    assert made.p[0] == pytest.approx(2 / 6, abs=0.01)


def test_bands_hold_the_means_and_narrow_with_more_people():
    few, many = people(10, DAY, 3), people(160, DAY, 3)
    for values in (few, many):
        made = cohort_by_clock(values, np.zeros(len(values), int), halves(len(values)))
        for band in (made.cases, made.controls, made.difference):
            assert (band.low <= band.mean).all() and (band.mean <= band.high).all()
    wide, narrow = (cohort_by_clock(values, np.zeros(len(values), int), None).cases for values in (few, many))
    assert np.mean(narrow.high - narrow.low) < 0.4 * np.mean(wide.high - wide.low)


def test_changing_the_groups_over_changes_the_sign_and_keeps_the_seeded_result():
    values, group = people(14), halves(14)
    one, again = (cohort_by_clock(values, np.zeros(14, int), group, seed=5) for _ in range(2))
    other = cohort_by_clock(values, np.zeros(14, int), ~group, seed=5)
    np.testing.assert_array_equal(one.p, again.p)
    np.testing.assert_array_equal(one.cases.low, again.cases.low)
    np.testing.assert_allclose(one.difference.mean, -other.difference.mean, atol=1e-12)


def test_one_group_has_no_test():
    made = cohort_by_clock(people(3), np.zeros(3, int), None, resamples=20)
    assert made.controls is made.difference is made.p is made.adjusted is made.differs is None and made.people == (3, 0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"group": np.array([True, False, False, False])}, "at least 2 people in each group; got 1 and 3"),
        ({"bin": 7}, "divides a day"),
        ({"over": "month"}, "'day' or 'week'"),
        ({"start_minutes": np.zeros(3, int)}, "Every person needs"),
        ({"start_minutes": np.full(4, WEEK)}, "minute of the week"),
        ({"start_minutes": np.full(4, np.nan)}, "minute of the week"),
    ],
)
def test_what_does_not_fit_together_is_refused(change, sentence):
    asked = {"values": people(4), "start_minutes": np.zeros(4, int), "group": halves(4)} | change
    with pytest.raises(ExplanationError, match=sentence):
        cohort_by_clock(**asked)
