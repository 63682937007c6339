"""A file fetched over HTTP: taken up where the line broke, also by a later call where that is wished, and known to be whole or not.

Length, and what whoever asks checks of the bytes, are what a download is held against. Words for people are theirs too: here are raised
`NotThere`, what requests raises of a line that is broken or silent, and OSError of a disk.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests

from pat_core.files import write_text
from pat_core.progress import Progress

WAIT_SECONDS = 2.0
_BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class NotThere(Exception):
    """The address answered, but not with the file: trying it again does not help."""


@dataclass
class Partial:
    """A download under way: its bytes so far, and what the server said of the whole. kept: whether that is written beside it, so that a
    later call goes on from there."""

    path: Path
    kept: bool = False
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
    def resumable(self) -> int:
        """Bytes from which a next attempt goes on: none where the whole length is not known."""
        return self.size if self.total is not None else 0

    def begin(self, address: str) -> None:
        """Go on with what an earlier call left of this address; anything else is dropped."""
        try:
            stored = json.loads(self.facts.read_text(encoding="utf-8"))
            known = (str(stored["address"]), str(stored["stamp"]), stored["total"])
        except (OSError, ValueError, KeyError, TypeError):
            known = ("", "", None)
        if known[0] != address or not isinstance(known[2], int):
            self.path.unlink(missing_ok=True)
            known = (address, "", None)
        self.address, self.stamp, self.total = known

    def note(self, stamp: str, total: int | None) -> None:
        """What the server says of the file."""
        if self.kept and ((stamp, total) != (self.stamp, self.total) or not self.facts.exists()):
            facts = {"address": self.address, "stamp": stamp, "total": total}
            write_text(self.facts, json.dumps(facts, indent=1), private=False)
        self.stamp, self.total = stamp, total

    def forget(self) -> None:
        """Nothing of it is here."""
        self.path.unlink(missing_ok=True)
        self.facts.unlink(missing_ok=True)
        self.stamp, self.total = "", None


@dataclass(frozen=True)
class Wanted:
    """What is fetched, and how.

    name: in messages. about_bytes: its length, where the server tells none. words: (bytes that came, of all) -> message. check: (a chunk,
    bytes before it), called before the chunk is written; raises NotThere. room: bytes that are still to come; raises where they do not fit.
    attempts: so many in all; where patient, so many in a row that bring nothing, with pauses, also of a server that is asked too often.
    length_needed: a file whose end nobody tells is NotThere. timeout: seconds for the connection and for each answer. up_to: the fraction
    of `Progress` that the last byte is.
    """

    name: str
    about_bytes: int
    words: Callable[[int, int], str]
    check: Callable[[bytes, int], None]
    room: Callable[[int], None] = lambda needed: None
    attempts: int = 3
    patient: bool = False
    length_needed: bool = False
    timeout: tuple[float, float] = (10, 30)
    chunk: int = 64 * 1024
    up_to: float = 1.0

    def fraction(self, got: int, total: int | None) -> float:
        """How far it is."""
        return min(self.up_to, got / max(total or self.about_bytes, 1))


def fetch(partial: Partial, wanted: Wanted, progress: Progress) -> None:
    """Until the last byte of `partial.address` is in `partial.path`. errors.Cancelled comes from `progress`."""
    failures = 0
    while True:
        before = partial.size
        try:
            if _continue(partial, wanted, progress):
                return
        except _BROKEN:
            failures = 0 if wanted.patient and partial.size > before else failures + 1
            if failures >= wanted.attempts:
                raise
            progress.at(wanted.fraction(partial.size, partial.total), f"The connection broke; continuing with {wanted.name}")
            time.sleep(WAIT_SECONDS * failures if wanted.patient else 0)


def _continue(partial: Partial, wanted: Wanted, progress: Progress) -> bool:
    """Append what is missing; True where that is everything. Where the server does not know ranges, or has another file by now, begin
    again."""
    have = partial.resumable
    if have and have == partial.total:
        return True
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    if have and partial.stamp:
        headers["If-Range"] = partial.stamp
    with requests.get(partial.address, headers=headers, stream=True, timeout=wanted.timeout) as answer:
        rest = f"bytes {have}-{(partial.total or 0) - 1}/{partial.total}"
        resumed = answer.status_code == 206 and answer.headers.get("Content-Range", "") == rest
        if have and not resumed and answer.status_code in (206, requests.codes.requested_range_not_satisfiable):
            partial.forget()  # another file stands there by now
            return False
        if answer.status_code >= 500 or (wanted.patient and answer.status_code == 429):
            raise requests.ConnectionError(f"the server answered {answer.status_code}")
        if answer.status_code not in (200, 206):
            raise NotThere(f"the server answered {answer.status_code} {answer.reason or ''}".rstrip() + ".")
        total = _total(answer, have if resumed else 0, wanted)
        partial.note(_stamp(answer), total)
        wanted.room((total or wanted.about_bytes) - (have if resumed else 0))
        with partial.path.open("ab" if resumed else "wb") as written:
            for chunk in answer.iter_content(wanted.chunk):
                wanted.check(chunk, written.tell())
                written.write(chunk)
                at = written.tell()
                progress.at(wanted.fraction(at, total), f"Downloading {wanted.name}: {wanted.words(at, total or wanted.about_bytes)}")
            if total is not None and written.tell() != total:
                raise requests.ConnectionError(f"{written.tell()} of {total} bytes arrived")
            if written.tell() == 0:
                raise NotThere("the address sent nothing.")
    return True


def _total(answer: requests.Response, have: int, wanted: Wanted) -> int | None:
    """Bytes of the whole file. None where the answer comes in chunks, the last of which says that it is the last.

    Where the end of the line is all that would tell the end of the file, and it has to be known, a first byte is asked for, with the
    length; raises NotThere where that is not told either.
    """
    length = answer.headers.get("Content-Length", "")
    if length.isdigit():
        return have + int(length)
    if not wanted.length_needed or "chunked" in answer.headers.get("Transfer-Encoding", "").lower():
        return None
    headers = {"Accept-Encoding": "identity", "Range": "bytes=0-0"}
    with requests.get(answer.url, headers=headers, stream=True, timeout=wanted.timeout) as response:
        length = response.headers.get("Content-Range", "").removeprefix("bytes 0-0/")
    if not length.isdigit():
        raise NotThere("the server does not say how long the file is, so part of it could not be told from all of it.")
    return int(length)


def _stamp(answer: requests.Response) -> str:
    """What tells this file from a later one under the same address: a strong ETag, else the time of its last change."""
    tag = answer.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
