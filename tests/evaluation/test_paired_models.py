"""DeLong's test, the paired bootstrap and the permutation test."""

import numpy as np
import pytest
from scipy.stats import brunnermunzel, norm

from pat_core.errors import PatError
from pat_core.evaluation import auc, paired_aucs, permutation_test
from pat_core.evaluation.discrimination import auc_parts
from pat_core.evaluation.resampling import sample_of
from tests.evaluation.drawn_people import two_normals


def both(n, seed, first=1.2, second=0.6):
    labels, common = two_normals(n, 0.0, seed)
    rng = np.random.default_rng(seed + 1)
    return labels, common + rng.normal(size=n) + first * labels, common + rng.normal(size=n) + second * labels


def test_the_variance_is_delongs_by_its_definition():
    labels, first, second = both(30, 0)
    first = np.round(first)  # with ties
    made = paired_aucs(labels, first, second, resamples=20)
    covariances = []
    wins = [(s[labels][:, None] > s[~labels]) + 0.5 * (s[labels][:, None] == s[~labels]) for s in (first, second)]
    for axis in (1, 0):
        parts = np.array([win.mean(axis) for win in wins])
        covariances.append(np.cov(parts) / parts.shape[1])
    contrast = np.array([1, -1])
    spread = np.sqrt(contrast @ sum(covariances) @ contrast)
    assert made.z == pytest.approx((auc(labels, first) - auc(labels, second)) / spread)
    assert made.p == pytest.approx(2 * norm.sf(abs(made.z)))


def test_the_variance_of_one_auc_is_that_of_brunner_and_munzel():
    labels, scores = two_normals(50, 1.0, 2)
    parts = auc_parts(labels, scores, sample_of(50, None, labels), [np.arange(50)])
    expected = brunnermunzel(scores[~labels], scores[labels]).statistic
    assert (parts.value - 0.5) / np.sqrt(sum(parts.variances)) == pytest.approx(expected)


def test_a_better_model_is_better_and_the_mirror_is_worse():
    labels, first, second = both(300, 1, 1.5, 0.5)
    made, mirror = paired_aucs(labels, first, second), paired_aucs(labels, second, first)
    assert made.difference.low > 0 and made.p < 0.01 and made.difference.value == pytest.approx(made.first - made.second)
    assert (mirror.z, mirror.p) == (pytest.approx(-made.z), pytest.approx(made.p))
    assert mirror.difference.low == pytest.approx(-made.difference.high, abs=0.01)


def test_alike_models_are_rarely_told_apart():
    p = [paired_aucs(*both(60, 10 * seed, 0.8, 0.8), resamples=2).p for seed in range(200)]
    assert 0.01 <= np.mean(np.array(p) < 0.05) <= 0.09


def test_a_model_beside_itself_has_no_difference():
    labels, scores = two_normals(40, 1.0, 0)
    made = paired_aucs(labels, scores, scores)
    assert (made.difference.value, made.difference.low, made.difference.high) == (0, 0, 0) and np.isnan(made.p)


def test_scales_of_folds_do_not_enter_and_further_weeks_add_nothing():
    labels, first, second = both(120, 3)
    fold, people = np.arange(120) % 3, np.arange(120)
    plain = paired_aucs(labels, first, second, people, fold, resamples=100)
    assert paired_aucs(labels, first + 50 * fold, second - 9 * fold, people, fold, resamples=100) == plain
    twice = paired_aucs(*(np.tile(part, 2) for part in (labels, first, second, people, fold)), resamples=100)
    assert twice.z == pytest.approx(plain.z)
    with pytest.raises(PatError, match="people of both kinds"):
        paired_aucs(labels[labels], first[labels], second[labels])


def test_shuffled_labels_reach_a_high_auc_rarely_and_a_chance_one_often():
    labels, scores = two_normals(60, 1.5, 0)
    made = permutation_test(labels, scores, draws=500)
    assert made.p == pytest.approx(1 / 501) and made.chance_low < 0.5 < made.chance_high < made.auc
    p = [permutation_test(*two_normals(30, 0.0, seed), draws=99, seed=seed).p for seed in range(300)]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.09


def test_the_spread_by_chance_is_that_of_the_rank_sum():
    labels, scores = two_normals(60, 0.0, 1)
    made = permutation_test(labels, scores, draws=4000)
    positives, negatives = labels.sum(), (~labels).sum()
    spread = np.sqrt((positives + negatives + 1) / (12 * positives * negatives))
    assert made.chance_high - made.chance_low == pytest.approx(2 * 1.96 * spread, rel=0.06)


def test_labels_are_shuffled_in_pieces_as_in_one(monkeypatch):
    labels, scores = two_normals(60, 0.5, 5)
    once = permutation_test(labels, scores, fold=np.arange(60) % 3, draws=301)
    monkeypatch.setattr("pat_core.evaluation.paired_models.SHUFFLED_AT_ONCE", 100)
    assert permutation_test(labels, scores, fold=np.arange(60) % 3, draws=301) == once


def test_a_persons_weeks_are_shuffled_together_and_within_folds():
    labels, scores = two_normals(60, 0.5, 4)
    people, fold = np.arange(60), np.arange(60) % 3
    once = permutation_test(labels, scores, people, fold, draws=300)
    three = permutation_test(*(np.tile(part, 3) for part in (labels, scores, people, fold)), draws=300)
    assert (three.auc, three.p) == (pytest.approx(once.auc), once.p)
    with pytest.raises(PatError, match="each person in one fold"):
        permutation_test(labels, scores, np.arange(60) % 30, np.arange(60) // 30)
