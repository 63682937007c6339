"""What other variables predict, and what the score adds."""

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.evaluation import adjustment_check


def people(seed, score_is_age, n=400):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2 == 0
    age = rng.normal(size=n) + labels
    score = (age if score_is_age else labels) + rng.normal(size=n)
    variables = np.column_stack([age, rng.integers(0, 2, n)])
    variables[::9, 1] = np.nan
    return labels, score, variables


def test_a_score_that_only_knows_age_adds_nothing_to_age():
    made = adjustment_check(*people(0, True))
    assert made.score.value > 0.6 and made.gain.low < 0 and made.gain.high < 0.02
    assert (made.positives, made.negatives, made.complete) == (200, 200, 400 - 45)


def test_a_score_of_its_own_adds_something_whatever_the_scale_of_its_folds():
    labels, score, variables = people(1, False)
    made = adjustment_check(labels, score, variables)
    assert made.gain.low > 0 and made.p < 0.01 and made.gain.value == pytest.approx(made.both.value - made.variables.value)
    fold = np.arange(400) % 5
    moved = adjustment_check(labels, score * (1 + fold) + 30 * fold, variables, fold=fold)
    assert moved.both.value == pytest.approx(adjustment_check(labels, score, variables, fold=fold).both.value)


def test_variables_that_do_not_fit_are_refused():
    with pytest.raises(PatError, match="Each of the 2 scores needs a row of variables"):
        adjustment_check(np.array([0, 1]), np.array([0.0, 1.0]), np.zeros(2))
