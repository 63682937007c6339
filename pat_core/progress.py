"""How long work tells how far it is, and how it learns that it was cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Progress(Protocol):
    """Given to long work. Both calls raise `errors.Cancelled` when the reader has cancelled."""

    def at(self, fraction: float, message: str) -> None:
        """fraction: 0 to 1 of the whole; message: what is being done, in a reader's words."""

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        """One point of each named curve at this step (training epoch, ...)."""


class Share:
    """A stretch of a larger progress, from `start` on and `length` long (fractions of the whole)."""

    def __init__(self, whole: Progress, start: float, length: float) -> None:
        self.whole, self.start, self.length = whole, start, length

    def at(self, fraction: float, message: str) -> None:
        self.whole.at(self.start + self.length * fraction, message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self.whole.metric(step, values)


class Silent:
    """A Progress nobody listens to."""

    def at(self, fraction: float, message: str) -> None:
        pass

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        pass
