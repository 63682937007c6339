"""The HTTP side of a Ray cluster's head: asked before anything of ours goes there, and refused where it would take anybody's work.

The token is the reader's own, where Ray itself looks for it: RAY_AUTH_TOKEN, the file that RAY_AUTH_TOKEN_PATH names, or ~/.ray/auth_token.
It is never kept by us, and goes nowhere but to the address that the reader gave.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from pat_core.errors import JobError, PlaceTrouble

OLDEST = (2, 52)
"""Before it Ray knows no tokens, and CVE-2025-62593 is open."""
DASHBOARD, CLIENT = 8265, 10001
WITHIN = 15.0
MARK = "pat-explorer bridge, "
"""Begins the last line of a bridge (ray_bridge.py) that could not go on."""
TUNNEL = "ssh -N -L {port}:127.0.0.1:{port} -L {client}:127.0.0.1:{client} {host}"


@dataclass(frozen=True)
class RayAddress:
    """host, port: of its dashboard. client: the port of Ray Client. secure: by https."""

    host: str
    port: int
    client: int = CLIENT
    secure: bool = False

    @property
    def url(self) -> str:
        return f"http{'s' if self.secure else ''}://{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether it is this computer, where the other end of an SSH tunnel is."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def ray_address(text: str, client: int = CLIENT, trusted: bool = False) -> RayAddress:
    """The address of a cluster out of http://host:port. trusted: the reader says that its network may be read by nobody else.

    JobError where it is none, holds a name or a password, or leads over a network that the reader has not called trusted: Ray encrypts
    nothing.
    """
    parts = urlsplit(text if "//" in text else f"http://{text}")
    try:
        port = parts.port or DASHBOARD
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https") or not parts.hostname or not 0 < port < 65536 or parts.path.strip("/") or parts.query:
        raise JobError(f"Expected the address of a Ray cluster as http://host:8265, got {text!r}.")
    if parts.username or parts.password:
        raise JobError("The address of a Ray cluster holds no name and no password. Its token is read from where Ray itself looks for it.")
    address = RayAddress(parts.hostname, port, client, parts.scheme == "https")
    if not address.loopback and not trusted:
        tunnel = TUNNEL.format(port=port, client=client, host=parts.hostname)
        raise JobError(
            f"Between here and {parts.hostname} Ray encrypts nothing: token and weeks could be read on the way. Open a tunnel ({tunnel}) "
            f"and give http://127.0.0.1:{port}, or say with the option network=trusted that nobody else can read that network."
        )
    return address


def of_place(text: str, options: Mapping[str, Any]) -> RayAddress:
    """The address of a place, with what its options say of the way there. Raises as `ray_address`."""
    return ray_address(text, int(options.get("client") or CLIENT), options.get("network") == "trusted")


def token() -> str:
    """The reader's token, "" where there is none. JobError where a file that should hold it cannot be read."""
    if stated := os.environ.get("RAY_AUTH_TOKEN", "").strip():
        return stated
    named = os.environ.get("RAY_AUTH_TOKEN_PATH", "")
    path = Path(named).expanduser() if named else Path.home() / ".ray" / "auth_token"
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        if not named:
            return ""
        raise JobError(f"The token file that RAY_AUTH_TOKEN_PATH names cannot be read: {error.strerror or error}.") from error


