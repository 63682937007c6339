import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from scipy.signal import savgol_filter

from pat_core.errors import Cancelled, TrainingError
from pat_core.models.baselines.smoothing import SmoothedWeeks
from pat_core.models.pat import config_for
from pat_core.training import PretrainSettings, loop
from pat_core.training.masked_pretraining import hidden_minutes, pretrain
from pat_core.training.recipes import paper_pretraining
from tests.training.made import CancelAtCall

SETTINGS = PretrainSettings(epochs=2, batch=18, seed=2)


def weeks() -> np.ndarray:
    rhythm = np.sin(np.arange(180) / 180 * 6.28)
    return (rhythm + 0.3 * np.random.default_rng(0).normal(size=(40, 180))).astype(np.float32)


def test_the_masked_autoencoder_learns_to_rebuild_a_rhythm(tmp_path):
    settings = PretrainSettings(epochs=25, batch=18, learning_rate=1e-3, seed=1)
    done = pretrain(weeks(), config_for("small"), settings, tmp_path / "checkpoint")
    assert done.validation_loss < 0.8 * float(np.mean(weeks() ** 2))


def test_hidden_minutes_are_those_of_the_patches_that_are_not_visible():
    assert hidden_minutes(4, torch.tensor([1, 3]), 2).tolist() == [True, True, False, False, True, True, False, False]


def test_hidden_minutes_are_counted_beside_the_loss_and_can_be_the_loss(tmp_path):
    usual = pretrain(weeks(), config_for("small"), SETTINGS, tmp_path / "all")
    at_best = {name: value for epoch, name, value in usual.curves if epoch == usual.best_epoch}
    assert at_best["validation loss"] == usual.validation_loss and at_best["validation loss on hidden minutes"] == usual.hidden_loss
    assert usual.hidden_loss != usual.validation_loss
    alone = pretrain(weeks(), config_for("small"), replace(SETTINGS, loss_on="hidden"), tmp_path / "hidden")
    assert alone.validation_loss == alone.hidden_loss != usual.hidden_loss


def test_a_network_that_is_looked_at_learns_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    looks = []

    def look(network, epoch):
        assert not network.training
        with torch.no_grad():
            looks.append((epoch, float(network(torch.zeros(1, 180), torch.tensor([0])).sum())))

    alone = pretrain(weeks(), config_for("small"), SETTINGS, tmp_path / "alone")
    looked_at = pretrain(weeks(), config_for("small"), SETTINGS, tmp_path / "looked at", look=look)
    assert [epoch for epoch, _ in looks] == [1, 2] and looks[0][1] != looks[1][1]
    for name, value in alone.autoencoder.state_dict().items():
        assert torch.equal(value, looked_at.autoencoder.state_dict()[name])


def test_smoothed_weeks_are_those_of_the_filter_and_are_what_is_rebuilt(tmp_path):
    z, settings = weeks(), replace(SETTINGS, smoothed=True)
    filtered = SmoothedWeeks(z)
    np.testing.assert_allclose(filtered[3:5], savgol_filter(z[3:5].astype(np.float64), 51, 3), atol=1e-5)
    np.testing.assert_array_equal(filtered[3], filtered[[3]][0])
    here = pretrain(z, config_for("small"), settings, tmp_path / "here")
    before = pretrain(filtered[:], config_for("small"), SETTINGS, tmp_path / "before")
    assert here.validation_loss == before.validation_loss != pretrain(z, config_for("small"), SETTINGS, tmp_path / "not").validation_loss
    with pytest.raises(TrainingError, match="another run"):
        pretrain(z, config_for("small"), SETTINGS, tmp_path / "here")


@pytest.mark.parametrize(
    ("size", "rate", "floor", "patience", "plateau"),
    [("small", 1e-3, 1e-4, 250, 75), ("large", 1e-4, 1e-5, 500, 100), ("huge", 1e-5, 1e-6, 500, 100), ("custom", 1e-3, 1e-4, 250, 75)],
)
def test_the_papers_recipe_goes_by_the_size(size, rate, floor, patience, plateau):
    paper = paper_pretraining(size)
    assert (paper.learning_rate, paper.smallest_rate, paper.patience, paper.plateau_patience) == (rate, floor, patience, plateau)


def test_a_killed_pretraining_goes_on_to_the_same_encoder(tmp_path):
    whole = pretrain(weeks(), config_for("small"), replace(SETTINGS, epochs=6), tmp_path / "whole")
    pretrain(weeks(), config_for("small"), replace(SETTINGS, epochs=3), tmp_path / "broken")
    resumed = pretrain(weeks(), config_for("small"), replace(SETTINGS, epochs=6, minutes=99.0), tmp_path / "broken")
    assert resumed.validation_loss == whole.validation_loss
    for name, value in whole.autoencoder.encoder.state_dict().items():
        assert torch.equal(value, resumed.autoencoder.encoder.state_dict()[name])


