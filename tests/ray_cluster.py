"""A real Ray cluster on this computer, of a head and further nodes, each with a raylet of its own: with a token, without the network."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from pat_core.errors import PlaceTrouble
from pat_core.jobs.launchers.launcher_kinds import launcher_of
from pat_core.jobs.launchers.place_book import Place
from tests.servers import Cable, free_port

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = os.environ.get("PAT_RAY") == "required"
NEEDS_RAY = pytest.mark.skipif(find_spec("ray") is None and not REQUIRED, reason="Ray is not installed: pip install -e .[ray]")
"""PAT_RAY=required turns the skip into a failure."""
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
        environment |= {"RAY_worker_niceness": "0", "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "80"}  # not 15, not 30: others are at work
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


def wait_for_answer(place: Place) -> None:
    """Waits until Ray Client, which starts after the rest of a cluster, answers: on a busy machine longer than a look waits for it."""
    until = time.monotonic() + 180
    while True:
        launcher = launcher_of(place)
        try:
            launcher.look()
            return
        except PlaceTrouble as error:
            if not error.passing or time.monotonic() > until:
                raise
        finally:
            launcher.close()


def family(pid: int) -> list[int]:
    """A process, its children, theirs, ..."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def node_address() -> str:
    """The address under which Ray knows this computer: it takes no loopback."""
    from ray.util import get_node_ip_address

    return str(get_node_ip_address())


class Cables:
    """Those to a head's HTTP interface and to Ray Client, cut and mended together."""

    def __init__(self, *ports: int) -> None:
        self.each = [Cable(port) for port in ports]

    def cut(self) -> None:
        for one in self.each:
            one.cut()

    def mend(self) -> None:
        for one in self.each:
            one.mend()


@contextmanager
def ray_place(folder: Path) -> Iterator[tuple[Place, Cables]]:
    """A cluster of its head alone as a place, and what connects it. RAY_AUTH_TOKEN_PATH is that of its token while the block runs."""
    with cluster() as lab, pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_AUTH_TOKEN_PATH", str(lab.token))
        cables = Cables(lab.dashboard, lab.client)
        dashboard, client = (one.port for one in cables.each)
        place = Place("lab", "ray", f"http://127.0.0.1:{dashboard}", str(folder), options={"client": str(client), "code": str(ROOT)})
        wait_for_answer(place)
        try:
            yield place, cables
        finally:
            cables.cut()
