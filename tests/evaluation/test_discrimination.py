"""AUC and its interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap, norm
from sklearn.metrics import roc_auc_score

from pat_core.errors import PatError
from pat_core.evaluation import auc, auc_interval, likely_range, within_folds_auc_interval
from pat_core.evaluation.discrimination import AUC_METHODS
from tests.evaluation.drawn_people import two_normals


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(-4, 4)), min_size=2, max_size=60))
def test_auc_with_ties_is_that_of_scikit_learn(rows):
    labels, scores = (np.array(part) for part in zip(*rows, strict=True))
    if labels.all() or not labels.any():
        assert np.isnan(auc(labels, scores))
    else:
        assert auc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@pytest.mark.parametrize(
    ("labels", "scores", "expected"),
    [([0, 1], [0.0, 1.0], 1.0), ([0, 1], [1.0, 0.0], 0.0), ([0, 1], [1.0, 1.0], 0.5), ([0, 0, 1, 1], [1, 3, 2, 4], 0.75)],
)
def test_auc_counts_pairs(labels, scores, expected):
    assert auc(labels, scores) == expected


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_auc_depends_on_order_alone_and_mirrors_with_the_sign(seed):
    labels, scores = two_normals(40, 0.5, seed)
    assert auc(labels, np.exp(scores)) == auc(labels, scores)
    assert auc(labels, -scores) == pytest.approx(1 - auc(labels, scores))


def test_the_interval_holds_the_value_and_is_the_same_again():
    labels, scores = two_normals(120, 1.0, 0)
    made = auc_interval(labels, scores)
    assert made == auc_interval(labels, scores)
    assert made.low < made.value < made.high
    assert made.value == auc(labels, scores)
    assert made.n == 120


@pytest.mark.parametrize(("n", "share", "area"), [(30, 0.1, 0.6), (80, 0.4, 0.76), (60, 0.3, 0.95)])
def test_the_interval_covers_the_true_area_as_often_as_it_says_and_misses_on_either_side(n, share, area):
    shift = np.sqrt(2) * norm.ppf(area)
    intervals = [auc_interval(*two_normals(n, shift, seed, share)) for seed in range(400)]
    above, below = np.mean([made.low > area for made in intervals]), np.mean([made.high < area for made in intervals])
    assert 0.92 <= 1 - above - below <= 0.995
    assert above < 0.065 and below < 0.065


@pytest.mark.parametrize("method", AUC_METHODS)
def test_all_methods_agree_where_people_are_many(method):
    labels, scores = two_normals(400, 1.0, 0)
    made, usual = auc_interval(labels, scores, method=method), auc_interval(labels, scores)
    assert (made.value, made.low, made.high) == pytest.approx((usual.value, usual.low, usual.high), abs=0.006)


def test_bca_is_that_of_scipy():
    labels, scores = two_normals(40, 1.0, 0)

    def area(positive, negative, axis):
        return (positive[..., :, None] > negative[..., None, :]).mean(axis=(-1, -2))

    other = bootstrap((scores[labels], scores[~labels]), area, vectorized=True, method="BCa", rng=1, n_resamples=4000, axis=-1)
    made = auc_interval(labels, scores, resamples=4000, method="bca")
    assert (made.low, made.high) == pytest.approx(tuple(other.confidence_interval), abs=0.015)


def test_equal_scores_and_a_single_positive_leave_much_open():
    equal = auc_interval(np.arange(20) < 10, np.zeros(20))
    assert (equal.value, equal.low, equal.high) == (0.5, pytest.approx(0.28, abs=0.03), pytest.approx(0.72, abs=0.03))
    alone = auc_interval(np.arange(20) == 15, np.arange(20))
    assert alone.low < 0.4 < alone.value < alone.high <= 1.0


def test_an_unknown_method_is_refused():
    with pytest.raises(PatError, match="logit, bca, percentile; got 'exact'"):
        auc_interval(np.array([0, 1]), np.array([0.0, 1.0]), method="exact")


def test_the_width_agrees_with_the_standard_error_of_hanley_and_mcneil():
    labels, scores = two_normals(400, 1.0, 3)
    made = auc_interval(labels, scores)
    area, positives, negatives = made.value, labels.sum(), (~labels).sum()
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (positives - 1) * (first - area**2) + (negatives - 1) * (second - area**2)) / (positives * negatives)
    assert made.high - made.low == pytest.approx(2 * 1.96 * np.sqrt(variance), rel=0.12)


def test_repeating_each_persons_week_does_not_narrow_the_interval():
    labels, scores = two_normals(60, 1.0, 1)
    people = np.arange(60)
    once = auc_interval(labels, scores, people)
    four = auc_interval(np.tile(labels, 4), np.tile(scores, 4), np.tile(people, 4))
    mistaken = auc_interval(np.tile(labels, 4), np.tile(scores, 4))
    assert (four.low, four.high, four.n) == (pytest.approx(once.low), pytest.approx(once.high), 60)
    assert mistaken.high - mistaken.low < 0.7 * (once.high - once.low)


def test_more_people_give_a_narrower_interval():
    few, many = (auc_interval(*two_normals(n, 1.0, 2)) for n in (40, 640))
    assert many.high - many.low < 0.4 * (few.high - few.low)


def test_a_perfect_order_of_few_people_is_not_certain():
    small, large = (auc_interval(np.arange(n) >= n // 2, np.arange(n)) for n in (6, 200))
    assert small.value == large.value == small.high == large.high == 1.0
    assert small.low < 0.7 < 0.95 < large.low
    reverse = auc_interval(np.arange(6) < 3, np.arange(6))
    assert (reverse.value, reverse.low, reverse.high) == (0.0, 0.0, pytest.approx(1 - small.low))


def test_one_kind_alone_has_no_area():
    made = auc_interval(np.ones(5), np.arange(5))
    assert np.isnan([made.value, made.low, made.high]).all()


@pytest.mark.parametrize(
    ("labels", "scores"), [([0, 1], [0.0]), ([], []), ([0, 1], [0.0, np.nan]), ([0, 2], [0.0, 1.0]), ([[0, 1]], [[0.0, 1.0]])]
)
def test_labels_and_scores_that_do_not_fit_are_refused_in_a_sentence(labels, scores):
    with pytest.raises(PatError, match=r"\.$"):
        auc(np.array(labels), np.array(scores))


def test_scales_that_differ_between_folds_do_not_enter():
    labels, scores = two_normals(200, 1.0, 5)
    fold = np.arange(200) % 4
    plain, each = within_folds_auc_interval(labels, scores, np.arange(200), fold)
    moved, _ = within_folds_auc_interval(labels, scores + 100 * fold, np.arange(200), fold)
    assert moved == plain
    assert auc(labels, scores + 100 * fold) != pytest.approx(plain.value, abs=0.02)
    assert each == tuple(auc(labels[fold == k], scores[fold == k]) for k in range(4))
    pairs = [labels[fold == k].sum() * (~labels[fold == k]).sum() for k in range(4)]
    assert plain.value == pytest.approx(np.average(each, weights=pairs))


def test_one_fold_is_the_plain_area_and_a_fold_of_one_kind_adds_nothing():
    labels, scores = two_normals(50, 1.0, 6)
    people = np.arange(50)
    alone, each = within_folds_auc_interval(labels, scores, people, np.zeros(50))
    assert alone == auc_interval(labels, scores, people) and each == (alone.value,)
    extra, more = within_folds_auc_interval(np.r_[labels, True], np.r_[scores, 0.0], np.arange(51), np.r_[np.zeros(50), 1])
    assert extra.value == alone.value and more == each


def test_the_range_before_a_test_is_that_of_one_pair_for_two_people_and_narrows_with_people():
    assert likely_range(0.5, [(1, 1)]) == (0.0, 1.0)
    ranges = [likely_range(0.8, [(n, 2 * n)]) for n in (3, 10, 100, 1000)]
    assert all(low < 0.8 < high for low, high in ranges) and np.all(np.diff([high - low for low, high in ranges]) < 0)
    low, high = likely_range(0.8, [(500, 500)])
    assert high - 0.8 == pytest.approx(0.8 - low)


@pytest.mark.parametrize("tested", [[(60, 40)], [(12, 8)] * 5])
def test_as_many_measured_aucs_lie_in_the_range_as_it_says(tested):
    shift, rng = 1.1902, np.random.default_rng(5)  # two normals of this distance have an AUC of 0.8
    low, high = likely_range(0.8, tested)
    inside = 0
    for _ in range(400):
        won = pairs = 0
        for positives, negatives in tested:
            difference = rng.normal(shift, 1, positives)[:, None] - rng.normal(size=negatives)
            won, pairs = won + (difference > 0).sum(), pairs + difference.size
        inside += low <= won / pairs <= high
    assert 0.92 <= inside / 400 <= 0.985


@pytest.mark.parametrize(("area", "tested"), [(0.8, []), (0.8, [(0, 5)]), (1.0, [(5, 5)]), (0.0, [(5, 5)])])
def test_a_range_of_nobody_or_of_no_area_is_refused(area, tested):
    with pytest.raises(PatError, match="people of both kinds and an area between 0 and 1"):
        likely_range(area, tested)
