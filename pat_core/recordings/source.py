"""One file to be read, wherever it lies: on disk or inside a zip. Formats see only this, so none of them knows about containers."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol, TypeVar

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.records import Reading

T = TypeVar("T")

HEAD_BYTES = 65536
"""How much of a file a format may look at to recognise it."""
MOST_FOLDED, BOMB_BYTES = 100, 32 * 1024**2
"""What unfolds more than so many times, to more than so many bytes, is no recording: these shrink tenfold or twentyfold."""
_HELD = 32 * 1024**2
"""Bytes of a copy that are held in memory; a larger one lies on disk."""


@dataclass(frozen=True)
class Source:
    """A readable file.

    name: as shown to the reader ("cohort.zip: control/a.csv"); path: the part inside its container, or the file's name;
    size in bytes, unfolded; opener: gives a fresh binary stream.
    """

    name: str
    path: str
    size: int
    opener: Callable[[], IO[bytes]]

    @property
    def filename(self) -> str:
        """The file's name without folders."""
        return PurePosixPath(self.path).name

    @property
    def stem(self) -> str:
        """The file's name without its ending: the participant where the file names no person."""
        return PurePosixPath(self.path).stem

    @property
    def group(self) -> str | None:
        """The folder inside the container that the file lies in; None at its top."""
        return PurePosixPath(self.path).parent.name or None

    def open(self) -> IO[bytes]:
        """A fresh stream from the first byte; the caller closes it."""
        return self.opener()

    def head(self) -> bytes:
        """The first bytes, at most HEAD_BYTES."""
        with self.open() as stream:
            return stream.read(HEAD_BYTES)

    def seekable(self) -> IO[bytes]:
        """A stream that seeks cheaply: the file itself, or a copy of what lies packed. The caller closes it."""
        stream = self.open()
        if isinstance(stream, io.BufferedReader) and stream.seekable():
            return stream
        copy = tempfile.SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115
        try:
            with stream:
                shutil.copyfileobj(stream, copy, 1024**2)
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return copy


def file_source(path: Path) -> Source:
    """The Source of a file on disk."""
    return Source(path.name, path.name, path.stat().st_size, opener(path))


def opener(path: Path) -> Callable[[], IO[bytes]]:
    """What gives fresh streams of a file on disk."""
    return lambda: path.open("rb")


class Recogniser(Protocol):
    """Says whether a file is of a format, from its first bytes and its name."""

    def __call__(self, head: bytes, filename: str, /) -> bool: ...


class Reader(Protocol):
    """Reads a file of one format. Raises RecordingError when nothing in it can be used; refuses single people in the Reading."""

    def __call__(self, source: Source, progress: Progress, /) -> Reading: ...


@dataclass(frozen=True)
class Format:
    """One file format: its name in a reader's words, how it is recognised, how it is read.

    word: by which people find it in the README and on the Data page, where that is not the first of its name.
    """

    name: str
    recognises: Recogniser
    read: Reader
    word: str = ""

    @property
    def found_by(self) -> str:
        """The word by which people find it."""
        return self.word or self.name.split()[0]


def is_bomb(unfolded: int, packed: int) -> bool:
    """Whether so many bytes out of so many packed ones are more than recordings give."""
    return unfolded > BOMB_BYTES and unfolded > MOST_FOLDED * max(packed, 1)


def required(value: T | None, message: str) -> T:
    """The value; raises RecordingError with this sentence where there is none."""
    if value is None:
        raise RecordingError(message)
    return value


def refuse_unless(condition: bool, message: str) -> None:
    """Raise RecordingError with this sentence unless the condition holds."""
    if not condition:
        raise RecordingError(message)


_LONGEST_QUOTED = 40
_PLAIN = re.compile(r"[\d\s.,:;/+\-()'’%*?]*(?:[^\W\d_]{1,4}\.?)?[\d\s.,:;/+\-()'’%*?]*(?:[^\W\d_]{1,2})?\.?")
"""Digits and the signs of numbers and times, with one short word among them (Mar, NaN, off) and AM, PM or Z at the end."""


def quoted(cell: object) -> str:
    """The cell in quotation marks, or how long a text it is.

    What looks like a number or a time is quoted, which helps to find the slip. Of anything else only the length is given: the file may be
    no recording at all, and its content is private.
    """
    text = str(cell).strip()
    if len(text) <= _LONGEST_QUOTED and _PLAIN.fullmatch(text):
        return f"“{text}”"
    return f"text of {len(text):,} characters"
