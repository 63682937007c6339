"""How long work ends, wherever it runs: what an error means for the reader, in a sentence, and a clean end on SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pat_core.cohorts import workspace_trouble
from pat_core.errors import PatError, WorkspaceTrouble

NICENESS = 5
FULL = "The disk is full, so the job stopped. What it saved up to its last checkpoint is kept: make room on the disk, then resume it."
NO_MEMORY = "The machine ran out of memory. Choose a smaller model or batch, or close other programs, then resume."
NO_DEVICE_MEMORY = (
    "The graphics processor ran out of memory. Choose a smaller batch or model, or a processor with more memory, then resume."
)


def ended_by(error: BaseException) -> str:
    """Why work ended, in a sentence."""
    if isinstance(error, PatError):
        return FULL if _of_full_disk(error) and not isinstance(error, WorkspaceTrouble) else str(error)
    if isinstance(error, MemoryError):
        return NO_MEMORY
    if type(error).__name__ == "OutOfMemoryError":  # of torch, which who watches a job has not imported
        return NO_DEVICE_MEMORY
    return FULL if _of_full_disk(error) else _unexpected(error)


def _unexpected(error: BaseException) -> str:
    message = f"{type(error).__name__}: {error}"
    return f"An unexpected error stopped the job ({message[:300]}). Its log says where; once that is fixed, resume it."


def _of_full_disk(error: BaseException | None) -> bool:
    """Whether it began with a disk that had no room: libraries wrap that in errors of their own."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in workspace_trouble.NO_ROOM or "No space left on device" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def polite() -> None:
    """Lets others go first, in a process of our own only: niceness cannot be taken back."""
    if hasattr(os, "nice") and os.getsid(0) == os.getpid():
        os.nice(max(0, NICENESS - os.nice(0)))


@contextmanager
def stopped_by_sigterm(stop: Callable[[], None]) -> Iterator[None]:
    """SIGTERM (a system that shuts down, a cluster whose time is up, a person with `kill`) ends the work cleanly, as a cancel does."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
