"""Rest intervals out of a sleep score."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.rhythms.intervals import MIDNIGHT, NOON, RestRule, day_of, main_blocks, opens, rest_blocks

DAY = 1440
KNOWN = np.ones(DAY, dtype=bool)


def asleep_from(*stretches, minutes=1440):
    asleep = np.zeros(minutes, dtype=bool)
    for first, end in stretches:
        asleep[first:end] = True
    return asleep


@pytest.mark.parametrize(("breaks", "blocks"), [(10, 1), (30, 1), (31, 2)])
def test_stretches_up_to_half_an_hour_apart_are_one_block(breaks, blocks):
    asleep = asleep_from((100, 300), (300 + breaks, 500))
    assert len(rest_blocks(asleep, KNOWN)) == blocks


@pytest.mark.parametrize(("awake", "blocks"), [(10, [(100, 150)]), (11, [])])
def test_up_to_ten_minutes_awake_belong_to_a_stretch(awake, blocks):
    assert rest_blocks(asleep_from((100, 120), (120 + awake, 150)), KNOWN) == blocks


def test_a_stretch_of_less_than_half_an_hour_is_no_rest_and_joins_nothing():
    assert rest_blocks(asleep_from((100, 129)), KNOWN) == []
    assert rest_blocks(asleep_from((100, 130)), KNOWN) == [(100, 130)]
    assert rest_blocks(asleep_from((60, 80), (100, 300)), KNOWN) == [(100, 300)]


def test_sleep_and_waking_in_turns_is_no_rest():
    assert rest_blocks(np.arange(1440) % 10 < 6, KNOWN) == []
    assert rest_blocks(np.arange(1440) % 10 < 8, KNOWN) == [(0, 1438)]


def test_missing_minutes_do_not_count_against_a_stretch():
    asleep = np.arange(1440) % 10 < 6
    assert rest_blocks(asleep, asleep) == [(0, 1436)]


@pytest.mark.parametrize("length", [179, 180, 1440, 1441])
def test_a_main_block_has_three_to_twenty_four_hours(length):
    nights, others = main_blocks([(0, length)], 0)
    assert (len(nights), len(others)) == ((1, 0) if 180 <= length <= 1440 else (0, 1))


def test_of_each_day_from_noon_to_noon_the_longest_is_the_night():
    afternoon, night, morning, next_night = (100, 300), (700, 1100), (1300, 1500), (2000, 2400)
    nights, others = main_blocks([afternoon, night, morning, next_night], 720)
    assert nights == [night, next_night] and others == [afternoon, morning]


def test_days_begin_at_noon_or_at_the_first_minute_where_the_clock_is_not_known():
    assert [day_of(minute, minute, 0, NOON) for minute in (0, 719, 720, 2159, 2160)] == [-1, -1, 0, 0, 1]
    assert [day_of(minute, minute, None, MIDNIGHT) for minute in (0, 1439, 1440)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("middle", "expected"), [(0, NOON), (180, NOON), (359, NOON), (361, MIDNIGHT), (720, MIDNIGHT), (1079, MIDNIGHT), (1200, NOON)]
)
def test_days_of_rest_open_at_noon_for_who_sleeps_by_night_and_at_midnight_for_who_sleeps_by_day(middle, expected):
    blocks = [(middle + DAY * number - 200, middle + DAY * number + 200) for number in range(1, 6)]
    assert opens(blocks, 0) == expected and opens([(first - 300, end - 300) for first, end in blocks], 300) == expected
    naps = [(DAY * number + 720 - 80, DAY * number + 720 + 80) for number in range(1, 6)]
    assert opens([*blocks, *naps], 0) == expected, "what is too short for a night has no say"


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1439), st.one_of(st.none(), st.integers(0, 1439)), st.lists(st.integers(-150, 150), min_size=7, max_size=7))
def test_nobody_loses_a_sleep_a_day_to_the_hour_at_which_they_sleep(usual, start_minute, apart):
    middles = [usual + DAY * (number + 1) + late for number, late in enumerate(apart)]
    blocks = [(middle - 210, middle + 210) for middle in middles]
    assert main_blocks(blocks, start_minute) == (blocks, [])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 90)), min_size=1, max_size=40))
def test_blocks_are_in_order_begin_and_end_asleep_and_lie_apart(pieces):
    asleep = np.concatenate([np.full(length, state) for state, length in pieces])
    blocks, rule = rest_blocks(asleep, np.ones(asleep.size, bool)), RestRule()
    for first, end in blocks:
        assert asleep[first] and asleep[end - 1] and end - first >= rule.shortest_stretch
    assert all(later[0] - earlier[1] > rule.longest_gap for earlier, later in zip(blocks, blocks[1:], strict=False))
