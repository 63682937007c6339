"""ActiLife epoch exports (ActiGraph): ten header lines, then Axis1, Axis2, ... one row an epoch.

PAT was trained on vertical hip counts (NHANES 2003-06) and on MIMS, so the vertical axis is read, and the labels say so.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from ..errors import RecordingError
from ..progress import Progress
from ..records import COUNTS, Reading, Recording
from . import columns
from .clock import parse_times
from .grid import to_grid
from .source import Format, Source, refuse_unless
from .text import encoding_of

HEADER_LINES = 10
VERTICAL = "axis1"


def recognises(head: bytes, filename: str) -> bool:
    """ActiLife's first line of dashes names the file's maker."""
    first = head[:400].split(b"\n", 1)[0]
    return b"Data" in first and b"ActiGraph" in first and b"---" in first


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an ActiLife export. Raises RecordingError naming the header line that cannot be read."""
    with source.open() as raw, io.TextIOWrapper(raw, encoding=encoding_of(source.head()), newline="") as text:
        header = [text.readline().strip().strip('",;') for _ in range(HEADER_LINES)]
        body = text.read()
    facts = _facts(header)
    start, epoch = _start(header[0], facts), _epoch(facts)
    names, table, first_line = _table(body)
    values = _counts(names, table, first_line)
    labels: dict[str, str | float | None] = {"axis": "Axis1 (vertical)"}
    if serial := facts.get("serial number"):
        labels["serial"] = serial
    if match := re.search(r"Filter (\w+)", header[0]):
        labels["filter"] = match[1]
    stamped = columns.find(names, ("timestamp", "datetime"))
    if stamped is not None:
        times = parse_times(table.iloc[:, stamped])
        # The column knows of pauses; where it cannot be read the header's start and even epochs stand.
        if not np.isnat(times).any():
            grid = to_grid(times, values)
            values, start, epoch = grid.values, grid.start, grid.epoch_seconds if values.size > 1 else epoch
            if grid.repeated:
                labels["repeated_minutes"] = float(grid.repeated)
    return Reading((Recording(
        participant=source.stem, values=values, start=start, epoch_seconds=epoch, unit=COUNTS, device=_device(header[0]),
        labels=labels, source=source.name,
    ),))  # fmt: skip


def _facts(header: list[str]) -> dict[str, str]:
    """The header's lines as name -> value, names in lower case."""
    facts = {}
    for line in header:
        match = re.match(r"(serial number|start time|start date|epoch period \([^)]*\))\s*:?[\s,;]*(.*)", line, re.IGNORECASE)
        if match:
            facts[match[1].lower().split(" (")[0]] = match[2].strip()
    return facts


def _device(first: str) -> str:
    match = re.search(r"(ActiGraph(?:\s+(?!ActiLife)\S+)?)", first)
    return match[1] if match else "ActiGraph"


def _start(first: str, facts: Mapping[str, str]) -> datetime:
    """Start from the header; line 1 says how dates are written (M/d/yyyy, dd.MM.yyyy, yyyy-MM-dd, ...)."""
    date, clock = facts.get("start date", ""), facts.get("start time", "")
    pattern = re.search(r"date format\s+(\S+)", first)
    order = [part[0] for part in re.findall(r"d+|M+|y+", pattern[1])] if pattern else ["M", "d", "y"]
    numbers = re.findall(r"\d+", date)
    time = re.match(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([AaPp])?", clock)
    try:
        if not time or len(numbers) != 3 or sorted(order) != ["M", "d", "y"]:
            raise ValueError
        if len(numbers[0]) == 4:
            order = ["y", *(part for part in order if part != "y")]
        parts = dict(zip(order, map(int, numbers), strict=True))
        hour = int(time[1])
        if time[4]:
            hour = hour % 12 + (12 if time[4] in "Pp" else 0)
        year = parts["y"] + (2000 if parts["y"] < 100 else 0)
        return datetime(year, parts["M"], parts["d"], hour, int(time[2]), int(time[3] or 0))
    except ValueError:
        raise RecordingError(
            f"The header's start was expected as a date ({pattern[1] if pattern else 'M/d/yyyy'}) and a clock time; it says “{date}” and "
            f"“{clock}” (lines 3 and 4). Export the file from ActiLife again."
        ) from None


def _epoch(facts: Mapping[str, str]) -> int:
    match = re.fullmatch(r"(\d+):(\d+):(\d+)", facts.get("epoch period", ""))
    refuse_unless(match is not None, "Line 5 was expected to give the epoch period as hh:mm:ss. Export the file from ActiLife again.")
    hours, minutes, seconds = (int(part) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def _table(body: str) -> tuple[list[str], pd.DataFrame, int]:
    """Column names, cells as text and the line of the first row. Without a line of names the columns are Axis1, Axis2, ..."""
    first = body.split("\n", 1)[0].strip()
    refuse_unless(bool(first), "The file ends with its header: there is not one epoch in it. Export it from ActiLife again.")
    separator = max(",;\t", key=first.count)
    names = next(csv.reader([first], delimiter=separator))
    named = bool(re.search("[A-Za-z]{3}", names[0]))
    if not named:
        dated = 2 if re.search("[:/.-]", names[0]) else 0
        names = ["Date", "Time"][:dated] + [f"Axis{i + 1}" for i in range(len(names) - dated)]
    try:
        table = pd.read_csv(
            io.StringIO(body), sep=separator, header=0 if named else None, names=list(range(len(names))), dtype="str", index_col=False
        )
    except pd.errors.ParserError as error:
        raise RecordingError(f"The rows below the header do not all have {len(names)} columns ({str(error).strip()}).") from error
    refuse_unless(len(table) > 0, "The file has column names and not one epoch. Export it from ActiLife again.")
    return [name.strip() for name in names], table, HEADER_LINES + 1 + int(named)


def _counts(names: list[str], table: pd.DataFrame, first_line: int) -> np.ndarray:
    """The vertical axis, (epochs,) float32."""
    at = columns.find(names, (VERTICAL, "activity", "counts", "axis1counts"))
    refuse_unless(
        at is not None, f"Expected a column Axis1 (vertical counts); the columns are {', '.join(names)}. Export the axes from ActiLife."
    )
    cells = table.iloc[:, at].str.strip()
    numbers = pd.to_numeric(cells, errors="coerce")
    bad = (numbers.isna() & cells.notna()).to_numpy(bool)
    refuse_unless(
        not bad.any(),
        f"The column {names[at]} holds text where counts were expected, first in line {first_line + int(bad.argmax())}. Correct it.",
    )
    return numbers.to_numpy(np.float32)


FORMAT = Format("ActiLife export (ActiGraph CSV)", recognises, read)
