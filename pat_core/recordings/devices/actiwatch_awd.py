"""CamNtech and Actiwatch .AWD files: seven lines of header, then one line an epoch: the count, a second channel, a mark.

Header: name, date, clock, epoch code, age, serial number, sex. The epochs carry no times: they follow the start without a gap. The first
letter of the serial number names the model, as files of known models show.
"""

from __future__ import annotations

import re
from array import array
from datetime import date, datetime

import numpy as np

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import MOST_EPOCHS, check_epoch, check_length
from pat_core.recordings.clock.times import month_of, with_known_date
from pat_core.recordings.devices.device_rows import head_lines, lines, person
from pat_core.recordings.source import Format, Source, quoted, refuse_unless
from pat_core.recordings.tables.text_shape import is_text
from pat_core.records import COUNTS, Reading, Recording

EPOCH_CODES = {"1": 15, "2": 30, "4": 60, "8": 120, "20": 300, "81": 2, "C1": 5, "C2": 10}
"""Line 4 of the header -> seconds of an epoch."""

MODELS = {
    "V": "Actiwatch 4", "D": "Actiwatch 7", "I": "Actiwatch-Insomnia", "L": "Actiwatch-L", "P": "Actiwatch-L-Plus", "M": "Actiwatch-Mini",
    "S": "Actiwatch-S", "T": "Actiwatch-T",
}  # fmt: skip
HEADER_LINES = 7


def recognises(head: bytes, filename: str) -> bool:
    """A date, a clock time and an epoch code in lines 2 to 4; one of them is enough where the name ends in .awd."""
    if not is_text(head):
        return False
    header = [line.strip() for line in head_lines(head, HEADER_LINES)]
    if len(header) < 4:
        return filename.lower().endswith(".awd") and len(header) > 1
    signs = (_date(header[1]) is not None) + (_clock(header[2]) is not None) + (header[3].upper() in EPOCH_CODES)
    return signs == 3 or (signs > 0 and filename.lower().endswith(".awd"))


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an .AWD file, by the name in line 1. Raises RecordingError naming the line that cannot be read."""
    refuse_unless(
        not source.filename.lower().endswith(".awc"),
        "This is an Actical file (.AWC), whose header is longer than an Actiwatch's. Export it as CSV with 60-second epochs.",
    )
    rows = lines(source, progress)
    header = [line.strip() for _, line in zip(range(HEADER_LINES), (text for _, text in rows), strict=False)]
    refuse_unless(len(header) == HEADER_LINES, f"Seven header lines were expected; the file ends after {len(header)}. Export it again.")
    start, notes = _start(header)
    code = header[3].upper()
    refuse_unless(
        code in EPOCH_CODES,
        f"Line 4 was expected to hold the code of the epoch ({', '.join(EPOCH_CODES)}); it says {quoted(header[3])}. Export it again.",
    )
    epoch = check_epoch(EPOCH_CODES[code], f"line 4 (code {code})")
    values, markers = _counts(rows, epoch)
    return Reading(
        (
            with_known_date(
                Recording(
                    participant=person(header[0], source),
                    values=values,
                    start=start,
                    epoch_seconds=epoch,
                    unit=COUNTS,
                    device=MODELS.get(header[5][:1].upper(), "Actiwatch"),
                    labels=_labels(header, markers),
                    source=source.name,
                    notes=notes,
                )
            ),
        )
    )


def _start(header: list[str]) -> tuple[datetime, tuple[str, ...]]:
    date, clock = _date(header[1]), _clock(header[2])
    if date is None or clock is None:
        raise RecordingError(
            "Lines 2 and 3 were expected to hold a date (23-Jan-2018) and a clock time (13:58); they say "
            f"{quoted(header[1])} and {quoted(header[2])}. Export the file again."
        )
    day, unsure = date
    note = f"The date {header[1]} was read as day, month, year, as the maker writes it; it could be month, day, year."
    return datetime(day.year, day.month, day.day, *clock), (note,) if unsure else ()


def _date(text: str) -> tuple[date, bool] | None:
    """A date, and whether day and month could be the other way round; None where it is no date.

    23-Jan-2018, 23 January 18, Jan-23-2018, 23/01/2018, 01/23/2018, 23.1.18, 2018-01-23. Years of two digits are 1970 to 2069.
    """
    parts = re.findall(r"\d+|[^\W\d_]+", text.strip().lower())
    if len(parts) != 3 or sum(part.isdecimal() for part in parts) < 2 or any(len(part) > 12 for part in parts):
        return None
    named = [i for i, part in enumerate(parts) if not part.isdecimal()]
    unsure = False
    if named:
        month = month_of(parts[named[0]])
        first, second = (part for i, part in enumerate(parts) if i != named[0])
        year, day = (first, int(second)) if len(first) == 4 else (second, int(first))
    elif len(parts[0]) == 4:
        year, month, day = parts[0], int(parts[1]), int(parts[2])
    else:
        year, day, month = parts[2], int(parts[0]), int(parts[1])
        if month > 12:
            day, month = month, day
        unsure = day <= 12 and month != day and "." not in text
    if len(year) not in (2, 4):
        return None
    try:
        full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= 70 else 2000)
        return date(full, month, day), unsure
    except (ValueError, OverflowError):  # a month or a day of a dozen digits
        return None


def _clock(text: str) -> tuple[int, int, int] | None:
    """Hour, minute and second of 13:58, 13:58:00, 01:58 PM; None where it is no clock time."""
    match = re.fullmatch(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*(?:([ap])\.?m\.?)?", text.strip().lower(), re.ASCII)
    if not match:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (match[4] == "p")
    return (hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _counts(rows, epoch: int) -> tuple[np.ndarray, int]:
    """Counts, (epochs,) float32 with NaN where the line has none, and how many lines carry a mark."""
    counts = array("f")
    markers, empty = 0, 0
    for number, line in rows:
        line = line.strip(" \t\x1a\x00")
        if not line:
            empty = empty or number
            continue
        refuse_unless(
            not empty, f"Line {empty} is empty in the middle of the counts, so the times of what follows are unknown. Export it again."
        )
        if line[-1] in "Mm":
            markers, line = markers + 1, line[:-1].rstrip()
        cell, second, _ = line.partition(",")
        cell = cell.rstrip()
        if cell.isascii() and cell.isdecimal() and len(cell) < 10:
            counts.append(int(cell))
        elif not cell and second:
            counts.append(np.nan)
        else:
            raise RecordingError(
                f"A whole count of 0 or more was expected in line {number}; it says {quoted(cell)}. Export the file again."
            )
        if len(counts) > MOST_EPOCHS:
            break
    check_length(len(counts), epoch)
    refuse_unless(len(counts) > 0, "The file ends after its header, without a single epoch. Export it again.")
    return np.frombuffer(counts, np.float32).copy(), markers


def _labels(header: list[str], markers: int) -> dict[str, str | float | None]:
    labels: dict[str, str | float | None] = {"markers": float(markers)}
    if header[5]:
        labels["serial"] = header[5][:100]
    if header[4].isascii() and header[4].isdecimal() and 0 < int(header[4][:4]) < 120:
        labels["age"] = float(header[4])
    if header[6].upper() in ("F", "M"):
        labels["sex"] = header[6].upper()
    return labels


FORMAT = Format("Actiwatch recording (AWD)", recognises, read, ".AWD")
