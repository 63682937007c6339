"""How long a run takes at the most: sums over its trainings of what one window takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pat_core.errors import TrainingError
from pat_core.models.pat import config_for
from pat_core.training import FinetuneSettings, PretrainSettings
from pat_core.training.pace.pace_asked import Pace, PaceAsked
from pat_core.workflows.learn.pretrain_people import PretrainRequest
from pat_core.workflows.learn.time_to_expect import SOLVED_SECONDS, finetuning, pretraining
from tests.workflows.made import REQUEST
from tests.workflows.runs import with_people

PACE = Pace("cpu", reading=1.0, learning=100.0)


@pytest.fixture
def space(workspace, twenty_four, tmp_path):
    return with_people(workspace, twenty_four, tmp_path)


def expect(space, **settings):
    return finetuning(space, replace(REQUEST, settings=FinetuneSettings(**settings))).time([PACE])


def test_a_regression_reads_everyone_once_for_each_training_and_has_no_epochs(space):
    once, folds = expect(space), expect(space, folds=4)
    assert (once.epochs, once.epoch) == (0, 0.0)
    trained = 20  # of each group a fifth is tested, in whole people
    assert once.seconds == pytest.approx(24 + SOLVED_SECONDS * trained)
    assert folds.seconds == pytest.approx(5 * 24 + SOLVED_SECONDS * (3 * 24 + 24))  # four folds, and everyone for the model that is kept


def test_a_full_training_learns_from_some_and_reads_the_validation_people_in_each_epoch(space):
    time = expect(space, style="full", recipe="paper", max_epochs=7, folds=4)
    assert time.epochs == 7 * 5
    trained, held = 4 * 18 + 24, 0
    # whoever validates comes out of those who train; all that is left is tested once
    least, most = 7 * (100.0 * (0.6 * trained) + held), 7 * 100.0 * trained + 7 * 24 * 5 + 24
    assert least < time.seconds < most
    assert time.seconds == pytest.approx(7 * 5 * time.epoch + 24)


def test_a_linear_probe_in_epochs_reads_each_week_once(space):
    time = expect(space, style="linear_probe", recipe="paper", max_epochs=10)
    assert time.epochs == 10
    assert time.seconds == pytest.approx(10 * time.epoch + 24)


def test_a_baseline_learns_whole_and_is_measured_itself(space):
    request = replace(REQUEST, model="cnn_1d", settings=FinetuneSettings(style="linear_probe", recipe="paper", max_epochs=2))
    time = finetuning(space, request).here()
    assert time.device == "cpu" and time.epochs == 2 and time.seconds > 2 * time.epoch > 0


def test_a_regression_on_wavelets_takes_no_steps_and_is_not_measured(space):
    expected = finetuning(space, replace(REQUEST, model="wavelet_logistic"))
    assert expected.asked == () and expected.here() == expected.time([])
    assert (expected.here().epochs, expected.here().seconds) == (0, pytest.approx(SOLVED_SECONDS * 24))


def test_a_run_that_would_be_refused_has_no_time(space):
    with pytest.raises(TrainingError, match="20 people of each kind"):
        expect(space, folds=20)


def test_a_pretraining_learns_from_all_but_the_held_out_people_in_each_epoch(space):
    expected = pretraining(space, PretrainRequest("own", "people", settings=PretrainSettings(epochs=30)))
    assert expected.asked == (PaceAsked("pretrain", config_for("small"), 10_080, 128, "auto", 0.9),)
    time = expected.time([PACE])
    assert (time.epochs, time.epoch, time.seconds) == (30, 22 * 100 + 2, 30 * 2202)
    with pytest.raises(TrainingError, match="a patch of 1 to 1,440"):
        pretraining(space, PretrainRequest("own", "people", "custom", patch=0))
