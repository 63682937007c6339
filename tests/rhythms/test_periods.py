"""Sleep periods of any length, against those that ActiLife found."""

import csv
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.rhythms import TudorLocke, sadeh, sleep_periods
from tests.shared import shared_file

REFERENCE = "data/devices/actigraph_day.reference."


def rows(name):
    with shared_file(f"{REFERENCE}{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def minute(text, begin):
    return int((datetime.fromisoformat(text) - begin).total_seconds() // 60)


@pytest.mark.shared
def test_every_period_agrees_with_actilife_under_each_of_its_settings():
    epochs, compared = rows("10sec60sec"), 0
    begin = datetime.fromisoformat(epochs[0]["timestamp"])
    counts = np.array([float(row["axis1"]) for row in epochs])
    names = ("n_bedtime_start", "n_wake_time_end", "min_sleep_period", "max_sleep_period", "min_nonzero_epochs")
    table = rows("sleep-periods")
    for chosen in {tuple(int(row[name]) for name in names) for row in table}:
        expected = [
            (minute(row["in_bed_time"], begin), minute(row["out_bed_time"], begin), int(row["total_sleep_time"]),
             int(row["wake_after_onset"]), int(row["nb_awakenings"]), float(row["efficiency"]))
            for row in table if tuple(int(row[name]) for name in names) == chosen
        ]  # fmt: skip
        found = sleep_periods(sadeh(counts), counts, TudorLocke(*chosen))
        shown = [(one.start, one.end, one.sleep, one.waso, one.awakenings, round(one.efficiency, 2)) for one in found]
        assert shown == expected, chosen
        compared += len(found)
    assert compared == len(table) == 10


def night(*awake, before=60, length=480, after=60):
    asleep = np.zeros(before + length + after, dtype=bool)
    asleep[before : before + length] = True
    for first, end in awake:
        asleep[first:end] = False
    return asleep


def test_a_night_is_one_period_with_its_wakings():
    (found,) = sleep_periods(night((200, 209), (300, 301)))
    assert (found.start, found.end, found.sleep, found.waso, found.awakenings) == (60, 540, 470, 10, 2)
    assert found.efficiency == pytest.approx(100 * 470 / 480)


def test_ten_minutes_awake_end_a_period_and_nine_do_not():
    assert [one.end for one in sleep_periods(night((300, 310)))] == [300, 540]
    assert [one.end for one in sleep_periods(night((300, 309)))] == [540]


def test_five_minutes_asleep_begin_a_period_and_four_do_not():
    assert sleep_periods(night((64, 74)))[0].start == 74
    assert sleep_periods(night((65, 69)))[0].start == 60


@pytest.mark.parametrize(("length", "found"), [(159, 0), (160, 1), (1440, 1), (1441, 0)])
def test_periods_outside_the_lengths_of_the_settings_are_none(length, found):
    assert len(sleep_periods(night(length=length))) == found


def test_a_period_without_movement_is_none_where_movement_is_asked_for():
    asleep = night()
    counts = np.zeros(asleep.size)
    assert sleep_periods(asleep, counts) and not sleep_periods(asleep, counts, TudorLocke(moving=1))


def test_what_has_not_ended_with_the_recording_is_no_period():
    assert not sleep_periods(night(after=9)) and sleep_periods(night(after=10))


def test_a_missing_minute_is_neither_sleep_nor_waking():
    asleep, counts = night((200, 204)), np.zeros(600)
    counts[200:204] = np.nan
    (found,) = sleep_periods(asleep, counts)
    assert (found.sleep, found.waso, found.missing, found.awakenings, found.efficiency) == (476, 0, 4, 0, 100.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=60), st.integers(1, 12), st.integers(1, 15))
def test_periods_are_those_found_by_walking_through_the_minutes(pieces, begin, end):
    asleep = np.concatenate([np.zeros(0, bool), *(np.full(length, state) for state, length in pieces)])
    walked, now = [], 0
    while now < asleep.size:
        if asleep[now : now + begin].all() and now + begin <= asleep.size and (now == 0 or not asleep[now - 1]):
            stop = next((i for i in range(now, asleep.size - end + 1) if not asleep[i : i + end].any()), None)
            if stop is None:
                break
            walked.append((now, stop))
            now = stop
        else:
            now += 1
    found = sleep_periods(asleep, settings=TudorLocke(begin, end, 1, 10_000))
    assert [(one.start, one.end) for one in found] == walked
