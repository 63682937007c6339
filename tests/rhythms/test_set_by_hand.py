"""Sleep and wake that a person set over the score: every figure of the night follows, a gap stays a gap."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from pat_core.records import COUNTS
from pat_core.rhythms.nights import MinuteFacts, nights
from pat_core.rhythms.regularity import regularity
from pat_core.rhythms.sleep_scores import ASLEEP, AWAKE

START = datetime(2026, 3, 2, 12)
LIGHTS_OUT, UP, DAY = 11 * 60, 19 * 60, 24 * 60


def counts(days: int = 2) -> np.ndarray:
    """From noon on: 300 counts by day, 2 from 23:00 to 07:00."""
    day = np.full(DAY, 300.0)
    day[LIGHTS_OUT:UP] = 2
    return np.tile(day, days)


def hand(**set_to: tuple[int, int]) -> np.ndarray:
    marked = np.zeros(2 * DAY, np.int8)
    for kind, (first, end) in set_to.items():
        marked[first:end] = ASLEEP if kind == "sleep" else AWAKE
    return marked


def first_night(by_hand=None, worn=None, values=None):
    return nights(counts() if values is None else values, START, COUNTS, worn, minutes=MinuteFacts(by_hand=by_hand)).nights[0]


def test_an_hour_that_was_set_to_awake_is_an_hour_more_of_waking():
    scored, after = first_night(), first_night(hand(wake=(LIGHTS_OUT + 180, LIGHTS_OUT + 240)))
    assert after.waso == scored.waso + 60 and after.sleep == scored.sleep - 60
    assert after.time_in_bed == scored.time_in_bed and after.awakenings == scored.awakenings + 1


def test_what_was_set_to_asleep_is_slept_whatever_moved():
    values = counts()
    values[LIGHTS_OUT + 200 : LIGHTS_OUT + 220] = 900
    restless, calm = first_night(values=values), first_night(hand(sleep=(LIGHTS_OUT + 190, LIGHTS_OUT + 230)), values=values)
    assert restless.waso > 0 and calm.waso == 0 and calm.sleep > restless.sleep


def test_minutes_that_were_set_count_as_worn_and_a_gap_stays_one():
    worn = np.ones(2 * DAY, bool)
    worn[LIGHTS_OUT + 120 : LIGHTS_OUT + 240] = False
    off = nights(counts(), START, COUNTS, worn)
    kept = nights(counts(), START, COUNTS, worn, minutes=MinuteFacts(by_hand=hand(sleep=(LIGHTS_OUT + 120, LIGHTS_OUT + 240))))
    assert int(kept.known.sum()) == int(off.known.sum()) + 120
    values = counts()
    values[LIGHTS_OUT + 120 : LIGHTS_OUT + 140] = np.nan
    gap = nights(values, START, COUNTS, minutes=MinuteFacts(by_hand=hand(sleep=(LIGHTS_OUT + 120, LIGHTS_OUT + 140))))
    assert not gap.known[LIGHTS_OUT + 120 : LIGHTS_OUT + 140].any()


def test_nothing_set_changes_nothing():
    assert first_night(hand()) == first_night()


def test_regularity_follows_what_was_set():
    none = np.zeros(2 * DAY, bool)
    alike = regularity(counts(), "cole_kripke", 12 * 60, none, none)
    other = regularity(counts(), "cole_kripke", 12 * 60, none, none, hand(wake=(LIGHTS_OUT, UP)))
    assert alike.index == pytest.approx(100, abs=3) and other.index < alike.index - 30
