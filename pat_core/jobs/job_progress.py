"""The Progress that a job's work gets: it tells the workspace how far the job is, and hears from it that it was cancelled."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled, WorkspaceError

BEAT_SECONDS = 0.5
HEARTBEAT_SECONDS = 2.0
logger = logging.getLogger(__name__)


class JobProgress:
    """Implements `progress.Progress`. Cancelled is raised at the next call of `at` or `metric` after the reader, or SIGTERM, asked.

    A workspace that is busy or full for a moment does not end the work: beats are dropped, points of curves wait for the next call.
    """

    def __init__(self, ws: Workspace, job_id: str) -> None:
        self.job_id = job_id
        self._ws = ws
        self._stop = threading.Event()
        self._last_beat = 0.0
        self._latest: tuple[float | None, str | None] = (None, None)
        self._points: list[tuple[int, dict[str, float]]] = []

    def at(self, fraction: float, message: str) -> None:
        self._latest = (min(max(float(fraction), 0.0), 1.0) if fraction == fraction else 0.0, message)
        self._beat_when_due()
        self._raise_if_stopped()

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self._points.append((step, dict(values)))
        self.flush()
        self._beat_when_due()
        self._raise_if_stopped()

    @property
    def latest(self) -> tuple[float, str]:
        """What was last said."""
        fraction, message = self._latest
        return fraction or 0.0, message or ""

    def stop(self) -> None:
        """Asks the work to stop at its next call. Safe in a signal handler."""
        self._stop.set()

    def flush(self) -> None:
        """Writes the points of curves that still wait."""
        try:
            while self._points:
                self._ws.add_metrics(self.job_id, *self._points[0])
                del self._points[0]
        except WorkspaceError as error:
            logger.warning("curves of job %s wait: %s", self.job_id, error)

    @contextmanager
    def heartbeats(self) -> Iterator[None]:
        """Beats from a thread while the block runs, so that long silent work shows its life and hears of a cancel."""
        ended = threading.Event()

        def beat_until_ended() -> None:
            while not ended.wait(HEARTBEAT_SECONDS):
                self._beat()

        thread = threading.Thread(target=beat_until_ended, name=f"heartbeat-{self.job_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _beat_when_due(self) -> None:
        if time.monotonic() - self._last_beat >= BEAT_SECONDS:
            self._beat()

    def _beat(self) -> None:
        self._last_beat = time.monotonic()
        try:
            if self._ws.beat(self.job_id, *self._latest):
                self.stop()
        except WorkspaceError as error:
            logger.warning("a beat of job %s was lost: %s", self.job_id, error)

    def _raise_if_stopped(self) -> None:
        if self._stop.is_set():
            raise Cancelled("The job was cancelled. What it saved up to its last checkpoint is kept, and it can be resumed.")
