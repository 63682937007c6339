"""Conv1D(32, 3), max-pool 2, Conv1D(64, 3), max-pool 2, global mean, Dense(64), dropout 0.5, Dense(1). 10,561 parameters at any length."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import max_pool1d

from pat_core.models.baselines.baseline_config import BaselineConfig
from pat_core.models.baselines.baseline_network import BaselineNetwork


class Network(BaselineNetwork):
    """Convolutions without padding ("valid", Keras' default), ReLU after each layer but the last."""

    def __init__(self, config: BaselineConfig) -> None:
        super().__init__(config)
        self.first = nn.Conv1d(1, 32, kernel_size=3)
        self.second = nn.Conv1d(32, 64, kernel_size=3)
        self.hidden = nn.Linear(64, 64)
        self.dropout = nn.Dropout(0.5)
        self.output = nn.Linear(64, 1)

    def answer(self, week: Tensor) -> Tensor:
        filtered = max_pool1d(self.first(week[:, None]).relu(), 2)  # (B, 32, (minutes - 2) // 2)
        filtered = max_pool1d(self.second(filtered).relu(), 2)  # (B, 64, ...)
        return self.output(self.dropout(self.hidden(filtered.mean(dim=-1)).relu()))
