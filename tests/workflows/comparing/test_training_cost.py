"""How long a comparison takes at the most: a sum over the trainings that are missing, each model measured once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pat_core.cohorts import Workspace
from pat_core.models.pat import config_for
from pat_core.training import FinetuneSettings
from pat_core.training.pace.pace_asked import Pace, PaceAsked
from pat_core.workflows.comparing.compare_cells import comparison
from pat_core.workflows.comparing.compare_request import ALL, CompareRequest, Groups
from pat_core.workflows.comparing.training_cost import comparing
from pat_core.workflows.learn.time_to_expect import SOLVED_SECONDS
from pat_core.workflows.people.simulated_people import store_simulated

LATE = Groups("late wake", "planted")
REQUEST = CompareRequest(
    "a table", "people", (LATE,), ("pat-s-simulated", "cnn_1d", "wavelet_logistic"), ("full", "linear_probe"), (30, ALL), 2,
    settings=FinetuneSettings("full", max_epochs=7),
)  # fmt: skip
FULL, PROBE, BASELINE = (Pace("cpu", 1.0, 100.0), Pace("cpu", 2.0, 0.0), Pace("cpu", 3.0, 300.0))
LEARNED, TESTED = (30, 48), 12
"""People to learn from at each size, those who validate among them; and who tests."""


@pytest.fixture(scope="module")
def space(tmp_path_factory, simulated) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("cost") / "workspace")
    store_simulated(workspace, "people", simulated)
    return workspace


def test_each_training_uses_all_of_its_epochs_and_each_model_is_measured_once(space):
    expected = comparing(space, comparison(space, REQUEST))
    small = config_for("small")
    assert expected.asked == (
        PaceAsked("learn", small, 10_080, 16), PaceAsked("learn by the head", small, 10_080, 16), PaceAsked("learn", "cnn_1d", 10_080, 16),
    )  # fmt: skip
    time = expected.time([FULL, PROBE, BASELINE])
    assert (time.device, time.epochs, time.epoch) == ("cpu", 2 * 2 * 2 * 7, 0.0)
    seconds = 0.0
    for people in LEARNED:
        for pace in (FULL, BASELINE):
            seconds += 7 * (0.8 * people * pace.learning + 0.2 * people * pace.reading) + TESTED * pace.reading
        seconds += (people + TESTED) * PROBE.reading + people * SOLVED_SECONDS
        seconds += 3 * (people + TESTED) * SOLVED_SECONDS  # wavelets, and two floors
    assert time.seconds == pytest.approx(2 * seconds)


def test_what_is_solved_at_once_is_not_measured(space):
    expected = comparing(space, comparison(space, replace(REQUEST, models=("wavelet_logistic",), sizes=(ALL,), seeds=1)))
    assert expected.asked == () and expected.here().seconds == pytest.approx(3 * 60 * SOLVED_SECONDS)


def test_a_baseline_is_measured_here(space):
    time = comparing(space, comparison(space, replace(REQUEST, models=("cnn_1d",), sizes=(30,), seeds=1))).here()
    assert time.device == "cpu" and time.epochs == 7 and time.seconds > 3 * 42 * SOLVED_SECONDS
