"""The pace of a training: measured on copies, of what learns."""

from __future__ import annotations

import torch

from pat_core.models.outputs import ONE_LOGIT
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.training import PretrainSettings
from pat_core.training.pace import finetuning_pace, pretraining_pace

TINY = PatConfig("custom", 60, 1, 1, "linear")


def test_what_was_measured_is_left_as_it_was_and_each_part_takes_time():
    network = seeded(lambda: Classifier(TINY, ONE_LOGIT), 0)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    whole, head = (finetuning_pace(network, 1440, 8, head_alone, "cpu") for head_alone in (False, True))
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert whole.device == head.device == "cpu" and min(whole.reading, whole.learning, head.reading, head.learning) > 0
    assert all(part.requires_grad and part.grad is None for part in network.parameters())


def test_an_autoencoder_has_a_pace_too():
    pace = pretraining_pace(TINY, 1440, PretrainSettings(device="cpu"))
    assert pace.reading > 0 and pace.learning > 0
