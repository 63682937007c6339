"""The app as a person starts it: a process of its own on a free port, with a workspace of its own, that can be killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from pat_core.cohorts import Workspace, alive

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0
"""Seconds that a busy machine gets to start a process."""


class Server:
    """`python -m streamlit run app.py` over `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.outside = Outside()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it says that it is well."""
        folder = self.folder.parent
        # one thread each: server, worker and browser share few cores, and waiting threads would only take them from one another
        environment = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
        environment |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"), self.outside.address)
        environment |= {"PAT_WORKSPACE": str(self.folder), "OMP_NUM_THREADS": "1"}
        options = {"server.port": self.port, "server.fileWatcherType": "none", "server.headless": "true"}
        flags = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        with open(folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", *flags],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + PATIENCE
        while not self._well():
            log = (folder / "server.log").read_text()[-2000:]
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"The app did not start on port {self.port}. Its log ends with:\n{log}")
            time.sleep(0.1)

    def _well(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2) as answer:
                return answer.read() == b"ok"
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """kill -9: the server has no chance to tidy up."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End the server, and those workers of its workspace that still run."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        if self.process is not None and self.folder.exists():
            for job in Workspace(self.folder).jobs(limit=None, active_only=True):
                if alive(job.pid, job.pid_started):
                    os.kill(job.pid, signal.SIGKILL)
        self.outside.close()


class Outside:
    """A proxy that never answers: whatever a program asks of the outside arrives here, and is counted."""

    def __init__(self) -> None:
        self.calls = 0
        self.held: list[socket.socket] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._count, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def _count(self) -> None:
        while True:
            try:
                self.held.append(self.socket.accept()[0])
            except OSError:
                return
            self.calls += 1

    def close(self) -> None:
        for one in (self.socket, *self.held):
            one.close()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
