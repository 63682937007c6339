"""The paper's baselines as a table: their names, what their notebooks state of them, and the parameters that each comes to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import ClassVar

from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK

HOURS, MINUTES = 24, 60
"""A day as the CNN-3D and the ConvLSTM read it: a picture of hours by minutes."""

BASELINE_RATE = 1e-5
"""Adam's step for each of them (authors' notebooks)."""

SMOOTHED = "-smoothed"


@dataclass(frozen=True)
class Family:
    """One kind of network. title: for readers. sentence: what it is. paper: its row in the paper's table. stated: parameters in the paper.

    fitted: solved at once, with the validation people choosing how much it is held back, in place of epochs of gradient steps.
    """

    name: str
    title: str
    sentence: str
    paper: str
    stated: str
    fitted: bool = False


_ALL = (
    Family("wavelet_logistic", "Wavelets, logistic regression", "A logistic regression on the coefficients of a wavelet transform.",
           "wavelet + logistic regression", "10 K", fitted=True),
    Family("lstm", "LSTM", "A recurrent network of 50 units, minute by minute.", "LSTM", "15 K"),
    Family("cnn_1d", "CNN-1D", "Two convolutions over the minutes in their order.", "CNN-1D", "10 K"),
    Family("conv_lstm", "ConvLSTM", "A recurrent network over days, each a picture of hours by minutes.", "ConvLSTM", "1.75 M"),
    Family("cnn_3d", "CNN-3D", "Two convolutions over days, hours and minutes.", "CNN-3D", "790 K"),
)  # fmt: skip
FAMILIES: dict[str, Family] = {family.name: family for family in _ALL}
"""By name, in the order of the paper's table."""


@dataclass(frozen=True)
class BaselineConfig:
    """One baseline: its family, the minutes that it reads, and whether a Savitzky-Golay filter stands in front.

    Most families have weights for each minute or day, so a network reads windows of its own length alone. Where every network has a
    configuration in terms of patches and blocks, a baseline has an hour as its patch and no blocks, so no attention.
    """

    family: str
    minutes: int = MINUTES_PER_WEEK
    smoothed: bool = False
    patch: ClassVar[int] = MINUTES
    blocks: ClassVar[int] = 0
    heads: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise ValueError(f"expected a family out of {', '.join(FAMILIES)}, got {self.family!r}")
        if self.minutes < MINUTES_PER_DAY or self.minutes % MINUTES_PER_DAY:
            raise ValueError(f"expected whole days of {MINUTES_PER_DAY:,} minutes, got {self.minutes:,} minutes")

    @property
    def days(self) -> int:
        return self.minutes // MINUTES_PER_DAY

    @property
    def size(self) -> str:
        """What stands where a PAT has its size."""
        return self.family

    @property
    def embedding(self) -> str:
        """What stands where a PAT has its kind of patches."""
        return "smoothed" if self.smoothed else "plain"

    @property
    def title(self) -> str:
        return FAMILIES[self.family].title + (", smoothed" if self.smoothed else "")

    @property
    def reference(self) -> str:
        """The name by which it is chosen as a model to train."""
        return self.family + (SMOOTHED if self.smoothed else "")

    def tokens(self, minutes: int) -> int:
        """Whole hours in `minutes`."""
        return minutes // self.patch

    def leftover(self, minutes: int) -> int:
        """Minutes that are not read: none, for other lengths are refused."""
        return 0

    def refused(self, minutes: int) -> str | None:
        """Why it cannot read a window of so many minutes, in a sentence; None where it can."""
        if minutes == self.minutes:
            return None
        return f"{self.title} was built for windows of {self.minutes:,} minutes and reads no others, but this one has {minutes:,}."

    def as_dict(self) -> dict[str, object]:
        """Plain values, for metadata."""
        return asdict(self)


_REFERENCE = re.compile(f"({'|'.join(FAMILIES)})({SMOOTHED})?")


def baseline_of(reference: str, minutes: int = MINUTES_PER_WEEK) -> BaselineConfig | None:
    """The baseline of such a name (`lstm`, `cnn_3d-smoothed`), for windows of so many minutes; None for any other name."""
    match = _REFERENCE.fullmatch(reference)
    return BaselineConfig(match[1], minutes, match[2] is not None) if match else None


def shapes(config: BaselineConfig) -> dict[str, tuple[int, ...]]:
    """Name -> shape of each parameter of its network; closed forms, so that a file is checked before anything is built."""
    families: dict[str, Callable[[BaselineConfig], dict[str, tuple[int, ...]]]] = {
        "lstm": _lstm,
        "cnn_1d": _cnn_1d,
        "cnn_3d": _cnn_3d,
        "conv_lstm": _conv_lstm,
        "wavelet_logistic": lambda config: {"minute_weights": (config.minutes,), "bias": (1,)},
    }
    return families[config.family](config)


def _dense(name: str, inputs: int, units: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (units, inputs), f"{name}.bias": (units,)}


def _lstm(config: BaselineConfig) -> dict[str, tuple[int, ...]]:
    gates = {"recurrent.kernel": (200, 1), "recurrent.recurrent_kernel": (200, 50), "recurrent.bias": (200,)}
    return gates | _dense("hidden", 50, 100) | _dense("output", 100, 1)


def _cnn_1d(config: BaselineConfig) -> dict[str, tuple[int, ...]]:
    convolutions = {"first.weight": (32, 1, 3), "first.bias": (32,), "second.weight": (64, 32, 3), "second.bias": (64,)}
    return convolutions | _dense("hidden", 64, 64) | _dense("output", 64, 1)


def _cnn_3d(config: BaselineConfig) -> dict[str, tuple[int, ...]]:
    convolutions = {"first.weight": (32, 1, 3, 3, 3), "first.bias": (32,), "second.weight": (64, 32, 3, 3, 3), "second.bias": (64,)}
    return convolutions | _dense("hidden", pooled(pooled(config.days)) * 6 * 15 * 64, 128) | _dense("output", 128, 1)


def pooled(days: int) -> int:
    """Days that are left of so many after a pooling of two; a single one is not pooled."""
    return max(1, days // 2)


def _conv_lstm(config: BaselineConfig) -> dict[str, tuple[int, ...]]:
    first = {"first.kernel": (128, 1, 5, 5), "first.recurrent_kernel": (128, 32, 5, 5), "first.bias": (128,)}
    second = {"second.kernel": (256, 32, 2, 2), "second.recurrent_kernel": (256, 64, 2, 2), "second.bias": (256,)}
    return first | second | _dense("hidden", 9 * 27 * 64, 100) | _dense("output", 100, 1)