class RayServer:
    """The documented HTTP interface of a cluster's head (Ray Jobs REST API). name: of the place, for sentences."""

    def __init__(self, name: str, address: RayAddress) -> None:
        self.name, self.address, self.secret = name, address, token()

    def refuse_open(self, installed: str) -> None:
        """PlaceTrouble unless the server asks everybody for a token, takes ours, and has the Ray release of here (installed)."""
        url, mode = self.address.url, self._ask("GET", "/api/authentication_mode", secret="")
        if str((_plain(mode) or {}).get("authentication_mode", "")) not in ("token", "k8s"):
            raise PlaceTrouble(
                f"The Ray server at {url} asks nobody for a token, so anybody who reaches it could read what is sent there and run "
                "programs. Nothing was sent. Its administrators start Ray 2.52 or newer with RAY_AUTH_MODE=token; `ray get-auth-token "
                "--generate` makes the token."
            )
        if not self.secret:
            raise PlaceTrouble(
                f"The Ray server at {url} asks for a token, and there is none here. Put the one that its administrators give into "
                "~/.ray/auth_token, which only you can read, or name its file in RAY_AUTH_TOKEN_PATH."
            )
        there = str((_plain(self._asked("GET", "/api/version")) or {}).get("ray_version", "0"))
        if tuple(int(part) for part in there.split(".")[:2] if part.isdigit()) < OLDEST:
            raise PlaceTrouble(f"{url} has Ray {there}; 2.52 or newer is needed, for its tokens and CVE-2025-62593. Nothing was sent.")
        if there != installed:
            raise PlaceTrouble(f"{url} has Ray {there}, here it is {installed}. Install the same release here: pip install ray=={there}.")

    def submit(self, job: Mapping[str, Any]) -> None:
        """Begin a job. One of its `submission_id` that is there already stays as it is."""
        answer = self._ask("POST", "/api/jobs/", json={name: value for name, value in job.items() if value is not None})
        if not answer.ok and "already exists" not in answer.text:
            raise self._refusal(answer)

    def job(self, name: str) -> dict[str, Any] | None:
        """Status ("PENDING", "RUNNING", "STOPPED", "SUCCEEDED", "FAILED"), message, ...; None for a job that it does not know."""
        answer = self._ask("GET", f"/api/jobs/{name}")
        if answer.status_code == 404:
            return None
        if not answer.ok:
            raise self._refusal(answer)
        return _plain(answer)

    def stop(self, name: str) -> None:
        self._asked("POST", f"/api/jobs/{name}/stop")

    def queue(self) -> str:
        """What its jobs do, in words."""
        answer = self._asked("GET", "/api/jobs/").json()
        jobs = answer if isinstance(answer, list) else []
        states = [str(job.get("status")) for job in jobs if job.get("type") == "SUBMISSION"]  # others are connections, such as ours
        return f"{states.count('RUNNING'):,} running and {states.count('PENDING'):,} waiting on the cluster"

    def _asked(self, verb: str, path: str) -> requests.Response:
        answer = self._ask(verb, path)
        if not answer.ok:
            raise self._refusal(answer)
        return answer

    def _ask(self, verb: str, path: str, secret: str | None = None, json: Any = None) -> requests.Response:
        secret = self.secret if secret is None else secret
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        try:
            return requests.request(verb, self.address.url + path, headers=headers, json=json, timeout=WITHIN, allow_redirects=False)
        except requests.RequestException as error:
            raise PlaceTrouble(
                f"The Ray server at {self.address.url} cannot be reached ({type(error).__name__}). Check the network, the tunnel or VPN.",
                passing=True,
            ) from error

    def _refusal(self, answer: requests.Response) -> PlaceTrouble:
        if answer.status_code in (401, 403):
            return PlaceTrouble(
                f"The Ray server at {self.address.url} does not take your token. Ask its administrators for the present one."
            )
        if answer.status_code == 404:
            return PlaceTrouble(
                f"What answers at {self.address.url} is no Ray server. Give the address of its dashboard, as http://host:8265."
            )
        lines = [line.strip() for line in answer.text.splitlines() if line.strip()]
        words = lines[-1][:300] if lines else f"HTTP {answer.status_code}"
        return PlaceTrouble(f"The Ray server of {self.name} answered: {words}", passing=answer.status_code >= 500)


def _plain(answer: requests.Response) -> dict[str, Any] | None:
    try:
        plain = answer.json() if answer.ok else None
    except ValueError:
        return None
    return plain if isinstance(plain, dict) else None


def explain_bridge(name: str, code: int, words: str) -> PlaceTrouble:
    """Why a bridge ended, by what it wrote. name: of the place."""
    last = next((line for line in reversed(words.splitlines()) if line.startswith(MARK)), "")
    kind, _, sentence = last.removeprefix(MARK).partition(": ")
    if sentence:
        return PlaceTrouble(sentence, passing=kind == "passing")
    final = next((line.strip() for line in reversed(words.splitlines()) if line.strip()), "")
    return PlaceTrouble(f"The connection to {name} ended ({final[:200] or f'code {code}'}).", passing=True)
