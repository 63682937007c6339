"""A threshold's table is what counting people by hand gives."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.evaluation.operating_curves import operating_curves

LABELS = np.array([1, 0, 1, 0, 0], bool)
SHARES = np.array([0.9, 0.6, 0.6, 0.2, 0.1])


def test_each_threshold_counts_the_people_from_it_on():
    curves = operating_curves(LABELS, SHARES)
    for place, threshold in enumerate(curves.threshold):
        called = threshold <= SHARES
        assert curves.sensitivity[place] == pytest.approx(called[LABELS].mean())
        assert curves.specificity[place] == pytest.approx((~called)[~LABELS].mean())
        assert curves.flagged[place] == pytest.approx(called.mean())
        if called.any():
            assert curves.precision[place] == pytest.approx(LABELS[called].mean())
            net = (called & LABELS).mean() - (called & ~LABELS).mean() * threshold / (1 - threshold)
            assert curves.net_benefit[place] == pytest.approx(net)
    assert curves.flagged[0] == 1 and curves.flagged[-1] == 0 and np.isnan(curves.precision[-1])


def test_the_benefit_of_treating_everyone_is_that_of_a_threshold_below_all():
    curves = operating_curves(LABELS, SHARES, prevalence=0.1)
    np.testing.assert_allclose(curves.treat_all[0], 0.1)
    below = curves.flagged == 1
    np.testing.assert_allclose(curves.net_benefit[below], curves.treat_all[below])


def test_many_people_give_a_table_of_bounded_length_and_one_group_none():
    rng = np.random.default_rng(0)
    curves = operating_curves(rng.random(5000) < 0.5, rng.random(5000), most=50)
    assert 50 <= len(curves.threshold) <= 52 and (np.diff(curves.threshold) > 0).all()
    with pytest.raises(PatError, match="people of both groups"):
        operating_curves(np.ones(3, bool), np.full(3, 0.5))
