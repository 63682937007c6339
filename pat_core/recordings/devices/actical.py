"""Actical epoch exports (Philips Respironics): settings of subject and device, then one row an epoch under a header of several lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

import numpy as np

from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import Epochs, on_grid
from pat_core.recordings.clock.row_times import settled
from pat_core.recordings.clock.times import parse_times
from pat_core.recordings.source import Format, Source, refuse_unless
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.coded_text import Coded
from pat_core.recordings.tables.report_table import Header, cells, find_header, folded, numbers, open_text, split
from pat_core.recordings.tables.text_shape import encoding_of
from pat_core.records import COUNTS, Reading, Recording

_HEADER_LINES = 20
"""The header's lines (name, unit, legend of codes) are fewer than this."""
_AGAIN = "Export the recording from Actical again."


def recognises(head: bytes, filename: str) -> bool:
    """The first line names the program and calls itself an export."""
    first = head[:400].decode(encoding_of(head), errors="ignore").splitlines()[:1]
    return bool(first) and "Actical" in first[0] and "Export" in first[0]


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an Actical export. Raises RecordingError naming the line or column that cannot be read."""
    header = find_header(source, _is_header, "An Actical export has a line with the columns Epoch#, Date, Time and Activity")
    layout = _layout(source, header)
    facts = {folded(row[0]): row[1] for row in header.preamble if len(row) > 1 and row[0]}
    wanted = [layout.date, layout.time, layout.activity, *([] if layout.elapsed is None else [layout.elapsed])]
    table = cells(source, header, wanted, progress, layout.above)
    values, notes = numbers(table.texts[layout.activity], table.lines, "Activity Counts", whole=True)
    stamps = table.joined(layout.date, layout.time, parse_times)
    elapsed = None if layout.elapsed is None else _elapsed(table.texts[layout.elapsed], table.lines)
    epochs = on_grid(stamps, values, lines=table.lines) if elapsed is None else _by_elapsed(stamps, elapsed, values, table.lines)
    return Reading((_recording(source, facts, epochs, notes),))


def _is_header(names: list[str]) -> bool:
    keys = [folded(name) for name in names]
    return keys[:1] == ["epoch"] and {"date", "time", "activity"} <= set(keys)


@dataclass(frozen=True)
class _Layout:
    """Indices of the columns, and how many lines stand above the first row."""

    date: int
    time: int
    activity: int
    elapsed: int | None
    above: int


def _layout(source: Source, header: Header) -> _Layout:
    """The columns by the words of all the header's lines: of two columns called Activity one is in Counts."""
    first, above = [folded(name) for name in header.names], header.line
    names = list(first)
    with open_text(source, header.encoding, "replace") as text:
        for line in islice(text, header.line, header.line + _HEADER_LINES):
            row = split(line, header.separator)
            if row and row[0]:
                break
            above += 1
            names = [name + folded(row[i]) if i < len(row) else name for i, name in enumerate(names)]
    matches = [i for i, name in enumerate(names) if name.startswith("activity") and "count" in name]
    refuse_unless(len(matches) == 1, f"Expected one column Activity Counts; the columns are {', '.join(names)[:300]}. {_AGAIN}")
    elapsed = next((i for i, name in enumerate(names) if name.startswith("elapsed") and "second" in name), None)
    return _Layout(first.index("date"), first.index("time"), matches[0], elapsed, above)


def _elapsed(column: Coded, lines: np.ndarray) -> np.ndarray:
    """Seconds from the start to the end of each epoch, (n,) float64."""
    seconds, _ = numbers(column, lines, "Elapsed Seconds", whole=True)
    bad = ~(np.isfinite(seconds) & (seconds >= 0) & (seconds < 1e9))
    line = lines[int(bad.argmax())]
    refuse_unless(not bad.any(), f"The column Elapsed Seconds has an impossible number in line {line}. {_AGAIN}")
    return seconds


def _by_elapsed(stamps: np.ndarray, elapsed: np.ndarray, values: np.ndarray, lines: np.ndarray) -> Epochs:
    """Epochs placed by elapsed seconds, since the clock column may show minutes only; the two must agree to the minute."""
    stamps, corrections = settled(stamps, lines)
    since = np.rint((elapsed - elapsed[0]) * 1000).astype(np.int64).astype("timedelta64[ms]")
    times = stamps[0] + since
    apart = np.abs(times - stamps) >= np.timedelta64(60, "s")
    refuse_unless(
        not apart.any(),
        f"Date and time contradict the elapsed seconds, first in line {lines[int(apart.argmax())]}, and nothing shows which are right. "
        f"{_AGAIN}",
    )
    epochs = on_grid(times, values, lines=lines)
    return replace(epochs, notes=(*corrections, *epochs.notes))


def _recording(source: Source, facts: Mapping[str, str], epochs: Epochs, notes: tuple[str, ...]) -> Recording:
    labels: dict[str, str | float | None] = {}
    for label, name in (("serial", "deviceserialnumber"), ("age", "age"), ("gender", "gender")):
        value = facts.get(name, "")
        if value and value.lower() not in ("unknown", "years"):
            labels[label] = value if label == "serial" else columns.label(value)
    if epochs.grid.repeated:
        labels["repeated_minutes"] = float(epochs.grid.repeated)
    notes = (*notes, *epochs.notes, *_other_start(facts, epochs.grid.start))
    return Recording(
        participant=facts.get("identity") or source.stem,
        values=epochs.grid.values,
        start=epochs.grid.start,
        epoch_seconds=epochs.grid.epoch_seconds,
        unit=COUNTS,
        device="Actical",
        placement=facts.get("devicelocation", "").lower() or None,
        labels=labels,
        source=source.name,
        notes=notes,
    )


def _other_start(facts: Mapping[str, str], start: datetime) -> tuple[str, ...]:
    """A sentence where the settings name another clock for the start than the first row."""
    stated = re.match(r"(\d{1,2}):(\d{2})", facts.get("starttime", ""))
    if stated is None or re.search("[ap]m", facts["starttime"].lower()) or (int(stated[1]), int(stated[2])) == (start.hour, start.minute):
        return ()
    return (f"The settings say that the recording starts at {stated[0]}; the first row is at {start:%H:%M}, which was used.",)


FORMAT = Format("Actical export (CSV)", recognises, read)
