"""A real Ray cluster on this computer, of a head and further nodes, each with a raylet of its own: with a token, without the network."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NEEDS_RAY = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install -e .[ray]")
STARTS_WITHIN = 120.0
MEMORY = str(100 << 20)


class Cluster:
    """address: of its head's HTTP interface. client: the port of Ray Client. token: its file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.token = folder, folder / "token"
        self.token.write_text(secrets.token_hex(24))
        self.token.chmod(0o600)
        self.gcs, self.dashboard, self.client = (free_port() for _ in range(3))
        self.address = f"http://127.0.0.1:{self.dashboard}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        head = [
            "--head",
            f"--resources={json.dumps({'home': 1})}",
            f"--port={self.gcs}",
            "--dashboard-host=127.0.0.1",
            f"--dashboard-port={self.dashboard}",
        ]
        self._start("head", 2, [*head, f"--ray-client-server-port={self.client}", f"--temp-dir={folder / 'r'}"])

    def add(self, name: str, resource: str, cpus: int = 1) -> None:
        """One more raylet, which alone has this resource."""
        self._start(name, cpus, [f"--address={node_address()}:{self.gcs}", f"--resources={json.dumps({resource: 1})}"])

    def kill(self, name: str) -> None:
        """As a machine that fails: its raylet and all that it started are gone at once."""
        for pid in reversed(family(self.processes.pop(name).pid)):
            os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        for name in list(self.processes):
            self.kill(name)

    def _start(self, name: str, cpus: int, words: list[str]) -> None:
        log = self.folder / f"{name}.log"
        ports = [f"--{what}={free_port()}" for what in ("dashboard-agent-listen-port", "metrics-export-port")]
        command = [
            str(Path(sys.executable).with_name("ray")),
            "start",
            f"--num-cpus={cpus}",
            "--num-gpus=0",
            "--disable-usage-stats",
            "--block",
        ]
        environment = {**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(self.token), "PYTHONPATH": str(ROOT)}
        environment |= {"OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"}
        with open(log, "wb") as out:
            self.processes[name] = subprocess.Popen(
                [*command, f"--object-store-memory={MEMORY}", *ports, *words], cwd=self.folder, env=environment, stdout=out, stderr=out
            )
        until = time.monotonic() + STARTS_WITHIN
        while b"runtime started" not in log.read_bytes():
            assert self.processes[name].poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.1)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """In a folder with a short name, for the paths of sockets are limited."""
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))
    try:
        started = Cluster(folder)
        try:
            yield started
        finally:
            started.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def family(pid: int) -> list[int]:
    """A process, its children, theirs, ..."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def node_address() -> str:
    """The address under which Ray knows this computer: it takes no loopback."""
    from ray.util import get_node_ip_address

    return str(get_node_ip_address())
