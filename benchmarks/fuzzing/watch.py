"""Watches over answers: time, memory, exceptions, and the inputs that failed."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

MOST_SECONDS, MOST_MEGABYTES = 5.0, 500.0
MOST_WAITED = 10
"""So many times its seconds a target may last on a busy machine."""
_SAVE_EVERY = 0.5


class Watch:
    """Answers one input after another, measures each, and keeps those that fail."""

    def __init__(self, answer: Callable[[bytes], None], out: Path) -> None:
        self._answer, self._out, self._saved = answer, out, 0.0
        self._failures: dict[str, int] = {}
        self._slowest, self._answered, self._inputs = 0.0, 0, 0
        self._start = self._most = _held()
        self._began = time.process_time()

    def over(self, seconds: float) -> bool:
        """Whether the target has had so many seconds of the processor, however busy the machine is; what was measured is saved then."""
        over = time.process_time() >= self._began + seconds
        if over:
            self.save()
        return over

    def __call__(self, content: bytes) -> None:
        began, failure = time.process_time(), None
        try:
            self._answer(content)
        except Refused:
            pass
        except BaseException as error:  # noqa: BLE001
            failure = _where(error)
        else:
            self._answered += 1
        took, self._most = time.process_time() - began, max(self._most, held := _held())
        self._slowest, self._inputs = max(self._slowest, took), self._inputs + 1
        failure = failure or ("slow" if took > MOST_SECONDS else "memory" if held - self._start > MOST_MEGABYTES else None)
        if failure:
            self._keep(failure, content)
        if failure or time.monotonic() > self._saved + _SAVE_EVERY:
            self.save()

    def _keep(self, failure: str, content: bytes) -> None:
        self._failures[failure] = self._failures.get(failure, 0) + 1
        if self._failures[failure] <= 3:
            (self._out / f"{hashlib.sha256(failure.encode()).hexdigest()[:8]}-{self._failures[failure]}").write_bytes(content)

    def save(self) -> None:
        """Write what was measured so far: libFuzzer ends the process by itself."""
        self._saved = time.monotonic()
        told = {
            "inputs": self._inputs,
            "read": self._answered,
            "slowest s": round(self._slowest, 2),
            "most MB above start": round(self._most - self._start, 1),
            "failures": self._failures,
        }
        (self._out / "watch.json").write_text(json.dumps(told))


class Refused(Exception):
    """The input was answered by a sentence."""


def _held() -> float:
    """MB of the most that was held since the last call; since the start where the system cannot forget its mark."""
    try:
        status = Path("/proc/self/status").read_text()
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _where(error: BaseException) -> str:
    """The exception's name and its last line in the engine."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "pat_core" in frame.filename]
    line = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "here"
    return (
        f"{type(error).__name__} at {line}: {str(error)[:120]}"
        if isinstance(error, AssertionError)
        else f"{type(error).__name__} at {line}"
    )
