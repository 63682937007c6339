"""Pretraining on simulated weeks, as the command line asks for it."""

from __future__ import annotations

import pytest

from pat_core.errors import TrainingError
from pat_core.training import PretrainSettings
from pat_core.weights import load
from pat_core.workflows.learn import pretraining
from pat_core.workflows.learn.pretraining import pretrain_simulated

ONE = PretrainSettings(epochs=1, batch=8)


def test_the_checkpoint_goes_once_the_encoder_is_saved_and_never_serves_another_run(tmp_path, monkeypatch):
    out = tmp_path / "encoder.safetensors"
    with monkeypatch.context() as killed:
        killed.setattr(pretraining, "save", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pretrain_simulated("small", 12, 1, out, ONE)
    assert out.with_suffix(".checkpoint").exists()
    for size, people, seed in (("medium", 12, 1), ("small", 14, 1), ("small", 12, 2)):
        with pytest.raises(TrainingError, match="belongs to another run"):
            pretrain_simulated(size, people, seed, out, ONE)
    assert not out.exists()
    pretrain_simulated("small", 12, 1, out, ONE)
    assert [path.name for path in tmp_path.iterdir()] == ["encoder.safetensors"]
    card = load(out).card
    assert card["participants"] == 12 and card["simulated"] and "not the published" in card["first_line"]
