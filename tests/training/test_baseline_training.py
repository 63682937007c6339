"""Each baseline learns a difference that was planted, through the same code as a PAT."""

import numpy as np
import pytest

from pat_core.errors import TrainingError
from pat_core.models.baselines import FAMILIES, BaselineConfig
from pat_core.models.baselines.baseline_network import untrained
from pat_core.records import COUNTS
from pat_core.training import FinetuneSettings, LabelledWeeks
from pat_core.training.finetuning import finetune
from pat_core.training.target import Target
from pat_core.training.trainee import STRENGTHS

MINUTES, PEOPLE = 1440, 60
RATES = {"lstm": 1e-2, "cnn_1d": 3e-3, "cnn_3d": 1e-3, "conv_lstm": 1e-3}
EPOCHS = {"lstm": 4, "conv_lstm": 4}


@pytest.fixture(scope="module")
def people():
    """A day each; of two fifths an hour in the afternoon, and the last minutes, are far more active."""
    rng = np.random.default_rng(2)
    positive = rng.permutation(np.arange(PEOPLE) < 24)
    weeks = rng.gamma(2.0, 50.0, size=(PEOPLE, MINUTES)).astype(np.float32)
    weeks[positive, 900:960] *= 4.0
    weeks[positive, -60:] *= 4.0
    return LabelledWeeks(weeks, positive, np.array([f"p{number}" for number in range(PEOPLE)]), COUNTS, "people")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_baseline_learns_what_was_planted(family, people, tmp_path):
    start = untrained(BaselineConfig(family), 0)
    settings = FinetuneSettings(
        "full", learning_rate=RATES.get(family), max_epochs=EPOCHS.get(family, 8), patience=8, batch=12, recipe="paper"
    )
    done = finetune(start, people, settings, tmp_path)
    assert done.test_auc.value > 0.8
    assert done.network.config == BaselineConfig(family, MINUTES) and not done.network.training
    assert [step for step, name, _ in done.curves if name == "validation AUC"] == list(
        range(1, (done.trained[-1].fitted.epochs or len(STRENGTHS)) + 1)
    )


def test_a_regression_is_held_back_as_the_validation_people_call_for_and_is_the_same_again(people, tmp_path):
    start = untrained(BaselineConfig("wavelet_logistic", smoothed=True), 0)
    one, other = (finetune(start, people, FinetuneSettings("full", recipe="paper"), tmp_path / name) for name in "ab")
    np.testing.assert_array_equal(one.test_outputs, other.test_outputs)
    best = max(value for _, name, value in one.curves if name == "validation AUC")
    fitted = one.trained[-1].fitted
    assert fitted.best_value == best and fitted.epochs == 0 and fitted.stopped.startswith("a logistic regression with C = ")


def test_more_than_two_classes_are_refused_in_a_sentence(people, tmp_path):
    ages = LabelledWeeks(
        people.weeks, np.empty(0, bool), people.people, COUNTS, "people", target=np.arange(PEOPLE, dtype=float), task=Target("age", "value")
    )
    with pytest.raises(TrainingError, match="tells two groups apart"):
        finetune(untrained(BaselineConfig("cnn_1d"), 0), ages, FinetuneSettings("full"), tmp_path)
