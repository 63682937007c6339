"""Lesson 3: what is hidden, that hidden minutes never reach the network, and the claims of the screens."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.workflows.learn.rebuilt_weeks import LINE, NETWORK, WAYS
from pat_core.workflows.lessons import lesson_masking as masking


@pytest.mark.parametrize(("first", "end", "patches"), [(0, 18, [0]), (17, 19, [0, 1]), (36, 72, [2, 3]), (10070, 10080, [559])])
def test_whole_patches_are_hidden_that_the_minutes_lie_in(first, end, patches):
    assert np.flatnonzero(masking.hide_minutes(first, end)).tolist() == patches


def test_a_gap_leaves_everything_else_as_it_was():
    week = masking.gap(2160, 2340)
    assert week.hidden.sum() == 180 and all((week.by[way] == week.z)[~week.hidden].all() for way in WAYS)


def test_hidden_minutes_never_reach_the_network():
    quiet, wild = masking.with_sport(0.0), masking.with_sport(8.0)
    assert (quiet.z != wild.z).any() and (quiet.z == wild.z)[~quiet.hidden].all()
    np.testing.assert_array_equal(quiet.output, wild.output)


def test_all_or_nothing_cannot_be_hidden():
    for hidden in (np.zeros(560, bool), np.ones(560, bool)):
        with pytest.raises(PatError, match="Hide some"):
            masking.guessed(masking.weeks()[0], hidden)


def test_what_the_screens_claim_is_in_the_errors_that_they_show():
    gaps, ratios = masking.errors()
    assert gaps.shape == (56, 3) and ratios.shape == (len(masking.RATIOS), 3)
    assert np.bincount(gaps.argmin(axis=1), minlength=3).argmax() == 0, "the network is nearest most often"
    lead = 1 - ratios[:, 0] / ratios[:, 1]
    assert lead.argmax() == len(lead) - 1 and 0 < lead[0] < lead[-1] / 3, "it is furthest ahead with most hidden"
    week = masking.masked(90)
    assert week.output[week.hidden].std() < 0.8 * week.z[week.hidden].std(), "guesses are smoother than what was measured"


def test_the_errors_are_those_of_the_network_that_is_shown():
    gaps, _ = masking.errors()
    for number in (0, 30):
        week = masking.gap(number * masking.GAP, (number + 1) * masking.GAP)
        assert gaps[number][:2] == pytest.approx([week.figures[NETWORK].mse, week.figures[LINE].mse], rel=1e-3)
