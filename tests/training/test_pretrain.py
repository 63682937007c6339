import numpy as np
import torch

from pat_core.model import config_for
from pat_core.training import PretrainSettings, pretrain


def weeks() -> np.ndarray:
    rhythm = np.sin(np.arange(180) / 180 * 6.28)
    return (rhythm + 0.3 * np.random.default_rng(0).normal(size=(40, 180))).astype(np.float32)


def test_the_masked_autoencoder_learns_to_rebuild_a_rhythm(tmp_path):
    settings = PretrainSettings(epochs=25, batch=18, learning_rate=1e-3, seed=1)
    done = pretrain(weeks(), config_for("small"), settings, tmp_path / "checkpoint")
    assert done.validation_loss < 0.8 * float(np.mean(weeks() ** 2))


def test_a_killed_pretraining_goes_on_to_the_same_encoder(tmp_path):
    whole = pretrain(weeks(), config_for("small"), PretrainSettings(epochs=6, batch=18, seed=2), tmp_path / "whole")
    pretrain(weeks(), config_for("small"), PretrainSettings(epochs=3, batch=18, seed=2), tmp_path / "broken")
    resumed = pretrain(weeks(), config_for("small"), PretrainSettings(epochs=6, batch=18, seed=2), tmp_path / "broken")
    assert resumed.validation_loss == whole.validation_loss
    for name, value in whole.encoder.state_dict().items():
        assert torch.equal(value, resumed.encoder.state_dict()[name])
