"""Minutes of a week: of a wall-clock time, and lengths in words."""

from __future__ import annotations

from datetime import datetime

from pat_core.plurals import counted
from pat_core.settings import MINUTES_PER_DAY, USUAL_DAYS


def minute_of_week(when: datetime) -> int:
    """Minutes since Monday at midnight, 0 to 10,079; seconds are left out."""
    return when.weekday() * MINUTES_PER_DAY + when.hour * 60 + when.minute


def span(minutes: int) -> str:
    """What so many minutes are called: "week", "5-day window", "window" where they are no full days."""
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    return "window" if rest or not days else "week" if days == USUAL_DAYS else f"{days}-day window"


def in_days(minutes: int) -> str:
    """A length as "6 days 3 hours", "5 hours" or "12 minutes"."""
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    parts = [(days, "day"), (rest // 60, "hour")]
    if days == 0:
        parts = [(rest // 60, "hour"), (rest % 60, "minute")]
    elif days == 6 and rest // 60 == 23:
        parts.append((rest % 60, "minute"))  # so that it never reads as nearly the week it is not
    words = [counted(number, word) for number, word in parts if number]
    return " ".join(words) or "0 minutes"
