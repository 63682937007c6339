"""How long an explanation by clock takes: known from a few of its weeks, whose maps are kept."""

from __future__ import annotations

import pytest

from pat_core.models.pat import PatConfig
from pat_core.training.pace.measured_pace import measured
from pat_core.training.pace.pace_asked import Pace, PaceAsked
from pat_core.workflows.elsewhere.answers_elsewhere import weeks_of_groups, weeks_to_explain
from pat_core.workflows.elsewhere.time_to_explain import FEW, explaining, predicting
from pat_core.workflows.explanations.cohort_by_clock import METHOD
from pat_core.workflows.explanations.week_maps import kept_map
from tests.workflows.elsewhere.made import clock_request, prediction_request, with_model


@pytest.fixture
def space(twenty_four, tmp_path):
    return with_model(tmp_path, twenty_four)


def test_here_some_weeks_are_explained_and_kept(space):
    request = clock_request(space)
    first, before = explaining(space, request).here(), len(weeks_to_explain(space, request)[1])
    assert (first.device, first.epochs, first.at_most) == ("cpu", 0, False) and first.seconds > 0 and before < 24
    explaining(space, request).here()
    assert len(weeks_to_explain(space, request)[1]) == 2 * before - 24


def test_elsewhere_it_is_the_gradients_that_maps_take_times_the_seconds_of_one(space):
    request = clock_request(space)
    expected = explaining(space, request)
    assert expected.asked == (PaceAsked("explain", PatConfig("custom", 360, 2, 1), 10_080),)
    time = expected.time([Pace("cpu", 10.0, 0.0)])
    model, weeks = weeks_of_groups(space, request)
    passes = [kept_map(space, model, one.read(), METHOD).evaluations for one in weeks[:FEW]]
    assert time.seconds == pytest.approx((24 - FEW) * 10.0 * sum(passes) / FEW) and len(weeks_to_explain(space, request)[1]) == 24 - FEW
    assert expected.time([Pace("cpu", 10.0, 0.0)]) == time, "the maps of the first weeks are read back"


def test_a_gradient_is_measured_of_what_has_a_score(space):
    for network in (PatConfig("custom", 360, 2, 1), "cnn_1d"):
        pace = measured(PaceAsked("explain", network, 2880))
        assert pace.device == "cpu" and pace.reading > 0


def test_a_prediction_reads_every_week_that_has_none_once(space):
    expected = predicting(space, prediction_request(space))
    assert [(one.activity, one.minutes) for one in expected.asked] == [("learn by the head", 10_080)]
    assert expected.time([Pace("cpu", 2.0, 9.0)]).seconds == 48.0 and expected.here().seconds > 0
