"""Files of the CDC onto this disk: taken up where the line broke, also by the next run, and named only when whole.

The CDC publishes no checksums. Length, and the first bytes, are what a download is held against, and a file whose end nobody tells is
refused; address, length and the server's stamps are written beside it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests

from pat_core.errors import RecordingError
from pat_core.nhanes.cycles import DataFile
from pat_core.progress import Progress
from pat_core.recordings.tables import xpt

ATTEMPTS = 5
"""So often in a row may an attempt bring nothing; one that brought some bytes counts anew."""
WAIT_SECONDS = 2.0
TIMEOUT_SECONDS = (10, 60)
CHUNK = 1024**2
STARTS = {".xpt": xpt.MAGIC, ".zip": b"PK\x03\x04"}
_BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class _NotThere(Exception):
    """The address answered, but not with the file: trying it again does not help."""


@dataclass
class _Partial:
    """A download under way: its bytes so far, and what the server said of the whole."""

    path: Path
    address: str = ""
    stamp: str = ""
    total: int | None = None

    @property
    def facts(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def kept(self) -> int:
        """Bytes from which a next attempt goes on: none where the whole length is not known."""
        return self.size if self.total is not None else 0

    def begin(self, address: str) -> None:
        """Go on with what an earlier run left of this address; anything else is dropped."""
        try:
            said = json.loads(self.facts.read_text(encoding="utf-8"))
            known = (str(said["address"]), str(said["stamp"]), said["total"])
        except (OSError, ValueError, KeyError, TypeError):
            known = ("", "", None)
        if known[0] != address or not isinstance(known[2], int):
            self.path.unlink(missing_ok=True)
            known = (address, "", None)
        self.address, self.stamp, self.total = known

    def told(self, stamp: str, total: int | None) -> None:
        if (stamp, total) != (self.stamp, self.total) or not self.facts.exists():
            self.stamp, self.total = stamp, total
            _write_json(self.facts, {"address": self.address, "stamp": stamp, "total": total})

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)
        self.facts.unlink(missing_ok=True)
        self.stamp, self.total = "", None


def download(file: DataFile, folder: Path, progress: Progress) -> Path:
    """Put the file into `folder` and return its path; a whole one that lies there already is kept.

    Raises RecordingError that says how to bring the file by hand; errors.Cancelled from `progress`. What had come stays hidden beside
    its place (.NAME.part), and the next call goes on from there.
    """
    target = folder / file.filename
    if target.is_file():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = _Partial(folder / f".{file.filename}.part")
    reason = "no address is known."
    for address in file.addresses:
        try:
            partial.begin(address)
            _whole(partial, file, progress)
            return _named(partial, target)
        except _NotThere as error:
            partial.forget()
            reason = str(error)
        except requests.RequestException as error:
            if partial.kept or address == file.addresses[-1]:
                raise RecordingError(_failed(file, _line(error), address) + _kept(partial)) from error
        except OSError as error:
            raise RecordingError(_not_written(partial, file, error) + _kept(partial)) from error
    raise RecordingError(_failed(file, reason, file.addresses[-1]))


def _named(partial: _Partial, target: Path) -> Path:
    """Give the whole file its name, and write down where it came from."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    facts = {"address": partial.address, "bytes": partial.size, "stamp": partial.stamp, "downloaded": now}
    os.replace(partial.path, target)
    _write_json(target.with_name(target.name + ".json"), facts)
    partial.facts.unlink(missing_ok=True)
    return target


def _kept(partial: _Partial) -> str:
    return f" The {_megabytes(partial.kept)} that came are kept; the same command goes on from there." if partial.kept else ""


