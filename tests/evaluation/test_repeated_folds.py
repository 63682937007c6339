"""The AUC of repeated cross-validation."""

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import ttest_1samp

from pat_core.errors import PatError
from pat_core.evaluation import corrected_interval, repeated_auc, within_folds_auc_interval
from tests.evaluation.drawn_people import two_normals


def repeated(repeats, noise, n=60, k=5):
    """Rows of every person in every repeat: folds and a noise of their own."""
    labels, scores = two_normals(n, 1.0, 0)
    rng = np.random.default_rng(1)
    people, repeat = np.tile(np.arange(n), repeats), np.repeat(np.arange(repeats), n)
    fold = np.concatenate([rng.permutation(np.arange(n) % k) for _ in range(repeats)])
    return np.tile(labels, repeats), np.tile(scores, repeats) + noise * rng.normal(size=n * repeats), people, fold, repeat


def test_one_repeat_is_plain_cross_validation():
    labels, scores, people, fold, repeat = repeated(1, 0.0)
    made, (plain, folds) = repeated_auc(labels, scores, people, fold, repeat), within_folds_auc_interval(labels, scores, people, fold)
    assert made.auc == plain and made.folds == (folds,) and made.repeats == (plain.value,) and np.isnan(made.between_repeats)
    widths = [np.diff(logit([part.low, part.high]))[0] for part in (made.auc, made.corrected)]
    assert widths[1] == pytest.approx(widths[0] * np.sqrt(1 + 5 / 4))


def test_one_model_has_no_recipe_to_speak_of():
    labels, scores, people, _, repeat = repeated(1, 0.0)
    assert repeated_auc(labels, scores, people, np.zeros(60), repeat).corrected is None


def test_the_same_scores_again_add_nothing():
    labels, scores, people, fold, repeat = repeated(1, 0.0)
    four = repeated_auc(*(np.tile(part, 4) for part in (labels, scores, people, fold)), np.repeat(np.arange(4), 60))
    plain = repeated_auc(labels, scores, people, fold, repeat).auc
    assert (four.auc.low, four.auc.high, four.auc.n) == (pytest.approx(plain.low), pytest.approx(plain.high), 60)
    assert four.between_repeats == pytest.approx(0, abs=1e-12)


def test_repeats_that_differ_widen_the_interval():
    made = repeated_auc(*repeated(3, 0.8))
    assert made.auc.value == pytest.approx(np.mean(made.repeats)) and made.between_repeats == pytest.approx(np.std(made.repeats, ddof=1))
    assert made.auc.low < made.auc.value < made.auc.high
    assert made.corrected.value == made.auc.value and np.shape(made.folds) == (3, 5)


def test_the_corrected_interval_is_students_but_for_its_factor():
    values = np.array([0.7, 0.8, 0.75, 0.9, 0.6])
    plain, made = ttest_1samp(values, 0).confidence_interval(0.95), corrected_interval(values, 0.2)
    assert made.high - made.low == pytest.approx((plain.high - plain.low) * np.sqrt((1 / 5 + 0.25) / (1 / 5)))
    assert made.value == pytest.approx(0.75)


def test_what_has_no_auc_is_refused():
    with pytest.raises(PatError, match="no fold with people of both kinds"):
        repeated_auc(np.array([0, 1]), np.array([0.0, 1.0]), np.arange(2), np.arange(2), np.zeros(2))
    with pytest.raises(PatError, match="at least two figures"):
        corrected_interval(np.array([0.7]), 0.2)
