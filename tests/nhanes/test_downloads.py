"""Downloads against a server on this machine that breaks off, lies, changes its file and refuses."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from pat_core import download as fetching
from pat_core.errors import Cancelled, RecordingError
from pat_core.nhanes import CYCLES, DataFile, download
from pat_core.nhanes import cdc_downloads as module
from pat_core.progress import Silent
from pat_core.recordings.tables import xpt

ROOT = Path(__file__).resolve().parents[2]
CONTENT = xpt.MAGIC + bytes(range(256)) * 20_000


def pieces(body: bytes) -> list[bytes]:
    return [body[begin : begin + 500_000] for begin in range(0, len(body), 500_000)]


class Server:
    """Serves `files` by the last part of their address. breaks: bytes to send of each answer before the line is cut; hold: the line stays
    open and silent instead until this is set. framing: how the end of an answer is told: by its "length", in "chunks", or by "nothing" but
    the end of the line."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.breaks, self.status, self.ranges, self.stamp, self.seen = [], 200, True, '"one"', []
        self.hold: threading.Event | None = None
        self.framing = "length"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked, condition = self.headers.get("Range"), self.headers.get("If-Range")
                outer.seen.append((self.path, asked))
                content = outer.files.get(self.path.rsplit("/", 1)[-1])
                whole = not asked or not outer.ranges or condition not in (None, outer.stamp)
                start = 0 if whole else int(asked[6:].split("-")[0])
                end = int(asked.split("-")[1] or len(content) - 1) + 1 if content and not whole else None
                if content is None or outer.status != 200:
                    self.send_response(404 if content is None else outer.status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if not whole and start >= len(content):
                    self.send_response(416)
                    self.end_headers()
                    return
                body = content[start:end]
                self.send_response(200 if whole else 206)
                if not whole:
                    self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
                if outer.stamp:
                    self.send_header("ETag", outer.stamp)
                if outer.framing == "length":
                    self.send_header("Content-Length", str(len(body)))
                if outer.framing == "chunks":
                    self.send_header("Transfer-Encoding", "chunked")
                    body = b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces(body)) + b"0\r\n\r\n"
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # whoever asked was cancelled or killed
                    self.wfile.write(body[: outer.breaks.pop(0)] if outer.breaks and len(body) > 1 else body)
                if outer.hold:
                    outer.hold.wait(30)
                self.close_connection = True

            def log_message(self, *args) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.site = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def file(self, name: str = "PAXMIN_G.xpt", *more: str) -> DataFile:
        return DataFile(name[:-4], name, 5_000_000, tuple(f"{self.site}/{one}" for one in (*more, name)))


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(fetching, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(module, "CHUNK", 64 * 1024)
    server = Server()
    server.files["PAXMIN_G.xpt"] = CONTENT
    yield server
    server.close()


class Listener(Silent):
    def __init__(self, cancel_at=2.0):
        self.heard, self.cancel_at = [], cancel_at

    def at(self, fraction, message):
        self.heard.append(fraction)
        if fraction >= self.cancel_at:
            raise Cancelled("cancelled")


def visible(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_download_is_named_when_whole_and_written_down(tmp_path, server):
    listener = Listener()
    path = download(server.file(), tmp_path / "new", listener)
    record = json.loads((path.parent / "PAXMIN_G.xpt.json").read_text())
    assert path.read_bytes() == CONTENT and (record["bytes"], record["stamp"]) == (len(CONTENT), '"one"')
    assert listener.heard == sorted(listener.heard) and listener.heard[-1] == 1.0 and len(listener.heard) > 20
    assert sorted(one.name for one in path.parent.iterdir()) == ["PAXMIN_G.xpt", "PAXMIN_G.xpt.json"]


def test_a_whole_file_is_not_fetched_again(tmp_path, server):
    download(server.file(), tmp_path, Silent())
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT and len(server.seen) == 1


@pytest.mark.parametrize("stamp", ['"one"', ""])
def test_a_line_that_breaks_many_times_is_taken_up_where_it_broke(tmp_path, server, stamp):
    server.breaks, server.stamp = [700_000] * 6, stamp
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT
    starts = [int(asked[6:-1]) for _, asked in server.seen[1:]]
    assert len(starts) == 6 and starts == sorted(starts) and starts[0] > 0


def test_the_next_run_goes_on_with_what_a_stopped_one_left(tmp_path, server):
    with pytest.raises(Cancelled):
        download(server.file(), tmp_path, Listener(cancel_at=0.5))
    assert visible(tmp_path) == []
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT
    assert int(server.seen[1][1][6:-1]) >= len(CONTENT) * 0.4


KILLED = """
import sys
from pathlib import Path
from pat_core.nhanes import DataFile, download
from pat_core.progress import Silent

class Listener(Silent):
    def at(self, fraction, message):
        print(fraction, flush=True)

download(DataFile("PAXMIN_G", "PAXMIN_G.xpt", 1, (sys.argv[1],)), Path(sys.argv[2]), Listener())
"""


def test_a_killed_download_is_not_seen_and_the_next_run_goes_on_with_it(tmp_path, server):
    server.breaks, server.hold = [4_000_000], threading.Event()
    line = [sys.executable, "-c", KILLED, server.file().addresses[0], str(tmp_path)]
    child = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    while float(child.stdout.readline()) < 0.55:
        pass
    child.kill()
    child.wait()
    server.hold.set()
    assert visible(tmp_path) == []
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT
    assert int(server.seen[-1][1][6:-1]) > 1_000_000 and visible(tmp_path) == ["PAXMIN_G.xpt", "PAXMIN_G.xpt.json"]


def test_notes_of_a_download_that_cannot_be_read_mean_beginning_again(tmp_path, server):
    with pytest.raises(Cancelled):
        download(server.file(), tmp_path, Listener(cancel_at=0.5))
    (tmp_path / ".PAXMIN_G.xpt.part.json").write_text("{")
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT and server.seen[-1][1] is None


def test_a_file_that_changed_in_between_is_fetched_from_its_beginning(tmp_path, server):
    with pytest.raises(Cancelled):
        download(server.file(), tmp_path, Listener(cancel_at=0.5))
    server.files["PAXMIN_G.xpt"], server.stamp = CONTENT[::1] + b"more", '"two"'
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT + b"more"


def test_without_stamps_another_length_means_another_file(tmp_path, server):
    server.stamp = ""
    with pytest.raises(Cancelled):
        download(server.file(), tmp_path, Listener(cancel_at=0.5))
    server.files["PAXMIN_G.xpt"] = CONTENT[:3_000_000]
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT[:3_000_000]


def test_a_server_without_ranges_is_asked_from_the_beginning(tmp_path, server):
    server.breaks, server.ranges = [300_000], False
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT


def test_a_line_that_brings_nothing_is_given_up_and_what_came_is_kept(tmp_path, server):
    server.breaks = [2_000_000] + [0] * 20
    with pytest.raises(RecordingError, match=r"keeps breaking.*--files.*MB downloaded so far are kept"):
        download(server.file(), tmp_path, Silent())
    assert visible(tmp_path) == [] and len(server.seen) == 1 + module.ATTEMPTS
    server.breaks = []
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT and server.seen[-1][1] is not None


def test_the_next_address_is_tried_where_one_does_not_have_the_file(tmp_path, server):
    assert download(server.file("PAXMIN_G.xpt", "elsewhere.xpt"), tmp_path, Silent()).read_bytes() == CONTENT
    assert [path for path, _ in server.seen] == ["/elsewhere.xpt", "/PAXMIN_G.xpt"]


@pytest.mark.parametrize(("content", "says"), [(b"<!DOCTYPE html><html>", "sent a web page"), (b"\x00" * 900, "sent something else")])
def test_something_in_place_of_the_file_is_refused_and_not_kept(tmp_path, server, content, says):
    server.files["PAXMIN_G.xpt"] = content
    with pytest.raises(RecordingError, match=says):
        download(server.file(), tmp_path, Silent())
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_is_not_repeated_but_a_tired_server_is_asked_again(tmp_path, server):
    server.status = 403
    with pytest.raises(RecordingError, match="403.*by hand"):
        download(server.file(), tmp_path, Silent())
    assert len(server.seen) == 1
    server.status = 503
    with pytest.raises(RecordingError, match="no connection"):
        download(server.file(), tmp_path, Silent())
    assert len(server.seen) == 1 + module.ATTEMPTS and visible(tmp_path) == []


def test_a_full_disk_is_said_before_the_download(tmp_path, server, monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(RecordingError, match="needs 5.1 MB more, and 0.0 MB are free"):
        download(server.file(), tmp_path, Silent())


@pytest.mark.parametrize("ranges", [True, False])
def test_a_part_of_a_file_is_never_named_where_the_server_tells_no_length(tmp_path, server, ranges):
    server.framing, server.ranges, server.breaks = "nothing", ranges, [5_048]
    if ranges:  # the length is asked for, and the line that broke is taken up
        assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT
        assert [asked for _, asked in server.seen[:3]] == [None, "bytes=0-0", "bytes=5048-"]
    else:
        with pytest.raises(RecordingError, match="does not say how long the file is.*by hand"):
            download(server.file(), tmp_path, Silent())
        assert list(tmp_path.iterdir()) == []


def test_a_file_in_chunks_is_whole_with_the_last_of_them(tmp_path, server):
    server.framing, server.breaks = "chunks", [5_048, 700_000]
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT and len(server.seen) == 3
    (tmp_path / "PAXMIN_G.xpt").unlink()
    server.breaks = [5_048] * 20
    with pytest.raises(RecordingError, match="keeps breaking.*--files.$"):  # and does not say that something is kept
        download(server.file(), tmp_path, Silent())
    assert visible(tmp_path) == ["PAXMIN_G.xpt.json"]


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_an_empty_answer_is_no_file(tmp_path, server, framing):
    server.files["PAXMIN_G.xpt"], server.framing = b"", framing
    with pytest.raises(RecordingError, match="sent nothing"):
        download(server.file(), tmp_path, Silent())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        (errno.ENOSPC, r"needs 2.1 MB more, and 0.0 MB are free in .*Make room.*The 3.0 MB downloaded so far are kept"),
        (errno.EIO, r"could not be written into .*Input/output error.*The 3.0 MB downloaded so far are kept"),
    ],
)
def test_a_disk_that_fills_up_or_fails_on_the_way_is_said_and_what_came_is_kept(tmp_path, server, monkeypatch, reason, says):
    class Disk(io.FileIO):
        def write(self, content) -> int:
            if self.tell() + len(content) > 3_000_000:
                if self.tell() == 3_000_000:
                    raise OSError(reason, os.strerror(reason))
                content = bytes(content)[: 3_000_000 - self.tell()]
            return super().write(content)

    def opened(path, mode="r", *more, **options):
        return io.BufferedWriter(Disk(path, mode)) if path.suffix == ".part" else real(path, mode, *more, **options)

    real = Path.open
    monkeypatch.setattr(Path, "open", opened)
    if reason == errno.ENOSPC:
        room = iter([SimpleNamespace(free=10**9), SimpleNamespace(free=0)])
        monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: next(room))
    with pytest.raises(RecordingError, match=says):
        download(server.file(), tmp_path, Silent())
    assert visible(tmp_path) == []
    monkeypatch.undo()
    assert download(server.file(), tmp_path, Silent()).read_bytes() == CONTENT and server.seen[-1][1] == "bytes=3000000-"


def test_every_cycle_names_its_files_with_its_letter():
    for year, cycle in CYCLES.items():
        files = [cycle.minutes_file(), *cycle.table_files()]
        assert all(file.name.endswith(f"_{cycle.letter}") for file in files)
        assert all(f"/{year}/DataFiles/{file.filename}" in file.addresses[-1] for file in files)
    assert [cycle.name for cycle in CYCLES.values()] == ["2003-04", "2005-06", "2011-12", "2013-14"]
    assert [cycle.paper["people"] for cycle in CYCLES.values()] == [7176, 7455, 6907, 7769]
