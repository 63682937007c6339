"""How fast a network learns, or is explained, here: a few steps made on noise and timed, before hours of them begin."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor, nn

from pat_core.explain.methods.gradient_path import FIRST_STRETCHES
from pat_core.explain.methods.integrated_gradients import integrated_gradients
from pat_core.models.baselines import BaselineConfig
from pat_core.models.baselines.baseline_network import untrained
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder, draw_visible
from pat_core.models.pat.pat_config import WIDTH
from pat_core.training.device import pick_device
from pat_core.training.keras_adam import KerasAdam
from pat_core.training.masked_pretraining import reconstruction_loss
from pat_core.training.pace.pace_asked import Pace, PaceAsked
from pat_core.training.recipes import PretrainSettings
from pat_core.training.trainee import Trainee, head_of

STEPS, SECONDS = 3, 2.0
"""Steps that are timed, after one that is not since the first asks for memory; no further one once so many seconds have passed."""
AT_MOST = 4
"""Windows a step on a CPU: of more, each takes about as long. An accelerator does many at once: there it is a whole batch."""
PRETRAINED_AT_MOST = 16
"""In pretraining, what all windows of a step share is computed once, so that of few each takes longer."""


def measured(asked: PaceAsked) -> Pace:
    """TrainingError where this machine has no such device."""
    config = asked.config
    if asked.activity == "pretrain" and isinstance(config, PatConfig):
        settings = PretrainSettings(batch=asked.batch, mask_ratio=asked.mask_ratio, device=asked.device)
        return pretraining_pace(config, asked.minutes, settings)
    network = untrained(config, 0) if isinstance(config, BaselineConfig) else seeded(lambda: Classifier(config), 0)
    if asked.activity == "explain":
        return explaining_pace(network, asked.minutes)
    return finetuning_pace(network, asked.minutes, asked.batch, asked.activity == "learn by the head", asked.device)


def finetuning_pace(start: Trainee, minutes: int, batch: int, head_alone: bool, device: str = "auto") -> Pace:
    """Of a network that learns whole or, as in a linear probe, by its head alone, which then learns from embeddings that were made once.

    start: is left as it is.
    """
    network, place = copy.deepcopy(start).to(pick_device(device)), pick_device(device)
    weeks = _noise(windows_timed(batch, AT_MOST, place), minutes, place)
    learning = _learning(network, weeks, lambda some: network(some).square().mean()) if not head_alone else 0.0
    network.eval()
    with torch.no_grad():
        reading = _seconds(lambda: network(weeks), place) / len(weeks)
    if head_alone:
        head = head_of(network)
        learning = _learning(head, _noise(len(weeks), WIDTH, place), lambda some: head(some).square().mean())
    return Pace(place.type, reading, learning)


def pretraining_pace(config: PatConfig, minutes: int, settings: PretrainSettings) -> Pace:
    """Of a masked autoencoder; reading is what validating costs, the same without gradients."""
    network = seeded(lambda: MaskedAutoencoder(config), settings.seed)
    visible = draw_visible(config.tokens(minutes), torch.Generator().manual_seed(settings.seed), settings.mask_ratio)

    place = pick_device(settings.device)
    network, visible = network.to(place), visible.to(place)
    weeks = _noise(windows_timed(settings.batch, PRETRAINED_AT_MOST, place), minutes, place)
    learning = _learning(network, weeks, lambda some: reconstruction_loss(some, network(some, visible)))
    with torch.no_grad():
        reading = _seconds(lambda: network.eval()(weeks, visible), place) / len(weeks)
    return Pace(place.type, reading, learning)


def explaining_pace(network: Trainee, minutes: int) -> Pace:
    """Of integrated gradients, a week at a time on the CPU, as maps are made."""
    place = torch.device("cpu")
    week, passes = _noise(1, minutes, place)[0].numpy(), 2 * FIRST_STRETCHES + 1
    return Pace(place.type, _seconds(lambda: integrated_gradients(network.eval(), week, most=passes), place) / passes, 0.0)


def windows_timed(batch: int, most: int, place: torch.device) -> int:
    """How many windows a timed step has. most: on a CPU."""
    return min(batch, most) if place.type == "cpu" else batch


def _noise(batch: int, width: int, place: torch.device) -> Tensor:
    return torch.randn(batch, width, generator=torch.Generator().manual_seed(0)).to(place)


def _learning(network: nn.Module, inputs: Tensor, loss: Callable[[Tensor], Tensor]) -> float:
    """Seconds of a training step for each of these inputs."""
    optimizer = KerasAdam([part for part in network.parameters() if part.requires_grad], 1e-5)

    def step() -> None:
        optimizer.zero_grad()
        loss(inputs).backward()
        optimizer.step()

    network.train()
    return _seconds(step, inputs.device) / len(inputs)


def _seconds(step: Callable[[], object], place: torch.device) -> float:
    """Median of some steps. An accelerator works on while Python goes ahead, so it is waited for."""
    taken: list[float] = []
    while len(taken) <= STEPS and sum(taken) < SECONDS:
        began = time.perf_counter()
        step()
        if place.type == "cuda":
            torch.cuda.synchronize()
        elif place.type == "mps":
            torch.mps.synchronize()
        taken.append(time.perf_counter() - began)
    return median(taken[1:] or taken)
