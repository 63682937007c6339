"""Dates, lists and numbers as a reader says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from pages.components.shared.words import _, plural
from pat_core.cohorts import CohortInfo
from pat_core.settings import USUAL_DAYS


def day_words(day: date) -> str:
    """ "Wed 7 May 2025"."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def date_words(moment: datetime) -> str:
    """ "Wed 7 May 2025, 14:05"."""
    return f"{day_words(moment)}, {moment:%H:%M}"


def some(names: Sequence[str], most: int = 10) -> str:
    """ "a, b and 3 more"."""
    return ", ".join(names[:most]) + (_(" and {number} more").format(number=len(names) - most) if len(names) > most else "")


def left_words(seconds: float) -> str:
    """ "A few seconds", "About 40 s", "About 3 min", "About 2 h": a forecast has no more digits than it is worth."""
    if seconds < 10:
        return _("A few seconds")
    if seconds < 90:
        return _("About {number} s").format(number=round(seconds / 10) * 10)
    if seconds < 5400:
        return _("About {number} min").format(number=round(seconds / 60))
    return _("About {number} h").format(number=round(seconds / 3600))


def megabytes(size: int) -> str:
    """1_100_000 -> "1 MB"."""
    return _("{size:.0f} MB").format(size=size / 1000000.0)


def people_words(number: int) -> str:
    """“1 person” or “1,204 people”."""
    return plural("{number} person", "{number} people", number)


def windows_title(cohort: CohortInfo) -> str:
    """What the windows of a cohort are called, for a title: "Weeks", "5-day windows", "Windows" where they differ in length."""
    if not cohort.one_length:
        return _("Windows")
    return _("Weeks") if cohort.days == USUAL_DAYS else _("{days}-day windows").format(days=cohort.days)


def windows_words(number: int, cohort: CohortInfo) -> str:
    """“1 week”, “12 5-day windows”, “3 windows”."""
    if not cohort.one_length:
        return plural("{number} window", "{number} windows", number)
    if cohort.days == USUAL_DAYS:
        return weeks_words(number)
    return plural("{number} {days}-day window", "{number} {days}-day windows", number, days=cohort.days)


def weeks_words(number: int) -> str:
    """“1 week” or “1,204 weeks”."""
    return plural("{number} week", "{number} weeks", number)
