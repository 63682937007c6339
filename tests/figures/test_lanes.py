from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from pat_core.figures.sheet.lanes import day_lanes, day_name, runs, week_lane
from tests.figures.made import MINUTES, week


@pytest.mark.parametrize("day_from", ["noon", "midnight"])
@pytest.mark.parametrize("start", [datetime(2025, 5, 7, 12), datetime(2025, 5, 7), datetime(2025, 5, 7, 15, 37)])
def test_every_minute_is_drawn_once_and_at_its_clock_time(day_from, start):
    lanes = day_lanes(week(start), day_from)
    drawn = lanes.minutes[lanes.minutes >= 0]
    assert np.array_equal(drawn, np.arange(MINUTES))
    row, column = np.argwhere(lanes.minutes == 5003)[0]
    clock = lanes.x_start + timedelta(minutes=int(column))
    assert (clock.hour, clock.minute) == ((start + timedelta(minutes=5003)).hour, (start + timedelta(minutes=5003)).minute)


def test_a_week_from_noon_has_seven_lanes_noon_to_noon_and_eight_midnight_to_midnight():
    from_noon = week(datetime(2025, 5, 7, 12))
    assert day_lanes(from_noon, "noon").count == 7
    assert day_lanes(from_noon, "midnight").count == 8


def test_a_doubled_lane_ends_with_the_next_lane():
    lanes = day_lanes(week(), "noon", double=True)
    assert lanes.width == 2880
    assert np.array_equal(lanes.minutes[:-1, 1440:], lanes.minutes[1:, :1440])


def test_lanes_of_an_unknown_start_are_counted_and_have_no_clock():
    lanes = day_lanes(week(None), "noon")
    assert lanes.names == tuple(f"Day {day}" for day in range(1, 8))
    assert lanes.x([0, 90]) == [0.0, 1.5]
    assert lanes.when(1441, 1446) == "Day 2, 0 h 1 min, 5 min long"


def test_a_day_without_a_known_date_is_called_by_its_weekday_alone():
    assert day_name(datetime(2025, 5, 7), date_known=False) == "Wed"
    assert day_name(datetime(2025, 5, 7)) == "Wed 7 May"
    assert week_lane(week(date_known=False)).when(0) == "Wed, 15:37"


def test_runs_are_the_stretches_of_true():
    assert runs(np.array([1, 1, 0, 1, 0, 0, 1], bool)) == [(0, 2), (3, 4), (6, 7)]
    assert runs(np.zeros(4, bool)) == []
