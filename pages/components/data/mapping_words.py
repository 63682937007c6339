"""A mapping and what it makes of a file, in words."""

from __future__ import annotations

from datetime import datetime

from pages.components.shared.phrases import count, date_words
from pat_core.recordings.clock.zones import Clock
from pat_core.recordings.mapping.mapping_record import summary, unit_words
from pat_core.recordings.tables.numbers import Sign
from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT
from pat_core.workflows.read.column_mapping import Preview

__all__ = ["DECIMALS", "ORDERS", "ROWS", "RUNS", "SEPARATORS", "UNITS", "facts", "row_time", "summary", "unit_words"]

ORDERS = {
    "year": "Year first (2024-03-31)",
    "day": "Day first (31/03/2024)",
    "month": "Month first (03/31/2024)",
    "named": "Another form (31 Mar 2024)",
    "seconds": "Seconds since 1970",
    "milliseconds": "Milliseconds since 1970",
    "epochs": "Epochs by their number (1, 2, 3)",
}
ROWS = {"epoch": "An epoch: a time and a value", "day": "A day: a date and 1,440 minutes in columns"}
RUNS: dict[Clock, str] = {"wall": "Local time, as on a wall clock", "steady": "The device's clock, never changed", "utc": "UTC"}
UNITS = {COUNTS: "Counts", MIMS: "MIMS", MG: "Milli-g (ENMO or similar)", STEPS: "Steps", UNKNOWN_UNIT: "Not known"}
SEPARATORS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
DECIMALS: dict[Sign, str] = {".": "Point (1.5)", ",": "Comma (1,5)"}


def facts(seen: Preview, days: bool = False) -> str:
    """How many people, how long, how often and in which unit. days: a row is a day."""
    if not seen.people:
        return "With these columns, no one would be imported."
    parts = [count(seen.people, "person", "people"), f"at most {_days(seen.days)} each" if seen.people > 1 else _days(seen.days)]
    if days:
        parts.append("a row a day")
    elif seen.epoch_seconds:
        parts.append(f"a row every {seen.epoch_seconds} s" if seen.epoch_seconds < 60 else "a row a minute")
    parts.append(unit_words(seen.unit))
    line = "; ".join(parts) + "."
    if seen.first:
        line += f" The first minute is {date_words(seen.first)}."
    if seen.short:
        line += f" {count(seen.short, 'person has', 'people have')} less than the seven days that a week needs, and would be refused."
    return line


def row_time(moment: datetime | None) -> str:
    """ "Wed 7 May 2025, 14:05:30", in which day and month cannot be taken for one another."""
    return "not read" if moment is None else f"{date_words(moment)}:{moment:%S}"


def _days(days: float) -> str:
    return "1 day" if round(days, 1) == 1 else f"{round(days, 1):g} days"
