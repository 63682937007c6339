"""Daqtometer exports (.csv): lines about the channels (name, rate, binning), then `time, acceleration, light`.

Acceleration binned as Sum adds up to minutes and is taken as counts; times are as the file gives them, usually GMT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.recordings.clock.grid import Grid
from pat_core.recordings.clock.times import with_known_date
from pat_core.recordings.clock.zones import UTC_NOTE
from pat_core.recordings.devices.device_rows import Amounts, Column, facts, gather, head_lines, lay, lines, times
from pat_core.recordings.source import Format, Source, refuse_unless
from pat_core.recordings.tables.text_shape import is_text
from pat_core.records import COUNTS, UNKNOWN_UNIT, Reading, Recording

_MOST_HEADER = 200
_ROW = re.compile(r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}[ T]\d")


def recognises(head: bytes, filename: str) -> bool:
    """Its header's lines Start:, Serial number: and Store rate:."""
    if not is_text(head):
        return False
    first = "\n".join(head_lines(head, 40)).lower()
    return first.startswith("start:") and "\nserial number:" in first and "\nstore rate:" in first


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an export, named by the file. Raises RecordingError where no channel is acceleration."""
    rows = lines(source, progress)
    header: list[str] = []
    body: Iterator[tuple[int, str]] = iter(())
    for number, line in rows:
        if _ROW.match(line):
            body = chain([(number, line)], rows)
            break
        header.append(line)
        refuse_unless(
            len(header) <= _MOST_HEADER,
            f"A row with a time was expected; the first {_MOST_HEADER} lines have none. Export the recording again.",
        )
    header_facts = facts(header)
    channels = _cells(header_facts, "name")
    place = next((i for i, name in enumerate(channels) if "accel" in name.lower()), None)
    if place is None:
        raise RecordingError(
            f"An acceleration channel was expected in the line Name:; it says {', '.join(channels)[:160] or 'nothing'}. Export one."
        )
    wanted = {"time": Column((0,), times), "activity": Column((place + 1,), Amounts(channels[place]))}
    table = gather(body, ",", len(channels) + 1, wanted)
    grid, _, notes = lay(table.columns["time"], table.columns["activity"], lines=table.lines)
    binning = _at(_cells(header_facts, "binning mode"), place)
    unit = COUNTS if binning.lower() == "sum" else UNKNOWN_UNIT
    refuse_unless(
        unit == COUNTS or grid.epoch_seconds == 60,
        f"Acceleration binned as Sum was expected, which adds up to minutes; this file is binned as “{binning[:30]}”, every "
        f"{grid.epoch_seconds} s. Export it summed, or in epochs of 60 seconds.",
    )
    in_utc = re.search(r"\b(GMT|UTC)\b", header_facts.get("start", "")) is not None
    utc_note = (UTC_NOTE,) if in_utc else ()
    labels: dict[str, str | float | None] = {"activity_column": channels[place][:100]}
    if serial := _at(_cells(header_facts, "serial number"), place):
        labels["serial"] = serial[:100]
    return Reading(
        (
            with_known_date(
                Recording(
                    participant=source.stem,
                    values=grid.values,
                    start=grid.start,
                    epoch_seconds=grid.epoch_seconds,
                    unit=unit,
                    device="Daqtometer",
                    labels=labels,
                    source=source.name,
                    notes=(*table.notes, *notes, *utc_note, *_end_note(header_facts, grid)),
                    in_utc=in_utc,
                )
            ),
        )
    )


def _cells(header_facts: dict[str, str], name: str) -> list[str]:
    """The channels' cells of a header line; the cell before the first comma is its name."""
    text = header_facts.get(name, "")
    return [cell.strip() for cell in text.removeprefix(",").split(",")] if text else []


def _at(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _end_note(header_facts: dict[str, str], grid: Grid) -> tuple[str, ...]:
    """A note where the header's end lies beyond the last row."""
    text = re.sub(r"\s*(GMT|UTC)\s*$", "", header_facts.get("end", ""))
    try:
        end = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return ()
    last = grid.start + timedelta(seconds=(grid.values.size - 1) * grid.epoch_seconds)
    if (end - last).total_seconds() <= grid.epoch_seconds:
        return ()
    return (f"The header ends the recording at {text}, the rows end at {last}; the file may be cut short.",)


FORMAT = Format("Daqtometer export", recognises, read)
