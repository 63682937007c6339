"""The pace of a training: measured on copies, of what learns."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch

from pat_core.models.outputs import ONE_LOGIT
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.training import PretrainSettings
from pat_core.training.pace.measured_pace import AT_MOST, finetuning_pace, measured, pretraining_pace, windows_timed
from pat_core.training.pace.pace_asked import PaceAsked

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


ASKED = (
    PaceAsked("learn", TINY, 1440, 8, "cpu"), PaceAsked("learn by the head", TINY, 1440, 8, "cpu"),
    PaceAsked("learn", "cnn_1d", 2880, 2, "cpu"), PaceAsked("pretrain", TINY, 1440, 8, "cpu", 0.5),
)  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=lambda one: f"{one.activity} {one.network if isinstance(one.network, str) else 'PAT'}")
def test_sizes_and_settings_are_enough_to_measure_it_wherever_they_are_sent(asked):
    there = PaceAsked.from_plain(json.loads(json.dumps(asdict(asked))))
    pace = measured(there)
    assert there == asked and pace.device == "cpu" and pace.reading > 0 and pace.learning > 0


def test_a_step_on_an_accelerator_is_as_large_as_in_the_training():
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert [windows_timed(batch, AT_MOST, cpu) for batch in (2, 64)] == [2, AT_MOST] and windows_timed(64, AT_MOST, gpu) == 64
