"""A mapping and what it makes of a file, in words."""

from __future__ import annotations

from datetime import datetime

from pages.components.shared.phrases import date_words, people_words
from pages.components.shared.words import _, plural
from pat_core.recordings.clock.zones import Clock
from pat_core.recordings.mapping.mapping_record import summary, unit_words
from pat_core.recordings.tables.numbers import Sign
from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT
from pat_core.workflows.read.column_mapping import Preview

__all__ = ["DECIMALS", "ORDERS", "ROWS", "RUNS", "SEPARATORS", "UNITS", "facts", "row_time", "summary", "unit_words"]

ORDERS = {
    "year": _("Year first (2024-03-31)"),
    "day": _("Day first (31/03/2024)"),
    "month": _("Month first (03/31/2024)"),
    "named": _("Another form (31 Mar 2024)"),
    "seconds": _("Seconds since 1970"),
    "milliseconds": _("Milliseconds since 1970"),
    "epochs": _("Epochs by their number (1, 2, 3)"),
}
ROWS = {"epoch": _("An epoch: a time and a value"), "day": _("A day: a date and 1,440 minutes in columns")}
RUNS: dict[Clock, str] = {"wall": _("Local time, as on a wall clock"), "steady": _("The device's clock, never changed"), "utc": _("UTC")}
UNITS = {COUNTS: _("Counts"), MIMS: _("MIMS"), MG: _("Milli-g (ENMO or similar)"), STEPS: _("Steps"), UNKNOWN_UNIT: _("Not known")}
SEPARATORS = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Bar")}
DECIMALS: dict[Sign, str] = {".": _("Point (1.5)"), ",": _("Comma (1,5)")}


def facts(preview: Preview, days: bool = False) -> str:
    """How many people, how long, how often and in which unit. days: a row is a day."""
    if not preview.people:
        return _("With these columns, no one would be imported.")
    parts = [
        people_words(preview.people),
        _("at most {days} each").format(days=_days(preview.days)) if preview.people > 1 else _days(preview.days),
    ]
    if days:
        parts.append(_("a row a day"))
    elif preview.epoch_seconds:
        parts.append(
            _("a row every {seconds} s").format(seconds=preview.epoch_seconds) if preview.epoch_seconds < 60 else _("a row a minute")
        )
    parts.append(unit_words(preview.unit))
    line = "; ".join(parts) + "."
    if preview.first:
        line += _(" The first minute is {moment}.").format(moment=date_words(preview.first))
    if preview.short:
        line += plural(
            " {number} person has less than the seven days of a week: choose fewer days for each window, or they would be refused.",
            " {number} people have less than the seven days of a week: choose fewer days for each window, or they would be refused.",
            preview.short,
        )
    return line


def row_time(moment: datetime | None) -> str:
    """ "Wed 7 May 2025, 14:05:30", in which day and month cannot be taken for one another."""
    return _("not read") if moment is None else f"{date_words(moment)}:{moment:%S}"


def _days(days: float) -> str:
    return _("1 day") if round(days, 1) == 1 else _("{days:g} days").format(days=round(days, 1))
