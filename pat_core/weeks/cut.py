"""Windows of full days out of recordings, weeks unless others are asked for; never padded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from pat_core.errors import RecordingError, WeekError
from pat_core.plurals import counted
from pat_core.records import Alignment, Days, Recording, Week
from pat_core.settings import MINUTES_PER_DAY, MOST_DAYS, USUAL_DAYS
from pat_core.wear import to_minutes
from pat_core.weeks.quality_report import report
from pat_core.weeks.week_time import in_days


def cut(recording: Recording, alignment: Alignment = "start", first_only: bool = False, days: Days = USUAL_DAYS) -> tuple[Week, ...]:
    """Windows of a recording, one after another: from its first minute ("start") or from its first midnight ("midnight").

    days: how many full days each has, 1 to MOST_DAYS; "all": all full days of the recording in one window, or where there are more than
    MOST_DAYS in windows of so many, of which the last has what is left. Missing minutes stay NaN and are counted in each window's report;
    a window without a single value is left out, and keeps its index. What remains after the last full window is not used. Minutes are of
    wall clock. Raises WeekError, saying how long the recording is, where no full window fits or none holds a value, and where midnight is
    asked of a recording whose start is not known.
    """
    check_days(days)
    try:
        recording = to_minutes(recording)
    except RecordingError as error:
        raise WeekError(str(error)) from error
    if alignment not in ("start", "midnight"):
        raise WeekError(f"Weeks are cut from the start or from midnight; “{alignment}” is neither. Choose one of the two.")
    skipped = 0 if alignment == "start" else _minutes_to_midnight(recording)
    values = np.asarray(recording.values, np.float32)
    windows = list(_windows(values.size, skipped, days))
    if not windows:
        raise WeekError(_too_short(recording.participant, values.size, skipped, days))
    weeks = []
    for index, (begin, end) in enumerate(windows):
        window = values[begin:end]
        if np.isnan(window).all():
            continue
        start = None if recording.start is None else recording.start + timedelta(minutes=begin)
        worn = None if recording.worn is None else recording.worn[begin:end]
        weeks.append(
            Week(
                participant=recording.participant,
                index=index,
                values=window,
                start=start,
                date_known=recording.date_known,
                unit=recording.unit,
                device=recording.device,
                alignment=alignment,
                report=report(window, recording.unit, worn),
                worn=worn,
                notes=recording.notes,
                placement=recording.placement,
                zone=recording.zone,
            )
        )
        if first_only:
            break
    if not weeks:
        what = "week" if days == USUAL_DAYS else "window"
        raise WeekError(f"{recording.participant} has no value in any full {what}, only missing minutes. Check its activity column.")
    return tuple(weeks)


def check_days(days: Days) -> None:
    """WeekError unless windows of so many days can be cut."""
    if days != "all" and (isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS):
        raise WeekError(
            f"Windows of 1 to {MOST_DAYS} full days can be cut, or all full days of each person; got {days!r}. Choose one of these."
        )


def length_words(days: Days) -> str:
    """How long the windows are, in a few words: "weeks of 7 days", "windows of 5 days", "all full days of each person"."""
    if days == "all":
        return "all full days of each person"
    return f"weeks of {days} days" if days == USUAL_DAYS else f"windows of {counted(days, 'day')}"


def _windows(minutes: int, skipped: int, days: Days) -> Iterator[tuple[int, int]]:
    """[begin, end) of each window within a recording of so many minutes."""
    whole = max(0, minutes - skipped) // MINUTES_PER_DAY
    each = MOST_DAYS if days == "all" else days
    for first in range(0, whole, each):
        last = min(first + each, whole)
        if last - first == each or days == "all":
            yield skipped + first * MINUTES_PER_DAY, skipped + last * MINUTES_PER_DAY


def _minutes_to_midnight(recording: Recording) -> int:
    """Minutes before the first midnight, to the nearest minute; 0 where the recording begins at one."""
    start: datetime | None = recording.start
    if start is None:
        raise WeekError(
            f"The file does not say when the recording of {recording.participant} began, so its midnights are unknown. Cut the weeks from "
            "the start, or give the start in the file."
        )
    past = start.hour * 60 + start.minute + start.second / 60
    return round(-past) % MINUTES_PER_DAY


def _too_short(participant: str, minutes: int, skipped: int, days: Days) -> str:
    needed = 1 if days == "all" else days
    what = "week" if needed == USUAL_DAYS else "window"
    sentence = f"A full {what} of {counted(needed, 'day')} was expected; the recording of {participant} is {in_days(minutes)} long"
    if skipped and minutes >= needed * MINUTES_PER_DAY:
        after = in_days(minutes - skipped)
        return f"{sentence}, only {after} of it after its first midnight. A {what} fits only from its start: cut it there."
    if skipped:
        sentence += f", of which {in_days(max(0, minutes - skipped))} lie after its first midnight"
    if needed > 1:
        return f"{sentence}. Nothing is filled in: ask for windows of fewer days, or use a longer recording of this person."
    return f"{sentence}. Nothing is filled in: PAT needs a longer recording of this person."
