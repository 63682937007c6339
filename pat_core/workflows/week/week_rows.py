"""What a cohort's rows say together: one week a person, where people and not weeks are counted; and on which device most were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pat_core.cohorts import WeekRow
from pat_core.records import Week, body_site


def first_weeks(rows: Sequence[WeekRow]) -> list[WeekRow]:
    """Each person's earliest full week, in the order of `rows`. Its index need not be 0: windows without any value are left out."""
    earliest: dict[str, WeekRow] = {}
    for row in rows:
        if row.participant not in earliest or row.index < earliest[row.participant].index:
            earliest[row.participant] = row
    kept = {row.row for row in earliest.values()}
    return [row for row in rows if row.row in kept]


def others_than(participant: str | None, own: Iterable[WeekRow], rows: Sequence[WeekRow], same_cohort: bool = True) -> list[WeekRow]:
    """These rows without those of one person, by name (where the rows are of the same cohort) and by content.

    own: the person's rows. Somebody who has any week that the person has too, minute by minute, is the person under another name.
    """
    weeks = {row.sha256 for row in own if row.participant == participant}
    alike = {row.participant for row in rows if row.sha256 in weeks} | ({participant} if same_cohort else set())
    return [row for row in rows if row.participant not in alike]


def common_device(rows: Iterable[WeekRow]) -> str | None:
    """The device of most of these weeks, and where it was worn (`measured_with`); None where none is known."""
    worn = Counter(measured_with(row) for row in rows if row.device)
    return worn.most_common(1)[0][0] if worn else None


def measured_with(week: Week | WeekRow) -> str | None:
    """The device of a week and where on the body it was worn, as far as they are known: counts of a hip are not those of a wrist."""
    site = body_site(week.placement)
    return f"{week.device}, {site}" if week.device and site else week.device
