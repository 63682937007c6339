"""harnet5, 10 and 30 as a table of layers (Yuan et al. 2024, arXiv 2206.02909)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HERTZ = 30


@dataclass(frozen=True)
class Stage:
    """channels: out of it. blocks: residual ones. step: samples that become one. order: how often the blur of `step` equal weights is
    applied to itself, 0 for the plain mean."""

    channels: int
    blocks: int
    step: int
    order: int

    def blur(self) -> np.ndarray:
        """(order (step - 1) + step,) float32 weights that sum to 1: ones(step) convolved with itself `order` times."""
        kernel = np.ones(self.step)
        for _ in range(self.order):
            kernel = np.convolve(kernel, np.ones(self.step))
        return (kernel / kernel.sum()).astype(np.float32)


@dataclass(frozen=True)
class HarnetSize:
    """samples: of a window. stages: five, from the raw axes to the features."""

    samples: int
    stages: tuple[Stage, ...]

    @property
    def seconds(self) -> float:
        """Length of a window."""
        return self.samples / HERTZ

    @property
    def features(self) -> int:
        """Numbers that the last stage makes of a window."""
        return self.stages[-1].channels


def _stages(*rows: tuple[int, int, int, int]) -> tuple[Stage, ...]:
    return tuple(Stage(*row) for row in rows)


HARNETS = {
    "harnet5": HarnetSize(150, _stages((64, 2, 2, 2), (128, 2, 2, 2), (256, 2, 3, 1), (256, 2, 3, 1), (512, 0, 3, 1))),
    "harnet10": HarnetSize(300, _stages((64, 2, 2, 2), (128, 2, 2, 2), (256, 2, 5, 1), (512, 2, 5, 1), (1024, 0, 3, 1))),
    "harnet30": HarnetSize(900, _stages((64, 2, 3, 1), (128, 2, 3, 1), (256, 2, 5, 1), (512, 2, 5, 1), (1024, 0, 4, 0))),
}
"""By name: windows of 5, 10 and 30 seconds."""
