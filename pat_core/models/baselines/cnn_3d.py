"""Conv3D(32, 3), max-pool 2, Conv3D(64, 3), max-pool 2, Dense(128), dropout 0.5, Dense(1), on days x 24 x 60.

793,793 parameters at 7 days.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import max_pool3d

from pat_core.models.baselines.baseline_config import HOURS, MINUTES, BaselineConfig, shapes
from pat_core.models.baselines.baseline_network import BaselineNetwork


class Network(BaselineNetwork):
    """Convolutions with "same" padding; pooling drops what is left over, as Keras does. Where a single day is left, days are not pooled."""

    def __init__(self, config: BaselineConfig) -> None:
        super().__init__(config)
        self.first = nn.Conv3d(1, 32, kernel_size=3, padding=1)
        self.second = nn.Conv3d(32, 64, kernel_size=3, padding=1)
        self.hidden = nn.Linear(shapes(config)["hidden.weight"][1], 128)
        self.dropout = nn.Dropout(0.5)
        self.output = nn.Linear(128, 1)

    def answer(self, week: Tensor) -> Tensor:
        grid = week.reshape(len(week), 1, -1, HOURS, MINUTES)  # (B, 1, days, 24, 60)
        for convolution in (self.first, self.second):
            grid = convolution(grid).relu()
            grid = max_pool3d(grid, (min(2, grid.shape[2]), 2, 2))
        flat = grid.movedim(1, -1).flatten(1)  # channels last, in the order in which Keras flattens
        return self.output(self.dropout(self.hidden(flat).relu()))