def test_a_checkpoint_of_before_there_was_one_loop_goes_on_to_the_same_encoder(tmp_path):
    asked = weeks(), config_for("small")
    whole = pretrain(*asked, replace(SETTINGS, epochs=6), tmp_path / "whole")
    pretrain(*asked, replace(SETTINGS, epochs=3), tmp_path / "old")
    with safe_open(tmp_path / "old", "pt") as file:
        state = json.loads(file.metadata()["state"])
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
    state["best"] = state.pop("loss")
    del state["risen"], state["curves"]
    save_file(tensors, tmp_path / "old", metadata={"state": json.dumps(state)})
    resumed = pretrain(*asked, replace(SETTINGS, epochs=6), tmp_path / "old")
    assert (resumed.validation_loss, resumed.best_epoch) == (whole.validation_loss, whole.best_epoch)
    for name, value in whole.autoencoder.encoder.state_dict().items():
        assert torch.equal(value, resumed.autoencoder.encoder.state_dict()[name])


def test_the_learning_rate_halves_on_a_plateau_and_goes_on_halved_after_a_kill(tmp_path):
    settings = replace(SETTINGS, epochs=9, plateau_patience=1, learning_rate=0.5, smallest_rate=0.1)
    pretrain(weeks(), config_for("small"), settings, tmp_path / "whole")
    for epochs in (4, 9):
        pretrain(weeks(), config_for("small"), replace(settings, epochs=epochs), tmp_path / "broken")
    rates = []
    for name in ("whole", "broken"):
        with safe_open(tmp_path / name, "pt") as file:
            rates.append(json.loads(file.metadata()["state"])["learning_rate"])
    assert rates[0] == rates[1] < 0.5


def test_the_time_set_for_it_ends_a_pretraining_and_counts_what_was_before_a_resume(tmp_path):
    first = pretrain(weeks(), config_for("small"), replace(SETTINGS, epochs=500, minutes=1e-6), tmp_path / "c")
    again = pretrain(weeks(), config_for("small"), replace(SETTINGS, epochs=500, minutes=2e-6), tmp_path / "c")
    assert first.epochs == again.epochs == 1 and "1e-06 minutes was reached" in first.stopped


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"z": weeks() + 1}, "differs in weeks"),
        ({"config": config_for("medium")}, "size"),
        ({"config": config_for("small", "conv")}, "embedding"),
        ({"settings": replace(SETTINGS, seed=3)}, "seed"),
        ({"settings": replace(SETTINGS, mask_ratio=0.5)}, "mask_ratio"),
    ],
)
def test_the_checkpoint_of_another_run_is_refused_with_what_differs(tmp_path, change, said):
    asked = {"z": weeks(), "config": config_for("small"), "settings": SETTINGS}
    pretrain(**asked, checkpoint=tmp_path / "checkpoint")
    before = (tmp_path / "checkpoint").read_bytes()
    with pytest.raises(TrainingError, match=said):
        pretrain(**asked | change, checkpoint=tmp_path / "checkpoint")
    assert (tmp_path / "checkpoint").read_bytes() == before


def test_a_run_that_its_patience_ended_trains_no_further_when_it_is_asked_for_again(tmp_path):
    settings = replace(SETTINGS, epochs=50, patience=1, learning_rate=0.5)
    first, again = (pretrain(weeks(), config_for("small"), settings, tmp_path / "checkpoint") for _ in range(2))
    assert first.epochs == again.epochs < 50 and "1 epochs" in first.stopped and again.stopped == first.stopped


def test_a_cancel_is_heard_within_an_epoch_of_pretraining(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    reader = CancelAtCall(2)
    with pytest.raises(Cancelled):
        pretrain(weeks(), config_for("small"), replace(SETTINGS, batch=9), tmp_path / "checkpoint", reader)
    assert "18 of 36 weeks" in reader.message and not (tmp_path / "checkpoint").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"epochs": 0}, "at least one epoch"),
        ({"batch": 0}, "a batch of 0"),
        ({"batch": -1}, "a batch of -1"),
        ({"patience": 0}, "patiences of 0"),
        ({"learning_rate": -1.0}, "got -1.0"),
        ({"learning_rate": float("nan")}, "got nan"),
        ({"mask_ratio": 1.0}, "mask ratio"),
        ({"validation_share": 0.0}, "validation share"),
        ({"minutes": -1.0}, "got -1.0 minutes"),
        ({"minutes": 0.0}, "got 0.0 minutes"),
        ({"minutes": float("nan")}, "got nan minutes"),
        ({"seed": 2**32}, "a seed from 0 to 4294967295"),
        ({"seed": -1}, "got -1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong, said):
    with pytest.raises(TrainingError, match=said):
        PretrainSettings(**wrong)


def test_the_largest_seed_pretrains(tmp_path):
    assert pretrain(weeks()[:20], config_for("small"), replace(SETTINGS, epochs=1, seed=2**32 - 1), tmp_path / "c").epochs == 1


def test_pretraining_that_diverged_says_so_and_keeps_nothing_of_it(tmp_path):
    huge = weeks() * np.float32(1e25)
    with pytest.raises(TrainingError, match="diverged: its loss is not finite at epoch 1, .* smaller learning rate"):
        pretrain(huge, config_for("small"), SETTINGS, tmp_path / "checkpoint")
    assert not (tmp_path / "checkpoint").exists()


def test_people_that_leave_nobody_to_validate_on_are_refused(tmp_path):
    with pytest.raises(TrainingError, match="of 9 people leaves 0 to validate"):
        pretrain(weeks()[:9], config_for("small"), SETTINGS, tmp_path / "checkpoint")