def _not_written(partial: _Partial, file: DataFile, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _no_room(partial, max((partial.total or file.about_bytes) - partial.size, 0), file)
    return (
        f"{file.filename} could not be written into {partial.path.parent} ({error.strerror or error}). See whether the disk is there and "
        "may be written to, or choose another folder with --out."
    )


def _failed(file: DataFile, reason: str, address: str) -> str:
    return (
        f"{file.filename} could not be downloaded: {reason} To bring it by hand: open {address} in a browser, put the file into a folder, "
        "and give that folder with --files."
    )


def _whole(partial: _Partial, file: DataFile, progress: Progress) -> None:
    """Until the last byte is here."""
    failures = 0
    while True:
        before = partial.size
        try:
            if _continue(partial, file, progress):
                return
        except _BROKEN:
            failures = 0 if partial.size > before else failures + 1
            if failures >= ATTEMPTS:
                raise
            progress.at(_fraction(partial, file), f"The line broke; going on with {file.filename}")
            time.sleep(WAIT_SECONDS * failures)


def _continue(partial: _Partial, file: DataFile, progress: Progress) -> bool:
    """Append what is missing; True where that is everything. Where the server does not know ranges, or has another file by now, begin
    again."""
    have = partial.kept
    if have and have == partial.total:
        return True
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    if have and partial.stamp:
        headers["If-Range"] = partial.stamp
    with requests.get(partial.address, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as answer:
        rest = f"bytes {have}-{(partial.total or 0) - 1}/{partial.total}"
        resumed = answer.status_code == 206 and answer.headers.get("Content-Range", "") == rest
        if have and not resumed and answer.status_code in (206, requests.codes.requested_range_not_satisfiable):
            partial.forget()  # another file stands there by now
            return False
        if answer.status_code >= 500 or answer.status_code == 429:
            raise requests.ConnectionError(f"the server answered {answer.status_code}")
        if answer.status_code not in (200, 206):
            raise _NotThere(f"the server answered {answer.status_code} {answer.reason or ''}".rstrip() + ".")
        total = _total(answer, have if resumed else 0)
        partial.told(_stamp(answer), total)
        _room(partial, (total or file.about_bytes) - (have if resumed else 0), file)
        with partial.path.open("ab" if resumed else "wb") as written:
            for chunk in answer.iter_content(CHUNK):
                if written.tell() == 0:
                    _check_start(chunk, file)
                written.write(chunk)
                at, all_of_it = written.tell(), total or file.about_bytes
                progress.at(_share(at, all_of_it), f"Downloading {file.filename}: {_megabytes(at)} of {_megabytes(all_of_it)}")
            if total is not None and written.tell() != total:
                raise requests.ConnectionError(f"{written.tell()} of {total} bytes came")
            if written.tell() == 0:
                raise _NotThere("the address sent nothing.")
    return True


def _total(answer: requests.Response, have: int) -> int | None:
    """Bytes of the whole file. None where the answer comes in chunks, the last of which says that it is the last.

    Where the end of the line is all that would tell the end of the file, a first byte is asked for, with the length; raises _NotThere where
    that is not told either.
    """
    length = answer.headers.get("Content-Length", "")
    if length.isdigit():
        return have + int(length)
    if "chunked" in answer.headers.get("Transfer-Encoding", "").lower():
        return None
    headers = {"Accept-Encoding": "identity", "Range": "bytes=0-0"}
    with requests.get(answer.url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as asked:
        length = asked.headers.get("Content-Range", "").removeprefix("bytes 0-0/")
    if not length.isdigit():
        raise _NotThere("the server does not say how long the file is, so that a whole one could not be told from a part of it.")
    return int(length)


def _stamp(answer: requests.Response) -> str:
    """What tells this file from a later one under the same address: a strong ETag, else the time of its last change."""
    tag = answer.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _check_start(chunk: bytes, file: DataFile) -> None:
    expected = STARTS[Path(file.filename).suffix]
    if not chunk.startswith(expected[: len(chunk)]):
        sent = "a web page" if chunk.lstrip()[:1] == b"<" else "something else"
        raise _NotThere(f"a {'zip' if expected[:2] == b'PK' else 'SAS transport file'} was expected, and the address sent {sent}.")


def _room(partial: _Partial, needed: int, file: DataFile) -> None:
    if needed > shutil.disk_usage(partial.path.parent).free:
        raise RecordingError(_no_room(partial, needed, file))


def _no_room(partial: _Partial, needed: int, file: DataFile) -> str:
    free = shutil.disk_usage(partial.path.parent).free
    return (
        f"{file.filename} needs {_megabytes(needed)} more, and {_megabytes(free)} are free in {partial.path.parent}. Make room, or "
        "choose another folder with --out."
    )


def _fraction(partial: _Partial, file: DataFile) -> float:
    return _share(partial.size, partial.total or file.about_bytes)


def _share(done: int, total: int) -> float:
    return min(1.0, done / max(total, 1))


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def _line(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time."
    return "there is no connection to the server, or it keeps breaking off."


def _write_json(path: Path, facts: dict[str, object]) -> None:
    temporary = path.with_name(f".{path.name.lstrip('.')}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(facts, indent=1), encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
