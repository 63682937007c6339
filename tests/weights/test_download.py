"""The catalogue, and fetching from it: against a server on this machine that can break off, lie and refuse."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pat_core.errors import Cancelled, WeightsError
from pat_core.progress import Silent
from pat_core.weights import CATALOGUE, load
from pat_core.weights.model_downloads import download
from tests.shared import shared_file
from tests.weights.keras_files import lively, write_keras

NAME = "PAT-S_29k"
FILE = "PAT-S_29k_weights.h5"


class Server:
    """Serves `content`. breaks: bytes to send of each answer before the line is cut, one number an answer."""

    def __init__(self) -> None:
        self.content, self.breaks, self.status, self.ranges, self.seen = b"", [], 200, True, []
        self.length_told = True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers.get("Range")
                outer.seen.append(asked)
                start = int(asked[6:-1]) if asked and outer.ranges else 0
                body = outer.content[start:]
                if outer.status != 200:
                    self.send_response(outer.status)
                else:
                    self.send_response(206 if start else 200)
                if start:
                    self.send_header("Content-Range", f"bytes {start}-{len(outer.content) - 1}/{len(outer.content)}")
                if outer.length_told:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: outer.breaks.pop(0)] if outer.breaks else body)
                self.close_connection = True

            def log_message(self, *args) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}/{FILE}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return write_keras(tmp_path_factory.mktemp("keras") / "a.h5", lively("small")).read_bytes()


@pytest.fixture
def server(content):
    server = Server()
    server.content = content
    yield server
    server.http.shutdown()
    server.http.server_close()


class Listener(Silent):
    def __init__(self, cancel_at=2.0):
        self.heard, self.cancel_at = [], cancel_at

    def at(self, fraction, message):
        self.heard.append(fraction)
        if fraction >= self.cancel_at:
            raise Cancelled("cancelled")


def test_a_download_is_checked_named_and_written_down(tmp_path, server, content):
    listener = Listener()
    path = download(NAME, tmp_path / "new", listener, server.address)
    assert path == tmp_path / "new" / FILE and path.read_bytes() == content
    model = load(path)
    record = json.loads(path.with_name(FILE + ".json").read_text())
    assert record["sha256"] == model.sha256 and record["address"] == server.address and record["bytes"] == len(content)
    assert (model.name, model.origin, model.has_head) == (NAME, "published", False)
    assert server.address in model.card["provenance"] and "no checksum" in model.card["provenance"]
    assert listener.heard == sorted(listener.heard) and listener.heard[-1] == 1.0 and len(listener.heard) > 5
    assert sorted(file.name for file in path.parent.iterdir()) == [FILE, FILE + ".json"]


def test_a_file_that_is_there_is_not_fetched_again(tmp_path, server):
    first = download(NAME, tmp_path, address=server.address)
    assert download(NAME, tmp_path, address=server.address) == first
    assert len(server.seen) == 1


def test_a_broken_line_is_taken_up_where_it_broke(tmp_path, server, content):
    server.breaks = [300_000, 200_000]
    assert download(NAME, tmp_path, address=server.address).read_bytes() == content
    assert server.seen[0] is None and server.seen[1].startswith("bytes=") and server.seen[1] != "bytes=0-"
    assert len(server.seen) == 3


def test_a_server_without_ranges_is_asked_from_the_beginning(tmp_path, server, content):
    server.breaks, server.ranges = [300_000], False
    assert download(NAME, tmp_path, address=server.address).read_bytes() == content


def test_where_no_length_is_told_the_file_is_known_by_what_it_holds(tmp_path, server, content):
    server.length_told = False
    assert download(NAME, tmp_path / "whole", address=server.address).read_bytes() == content and server.seen == [None]
    server.breaks = [300_000]
    with pytest.raises(WeightsError, match="could not be downloaded"):
        download(NAME, tmp_path, address=server.address)
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]


def by_hand(tmp_path, says, **settings):
    """The download fails, says how to bring the file by hand, and leaves nothing."""
    with pytest.raises(WeightsError, match=says) as caught:
        download(NAME, tmp_path, **settings)
    message = str(caught.value)
    assert "Add a file" in message and f"python -m pat_core models add {FILE}" in message and settings["address"] in message
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_keeps_breaking_is_given_up(tmp_path, server):
    server.breaks = [1000] * 10
    by_hand(tmp_path, "no connection to the server, or it broke off", address=server.address)


def test_no_server_at_all_is_said(tmp_path, server):
    server.http.shutdown()
    server.http.server_close()
    by_hand(tmp_path, "no connection", address=server.address)


def test_a_web_page_in_place_of_the_file_is_refused(tmp_path, server):
    server.content = b"<!DOCTYPE html><html>Sign in</html>"
    by_hand(tmp_path, "web page", address=server.address)


def test_a_refusal_of_the_server_is_not_repeated(tmp_path, server):
    server.status = 404
    by_hand(tmp_path, "404", address=server.address)
    assert len(server.seen) == 1


def test_another_size_than_the_one_asked_for_is_refused(tmp_path, server):
    server.content = write_keras(tmp_path / "medium.h5", lively("medium")).read_bytes()
    (tmp_path / "medium.h5").unlink()
    by_hand(tmp_path, "expected the small encoder PAT-S_29k without a head, got a medium linear model", address=server.address)


def test_more_bytes_than_any_pat_has_are_not_taken(tmp_path, server, monkeypatch):
    monkeypatch.setattr("pat_core.weights.model_downloads.FILE_BYTES_AT_MOST", 100_000)
    by_hand(tmp_path, "sends more than", address=server.address)


def test_an_address_that_is_no_web_address_is_refused(tmp_path):
    by_hand(tmp_path, "could not be downloaded", address="file:///etc/hostname")


def test_cancelling_leaves_nothing_behind(tmp_path, server):
    with pytest.raises(Cancelled):
        download(NAME, tmp_path, Listener(cancel_at=0.3), server.address)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_name_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="no published PAT named 'PAT-X'"):
        download("PAT-X", tmp_path)


def test_a_file_that_changed_since_its_download_is_refused(tmp_path, server):
    path = download(NAME, tmp_path, address=server.address)
    write_keras(path, lively("small", seed=9))
    with pytest.raises(WeightsError, match="changed since it was downloaded"):
        load(path)


def test_a_published_file_brought_by_hand_is_told_by_name_and_structure_and_called_unverified(tmp_path):
    path = write_keras(tmp_path / FILE, lively("small"))
    model = load(path)
    assert (model.origin, model.name, model.has_head) == ("published", NAME, False)
    assert model.card["provenance"] == "as named by its file, not verified: the authors publish no checksum"
    assert model.card["licence"] == "CC BY 4.0" and "2411.15240" in model.card["citation"]
    assert load(path.rename(tmp_path / "x.h5"), name=FILE).origin == "published"
    assert load(tmp_path / "x.h5", name="PAT-S_29k_weights (1).h5").name == NAME


@pytest.mark.parametrize(
    ("size", "embedding", "layout"),
    [("medium", "linear", "encoder_weights"), ("small", "conv", "encoder_weights"), ("small", "linear", "finetuned_weights")],
)
def test_a_published_name_on_another_structure_is_not_believed(tmp_path, size, embedding, layout):
    model = load(write_keras(tmp_path / FILE, lively(size, embedding), layout))
    assert model.origin == "own" and "not treated as one" in model.card["provenance"]


def test_those_that_saw_2013_warn_and_the_others_do_not():
    for name, entry in CATALOGUE.items():
        saw = "2013-2014" in entry.cycles
        assert saw == name.endswith("29k") == bool(entry.warning) == ("warning" in entry.card("x"))
        assert entry.participants == (29_307 if saw else 21_538)


@pytest.mark.shared
def test_the_catalogue_agrees_with_the_list_of_addresses():
    lines = shared_file("facts/pat-weights.tsv").read_text().splitlines()
    listed = [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]
    assert {row["name"] for row in listed} == set(CATALOGUE)
    for row in listed:
        entry = CATALOGUE[row["name"]]
        assert (entry.size, str(entry.participants), entry.address) == (row["size"], row["participants"], row["address"])
        assert f"NHANES {', '.join(entry.cycles)}" == row["pretrained_on"]
