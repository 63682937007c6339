"""A connection to the porter of a place: a process of OpenSSH's, or the porter itself on this computer, spoken to through its pipes."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import Any

from pat_core.errors import PlaceTrouble
from pat_core.jobs.launchers.frames import GREETING, read_frame, write_frame

GREETED_WITHIN, ANSWERED_WITHIN = 90.0, 300.0
"""Seconds. A cluster's shared disk may take many to load a Python; two looks of a minute each are within one answer."""
MOST_LINES = 200
"""Of a login's own greeting."""


class PorterLine:
    """Opened when something is first asked, and again after it broke. name: of the place, for sentences. explain: what the connecting
    program wrote, and its exit code -> the trouble in words."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None, explain: Any) -> None:
        self.name, self.command, self.environment, self.explain = name, list(command), environment, explain
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, verb: str, content: bytes = b"", **values: Any) -> tuple[dict[str, Any], bytes]:
        """The porter's answer. PlaceTrouble: what it could not do, in its words; passing where the connection broke."""
        process = self._process or self._open()
        assert_in, assert_out = process.stdin, process.stdout
        if assert_in is None or assert_out is None:
            raise PlaceTrouble(f"The connection to {self.name} has no pipes.", passing=True)
        with self._watched(process, ANSWERED_WITHIN):
            try:
                write_frame(assert_in, {"verb": verb, **values}, content)
                frame = read_frame(assert_out)
            except (OSError, ValueError):
                frame = None
        if frame is None:
            raise self._broken(process)
        answer, body = frame
        if "error" in answer:
            raise PlaceTrouble(f"{self.name}: {answer['error']}", bool(answer.get("passing")))
        return answer, body

    def close(self) -> None:
        """Ends the connection; work that was begun goes on."""
        process, self._process = self._process, None
        if process is not None:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    _close(stream)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _open(self) -> subprocess.Popen[bytes]:
        self._errors = TemporaryFile()  # noqa: SIM115 (read once the process has ended)
        try:
            process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError as error:
            raise PlaceTrouble(
                f"{self.command[0]} cannot be started: {error.strerror or error}. Install it, or correct the place."
            ) from error
        self._process = process
        with self._watched(process, GREETED_WITHIN):
            for _ in range(MOST_LINES):
                line = process.stdout.readline(1 << 16) if process.stdout else b""
                if line.strip() == GREETING.encode():
                    return process
                if not line:
                    break
        raise self._broken(process)

    def _broken(self, process: subprocess.Popen[bytes]) -> PlaceTrouble:
        self.close()
        self._errors.seek(0)
        words = self._errors.read()[-20_000:].decode(errors="replace")
        return self.explain(process.returncode, words)

    def _watched(self, process: subprocess.Popen[bytes], seconds: float) -> _Deadline:
        return _Deadline(process, seconds)


class _Deadline:
    """Ends a process that does not answer within some seconds: whoever reads from it then sees its end."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._timer = threading.Timer(seconds, process.kill)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *of_the_block: object) -> None:
        self._timer.cancel()


def _close(stream: Any) -> None:
    try:
        stream.close()
    except OSError:
        return
