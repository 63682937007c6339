"""A reader who cancels."""

from __future__ import annotations

from pat_core.errors import Cancelled


class CancelAtCall:
    """A Progress that cancels at its n-th call of `at`, and remembers the message it was told then."""

    def __init__(self, call: int) -> None:
        self.left, self.message = call, ""

    def at(self, fraction: float, message: str) -> None:
        self.left, self.message = self.left - 1, message
        if self.left == 0:
            raise Cancelled("stop")

    def metric(self, step: int, values) -> None:
        raise AssertionError("an epoch came to its end before the cancel was heard")
