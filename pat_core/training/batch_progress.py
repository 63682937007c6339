"""Progress that may be reported for every batch."""

from __future__ import annotations

import time

from pat_core.progress import Progress


class Throttled:
    """Passes `at` on to a Progress at most once in `seconds`: cheap for every batch, and a cancel is still heard within one."""

    def __init__(self, progress: Progress, seconds: float) -> None:
        self.progress, self.seconds = progress, seconds
        self.reported = 0.0

    def at(self, fraction: float, message: str) -> None:
        """Raises Cancelled, as the Progress does, where the reader has cancelled."""
        if time.monotonic() - self.reported >= self.seconds:
            self.reported = time.monotonic()
            self.progress.at(fraction, message)
