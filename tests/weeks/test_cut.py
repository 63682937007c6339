"""Full weeks out of recordings, and their report."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import WeekError
from pat_core.records import COUNTS, Days, Recording
from pat_core.weeks import cut, in_days, report
from tests.shared import real_study

WEEK = 10080


def _recording(minutes: int, start: datetime | None = datetime(2024, 3, 5, 10, 30), epoch: int = 60) -> Recording:
    values = np.arange(minutes * 60 // epoch, dtype=np.float32)
    return Recording("p", values, start, epoch, COUNTS, device="watch", date_known=False)


@given(st.integers(0, 30000), st.integers(0, 1439), st.sampled_from(["start", "midnight"]))
@settings(max_examples=60, deadline=None)
def test_weeks_follow_one_another_and_use_every_minute_that_fits(minutes: int, begin: int, alignment: str) -> None:
    start = datetime(2024, 3, 5) + timedelta(minutes=begin)
    skipped = 0 if alignment == "start" else -begin % 1440
    fitting = max(0, minutes - skipped) // WEEK
    if fitting == 0:
        with pytest.raises(WeekError, match="full week"):
            cut(_recording(minutes, start), alignment)
        return
    weeks = cut(_recording(minutes, start), alignment)
    assert [week.index for week in weeks] == list(range(fitting))
    assert np.array_equal(np.concatenate([week.values for week in weeks]), np.arange(skipped, skipped + fitting * WEEK))
    for week in weeks:
        assert week.values.shape == (WEEK,) and week.start == start + timedelta(minutes=skipped + week.index * WEEK)
        assert week.alignment == alignment and (alignment == "start" or week.start.hour == week.start.minute == 0)


def test_a_week_keeps_what_the_recording_says() -> None:
    (week,) = cut(_recording(2 * WEEK), first_only=True)
    assert (week.participant, week.unit, week.device, week.date_known) == ("p", COUNTS, "watch", False)


def test_a_short_recording_is_refused_with_its_length_and_never_padded() -> None:
    with pytest.raises(WeekError, match="6 days 3 hours"):
        cut(_recording(6 * 1440 + 180))
    with pytest.raises(WeekError, match="6 days 23 hours 59 minutes"):
        cut(_recording(WEEK - 1))


def test_midnight_says_when_a_week_fits_only_from_the_start() -> None:
    assert len(cut(_recording(WEEK + 100))) == 1
    with pytest.raises(WeekError, match="only from its start"):
        cut(_recording(WEEK + 100), "midnight")


def test_midnight_needs_a_known_start_and_a_start_at_midnight_skips_nothing() -> None:
    with pytest.raises(WeekError, match="midnights are unknown"):
        cut(_recording(WEEK, None), "midnight")
    assert cut(_recording(WEEK, datetime(2024, 3, 5)), "midnight")[0].values[0] == 0


@given(st.integers(0, 80_000), st.integers(0, 1439), st.sampled_from(["start", "midnight"]), st.sampled_from([1, 3, 5, 14, 28, "all"]))
@settings(max_examples=60, deadline=None)
def test_windows_of_any_length_are_full_days_without_a_minute_lost_or_added(minutes: int, begin: int, alignment: str, days: Days) -> None:
    start = datetime(2024, 3, 5) + timedelta(minutes=begin)
    skipped = 0 if alignment == "start" else -begin % 1440
    whole = max(0, minutes - skipped) // 1440
    used = whole if days == "all" else whole // days * days
    if used == 0:
        with pytest.raises(WeekError, match="Nothing is filled in|only from its start"):
            cut(_recording(minutes, start), alignment, days=days)
        return
    windows = cut(_recording(minutes, start), alignment, days=days)
    assert np.array_equal(np.concatenate([window.values for window in windows]), np.arange(skipped, skipped + used * 1440))
    lengths = {window.values.size for window in windows[:-1]} or {windows[0].values.size}
    assert lengths == {1440 * (min(whole, 28) if days == "all" else days)}
    assert all(window.values.size == window.report.minutes and window.values.size % 1440 == 0 for window in windows)


@pytest.mark.parametrize("days", [0, 29, True, 2.0, "some"])
def test_windows_of_other_lengths_are_refused_in_a_sentence(days) -> None:
    with pytest.raises(WeekError, match="1 to 28 full days"):
        cut(_recording(WEEK), days=days)


def test_half_minute_epochs_are_made_minutes_first() -> None:
    (week,) = cut(_recording(WEEK, epoch=30))
    assert week.values[:3].tolist() == [1, 5, 9]


def test_missing_minutes_are_kept_and_a_window_without_any_value_is_left_out() -> None:
    recording = _recording(3 * WEEK)
    recording.values[100:160] = np.nan
    recording.values[WEEK : 2 * WEEK] = np.nan
    weeks = cut(recording)
    assert [week.index for week in weeks] == [0, 2]
    assert weeks[0].report.minutes_missing == 60 and np.isnan(weeks[0].values[100:160]).all()


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 minutes"), (1, "1 minute"), (61, "1 hour 1 minute"), (1440, "1 day"), (8636, "5 days 23 hours"), (10080, "7 days")],
)
def test_lengths_are_said_in_days_and_hours(minutes: int, said: str) -> None:
    assert in_days(minutes) == said


def test_the_report_counts_what_is_there() -> None:
    values = np.full(1000, 7.0, np.float32)
    values[::2] = 9
    values[200:300], values[400:420], values[500:550] = 0, np.nan, 3
    told = report(values, COUNTS)
    assert (told.minutes, told.minutes_missing, told.longest_flat_minutes, told.longest_flat_from) == (1000, 20, 100, 200)
    assert told.zero_share == 0.1 and told.nonwear_share == 0.1 and told.maximum == 9 and told.unit == COUNTS
    assert told.mean == pytest.approx(np.nanmean(values.astype(float)))


@pytest.mark.shared
def test_real_recordings_give_a_week_or_the_reason_why_not() -> None:
    recordings = real_study().recordings
    for alignment, expected in (("start", 83), ("midnight", 58)):
        refused = 0
        for recording in recordings:
            try:
                weeks = cut(recording, alignment)
                assert all(week.values.shape == (WEEK,) for week in weeks)
            except WeekError as error:
                refused += 1
                assert recording.participant in str(error) and "day" in str(error)
        assert len(recordings) - refused == expected


@pytest.mark.shared
@pytest.mark.parametrize(("days", "people", "windows"), [(14, 52, 58), (7, 83, 157), (5, 106, 238), (3, 107, 418), ("all", 109, 115)])
def test_the_shorter_the_windows_the_more_real_people_come_in(days: Days, people: int, windows: int) -> None:
    cuts = []
    for recording in real_study().recordings:
        with contextlib.suppress(WeekError):
            cuts.append(cut(recording, days=days))
    assert (len(cuts), sum(map(len, cuts))) == (people, windows)
