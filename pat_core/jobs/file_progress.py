"""The Progress of work on another machine: how it fares stands in plain files, which a cluster's nodes share, and so does the wish to stop.

state.json      how the work is, replaced in one step
metrics.jsonl   a line a point of the curves: [step, {curve: value}]
stop            there once the work is to stop
room            given up on a full disk, for the words with which the work ends
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pat_core.cohorts import started
from pat_core.cohorts.workspace_trouble import NO_ROOM
from pat_core.errors import Cancelled
from pat_core.files import open_private, write_text

STATE, METRICS, LOG, STOP, ROOM = "state.json", "metrics.jsonl", "log.txt", "stop", "room"
ROOM_BYTES = 1 << 16
SECONDS_BETWEEN_WRITES = 1.0
logger = logging.getLogger(__name__)


class FileProgress:
    """Implements `progress.Progress` for the work of the parcel in a folder. Cancelled is raised at the next call after `stop` was put
    there, or SIGTERM came. A disk that is full for a moment does not end the work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stop = threading.Event()
        self._written = 0.0
        self._latest: dict[str, Any] = {"fraction": 0.0, "message": "Starting"}
        _end_line(folder / METRICS)

    def at(self, fraction: float, message: str) -> None:
        self._latest = {"fraction": min(max(float(fraction), 0.0), 1.0) if fraction == fraction else 0.0, "message": message}
        self._write_when_due()
        self._raise_if_stopped()

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        try:
            with open_private(self.folder / METRICS, "a", encoding="utf-8") as file:
                file.write(json.dumps([step, {name: float(value) for name, value in values.items()}]) + "\n")
        except OSError as error:
            logger.warning("a point of the curves was not kept: %s", error)
        self._write_when_due()
        self._raise_if_stopped()

    def stop(self) -> None:
        """Asks the work to stop at its next call. Safe in a signal handler."""
        self._stop.set()

    @property
    def cancelled(self) -> bool:
        """Whether the reader asked for the stop, and not the place."""
        return (self.folder / STOP).exists()

    def write(self, state: str, reason: str = "") -> None:
        """How the work is. OSError where that cannot be written."""
        process = {"pid": os.getpid(), "started": started(os.getpid()), "host": socket.gethostname()}
        write_text(self.folder / STATE, json.dumps({"state": state, "reason": reason, "beat": time.time(), **process, **self._latest}))

    def keep_room(self) -> None:
        """For `end`, where the disk fills up meanwhile. OSError where it is full already."""
        with open_private(self.folder / ROOM, "wb") as file:
            file.write(b"\xff" * ROOM_BYTES)

    def end(self, state: str, reason: str) -> None:
        """How the work ended, on a full disk too. OSError where that cannot be written all the same."""
        try:
            self.write(state, reason)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            (self.folder / ROOM).unlink(missing_ok=True)
            self.write(state, reason)

    @contextmanager
    def beats(self) -> Iterator[None]:
        """Shows from a thread that the work lives while the block runs, and hears of a stop in long silent work."""
        ended = threading.Event()

        def beat_until_ended() -> None:
            while not ended.wait(SECONDS_BETWEEN_WRITES):
                self._write()

        thread = threading.Thread(target=beat_until_ended, name="beats", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _write_when_due(self) -> None:
        if time.monotonic() - self._written >= SECONDS_BETWEEN_WRITES:
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        if self.cancelled:
            self.stop()
        try:
            self.write("running")
        except OSError as error:
            logger.warning("how the work fares could not be written: %s", error)

    def _raise_if_stopped(self) -> None:
        if self._stop.is_set():
            raise Cancelled("The work was stopped. What it saved up to its last checkpoint is kept.")


def read_state(folder: Path) -> dict[str, Any]:
    """What state.json says; {} where there is none yet."""
    try:
        plain = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return plain if isinstance(plain, dict) else {}
    except (OSError, ValueError):
        return {}


def _end_line(path: Path) -> None:
    """A kill may have left half a line, to which the next point would be added."""
    try:
        with open(path, "rb+") as file:
            if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                file.write(b"\n")
    except OSError:
        return
