"""Files and printed texts in a form that two runs can be compared by: lines of text, each in full and by its figures alone.

By figures alone a string that holds a blank counts as a sentence, and only its digits remain. Codes, keys, column names and numbers
stay as they are. So a change of wording can be told from a change of a figure.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sqlite3
import struct
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np

INLINE = 60
"""Arrays of at most so many values are written out; of larger ones the checksum is, and the array is kept beside."""
RANDOM = {"id", "cohort_id", "cohorts_seen", "job_id", "salt", "pid", "pid_started"}
VERSIONS = {"versions", "pat_core", "engine"}
DURATIONS = {"seconds", "took"}
FOLLOWING = {"receipt_sha256"}
RULES = {
    "places": "the workspace, the tree and the folders of data are written <workspace>, <tree>, <data>",
    "moments": "dates and times from yesterday to tomorrow are written <now>, and so are seconds since 1970 within this run",
    "random": f"fields {', '.join(sorted(RANDOM))}, folders named by 12 hexadecimal digits and people by 32, are <random>",
    "durations": f"fields {', '.join(sorted(DURATIONS))} are written <duration>",
    "versions": f"fields {', '.join(sorted(VERSIONS))} are written <version>",
    "following": "checksums over any of these (receipts, models made here) are written <follows>",
}
_MOMENT = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_FOLDER = re.compile(r"(?<=/)[0-9a-f]{12}\b")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


class Form:
    """One output: lines in full, lines by figures, and the large arrays that they name by checksum."""

    def __init__(self, places: Mapping[str, str], began: float) -> None:
        self.places = places
        self.began = began
        self.full: list[str] = []
        self.figures: list[str] = []
        self.arrays: dict[str, np.ndarray] = {}

    def line(self, name: str, *parts: object) -> None:
        """One line of values under a name that always counts."""
        written = [self._written(part) for part in parts]
        name = self._plain(name)
        self.full.append(f"{name}: {' | '.join(written)}")
        self.figures.append(f"{name}: {' | '.join(map(figures, written))}")

    def _written(self, value: object) -> str:
        if isinstance(value, float) and self.began - 5 < value < time.time() + 5:
            return "<now>"
        return self._plain(value) if isinstance(value, str) else repr(value)

    def _plain(self, text: str) -> str:
        for place, word in self.places.items():
            text = text.replace(place, word)
        return _MOMENT.sub(_now, _FOLDER.sub("<random>", text))

    def _order(self, columns: Sequence[str], row: Sequence[object]) -> str:
        """Of rows of a database, by what does not differ between two runs."""
        return str([self._written(value) for column, value in zip(columns, row, strict=True) if not _rule(column, value)])

    def text(self, name: str, text: str) -> None:
        """Printed text, all of it sentences: of its figures only their order counts, wherever a line is broken."""
        for row in map(self._plain, text.splitlines()):
            self.full.append(f"{name}: {row}")
        found = _FIGURE.findall("\n".join(map(self._plain, text.splitlines())))
        self.figures += [f"{name}: {one}" for one in found]

    def value(self, name: str, value: object) -> None:
        """Plain values of JSON, a line each."""
        last = name.rsplit(".", 1)[-1]
        if rule := _rule(last, value):
            self.line(name, rule)
        elif isinstance(value, Mapping):
            self.line(name, f"{{{len(value)}}}")
            for key, part in value.items():
                self.value(f"{name}.{key}", part)
        elif isinstance(value, list) and not all(isinstance(part, int | float) for part in value):
            self.line(name, f"[{len(value)}]")
            for number, part in enumerate(value):
                self.value(f"{name}.{number}", part)
        elif isinstance(value, str) and value[:1] in "{[" and (inside := _json(value)) is not None:
            self.value(f"{name}.(JSON)", inside)
        else:
            self.line(name, value)

    def array(self, name: str, values: np.ndarray) -> None:
        """dtype, shape and every byte; strings as values, their width left out (it is that of the longest)."""
        if values.dtype.kind in "US":
            self.line(name, "text", values.shape)
            for number, part in enumerate(values.astype(str).ravel().tolist()):
                self.value(f"{name}.{number}", part)
        elif values.size <= INLINE:
            self.line(name, str(values.dtype), values.shape, values.tolist())
        else:
            values = np.ascontiguousarray(values)
            key = hashlib.sha256(values.tobytes()).hexdigest()
            self.arrays[key] = values
            self.line(name, str(values.dtype), values.shape, key)

    def table(self, name: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
        columns = list(columns)
        self.line(f"{name} columns [{', '.join(columns)}]")
        for number, row in enumerate(rows):
            cells = [_rule(column, cell) or cell for column, cell in zip(columns, row, strict=True)]
            if any(isinstance(cell, str) and cell[:1] == "{" for cell in cells):
                for column, cell in zip(columns, cells, strict=True):
                    self.value(f"{name} {number}.{column}", cell)
            else:
                self.line(f"{name} {number}", *cells)

    def file(self, name: str, path: str | Path, content: bytes | None = None) -> None:
        """A file by its ending. content: what it holds, where it lies nowhere."""
        content = Path(path).read_bytes() if content is None else content
        _READERS.get(Path(path).suffix.lower(), _unknown)(self, name, content)

    def database(self, path: Path) -> None:
        """Schema and rows of an SQLite file; what the app keeps only to be faster or to draw a progress bar is not looked at."""
        connection = sqlite3.connect(path)
        tables = [(name, sql) for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name")]
        for name, sql in tables:
            self.line(f"schema {name}", "".join(sql.split()))
            if sql.startswith("CREATE TABLE") and not name.startswith("sqlite_"):
                found = connection.execute(f"SELECT * FROM {name}")
                columns = [column[0] for column in found.description]
                self.table(name, columns, sorted(found.fetchall(), key=partial(self._order, columns)))
        connection.close()


def figures(text: str) -> str:
    """A text by its figures: as it is without a blank in it, else its digits alone."""
    return " ".join(_FIGURE.findall(text)) if any(sign.isspace() for sign in text) and not _NUMBERS.fullmatch(text) else text


_NUMBERS = re.compile(r"[\[\](),\s\d.e+-]*(?:nan|inf|[\[\](),\s\d.e+-])*")
"""Lists of numbers and shapes, which hold blanks and are no sentences."""


def _rule(field: str, value: object) -> str | None:
    named = (("<random>", RANDOM), ("<version>", VERSIONS), ("<duration>", DURATIONS), ("<follows>", FOLLOWING))
    if isinstance(value, str) and re.fullmatch("[0-9a-f]{12}" if field == "folder" else "[0-9a-f]{32}", value):
        return "<random>"
    return next((written for written, fields in named if field in fields), None)


def _now(found: re.Match) -> str:
    try:
        day = date(*map(int, found.groups()))
    except ValueError:
        return found[0]
    return "<now>" if abs(day - date.today()) <= timedelta(1) else found[0]


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _npy(form: Form, name: str, content: bytes) -> None:
    form.array(name, np.load(io.BytesIO(content), allow_pickle=False))


def _plain_json(form: Form, name: str, content: bytes) -> None:
    form.value(name, json.loads(content))


def _json_lines(form: Form, name: str, content: bytes) -> None:
    for number, row in enumerate(content.splitlines()):
        form.value(f"{name}.{number}", json.loads(row))


def _unknown(form: Form, name: str, content: bytes) -> None:
    form.line(name, len(content), hashlib.sha256(content).hexdigest())


def _npz(form: Form, name: str, content: bytes) -> None:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        for array in file.files:
            form.array(f"{name}.{array}", file[array])


def _csv(form: Form, name: str, content: bytes) -> None:
    form.line(f"{name} signs", "BOM" if content.startswith(b"\xef\xbb\xbf") else "no-BOM", "CRLF" if b"\r\n" in content else "LF")
    columns, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    form.table(name, columns, rows)


def _parquet(form: Form, name: str, content: bytes) -> None:
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(content))
    form.line(f"{name} types [{', '.join(map(str, table.schema.types))}]")
    form.table(name, table.schema.names, zip(*(column.to_pylist() for column in table.columns), strict=True))
    for key, value in (table.schema.metadata or {}).items():
        if key != b"pandas":  # how pandas reads it back: its versions
            form.value(f"{name} {key.decode()}", value.decode())


def _safetensors(form: Form, name: str, content: bytes) -> None:
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    form.value(f"{name}.header", header.pop("__metadata__", {}))
    for tensor, told in sorted(header.items()):
        first, end = told["data_offsets"]
        kind = {"F32": np.float32, "F64": np.float64, "I64": np.int64}.get(told["dtype"], np.uint8)
        form.array(f"{name}.{tensor}", np.frombuffer(content[8 + size + first : 8 + size + end], kind).reshape(told["shape"]))


_READERS: dict[str, Callable[[Form, str, bytes], None]] = {
    ".npz": _npz,
    ".npy": _npy,
    ".csv": _csv,
    ".parquet": _parquet,
    ".safetensors": _safetensors,
    ".json": _plain_json,
    ".jsonl": _json_lines,
}
