"""Copies are found by their minutes whatever their names, dates and lengths; people who only rest alike are not."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from pat_core.recordings.duplicate_minutes import alike, overlapping, trace
from pat_core.records import Recording
from pat_core.simulate import simulate

WEEK = 10_080


def recordings(*values: np.ndarray) -> list[Recording]:
    return [Recording(f"p{at}", np.asarray(one, np.float32), datetime(2024, 3, 4)) for at, one in enumerate(values)]


def test_a_copy_is_found_and_others_are_left_alone():
    weeks = simulate(4, 1).weeks
    (found,) = alike(recordings(weeks[0], weeks[1], weeks[0], weeks[2], weeks[0]))
    assert found.people == ("p0", "p2", "p4") and found.whole
    assert found.words == "The same recording was imported under 3 names: p0, p2, p4."


def test_one_person_exported_with_another_length_start_and_gap_is_found():
    weeks = simulate(4, 2).weeks
    longer = np.concatenate([weeks[0], weeks[1]])
    gappy = longer[417 : 417 + WEEK].copy()
    gappy[2000:3000] = np.nan
    (found,) = alike(recordings(longer, weeks[2], gappy))
    assert found.people == ("p0", "p2") and not found.whole and found.share > 0.8


def test_different_people_share_nothing_though_they_rest_alike():
    weeks = simulate(30, 3).weeks
    still = np.zeros((5, WEEK), np.float32)
    assert alike(recordings(*weeks, *still)) == ()


def test_a_third_of_the_minutes_is_not_the_same_recording():
    weeks = simulate(3, 4).weeks
    mixed = np.concatenate([weeks[0][: WEEK // 3], weeks[1][WEEK // 3 :]])
    assert [one.people for one in alike(recordings(weeks[0], mixed))] == []


@pytest.mark.parametrize(("first", "gap"), [(0, 0), (60, 0), (1440, 0), (3 * 1440, 0), (5 * 1440, 0), (0, 1440), (0, 4 * 1440)])
def test_weeks_that_share_a_day_or_more_go_together_however_they_were_cut(first: int, gap: int):
    weeks = simulate(5, 3).weeks
    longer = np.concatenate([weeks[0], weeks[1]])
    other = longer[first : first + WEEK].copy()
    other[:gap] = np.nan
    assert overlapping([trace(weeks[2]), trace(weeks[0]), np.stack([trace(weeks[3]), trace(other)]), trace(weeks[4])]) == [[1, 2]]


def test_nobody_else_goes_together():
    weeks = simulate(30, 3).weeks
    still, repeated = np.zeros((3, WEEK), np.float32), np.tile(np.float32([0, 0, 0, 5, 5, 5]), (3, WEEK // 6))
    assert overlapping([trace(week) for week in (*weeks, *still, *repeated, weeks[0][:20])]) == []


def test_a_pattern_that_very_many_bear_is_the_device_s_and_joins_nobody():
    weeks = simulate(30, 3).weeks.copy()
    weeks[:, :1440] = weeks[0, :1440]
    assert overlapping([trace(week) for week in weeks]) == []
    assert overlapping([trace(week) for week in weeks[:3]]) == [[0, 1, 2]]
