"""The Savitzky-Golay filter that the paper tried (window 51, order 3): a fixed layer in front of baselines, and over weeks as they are
read."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d

WINDOW, ORDER = 51, 3


class SavitzkyGolay(nn.Module):
    """(weeks, minutes) -> (weeks, minutes), as `scipy.signal.savgol_filter(week, 51, 3)`: each minute becomes the value of the cubic that
    fits its window best; at both ends, the first and last window's own cubic. Linear, so a map of minutes goes through it exactly.

    It has no parameters: what it multiplies with follows from window and order, and is not stored with a model.
    """

    def __init__(self) -> None:
        super().__init__()
        from scipy.signal import savgol_coeffs  # slow to import, for those alone who smooth

        rows = np.stack([savgol_coeffs(WINDOW, ORDER, pos=position, use="dot") for position in range(WINDOW)])
        fitted = torch.from_numpy(rows.astype(np.float32))  # (51, 51): row p gives the cubic's value at position p of a window
        self.register_buffer("fitted", fitted, persistent=False)

    def forward(self, week: Tensor) -> Tensor:
        fitted, half = self.get_buffer("fitted").to(week.dtype), WINDOW // 2
        middle = conv1d(week[:, None], fitted[half][None, None])[:, 0]  # (B, minutes - 50)
        begin, end = week[:, :WINDOW] @ fitted[:half].T, week[:, -WINDOW:] @ fitted[half + 1 :].T
        return torch.cat([begin, middle, end], dim=1)


def smoothed(weeks: np.ndarray) -> np.ndarray:
    """(weeks, minutes) float32 -> the same, each minute as the cubic that fits the 51 minutes around it best (see `SavitzkyGolay`)."""
    with torch.no_grad():
        return SavitzkyGolay()(torch.from_numpy(np.ascontiguousarray(weeks, dtype=np.float32))).numpy()


class SmoothedWeeks:
    """Weeks (rows, minutes) that are smoothed when they are indexed: (rows, minutes) float32."""

    def __init__(self, weeks: Any) -> None:
        self._weeks = weeks

    def __len__(self) -> int:
        return len(self._weeks)

    def __getitem__(self, rows: Any, /) -> np.ndarray:
        weeks = np.asarray(self._weeks[rows])
        return smoothed(weeks) if weeks.ndim == 2 else smoothed(weeks[None])[0]
