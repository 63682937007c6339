"""Figures of a diary, which estimated night each of its nights is held against, and limits of agreement in closed form."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from pat_core.records import COUNTS
from pat_core.rhythms import nights
from pat_core.rhythms.sleep_diary import FEWEST, DiaryNight, agreement, pair
from tests.rhythms.made import NOON, week

NIGHT = DiaryNight(date(2024, 1, 1), datetime(2024, 1, 1, 22, 50), datetime(2024, 1, 2, 7, 10), datetime(2024, 1, 1, 23), None, None)


def at(night: DiaryNight, days: int, minutes: int = 0) -> DiaryNight:
    """The same so many days later, fallen asleep so many minutes after 23:00."""
    later = timedelta(days=days)
    return replace(
        night,
        evening=night.evening + later,
        bed=night.bed + later,
        rise=night.rise + later,
        lights_out=datetime(2024, 1, 1, 23) + later,
        asleep=datetime(2024, 1, 1, 23) + later + timedelta(minutes=minutes),
        awake=datetime(2024, 1, 2, 7) + later,
    )


def laid(diary):
    """Each night with its minutes after the first noon."""
    return [(night, *(int((moment - NOON).total_seconds() // 60) for moment in (night.bed, night.rise)), 0) for night in diary]


def test_latency_is_from_lights_out_and_sleep_is_without_what_was_awake():
    night = at(NIGHT, 0, 20)
    assert (night.time_in_bed, night.latency, night.sleep) == (500, 20, 460)
    assert replace(night, waso=35).sleep == 425 and replace(night, lights_out=None).latency == 30
    assert replace(night, latency_given=5).latency == 5
    assert (NIGHT.latency, NIGHT.sleep) == (None, None)


def test_each_night_of_a_diary_meets_the_estimate_that_shares_the_most_minutes():
    estimated = nights(week(number=3), NOON, COUNTS).nights
    diary = [at(NIGHT, 0), at(NIGHT, 2), at(NIGHT, 9)]
    pairs = pair(laid(diary), estimated)
    assert [one.night and one.night.evening.day for one in pairs] == [1, 3, None]
    assert not pairs[2].counted and np.isnan(pairs[2].difference("asleep"))
    twice = pair([laid(diary)[0], laid(diary)[0]], estimated[:1])
    assert [one.night is None for one in twice] == [False, True], "no estimated night is used twice"


def test_the_mean_difference_and_its_limits_are_those_of_bland_and_altman():
    estimated = nights(week(number=7), NOON, COUNTS).nights  # asleep at 23:00
    late = [0, 10, 20, 30, 40, 50, 60]
    diary = [at(NIGHT, day, minutes) for day, minutes in enumerate(late)]
    pairs = pair(laid(diary), estimated)
    offs = [(night.onset - datetime(2024, 1, 1 + day, 23)).total_seconds() / 60 for day, night in enumerate(estimated)]
    expected = np.array(offs) - late
    counted = np.array([one.counted for one in pairs])
    held = agreement(pairs, "asleep")
    kept = expected[counted]
    assert held.n == kept.size >= FEWEST
    assert held.mean == pytest.approx(kept.mean()) and held.sd == pytest.approx(kept.std(ddof=1))
    assert (held.low, held.high) == (pytest.approx(held.mean - 1.96 * held.sd), pytest.approx(held.mean + 1.96 * held.sd))
    few = agreement(pairs[: FEWEST - 1], "asleep")
    assert np.isfinite(few.sd) and np.isnan(few.low) and np.isnan(agreement((), "asleep").mean)


def test_an_hour_that_the_clock_skipped_is_no_time_in_bed_of_the_diary():
    estimated = nights(week(number=2), NOON, COUNTS).nights
    [(night, first, end, _)] = laid([at(NIGHT, 0)])
    plain, jumped = (pair([(night, first, end, skipped)], estimated)[0] for skipped in (0, 60))
    assert jumped.difference("TIB") == plain.difference("TIB") + 60 and jumped.difference("asleep") == plain.difference("asleep")
