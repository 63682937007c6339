"""CamNtech MotionWatch .mtn files: XML whose log of changes holds properties (+UserID, =StartTime, ...) and channels of numbers.

Document types are refused, so there are no entities, neither external ones nor such that multiply. Only the motion channel is kept.
"""

from __future__ import annotations

import re
from array import array
from datetime import datetime
from xml.parsers import expat

import numpy as np

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import MOST_EPOCHS, check_epoch, check_length
from pat_core.recordings.clock.times import with_known_date
from pat_core.recordings.devices.device_rows import MOST_BYTES, person
from pat_core.recordings.source import Format, Source, quoted, refuse_unless
from pat_core.recordings.tables.text_shape import encoding_of
from pat_core.records import COUNTS, Reading, Recording

MODELS = {"MW8": "MotionWatch 8"}
_DEEPEST, _LONGEST_TEXT, _MOST_PROPERTIES = 50, 10_000, 10_000
_LARGEST = float(np.finfo(np.float32).max)
_BLOCK, _LONGEST_TOKEN = 1 << 16, 1 << 20


def recognises(head: bytes, filename: str) -> bool:
    """XML whose first element is motionfile; any XML where the name ends in .mtn."""
    text = head.decode(encoding_of(head), errors="replace").lstrip("\ufeff \t\r\n")
    if not text.startswith("<"):
        return False
    return re.search(r"<motionfile[\s>]", text) is not None or filename.lower().endswith(".mtn")


def read(source: Source, progress: Progress) -> Reading:
    """The one person of a .mtn file, by UserID. Raises RecordingError with the line where the XML is damaged."""
    refuse_unless(
        source.size <= MOST_BYTES, f"A .mtn file of at most {MOST_BYTES // 1024**2} MB was expected; this is larger. Export it in parts."
    )
    log = _Log()
    done = 0
    with source.open() as stream:
        while block := stream.read(_BLOCK):
            done += len(block)
            refuse_unless(
                done <= MOST_BYTES,
                f"The file unpacks to more than {MOST_BYTES // 1024**2} MB, which no recording does. Export it again from MotionWare.",
            )
            progress.at(min(done / max(source.size, 1), 1.0), f"Reading {source.filename}")
            log.feed(block)
    log.close()
    return Reading((with_known_date(_recording(log, source)),))


class _Channel:
    """A channel as far as it is read: its facts, and its numbers (NaN for empty places)."""

    def __init__(self) -> None:
        self.facts: dict[str, str] = {}
        self.encoding = "text"
        self.values = array("f")
        self.rest = ""

    def take(self, text: str) -> None:
        """More of the comma-separated numbers; the piece after the last comma waits for what follows."""
        *whole, self.rest = (self.rest + text).split(",")
        for cell in whole:
            self._append(cell)
        refuse_unless(len(self.rest) <= _LONGEST_TEXT, f"Epoch {len(self.values) + 1} is longer than any number. Export the file again.")

    def finish(self) -> None:
        if self.rest.strip():
            self._append(self.rest)
        self.rest = ""

    def _append(self, cell: str) -> None:
        cell = cell.strip()
        try:
            value = float(cell) if cell else np.nan
        except ValueError:
            value = -1.0
        if value < 0 or value > _LARGEST or (cell and value != value):
            raise RecordingError(
                f"Epoch {len(self.values) + 1} of the motion channel says {quoted(cell)}, where a count of 0 or more was expected. "
                "Export the file again."
            )
        refuse_unless(len(self.values) < MOST_EPOCHS, f"The motion channel holds more than {MOST_EPOCHS:,} epochs. Export it in parts.")
        self.values.append(value)


