"""Wall-clock times as minutes."""

from __future__ import annotations

from datetime import datetime

from pat_core.settings import MINUTES_PER_DAY


def minute_of_week(when: datetime) -> int:
    """Minutes since Monday at midnight, 0 to 10,079; seconds are left out."""
    return when.weekday() * MINUTES_PER_DAY + when.hour * 60 + when.minute
