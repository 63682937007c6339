"""Values and ordered levels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from pat_core.errors import PatError
from pat_core.evaluation import auc, ordinal_figures, value_figures
from pat_core.evaluation.kinds.value_figures import rank_correlation


def ages(n, seed):
    rng = np.random.default_rng(seed)
    observed = rng.normal(50, 15, n)
    return observed, 20 + 0.6 * observed + rng.normal(0, 8, n)


def test_figures_of_values_are_those_of_scikit_learn_and_scipy():
    observed, predicted = ages(70, 0)
    made, line = value_figures(observed, predicted, resamples=300), stats.linregress(predicted, observed)
    assert made.mae.value == pytest.approx(metrics.mean_absolute_error(observed, predicted))
    assert made.rmse.value == pytest.approx(metrics.root_mean_squared_error(observed, predicted))
    assert made.r2.value == pytest.approx(metrics.r2_score(observed, predicted))
    assert (made.slope.value, made.intercept.value) == pytest.approx((line.slope, line.intercept))
    assert made.pearson.value == pytest.approx(stats.pearsonr(observed, predicted).statistic)
    assert made.spearman.value == pytest.approx(stats.spearmanr(observed, predicted).statistic)
    assert made.bias.value == pytest.approx((predicted - observed).mean())
    for name in ("mae", "rmse", "r2", "bias", "slope", "intercept", "pearson", "spearman"):
        part = getattr(made, name)
        assert part.low < part.value < part.high


def test_the_interval_of_the_mean_error_is_about_students():
    observed, predicted = ages(120, 1)
    made, error = value_figures(observed, predicted).bias, predicted - observed
    assert (made.low, made.high) == pytest.approx(tuple(stats.ttest_1samp(error, 0).confidence_interval()), abs=0.2)


def test_answering_the_mean_explains_nothing_and_has_no_correlation():
    observed, _ = ages(40, 2)
    made = value_figures(observed, np.full(40, observed.mean()), resamples=50)
    assert made.r2.value == pytest.approx(0) and np.isnan([made.pearson.value, made.spearman.value, made.slope.value]).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3)), min_size=3, max_size=15))
def test_rank_correlation_with_weights_is_that_of_rows_as_often(rows):
    first, second, weights = (np.array(part) for part in zip(*rows, strict=True))
    a, b = np.repeat(first, weights), np.repeat(second, weights)
    value = rank_correlation(first, second, weights[None].astype(float))[0]
    if len(set(a.tolist())) > 1 and len(set(b.tolist())) > 1:
        assert value == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-9)
    else:
        assert np.isnan(value)


def levels(n, seed):
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 4, n)
    return true, true + rng.normal(0, 1.2, n)


def test_ordinal_figures_are_counted_by_hand():
    true, scores = levels(60, 0)
    called = np.clip(scores.round(), 0, 3)
    made = ordinal_figures(true, scores, called, resamples=200)
    pairs = [(i, j) for i in range(60) for j in range(60) if true[i] > true[j]]
    assert made.concordance.value == pytest.approx(np.mean([scores[i] > scores[j] for i, j in pairs]))
    assert made.spearman.value == pytest.approx(stats.spearmanr(true, scores).statistic)
    assert made.weighted_kappa.value == pytest.approx(metrics.cohen_kappa_score(true, called.astype(int), weights="quadratic"))
    assert made.people == tuple(np.bincount(true))
    for part in (made.concordance, made.spearman, made.weighted_kappa):
        assert part.low < part.value < part.high


def test_two_levels_are_the_auc_and_folds_keep_to_themselves():
    true, scores = levels(60, 1)
    two, fold = (true > 1).astype(int), np.arange(60) % 3
    assert ordinal_figures(two, scores, resamples=20).concordance.value == pytest.approx(auc(two, scores))
    plain, moved = (ordinal_figures(true, s, fold=fold, resamples=20) for s in (scores, scores + 90 * fold))
    assert moved == plain and plain.weighted_kappa is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: value_figures(np.array([1.0, np.nan]), np.array([1.0, 2.0])),
        lambda: value_figures(np.array([1.0]), np.array([1.0, 2.0])),
        lambda: ordinal_figures(np.array([0.5, 1.0]), np.array([1.0, 2.0])),
        lambda: ordinal_figures(np.array([1, 1]), np.array([1.0, 2.0])),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(call):
    with pytest.raises(PatError, match=r"\.$"):
        call()
