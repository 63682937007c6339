"""Real servers that tests start, on loopback with keys and settings of their own: OpenSSH's, and a Slurm cluster of one node."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from pat_core.cohorts import alive, started
from pat_core.jobs.launcher import ROOT
from pat_core.jobs.launchers.place_book import Place

SBIN = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
STARTS_WITHIN = 60.0


def absent(why: str) -> NoReturn:
    """Skips a test whose server cannot be had here; PAT_PLACES=required makes that a failure."""
    (pytest.fail if os.environ.get("PAT_PLACES") == "required" else pytest.skip)(why)


def program(name: str) -> str:
    """The path of a server's program. Skips the test where it is not installed."""
    path = shutil.which(name, path=SBIN)
    if path is None:
        absent(f"{name} is not installed (CONTRIBUTING.md says how)")
    return path


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_until(true, what: str) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while not true():
        if time.monotonic() > until:
            absent(f"{what} does not start here")
        time.sleep(0.05)


class Cable:
    """A TCP connection to a port that can be cut, and mended."""

    def __init__(self, port: int) -> None:
        self.to, self.port, self._open = port, free_port(), []
        self._listener: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=True)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Closes what is open and refuses what is new."""
        listener, self._listener = self._listener, None
        for one in [listener, *self._open]:
            if one is not None:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                here, _ = listener.accept()
            except OSError:
                return
            try:
                there = socket.create_connection(("127.0.0.1", self.to))
            except OSError:  # the server has not begun yet
                here.close()
                continue
            self._open += [here, there]
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while content := one.recv(1 << 16):
            other.sendall(content)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@dataclass
class SshServer:
    """config: of OpenSSH's client, in which "ward" is this server, "stranger" it without a known host key, and "nobody" it with another
    key. cable: between the two."""

    config: Path
    cable: Cable

    def place(self, folder: Path, kind: str = "ssh", address: str = "ward", **options: str) -> Place:
        given = {"ssh_config": str(self.config), "code": str(ROOT), **options}
        return Place("the ward", kind, address, str(folder), sys.executable, given)


@contextmanager
def ssh_server(folder: Path, **variables: str) -> Iterator[SshServer]:
    """A server of OpenSSH for whoever runs the tests. variables: of the environment there. folder: for its files."""
    sshd, keygen = program("sshd"), program("ssh-keygen")
    program("ssh")
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where its unprivileged part is shut in
    for name in ("host", "user", "other"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    port = free_port()
    settings = {
        "Port": port, "ListenAddress": "127.0.0.1", "HostKey": folder / "host", "AuthorizedKeysFile": folder / "authorized",
        "PidFile": folder / "sshd.pid", "StrictModes": "no", "UsePAM": "no", "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no", "PermitRootLogin": "prohibit-password", "LogLevel": "ERROR", "MaxStartups": "100",
    }  # fmt: skip
    lines = [f"{name} {value}" for name, value in settings.items()]
    lines += [f"SetEnv {' '.join(f'{name}={value}' for name, value in variables.items())}"] if variables else []
    (folder / "sshd_config").write_text("\n".join(lines) + "\n")
    cable = Cable(port)
    host_key = (folder / "host.pub").read_text().rsplit(" ", 1)[0]
    (folder / "known").write_text(f"ward {host_key}\n")
    common = f"HostName 127.0.0.1\nPort {cable.port}\nIdentitiesOnly yes\nGlobalKnownHostsFile /dev/null\n"
    hosts = [
        f"Host {name}\n{common}HostKeyAlias {alias}\nUserKnownHostsFile {folder / 'known'}\nIdentityFile {folder / key}\n"
        for name, alias, key in (("ward", "ward", "user"), ("stranger", "stranger", "user"), ("nobody", "ward", "other"))
    ]
    (folder / "config").write_text("\n".join(hosts))
    server = subprocess.Popen([sshd, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=open(folder / "log", "wb"))  # noqa: SIM115
    try:
        hello = ["ssh", "-F", str(folder / "config"), "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "ward", "true"]
        wait_until(lambda: subprocess.run(hello, capture_output=True, check=False).returncode == 0, "OpenSSH's server")
        yield SshServer(folder / "config", cable)
    finally:
        cable.cut()
        server.terminate()
        server.wait()


@contextmanager
def slurm_cluster(folder: Path) -> Iterator[Path]:
    """A cluster of one node, of Debian's packages; the path of its slurm.conf, to be SLURM_CONF of whoever uses it."""
    munged, controller, node = program("munged"), program("slurmctld"), program("slurmd")
    if os.geteuid() != 0:
        absent("a Slurm cluster of one's own needs root")
    for name in ("state", "spool", "run"):
        (folder / name).mkdir(parents=True, mode=0o755, exist_ok=True)
    (folder / "munge.key").write_bytes(os.urandom(1024))
    (folder / "munge.key").chmod(0o600)
    host = socket.gethostname().split(".")[0]
    settings = {
        "ClusterName": "tests", "SlurmctldHost": f"{host}(127.0.0.1)", "SlurmctldPort": free_port(), "SlurmdPort": free_port(),
        "AuthType": "auth/munge", "AuthInfo": f"socket={folder}/run/munge.sock", "CryptoType": "crypto/munge", "SlurmUser": "root",
        "SlurmdUser": "root", "StateSaveLocation": folder / "state", "SlurmdSpoolDir": folder / "spool",
        "SlurmctldPidFile": folder / "run/slurmctld.pid", "SlurmdPidFile": folder / "run/slurmd.pid",
        "SlurmctldLogFile": folder / "slurmctld.log", "SlurmdLogFile": folder / "slurmd.log", "ProctrackType": "proctrack/linuxproc",
        "TaskPlugin": "task/none", "SwitchType": "switch/none", "MpiDefault": "none", "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_Core", "AccountingStorageType": "accounting_storage/none", "JobAcctGatherType": "jobacct_gather/none",
        "JobCompType": "jobcomp/none", "ReturnToService": 2, "KillWait": 5, "SchedulerParameters": "sched_interval=2,bf_interval=2",
    }  # fmt: skip
    lines = [f"{name}={value}" for name, value in settings.items()]
    lines += [f"NodeName={host} NodeAddr=127.0.0.1 CPUs={max(2, os.cpu_count() or 1)} State=UNKNOWN"]
    lines += [f"PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP"]
    (folder / "slurm.conf").write_text("\n".join(lines) + "\n")
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
    of_munge = [f"--{name}={folder / file}" for name, file in
                (("key-file", "munge.key"), ("socket", "run/munge.sock"), ("pid-file", "run/munged.pid"), ("log-file", "munged.log"),
                 ("seed-file", "munge.seed"))]  # fmt: skip
    pids = []
    try:
        for command, pid in (([munged, "--force", *of_munge], "munged"), ([controller, "-i"], "slurmctld"), ([node], "slurmd")):
            if subprocess.run(command, env=environment, capture_output=True, check=False).returncode:
                absent(f"{pid} does not start here")
            wait_until(lambda file=folder / "run" / f"{pid}.pid": file.exists() and file.read_text().strip().isdigit(), pid)
            pids.append(int((folder / "run" / f"{pid}.pid").read_text()))
        idle = ["sinfo", "-h", "-o", "%T"]
        wait_until(lambda: subprocess.run(idle, env=environment, capture_output=True, check=False).stdout.strip() == b"idle", "Slurm")
        yield folder / "slurm.conf"
    finally:
        subprocess.run(["scancel", "--user=root", "--full"], env=environment, capture_output=True, check=False)
        for pid in reversed(pids):
            end(pid)


def end(pid: int, within: float = 10.0) -> None:
    """Ends a process that is not a child, as gently as it lets one."""
    since = started(pid)
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + within
        while alive(pid, since) and time.monotonic() < until:
            time.sleep(0.05)
