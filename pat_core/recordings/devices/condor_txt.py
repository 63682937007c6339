"""Condor ActTrust reports (.txt): lines `NAME : value` between two rules, then one row an epoch, separated by semicolons.

Activity is PIM (proportional integration), the device's own sum of movement over the epoch; ZCM or TAT only where there is no PIM.
Dates are day/month/year. STATE 4 is off the wrist, where the recording was scored.
"""

from __future__ import annotations

import numpy as np

from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import differing_epoch
from pat_core.recordings.clock.times import with_known_date
from pat_core.recordings.devices.device_rows import Amounts, Column, facts, flags, gather, head_lines, lay, lines, person, times
from pat_core.recordings.source import Format, Source, refuse_unless, required
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.text_shape import is_text
from pat_core.records import COUNTS, Reading, Recording

MEASURES = ("pim", "zcm", "tat")
OFF_WRIST = "4"
_MOST_HEADER = 200


def recognises(head: bytes, filename: str) -> bool:
    """The report's title, or its line of columns."""
    return is_text(head) and any(
        "Condor Instruments Report" in line or line.startswith("DATE/TIME;") for line in head_lines(head, _MOST_HEADER)
    )


def read(source: Source, progress: Progress) -> Reading:
    """The one person of a report, by SUBJECT_NAME. Raises RecordingError where the columns or rows cannot be read."""
    rows = lines(source, progress)
    header: list[str] = []
    names: list[str] = []
    for _, line in rows:
        if line.upper().startswith("DATE/TIME;"):
            names = [name.strip() for name in line.split(";")]
            break
        header.append(line)
        if len(header) > _MOST_HEADER:
            break
    refuse_unless(
        bool(names),
        f"A line of column names starting with DATE/TIME was expected below the header; {len(header)} lines have none. Export it again.",
    )
    measure = required(
        columns.find(names, MEASURES),
        f"A column PIM, ZCM or TAT was expected; the columns are {', '.join(names[:20])}. Export it with activity.",
    )
    wanted = {"time": Column((0,), times), "activity": Column((measure,), Amounts(names[measure]))}
    for name, parse in (("event", flags), ("state", _off_wrist)):
        place = columns.find(names, (name,))
        if place is not None:
            wanted[name] = Column((place,), parse)
    table = gather(rows, ";", len(names), wanted)
    off = table.columns.get("state")
    worn_flags = ~off if off is not None and off.any() else None
    grid, worn, notes = lay(table.columns["time"], table.columns["activity"], worn_flags, table.lines)
    header_facts = facts(header)
    interval = header_facts.get("interval", "")
    notes = (*table.notes, *notes, *differing_epoch(grid, float(interval) if interval.isascii() and interval.isdecimal() else None))
    labels: dict[str, str | float | None] = {"activity_column": names[measure]}
    for name, key in (("sex", "subject_gender"), ("serial", "device_id")):
        # Anonymised reports write X for what is not told.
        if (value := header_facts.get(key)) and value.strip("xX"):
            labels[name] = value[:100]
    if "event" in table.columns:
        labels["markers"] = float(table.columns["event"].sum())
    return Reading(
        (
            with_known_date(
                Recording(
                    participant=person(header_facts.get("subject_name", ""), source),
                    values=grid.values,
                    start=grid.start,
                    epoch_seconds=grid.epoch_seconds,
                    unit=COUNTS,
                    device=header_facts.get("device_model", "ActTrust")[:60],
                    labels=labels,
                    source=source.name,
                    worn=worn,
                    notes=notes,
                )
            ),
        )
    )


def _off_wrist(cells: list[str], at: np.ndarray) -> np.ndarray:
    """(rows,) bool, True where the scored state is off the wrist."""
    return np.array([cell.strip() == OFF_WRIST for cell in cells], bool)


FORMAT = Format("Condor ActTrust report", recognises, read, "ActTrust")
