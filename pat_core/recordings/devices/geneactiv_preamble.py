"""What GENEActiv's PC software writes above its CSV exports, of samples and of epochs alike: some hundred lines of names and values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pat_core.recordings.tables.text_shape import encoding_of

MOST_LINES = 400
FIRST_LINES = 12
"""Among so many lines one has to name the device."""
_TELLING = ("measurement frequency", "sensor type", "device unique serial code|device location code|extract notes")
_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[:.,](\d{1,6}))?$")


@dataclass(frozen=True)
class Preamble:
    """facts: names in lower case -> values; lines: how many stand above the first row; rows: the first rows, as cells; times: (rows,)
    seconds since 1970 of those; names: of the columns where they stand above; separator, decimal, encoding: as written."""

    facts: Mapping[str, str]
    lines: int
    rows: list[list[str]]
    times: np.ndarray
    names: list[str]
    separator: str
    decimal: str
    encoding: str

    @property
    def frequency(self) -> float | None:
        """Samples a second."""
        match = re.match(r"(\d+(?:[.,]\d+)?)", self.facts.get("measurement frequency", ""))
        return float(match[1].replace(",", ".")) or None if match else None

    @property
    def step(self) -> float:
        """Seconds from a row to the next, as a rule; infinite for a single row."""
        steps = np.diff(self.times)
        return float(np.median(steps)) if steps.size else np.inf

    @property
    def samples(self) -> bool:
        """Whether each row is a sample, not an epoch."""
        return 0 < self.step <= 0.5

    @property
    def utc_offset(self) -> str | None:
        """Of the place, as +01:00."""
        match = re.search(r"([+-])(\d{1,2}):?(\d{2})?", self.facts.get("time zone", ""))
        return f"{match[1]}{int(match[2]):02d}:{match[3] or '00'}" if match else None


def preamble_of(head: bytes) -> Preamble | None:
    """The preamble in a file's first bytes, with as many rows as these hold; None where there is none, or no row below it."""
    encoding = encoding_of(head)
    lines = head.decode(encoding, errors="replace").split("\n")
    maker = next((line for line in lines[:FIRST_LINES] if re.match(r'"?device type', line.strip(), re.IGNORECASE)), "")
    if "geneactiv" not in maker.lower():
        maker = _by_the_rest(lines[:MOST_LINES])
    if not maker:
        return None
    separator = next((sign for sign in ";\t," if sign in maker), ",")
    cells = [[cell.strip().strip('"').strip("\x00").strip() for cell in line.strip("\r").split(separator)] for line in lines[:-1]]
    above = next((i for i, row in enumerate(cells[:MOST_LINES]) if len(row) >= 4 and _STAMP.match(row[0])), None)
    if above is None:
        return None
    rows = [row for row in cells[above:] if len(row) == len(cells[above]) and _STAMP.match(row[0])]
    facts: dict[str, str] = {}
    for row in cells[:above]:
        if len(row) >= 2 and row[0]:
            facts.setdefault(row[0].lower(), row[1])
    named = cells[above - 1] if above and len(cells[above - 1]) == len(cells[above]) and not _STAMP.match(cells[above - 1][0]) else []
    decimal = "," if separator != "," and any("," in cell for cell in rows[0][1:]) else "."
    return Preamble(facts, above, rows, stamps([row[0] for row in rows]), named, separator, decimal, encoding)


def _by_the_rest(lines: list[str]) -> str:
    """A line of the preamble where the one that names the device is gone: the others are of no other maker; "" where they are not there."""
    telling_lines = [next((line for line in lines if re.match(f'"?{name}', line, re.IGNORECASE)), "") for name in _TELLING]
    return telling_lines[0] if all(telling_lines) else ""


def stamps(cells: list[str]) -> np.ndarray:
    """(n,) seconds since 1970 of times such as 2024-03-04 12:00:00:500; NaN where one is none."""
    plain = pd.Series(cells, dtype="str").str.replace(r"(:\d\d:\d\d)[:,](\d{1,6})$", r"\1.\2", regex=True)
    times = pd.to_datetime(plain, format="ISO8601", errors="coerce").to_numpy().astype("datetime64[us]")
    return np.where(np.isnat(times), np.nan, times.astype(np.int64) / 1e6)
