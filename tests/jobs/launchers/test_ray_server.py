"""What a Ray server must be before anything of ours goes there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pat_core.errors import JobError, PlaceTrouble
from pat_core.jobs.launchers.launcher_kinds import checked
from pat_core.jobs.launchers.place_book import Place
from pat_core.jobs.launchers.ray_bridge import _bytes, _why, offered
from pat_core.jobs.launchers.ray_server import MARK, RayServer, explain_bridge, ray_address, token


@contextmanager
def answering(mode: object, version: object = None, asks_for: str = "right") -> Iterator[RayServer]:
    """A server that answers as Ray's head does (status, or plain values)."""

    class Head(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = mode if self.path == "/api/authentication_mode" else version
            if self.path != "/api/authentication_mode" and self.headers.get("Authorization") != f"Bearer {asks_for}":
                answer = 403
            self.send_response(answer if isinstance(answer, int) else 200)
            self.end_headers()
            self.wfile.write(b"" if isinstance(answer, int) else json.dumps(answer).encode())

        def log_message(self, *words: object) -> None:
            pass

    head = HTTPServer(("127.0.0.1", 0), Head)
    threading.Thread(target=head.serve_forever, daemon=True).start()
    try:
        yield RayServer("lab", ray_address(f"http://127.0.0.1:{head.server_port}"))
    finally:
        head.shutdown()
        head.server_close()


@pytest.fixture(autouse=True)
def own_token(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("RAY_AUTH_TOKEN_PATH", raising=False)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "right")


OPEN = {"authentication_mode": "disabled"}
GUARDED = {"authentication_mode": "token"}


@pytest.mark.parametrize(
    ("mode", "version", "words"),
    (
        (OPEN, {"ray_version": "2.60.0"}, "asks nobody for a token"),
        (404, {"ray_version": "2.50.0"}, "asks nobody for a token"),
        (GUARDED, {"ray_version": "2.51.1"}, "2.52 or newer is needed"),
        (GUARDED, {"ray_version": "2.59.0"}, "pip install ray==2.59.0"),
        (GUARDED, 404, "is no Ray server"),
    ),
)
def test_a_server_that_is_open_old_or_another_is_refused(mode, version, words):
    with answering(mode, version) as server, pytest.raises(PlaceTrouble, match=words) as refused:
        server.refuse_open("2.60.0")
    assert not refused.value.passing


def test_a_server_that_asks_for_a_token_and_takes_ours_will_do(monkeypatch):
    with answering(GUARDED, {"ray_version": "2.60.0"}) as server:
        server.refuse_open("2.60.0")
    with (
        answering(GUARDED, {"ray_version": "2.60.0"}, asks_for="another") as server,
        pytest.raises(PlaceTrouble, match="does not take your"),
    ):
        server.refuse_open("2.60.0")
    monkeypatch.delenv("RAY_AUTH_TOKEN")
    with answering(GUARDED) as server, pytest.raises(PlaceTrouble, match="there is none here"):
        server.refuse_open("2.60.0")


def test_a_server_that_is_not_there_may_be_later():
    with answering(GUARDED) as server:
        pass
    with pytest.raises(PlaceTrouble, match="cannot be reached") as refused:
        server.refuse_open("2.60.0")
    assert refused.value.passing


def test_the_token_is_read_where_ray_reads_it(monkeypatch, tmp_path):
    assert token() == "right"
    monkeypatch.delenv("RAY_AUTH_TOKEN")
    assert token() == ""
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("at home\n")
    assert token() == "at home"
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "elsewhere"))
    with pytest.raises(JobError, match="cannot be read"):
        token()


def test_the_way_to_a_cluster_is_this_computer_or_a_network_that_is_trusted():
    assert ray_address("http://127.0.0.1:8265").url == ray_address("127.0.0.1").url == "http://127.0.0.1:8265"
    assert checked(Place("lab", "ray", "http://lab.example.org:8265", options={"network": "trusted", "client": "10002"})).kind == "ray"
    with pytest.raises(JobError, match="ssh -N -L 8265:127.0.0.1:8265 -L 10001:127.0.0.1:10001 lab.example.org"):
        checked(Place("lab", "ray", "http://lab.example.org:8265"))
    for address in ("", "ftp://127.0.0.1", "http://127.0.0.1:99999", "http://127.0.0.1/jobs"):
        with pytest.raises(JobError, match="as http://host:8265"):
            checked(Place("lab", "ray", address))
    with pytest.raises(JobError, match="holds no name and no password"):
        checked(Place("lab", "ray", "http://me:secret@127.0.0.1:8265"))


def test_what_ended_a_bridge_is_its_last_line():
    assert str(explain_bridge("lab", 1, f"noise\n{MARK}lasting: No node has it.\n")) == "No node has it."
    assert explain_bridge("lab", 1, f"noise\n{MARK}passing: It is away.\n").passing
    assert "Fatal" in str(explain_bridge("lab", 139, "Fatal Python error"))


def test_words_for_what_ray_says():
    assert "node that it ran on failed" in _why("Job supervisor actor died because its node has died.")
    assert "ran out of memory" in _why("Job entrypoint command failed with exit code -9")
    assert (_bytes("32G"), _bytes("512 m".replace(" ", "")), _bytes("7")) == (32 << 30, 512 << 20, 7)
    with pytest.raises(JobError, match="as 32G"):
        _bytes("much")
    nodes = [{"NodeManagerHostname": "a", "Resources": {"CPU": 8.0, "GPU": 2.0, "accelerator_type:A100": 1.0}}]
    assert offered(nodes) == ["a: 8 CPU, 2 GPU A100"]
