"""The XML of Apple Health exports as a stream of step records. Nothing in the file is fetched, expanded or kept.

Some iOS versions write a document type that breaks its own rules, and control characters that XML does not allow; the document type is
left out unread, and so are the characters. A file that declares entities is refused: no export does, and they can be made to fill memory.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from typing import IO
from xml.parsers import expat

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.recordings.wearables.step_records import Record, moment

STEP = "HKQuantityTypeIdentifierStepCount"
DEEPEST, MOST_NAMES = 32, 2_000
LONGEST_PIECE = 4 * 1024**2
"""Bytes between two tags, or within one; an export's longest tags take some hundred."""
LONGEST_PROLOG = 1024**2
_BLOCK = 1024**2
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13))
_ROOT = re.compile(rb"<HealthData[\s/>]")
_HARDWARE = re.compile(r"\b(model|hardware|name):([^<>]{1,60}?)(?=, \w+:|>|$)")
_GENERIC = ("Apple Watch", "iPhone", "iPad")


class StepRecords(Iterator[Record]):
    """The step records of a stream, one after another.

    seen: records of any kind so far. controls: characters left out. exported: day of the export since 1970, None where it is not said.
    Raises RecordingError, naming the line, where the file is no whole XML, or is made to fill memory.
    """

    def __init__(self, stream: IO[bytes], size: int, progress: Progress, shown: str) -> None:
        self.seen, self.controls = 0, 0
        self.exported: int | None = None
        self._stream, self._size, self._progress, self._shown = stream, max(size, 1), progress, shown
        self._ready: deque[Record] = deque()
        self._taken = self._since = self._depth = self._above = 0
        self._names: set[str] = set()
        self._ended = self._begun = False
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._declared
        self._parser.EntityDeclHandler = self._declared

    def __iter__(self) -> StepRecords:
        return self

    def __next__(self) -> Record:
        while not self._ready:
            if self._ended:
                raise StopIteration
            self._feed()
        return self._ready.popleft()

    def _feed(self) -> None:
        """Parse one block more."""
        block = self._clean(self._stream.read(_BLOCK)) if self._begun else self._prolog()
        self._ended = not block
        self._since += len(block)
        try:
            self._parser.Parse(block, self._ended)
        except expat.ExpatError as error:
            raise self._broken(error) from None
        if self._since > LONGEST_PIECE + _BLOCK:
            raise RecordingError(
                f"The XML has more than {LONGEST_PIECE // 1024**2} MB without a tag, near byte {self._taken:,}, which no export has. "
                "Export the data from the Health app again."
            )
        self._progress.at(min(0.97, self._taken / self._size), f"Reading {self._shown}")

    def _prolog(self) -> bytes:
        """The root's tag and what was read after it; what stands before it, the document type, is left out."""
        self._begun, block = True, b""
        while (root := _ROOT.search(block)) is None:
            more = self._clean(self._stream.read(_BLOCK))
            if not more or len(block) > LONGEST_PROLOG:
                raise RecordingError(
                    f"An Apple Health export was expected, whose data begin with <HealthData ...>; {len(block):,} bytes have no such tag. "
                    "Export the data from the Health app again."
                )
            block += more
        before = block[: root.start()]
        if b"<!ENTITY" in before:
            raise RecordingError(
                "The XML declares entities, which no Apple Health export does and which can be made to fill memory or open other files. "
                "It was not read. Export the data from the Health app again."
            )
        self._above = before.count(b"\n")
        return block[root.start() :]

    def _clean(self, block: bytes) -> bytes:
        self._taken += len(block)
        clean = block.translate(None, _CONTROLS)
        self.controls += len(block) - len(clean)
        # A block of nothing but control characters must not look like the end.
        return clean or (b" " if block else b"")

    def _broken(self, error: expat.ExpatError) -> RecordingError:
        line, message = error.lineno + self._above, expat.errors.messages.get(error.code, "damaged")
        if self._ended:
            return RecordingError(f"The file ends early at line {line:,} ({self._taken:,} bytes). Export the data or copy the file again.")
        return RecordingError(
            f"Whole XML in UTF-8 was expected; line {line:,} is damaged ({message}). Export the data from the Health app again."
        )

    def _declared(self, *_: object) -> None:
        raise RecordingError("The XML declares a second document type or entities, which no export does. It was not read. Export it again.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._since = 0
        self._depth += 1
        if self._depth > DEEPEST:
            raise RecordingError(
                f"The XML nests more than {DEEPEST} levels deep, which no export does. Export the data from the Health app again."
            )
        if not self._names.issuperset(attributes) or name not in self._names:
            self._names.update(attributes, (name,))
            if len(self._names) > MOST_NAMES:
                raise RecordingError(f"The XML has more than {MOST_NAMES:,} field names, which no export has. Export the data again.")
        # Records inside others stand at the top as well.
        if self._depth != 2:
            return
        if name == "Record":
            self.seen += 1
            if attributes.get("type") == STEP:
                self._ready.append(_record(attributes))
        elif name == "ExportDate" and (when := moment(attributes.get("value", ""))):
            self.exported = when[0] // 86400

    def _end(self, name: str) -> None:
        self._since = 0
        self._depth -= 1


def _record(attributes: dict[str, str]) -> Record:
    name = attributes.get("sourceName", "")[:200]
    begin, end = moment(attributes.get("startDate", "")), moment(attributes.get("endDate", ""))
    try:
        count = float(attributes.get("value", ""))
    except ValueError:
        count = math.nan
    if begin is None or end is None or not 0 <= count <= 1e6 or attributes.get("unit", "count") != "count":
        return Record(name, 0, 0, 0, None)
    seconds = (end[0] - end[1]) - (begin[0] - begin[1])
    return Record(name, begin[0], max(seconds, 0), begin[1], count if seconds >= 0 else None, _hardware(attributes.get("device", "")))


@lru_cache(maxsize=1024)
def _hardware(device: str) -> str:
    """The kind of device from Apple's description, "Apple Watch (Watch4,2)"; never the name that its owner gave it."""
    properties = {key: value.strip() for key, value in reversed(_HARDWARE.findall(device))}
    kind = next((kind for kind in _GENERIC if properties.get("name") == kind), properties.get("model", ""))
    return f"{kind} ({properties['hardware']})" if kind and properties.get("hardware") else kind
