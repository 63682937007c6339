"""Time zones: the rules against the standard library's own, conversions there and back, and what changes of the clock do to a recording."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.recordings.clock import zones
from pat_core.records import COUNTS, Recording

WEEK = 10_080
PLACES = (
    "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Adelaide", "Australia/Lord_Howe", "America/Santiago",
    "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia", "Asia/Kolkata", "Asia/Kathmandu", "Africa/Casablanca", "America/Havana", "UTC",
)  # fmt: skip
"""Both hemispheres, half hours and quarters, a change of half an hour, a skipped day, changes at midnight, no change at all."""

minutes_of = st.integers(0, int((datetime(2026, 12, 1) - datetime(2003, 1, 1)).total_seconds()) // 60)
starts = minutes_of.map(lambda minute: datetime(2003, 1, 1) + timedelta(minutes=minute))
places = st.sampled_from(PLACES)


def _near_changes(place: str, draw_year: int) -> list[datetime]:
    return [change.first for change in zones.changes(datetime(draw_year, 1, 1), 366 * 1440, place)]


@st.composite
def weeks(draw: st.DrawFn) -> tuple[str, datetime]:
    """A place and a start: as often as not one whose week lies near a change."""
    place, start = draw(places), draw(starts)
    near = _near_changes(place, start.year)
    if near and draw(st.booleans()):
        start = draw(st.sampled_from(near)) - timedelta(minutes=draw(st.integers(-120, WEEK + 120)))
    return place, start


def _recording(start: datetime, minutes: int, epoch: int = 60) -> Recording:
    values = (1 + np.arange(minutes * 60 // epoch) % 5000).astype(np.float32)
    return Recording("p", values, start, epoch, COUNTS, worn=np.arange(values.size) % 7 != 0)


def _wall(utc: np.ndarray, place: str) -> np.ndarray:
    """(n,) datetime64[ms] wall clock of (n,) times in UTC, as the standard library has it: by the hour where its offset holds."""

    def offset(second: int) -> int:
        return int(datetime.fromtimestamp(int(second), UTC).astimezone(ZoneInfo(place)).utcoffset().total_seconds())

    seconds = utc.astype("datetime64[s]").astype(np.int64)
    hours, whose = np.unique(seconds // 3600, return_inverse=True)
    begins, ends = (np.array([offset(3600 * hour) for hour in hours + later], np.int64) for later in (0, 1))
    found = begins[whose]
    for i in np.flatnonzero((begins != ends)[whose]):
        found[i] = offset(seconds[i])
    return utc.astype("datetime64[ms]") + found.astype("timedelta64[s]")


@settings(max_examples=60, deadline=None)
@given(weeks())
def test_wall_clock_goes_to_utc_and_back_but_for_times_that_never_were(week: tuple[str, datetime]) -> None:
    place, start = week
    wall = np.datetime64(start, "ms") + np.arange(WEEK) * np.timedelta64(60_000, "ms")
    utc = zones.to_utc(wall, place)
    never = np.isnat(utc)
    assert np.array_equal(_wall(utc[~never], place), wall[~never])
    skipped = np.zeros(WEEK, bool)
    for change in zones.changes(start, WEEK, place):
        if change.minutes > 0:
            skipped |= (wall >= np.datetime64(change.first)) & (wall < np.datetime64(change.until))
    assert np.array_equal(never, skipped)


@settings(max_examples=60, deadline=None)
@given(weeks())
def test_a_time_that_came_twice_is_its_first_coming(week: tuple[str, datetime]) -> None:
    place, start = week
    utc = np.datetime64(start, "ms") + np.arange(WEEK) * np.timedelta64(60_000, "ms")
    back = zones.to_utc(_wall(utc, place), place)
    assert np.all(back <= utc)
    moved = back != utc
    assert np.array_equal(_wall(back[moved], place), _wall(utc[moved], place))


@settings(max_examples=40, deadline=None)
@given(weeks(), st.sampled_from(["utc", "steady"]), st.sampled_from([60, 30, 15]))
def test_totals_are_preserved_outside_the_times_that_came_twice(week: tuple[str, datetime], clock: zones.Clock, epoch: int) -> None:
    place, start = week
    made = _recording(start, WEEK, epoch)
    moved = zones.on_wall_clock(made, place, clock)
    utc = np.datetime64(start, "ms") if clock == "utc" else zones.to_utc(np.array([start], "datetime64[ms]"), place, nearest=True)[0]
    wall = _wall(utc + np.arange(made.values.size) * np.timedelta64(epoch * 1000, "ms"), place)
    first = np.zeros(wall.size, bool)
    first[np.unique(wall, return_index=True)[1]] = True
    assert np.nansum(moved.values, dtype=np.float64) == made.values[first].sum(dtype=np.float64)
    assert np.isfinite(moved.values).sum() == first.sum()
    assert (moved.start, moved.epoch_seconds, moved.zone) == (wall.min().astype("datetime64[s]").item(), epoch, place)
    assert moved.worn.size == moved.values.size and np.count_nonzero(~moved.worn) == np.count_nonzero(~made.worn[first])


@settings(max_examples=60, deadline=None)
@given(weeks())
def test_a_week_of_wall_clock_lasts_as_long_as_its_changes_say(week: tuple[str, datetime]) -> None:
    place, start = week
    found = zones.changes(start, WEEK, place)
    real = zones.real_minutes(start, WEEK, place)
    inside = all(change.first >= start and change.until <= start + timedelta(minutes=WEEK) for change in found)
    assert real == WEEK - sum(change.minutes for change in found) if inside else abs(real - WEEK) <= 1440
    assert bool(zones.days_over_change(start, WEEK, place)) == bool(found)


@pytest.mark.parametrize(("place", "monday", "real", "day"), [
    ("Europe/Berlin", "2024-03-25", 10_020, "2024-03-31"), ("Europe/Berlin", "2024-10-21", 10_140, "2024-10-27"),
    ("America/New_York", "2006-04-01", 10_020, "2006-04-02"), ("America/New_York", "2007-04-01", 10_080, ""),
    ("Australia/Adelaide", "2024-10-01", 10_020, "2024-10-06"), ("Australia/Lord_Howe", "2024-10-01", 10_050, "2024-10-06"),
    ("Australia/Lord_Howe", "2024-04-01", 10_110, "2024-04-07"), ("Asia/Kolkata", "2024-03-25", 10_080, ""),
    ("Pacific/Apia", "2011-12-26", 10_080 - 1440, "2011-12-30"),
])  # fmt: skip
def test_known_weeks_have_their_known_lengths_and_days(place: str, monday: str, real: int, day: str) -> None:
    start = datetime.fromisoformat(monday)
    assert zones.real_minutes(start, WEEK, place) == real
    assert zones.days_over_change(start, WEEK, place) == ((date.fromisoformat(day),) if day else ())


@pytest.mark.parametrize(("minutes", "over"), [(120, False), (121, True), (10_080, True)])
def test_a_stretch_lies_over_a_change_from_its_first_skipped_minute_on(minutes: int, over: bool) -> None:
    assert bool(zones.changes(datetime(2024, 3, 31), minutes, "Europe/Berlin")) == over
    assert not zones.changes(datetime(2024, 3, 31, 3), 60, "Europe/Berlin")


def test_a_device_that_was_never_changed_is_an_hour_later_after_spring_and_earlier_after_autumn() -> None:
    for start, skip in ((datetime(2024, 3, 30), 60), (datetime(2024, 10, 26), -60)):
        made = _recording(start, 3 * 1440)
        moved = zones.on_wall_clock(made, "Europe/Berlin", "steady")
        change = 1440 + 120 + (0 if skip > 0 else 60)
        assert np.array_equal(moved.values[:change], made.values[:change]) and moved.values.size == made.values.size + skip
        if skip > 0:
            assert np.isnan(moved.values[change : change + 60]).all()
            assert np.array_equal(moved.values[change + 60 :], made.values[change:])
            assert "2024-03-31 02:00 to 03:00" in moved.notes[1] and "missing" in moved.notes[1]
        else:
            assert np.array_equal(moved.values[change:], made.values[change + 60 :])
            assert "came twice" in moved.notes[1] and "first reading" in moved.notes[1]


def test_a_recording_on_wall_clock_loses_only_values_at_times_that_never_were() -> None:
    made = _recording(datetime(2024, 3, 31), 1440)
    moved = zones.on_wall_clock(made, "Europe/Berlin")
    assert np.flatnonzero(np.isnan(moved.values)).tolist() == list(range(120, 180)) and moved.zone == "Europe/Berlin"
    assert "60 values at times that were skipped" in moved.notes[1] and np.isfinite(made.values).all()
    calm = zones.on_wall_clock(_recording(datetime(2024, 6, 1), 1440), "Europe/Berlin")
    assert calm.notes == () and np.isfinite(calm.values).all()
    assert zones.on_wall_clock(_recording(datetime(2024, 6, 1), 0), "Europe/Berlin", "utc").values.size == 0


def test_times_a_fixed_offset_ahead_of_utc_are_converted_too() -> None:
    moved = zones.on_wall_clock(_recording(datetime(2024, 7, 1), 60), "Europe/Berlin", "utc", ahead_minutes=60)
    assert moved.start == datetime(2024, 7, 1, 1)


@pytest.mark.parametrize("name", ["Berlin", "Mars/Olympus", "../etc/passwd", "", "Europe/", "/etc/localtime", "Europe", "CET"])
def test_a_place_that_is_none_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(RecordingError, match="Europe/Berlin"):
        zones.changes(datetime(2024, 1, 1), 10, name)


def test_a_recording_without_date_and_an_unknown_clock_are_refused() -> None:
    with pytest.raises(RecordingError, match="is unknown"):
        zones.on_wall_clock(Recording("p", np.ones(3, np.float32)), "Europe/Berlin")
    with pytest.raises(RecordingError, match="wall, steady, utc"):
        zones.on_wall_clock(_recording(datetime(2024, 1, 1), 3), "Europe/Berlin", "solar")  # type: ignore[arg-type]


def test_absurd_dates_are_refused_before_any_work() -> None:
    with pytest.raises(RecordingError, match="40 years"):
        zones.to_utc(np.array(["1900-01-01", "2300-01-01"], "datetime64[s]"), "Europe/Berlin")