class _Log:
    """Reads the XML as it comes: properties by their name without the first sign, the motion channels in order."""

    def __init__(self) -> None:
        self.properties: dict[str, str] = {}
        self.channels: list[_Channel] = []
        self.root = ""
        self._path: list[str] = []
        self._text, self._fed = "", 0
        self._name, self._deleted = "", False
        self._open: _Channel | None = None
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self._start, self._end, self._characters
        parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, block: bytes) -> None:
        try:
            self._parser.Parse(block, False)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise self._damaged(error) from error
        self._fed += len(block)
        refuse_unless(
            self._fed - self._parser.CurrentByteIndex <= _LONGEST_TOKEN,
            f"One tag from line {self._parser.CurrentLineNumber} on is longer than {_LONGEST_TOKEN:,} characters, which no tag is. Export "
            "it again.",
        )

    def close(self) -> None:
        try:
            self._parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> RecordingError:
        return RecordingError(
            f"The XML is incomplete or damaged in line {self._parser.CurrentLineNumber} ({str(error)[:80]}). Copy it again, or export it "
            "from MotionWare."
        )

    def _doctype(self, *_: object) -> None:
        raise RecordingError(
            "The file declares a document type, which no MotionWatch file does and which can hide other files or endless text; it is not "
            "opened. Export it again from MotionWare."
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.root = self.root or name
        self._path.append(name)
        refuse_unless(
            len(self._path) <= _DEEPEST, f"The XML is nested more than {_DEEPEST} levels deep, which no recording is. Export it again."
        )
        self._text = ""
        if name == "property":
            self._name, self._deleted = "", attributes.get("delete") == "yes"
        elif name == "channel":
            self._open = _Channel()
        elif name == "data" and self._open:
            self._open.encoding = attributes.get("encoding", "text")

    def _characters(self, text: str) -> None:
        if self._path and self._path[-1] == "data" and self._open:
            if self._is_motion() and self._open.encoding == "text":
                self._open.take(text)
        elif len(self._text) < _LONGEST_TEXT:
            self._text += text

    def _is_motion(self) -> bool:
        return self._open is not None and self._open.facts.get("name", "").lower() == "motion"

    def _end(self, name: str) -> None:
        self._path.pop()
        parent = self._path[-1] if self._path else ""
        if parent == "property" and "ann" not in self._path:
            self._property(name)
        elif parent == "channel" and self._open and name != "data":
            self._open.facts[name] = self._text.strip()
        elif name == "channel" and self._open:
            if self._is_motion():
                self._open.finish()
                self.channels.append(self._open)
                refuse_unless(
                    len(self.channels) <= 100, "The file holds more than 100 motion channels, which no recording does. Export it again."
                )
            self._open = None
        self._text = ""

    def _property(self, name: str) -> None:
        """A later change replaces or removes an earlier one."""
        if name == "name":
            self._name = self._text.strip().lstrip("+=").lower()
            if self._deleted:
                self.properties.pop(self._name, None)
        elif name == "content" and not self._deleted:
            self.properties[self._name] = self._text.strip()
            refuse_unless(
                len(self.properties) <= _MOST_PROPERTIES, "The file holds more properties than any recording does. Export it again."
            )


def _recording(log: _Log, source: Source) -> Recording:
    refuse_unless(log.root == "motionfile", f"The XML of a MotionWatch (motionfile) was expected; this one is “{log.root[:40]}”.")
    refuse_unless(bool(log.channels), "A channel named motion was expected; the file has none. Export it again with its activity.")
    channel, properties = log.channels[-1], log.properties
    notes: list[str] = []
    if len(log.channels) > 1:
        notes.append(f"The file holds {len(log.channels)} motion channels; the last, which replaced the others, was read.")
    refuse_unless(
        channel.encoding == "text", f"Counts written as text were expected; these are “{channel.encoding[:30]}”. Export the file again."
    )
    epoch = _epoch(channel.facts.get("epoch", ""))
    check_length(len(channel.values), epoch)
    refuse_unless(len(channel.values) > 0, "The motion channel holds no epochs. Export the file again.")
    start: datetime | None = _start(properties.get("starttime", ""))
    if (offset := channel.facts.get("offset", "0")) not in ("", "0"):
        start = None
        notes.append(f"The motion channel begins at an offset ({offset[:20]}) without a unit, so its clock time is unknown.")
    values = np.frombuffer(channel.values, np.float32).copy()
    if empty := int(np.isnan(values).sum()):
        notes.append(f"{empty:,} of {counted(values.size, 'epoch')} without a value: counted as missing.")
    labels: dict[str, str | float | None] = {"measure": channel.facts.get("units", "")[:60] or None}
    for name, key in (("sex", "sex"), ("serial", "serialno")):
        if properties.get(key):
            labels[name] = properties[key][:100]
    device = properties.get("device", "")
    return Recording(
        participant=person(properties.get("userid", ""), source),
        values=values,
        start=start,
        epoch_seconds=epoch,
        unit=COUNTS,
        device=MODELS.get(device, device[:60] or "MotionWatch"),
        placement=properties.get("position") or None,
        labels=labels,
        source=source.name,
        notes=tuple(notes),
    )


def _epoch(text: str) -> int:
    refuse_unless(
        re.fullmatch(r"[0-9]{1,6}", text) is not None,
        f"The motion channel's epoch was expected in whole seconds; it says {quoted(text)}. Export the file again.",
    )
    return check_epoch(int(text), "the motion channel")


def _start(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise RecordingError(
            f"The property StartTime was expected as 2018-05-23 17:30:00; it says {quoted(text)}. Export the file again."
        ) from None


FORMAT = Format("MotionWatch recording (MTN)", recognises, read)
