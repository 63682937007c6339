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


Point = tuple[float, float]
"""(seconds on some clock, fraction of the work that was done then)."""
SOONEST_TOLD = 2.0
"""Seconds that work is watched before its pace is told."""


def seconds_left(first: Point, now: Point) -> float | None:
    """How long work takes from `now` on at the pace it had since `first`; None where too little was seen of it to tell."""
    seconds, done = now[0] - first[0], now[1] - first[1]
    if seconds < SOONEST_TOLD or done <= 0:
        return None
    return seconds * max(1.0 - now[1], 0.0) / done


class Share:
    """A stretch of a larger progress, from `start` on and `length` long (fractions of the whole)."""

    def __init__(self, whole: Progress, start: float, length: float) -> None:
        self.whole, self.start, self.length = whole, start, length

    def at(self, fraction: float, message: str) -> None:
        self.whole.at(self.start + self.length * fraction, message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self.whole.metric(step, values)


class Silent:
    """A Progress that reports to nothing."""

    def at(self, fraction: float, message: str) -> None:
        pass

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        pass
