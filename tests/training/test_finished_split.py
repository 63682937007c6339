"""A split that is done is read back, on this machine or another, and nothing of it is computed again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pat_core.records import COUNTS
from pat_core.training import LabelledWeeks, one_split
from pat_core.training.checkpoint import FINISHED
from pat_core.training.finetuning import finetune
from pat_core.training.recipes import FinetuneSettings
from pat_core.weights import random_model


def labelled(simulated):
    return LabelledWeeks(simulated.weeks[:, :1800], simulated.positive, np.array(simulated.participants), COUNTS, "simulated people")


SETTINGS = {
    "regression": FinetuneSettings("linear_probe", folds=2),
    "head in epochs": FinetuneSettings("linear_probe", folds=2, recipe="paper", max_epochs=3, learning_rate=1e-2),
    "all": FinetuneSettings("full", max_epochs=1),
}


@pytest.mark.parametrize("style", SETTINGS)
def test_what_is_done_is_not_done_again(simulated, tmp_path, monkeypatch, style):
    data, start = labelled(simulated), random_model("small").network
    first = finetune(start, data, SETTINGS[style], tmp_path)

    def computed(*of: object, **settings: object) -> None:
        raise AssertionError("a finished split was computed again")

    for name in ("embed", "fit", "fit_probe"):
        monkeypatch.setattr(one_split, name, computed)
    again = finetune(start, data, SETTINGS[style], tmp_path)
    np.testing.assert_array_equal(again.test_outputs, first.test_outputs)
    assert again.curves == first.curves and again.figures == first.figures and again.device == first.device
    for one, other in zip(again.trained, first.trained, strict=True):
        ours, theirs = one.network.state_dict(), other.network.state_dict()
        assert all((ours[name] == theirs[name]).all() for name in ours)
        assert (one.probe and (one.probe.strength, one.probe.losses)) == (other.probe and (other.probe.strength, other.probe.losses))
        assert (one.fitted and vars(replace(one.fitted, best={}))) == (other.fitted and vars(replace(other.fitted, best={})))


def test_another_training_and_a_damaged_file_are_no_reason_not_to_train(simulated, tmp_path):
    data, start = labelled(simulated), random_model("small").network
    first = finetune(start, data, SETTINGS["regression"], tmp_path)
    other = finetune(start, data, replace(SETTINGS["regression"], seed=3), tmp_path)
    assert not np.array_equal(first.test_rows, other.test_rows)
    for path in tmp_path.rglob(FINISHED):
        path.write_bytes(b"no tensors")
    again = finetune(start, data, SETTINGS["regression"], tmp_path)
    np.testing.assert_array_equal(again.test_outputs, first.test_outputs)
