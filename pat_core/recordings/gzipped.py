"""One file inside a gzip, unfolded within bounds: a few kilobytes can unfold to any size, so what comes out is counted."""

from __future__ import annotations

import io
import zlib
from dataclasses import replace
from typing import Any

from pat_core import settings
from pat_core.errors import RecordingError
from pat_core.recordings import raw
from pat_core.recordings.source import HEAD_BYTES, Source, is_bomb

MOST_UNFOLDED = 256 * 1024**2
"""Bytes that a gzip may unfold to, where it does not hold raw acceleration as text: that is read in pieces, and may be as large as any
import."""
_MOST_MEMBERS = 100_000
_BLOCK = 1 << 16
_GZIP = 31
"""The window of zlib that expects gzip's header and checksum."""


def is_gzip(head: bytes) -> bool:
    """Whether these first bytes are a gzip's."""
    return head.startswith(b"\x1f\x8b\x08")


def unfolded(source: Source, limit: int | None = None) -> Source:
    """The file inside as a Source of its own, named without .gz, its size counted by unfolding it once.

    limit: bytes, by default what its kind allows. Raises RecordingError beyond it, for what unfolds as no recording does, and
    where the gzip is damaged or breaks off.
    """
    path = source.path[:-3] if source.path.lower().endswith(".gz") else source.path
    limit = _limit(source, path) if limit is None else limit
    size, block = 0, bytearray(_BLOCK)
    with _Unfolding(source, limit) as stream:
        while got := stream.readinto(block):
            size += got
    return replace(source, path=path, size=size, opener=lambda: io.BufferedReader(_Unfolding(source, limit)))


def _limit(source: Source, path: str) -> int:
    with io.BufferedReader(_Unfolding(source, MOST_UNFOLDED)) as stream:
        samples = raw.TEXT.recognises(stream.read(HEAD_BYTES), path)
    return max(MOST_UNFOLDED, settings.upload_limit_bytes()) if samples else MOST_UNFOLDED


class _Unfolding(io.RawIOBase):
    """The bytes inside a gzip of one or more members, never more than a block ahead."""

    def __init__(self, source: Source, limit: int) -> None:
        self._packed = source.open()
        self._limit, self._done, self._members, self._size = limit, 0, 1, source.size
        self._inner = zlib.decompressobj(_GZIP)
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._packed.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        while True:
            if self._inner.eof and not self._next_member():
                return 0
            packed = self._waiting or self._packed.read(_BLOCK)
            if not packed:
                raise RecordingError("The gzip file is incomplete. Download or compress the file again.")
            try:
                out = self._inner.decompress(packed, len(buffer))
            except zlib.error as error:
                raise RecordingError(f"The gzip file is damaged ({error}). Download or compress the file again.") from error
            self._waiting = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail
            if out:
                self._done += len(out)
                if self._done > self._limit:
                    raise RecordingError(
                        f"The gzip file unpacks to more than {self._limit / 1024**2:.0f} MB, which no recording of epochs does. Unpack it "
                        "yourself and import part of it if you trust it."
                    )
                if is_bomb(self._done, self._size):
                    raise RecordingError(
                        f"The gzip file of {self._size / 1024**2:.1f} MB unpacks to more than {self._done / 1024**2:.0f} MB, which no "
                        "recording does. Unpack it yourself and import the file if you trust it."
                    )
                buffer[: len(out)] = out
                return len(out)

    def _next_member(self) -> bool:
        """Go on to the next member of the gzip; False where nothing but padding follows."""
        self._waiting = (self._waiting or self._packed.read(_BLOCK)).lstrip(b"\x00")
        while not self._waiting:
            block = self._packed.read(_BLOCK)
            if not block:
                return False
            self._waiting = block.lstrip(b"\x00")
        if not self._waiting.startswith(b"\x1f"):
            return False
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise RecordingError(f"The gzip file has more than {_MOST_MEMBERS:,} parts. Unpack it yourself and import the file.")
        self._inner = zlib.decompressobj(_GZIP)
        return True
