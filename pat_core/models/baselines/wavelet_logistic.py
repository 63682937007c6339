"""Logistic regression on wavelet coefficients: 10,081 parameters at 7 days, a weight for each coefficient and a bias.

The paper states 10 K parameters and publishes no code; ours: Daubechies-4, 5 levels, periodic at the ends, so that there are as many
coefficients as minutes. Coefficients are scaled to the training people's deviation, which is what makes the basis matter: without it, a
ridge penalty would see no difference between an orthonormal transform and the minutes themselves.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from pat_core.models.baselines.baseline_config import BaselineConfig
from pat_core.models.baselines.baseline_network import BaselineNetwork

WAVELET, LEVELS, ENDS = "db4", 5, "periodization"


def coefficients(weeks: np.ndarray) -> np.ndarray:
    """(weeks, minutes) -> (weeks, minutes): orthonormal, the coarsest level first. Whole days divide by 2 five times without a rest."""
    import pywt  # for those alone who fit this baseline

    return np.concatenate(pywt.wavedec(weeks, WAVELET, ENDS, LEVELS, axis=-1), axis=-1)


def minutes_of(weights: np.ndarray) -> np.ndarray:
    """(minutes,) weights of coefficients -> the weights of minutes that give the same sum: the inverse of an orthonormal transform."""
    import pywt

    lengths = [weights.size >> LEVELS, *(weights.size >> level for level in range(LEVELS, 0, -1))]
    return pywt.waverec(np.split(weights, np.cumsum(lengths)[:-1]), WAVELET, ENDS)


class Network(BaselineNetwork):
    """The transform is linear, so that what was learned of coefficients is held as the weight that each minute has through them."""

    def __init__(self, config: BaselineConfig) -> None:
        super().__init__(config)
        self.minute_weights = nn.Parameter(torch.zeros(config.minutes))
        self.bias = nn.Parameter(torch.zeros(1))

    def answer(self, week: Tensor) -> Tensor:
        return (week @ self.minute_weights)[:, None] + self.bias

    def learn(self, weights: np.ndarray, bias: float) -> None:
        """Take over (minutes,) weights of coefficients, in the units of `coefficients`."""
        with torch.no_grad():
            self.minute_weights.copy_(torch.from_numpy(minutes_of(weights)))
            self.bias.fill_(bias)
