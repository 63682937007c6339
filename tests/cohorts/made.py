"""Small weeks for the tests of the workspace, of 60 minutes: the workspace does not care how long a week is."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import numpy as np

from pat_core.records import COUNTS, Week, WeekReport

MINUTES = 60
REPORT = WeekReport(MINUTES, 2, 5, 7, 0.25, 0.0, 12.5, 80.0, COUNTS)


def week(participant: str, index: int = 0, fill: float | None = None, minutes: int = MINUTES, unit: str = COUNTS, **changes) -> Week:
    """A week whose values follow from its participant and index (or are `fill`), with one missing minute."""
    seed = sum(map(ord, participant)) * 100 + index
    drawn = np.random.default_rng(seed).gamma(1.0, 20.0, minutes)
    values = (drawn if fill is None else np.full(minutes, fill)).astype(np.float32)
    values[3] = np.nan
    plain = {"start": datetime(2024, 3, 4), "date_known": True, "device": "wrist", "alignment": "midnight", "report": REPORT}
    return Week(participant=participant, index=index, values=values, unit=unit, **{**plain, **changes})


def three_people() -> list[Week]:
    return [week("p1"), week("p2"), week("p2", 1), week("p3")]


def insert_old_cohort(connection: sqlite3.Connection) -> None:
    """A cohort "c" of one person p1 with one week, as the first version of the tables held it; there is no array to it."""
    connection.execute(
        "INSERT INTO cohorts (id, name, people, weeks, minutes, unit, alignment, simulated, source, note, label_columns, created)"
        " VALUES ('old', 'c', 1, 1, 60, 'counts/min', 'start', 0, '', '', '[]', 0)"
    )
    connection.execute("INSERT INTO people (cohort_id, position, participant, weeks, labels) VALUES ('old', 0, 'p1', 1, '{}')")
    report = (
        '{"minutes": 60, "minutes_missing": 0, "longest_flat_minutes": 1, "longest_flat_from": 0, "zero_share": 0.0, '
        '"nonwear_share": 0.0, "mean": null, "maximum": 2.0, "unit": "counts/min"}'
    )
    row = ("old", 0, "p1", 0, None, 1, "counts/min", None, "start", report, "")
    connection.execute(f"INSERT INTO weeks VALUES ({', '.join('?' * len(row))})", row)
