"""Full weeks out of recordings: 10,080 minutes each, never padded."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from pat_core.errors import RecordingError, WeekError
from pat_core.records import Alignment, Recording, Week
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pat_core.wear import to_minutes
from pat_core.weeks.quality_report import report
from pat_core.weeks.week_time import in_days


def cut(recording: Recording, alignment: Alignment = "start", first_only: bool = False) -> tuple[Week, ...]:
    """Weeks of a recording, one after another: from its first minute ("start") or from its first midnight ("midnight").

    Missing minutes stay NaN and are counted in each week's report; a window without a single value is left out, and keeps its index.
    What remains after the last full week is not used. Weeks are 10,080 minutes of wall clock. Raises WeekError, saying how long the
    recording is, where no full week fits or none holds a value, and where midnight is asked of a recording whose start is not known.
    """
    try:
        recording = to_minutes(recording)
    except RecordingError as error:
        raise WeekError(str(error)) from error
    if alignment not in ("start", "midnight"):
        raise WeekError(f"Weeks are cut from the start or from midnight; “{alignment}” is neither. Choose one of the two.")
    skipped = 0 if alignment == "start" else _minutes_to_midnight(recording)
    values = np.asarray(recording.values, np.float32)
    count = max(0, values.size - skipped) // MINUTES_PER_WEEK
    if count == 0:
        raise WeekError(_too_short(recording.participant, values.size, skipped))
    weeks = []
    for index in range(count):
        begin = skipped + index * MINUTES_PER_WEEK
        window = values[begin : begin + MINUTES_PER_WEEK]
        if np.isnan(window).all():
            continue
        start = None if recording.start is None else recording.start + timedelta(minutes=begin)
        worn = None if recording.worn is None else recording.worn[begin : begin + MINUTES_PER_WEEK]
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
        raise WeekError(f"{recording.participant} has no value in any full week, only missing minutes. Check its activity column.")
    return tuple(weeks)


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


def _too_short(participant: str, minutes: int, skipped: int) -> str:
    sentence = f"A full week of 7 days was expected; the recording of {participant} is {in_days(minutes)} long"
    if skipped and minutes >= MINUTES_PER_WEEK:
        return (
            f"{sentence}, only {in_days(minutes - skipped)} of it after its first midnight. A week fits only from its start: cut it there."
        )
    if skipped:
        sentence += f", of which {in_days(max(0, minutes - skipped))} lie after its first midnight"
    return f"{sentence}. Nothing is filled in: PAT needs a longer recording of this person."
