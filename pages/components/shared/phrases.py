"""Dates, lists and numbers as a reader says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime


def day_words(day: date) -> str:
    """ "Wed 7 May 2025"."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def date_words(moment: datetime) -> str:
    """ "Wed 7 May 2025, 14:05"."""
    return f"{day_words(moment)}, {moment:%H:%M}"


def some(names: Sequence[str], most: int = 10) -> str:
    """ "a, b and 3 more"."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def count(number: int, one: str, many: str) -> str:
    """ "1 week", "12 weeks"."""
    return f"{number:,} {one if number == 1 else many}"


def left_words(seconds: float) -> str:
    """ "A few seconds", "About 40 s", "About 3 min", "About 2 h": a forecast has no more digits than it is worth."""
    if seconds < 10:
        return "A few seconds"
    if seconds < 90:
        return f"About {round(seconds / 10) * 10} s"
    if seconds < 5400:
        return f"About {round(seconds / 60)} min"
    return f"About {round(seconds / 3600)} h"


def megabytes(size: int) -> str:
    """1_100_000 -> "1 MB"."""
    return f"{size / 1e6:.0f} MB"
