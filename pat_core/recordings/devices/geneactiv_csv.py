"""GENEActiv's epoch export (CSV): the maker's preamble, which its raw exports begin with too, and rows of mean acceleration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import Epochs, empty_note, on_grid
from pat_core.recordings.clock.times import with_known_date
from pat_core.recordings.devices.device_rows import Amounts, Column, Table, gather, lines
from pat_core.recordings.source import Format, Source, required
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.text_shape import encoding_of
from pat_core.records import COUNTS, MG, UNKNOWN_UNIT, Reading, Recording
from pat_core.wear.nonwear import to_minutes

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


SUM_AT, WIDEST = 7, 12
"""Place of the sum where the columns have no names, and how many columns there are at most."""
SUM_NAMES = ("svm", "svmgs", "svmg", "svmgsum", "sumvectormagnitudes", "sumofvectormagnitudes", "svmsum")
_MEAN = (
    "Activity is the sum of vector magnitudes (SVMgs) divided by its {samples:g} samples, the mean distance of the acceleration from 1 g "
    "in mg; below 1 g counts as well, so it is larger than ENMO. It is not counts."
)
_SUM = (
    "Activity is the sum of vector magnitudes (SVMgs) as the file has it. Its preamble gives no measurement frequency, so it cannot be "
    "divided by the number of samples and its unit stays unknown."
)
_ENDS = "The times are the ends of epochs, as the maker's manual says; each epoch was placed where it began."


def recognises(head: bytes, filename: str) -> bool:
    """The maker's preamble above rows that are no samples."""
    preamble = preamble_of(head)
    return preamble is not None and not preamble.samples


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an epoch export, one value a minute. Raises RecordingError naming the line, or what is missing."""
    preamble = required(
        preamble_of(source.head()), "The preamble of a GENEActiv export was expected; there is none. Export the recording again."
    )
    table = _rows(source, preamble, progress)
    epochs, placed_notes = _placed(table, preamble)
    step = epochs.grid.epoch_seconds
    samples = None if preamble.frequency is None else preamble.frequency * step
    values = epochs.grid.values if samples is None else (1000.0 * epochs.grid.values / samples).astype(np.float32)
    unit, meaning = (UNKNOWN_UNIT, _SUM) if samples is None else (MG, _MEAN.format(samples=samples))
    facts = preamble.facts
    named = {"serial": facts.get("device unique serial code"), "utc_offset": preamble.utc_offset, "subject code": facts.get("subject code")}
    recording = with_known_date(
        Recording(
            participant=source.stem,
            values=values,
            start=epochs.grid.start,
            epoch_seconds=step,
            unit=unit,
            device="GENEActiv",
            placement=facts.get("device location code", "").lower() or None,
            labels={name: value for name, value in named.items() if value},
            source=source.name,
            notes=(meaning, *placed_notes, *table.notes, *epochs.notes, *empty_note(table.columns["sum"])),
        )
    )
    # A sum is summed further, whatever its unit.
    return Reading((replace(to_minutes(replace(recording, unit=COUNTS)), unit=unit) if unit == UNKNOWN_UNIT else recording,))


def _rows(source: Source, preamble: Preamble, progress: Progress) -> Table:
    width = len(preamble.rows[0])
    at = required(
        columns.find(preamble.names, SUM_NAMES) if preamble.names else SUM_AT if SUM_AT < width <= WIDEST else None,
        f"A GENEActiv epoch export has up to {WIDEST} columns, of which the eighth holds the sum of vector magnitudes (SVMgs); the rows "
        f"here have {width}. Means of the axes alone show posture, not movement: export the epochs with all columns, or import the .bin.",
    )
    return gather(
        _body(source, preamble, progress),
        preamble.separator,
        width,
        {"time": Column((0,), _times), "sum": Column((at,), Amounts("SVMgs", "fractions"))},
    )


def _body(source: Source, preamble: Preamble, progress: Progress) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in lines(source, progress, preamble.encoding) if number > preamble.lines)


def _times(cells: list[str], at: np.ndarray) -> np.ndarray:
    """A parser of times with thousandths behind a colon: (rows,) datetime64[ms], NaT where one cannot be read (see `on_grid`)."""
    seconds = stamps([cell.strip().strip('"') for cell in cells])
    return np.where(np.isnan(seconds), np.datetime64("NaT", "ms"), (1000 * np.nan_to_num(seconds)).round().astype("datetime64[ms]"))


def _placed(table: Table, preamble: Preamble) -> tuple[Epochs, tuple[str, ...]]:
    """The sums at the times at which their epochs began, and what to say of it."""
    epochs = on_grid(table.columns["time"], table.columns["sum"], lines=table.lines)
    length = timedelta(seconds=epochs.grid.epoch_seconds)
    match = re.match(r"[\d-]+ [\d:.]+", preamble.facts.get("start time", ""))
    begun = stamps([match[0]])[0] if match else np.nan
    first = (epochs.grid.start - datetime(1970, 1, 1)).total_seconds()
    if np.isfinite(begun) and abs(first - begun) < epochs.grid.epoch_seconds / 2:
        return epochs, ()
    return replace(epochs, grid=replace(epochs.grid, start=epochs.grid.start - length)), (_ENDS,)


FORMAT = Format("GENEActiv epochs (CSV)", recognises, read, "GENEActiv epoch")
