"""One week a person, where people and not weeks are counted."""

from __future__ import annotations

from collections.abc import Sequence

from pat_core.cohorts import WeekRow


def first_weeks(rows: Sequence[WeekRow]) -> list[WeekRow]:
    """Each person's earliest full week, in the order of `rows`. Its index need not be 0: windows without any value are left out."""
    earliest: dict[str, WeekRow] = {}
    for row in rows:
        if row.participant not in earliest or row.index < earliest[row.participant].index:
            earliest[row.participant] = row
    kept = {row.row for row in earliest.values()}
    return [row for row in rows if row.row in kept]
