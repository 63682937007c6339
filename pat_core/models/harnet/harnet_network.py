"""A residual network over three axes of acceleration, restated from its layer table (`harnet_config`).

A stage is a convolution over time, residual blocks that are activated before they convolve, a normalization, and a step down in time by a
fixed blur. Convolutions go round in a circle: the end of a window stands beside its beginning. Names of parameters are those of the
published files, so that these fit. Source: Yuan et al. 2024 (arXiv 2206.02909); blurred steps: Zhang 2019 (arXiv 1904.11486).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from pat_core.models.harnet.harnet_config import HarnetSize, Stage

KERNEL = 5
"""Samples that a convolution reads."""
HIDDEN = 512
"""Numbers between the features and the classes."""


class Harnet(nn.Module):
    """(windows, 3, samples) acceleration in g at 30 Hz -> (windows, classes) logits. classes: 0 for the features alone."""

    def __init__(self, size: HarnetSize, classes: int = 0) -> None:
        super().__init__()
        self.size, self.classes = size, classes
        self.feature_extractor = nn.Sequential()
        channels = 3
        for number, stage in enumerate(size.stages, 1):
            self.feature_extractor.add_module(f"layer{number}", _stage(channels, stage))
            channels = stage.channels
        self.classifier = _Classifier(size.features, classes) if classes else None

    def features(self, windows: Tensor) -> Tensor:
        """(windows, 3, samples) -> (windows, features)."""
        if windows.ndim != 3 or windows.shape[1:] != (3, self.size.samples):
            raise ValueError(f"Expected windows (windows, 3, {self.size.samples}), got {tuple(windows.shape)}.")
        return self.feature_extractor(windows).flatten(1)

    def forward(self, windows: Tensor) -> Tensor:
        if self.classifier is None:
            raise ValueError("This network has no classes: ask for its features.")
        answered: Tensor = self.classifier(self.features(windows))
        return answered


def _stage(channels: int, stage: Stage) -> nn.Sequential:
    blocks = [_Block(stage.channels) for _ in range(stage.blocks)]
    return nn.Sequential(_around(channels, stage.channels), *blocks, nn.BatchNorm1d(stage.channels), nn.ReLU(), _Down(stage))


def _around(channels: int, out: int) -> nn.Conv1d:
    """A convolution for which the window is a circle."""
    return nn.Conv1d(channels, out, KERNEL, padding=KERNEL // 2, padding_mode="circular", bias=False)


class _Block(nn.Module):
    """What it is given, and two convolutions of it on top, each of what was normalized and rectified."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm1d(channels), nn.BatchNorm1d(channels)
        self.conv1, self.conv2 = _around(channels, channels), _around(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv1(functional.relu(self.bn1(x)))
        out: Tensor = x + self.conv2(functional.relu(self.bn2(inner)))
        return out


class _Down(nn.Module):
    """Fewer samples, each a blurred mean; beyond the window's ends there are zeros."""

    kernel: Tensor

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.step, self.padding = stage.step, stage.order * (stage.step - 1) // 2
        self.register_buffer("kernel", torch.from_numpy(stage.blur()).repeat(stage.channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv1d(x, self.kernel, stride=self.step, padding=self.padding, groups=x.shape[1])


class _Classifier(nn.Module):
    """Features -> logits, over one hidden layer."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(features, HIDDEN), nn.Linear(HIDDEN, classes)

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.linear2(functional.relu(self.linear1(features)))
        return logits
