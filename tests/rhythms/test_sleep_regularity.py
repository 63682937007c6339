"""The sleep regularity index of a week: zeros at night are sleep, by day they are left out, and both are reported."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.rhythms import regularity

DAY = 1440
NOWHERE = np.zeros(7 * DAY, bool)


def nightly(days: int = 7, seed: int = 0) -> np.ndarray:
    """Lively from 07:00 to 23:00, zeros in between, but for a restless half hour at another time of each night."""
    rng = np.random.default_rng(seed)
    values = rng.gamma(2.0, 300, (days, DAY)) + 500
    values[:, : 7 * 60] = values[:, 23 * 60 :] = 0
    for day in range(days):
        at = int(rng.integers(60, 360))
        values[day, at : at + 30] = 800
    return values.reshape(-1)


def zeros_of(values: np.ndarray) -> np.ndarray:
    return values == 0


def test_zeros_at_night_count_as_sleep_although_a_rule_takes_them_for_non_wear():
    values = nightly()
    as_worn = regularity(values, "cole_kripke", 0, NOWHERE, NOWHERE)
    by_rule = regularity(values, "cole_kripke", 0, NOWHERE, zeros_of(values))
    assert by_rule.index == pytest.approx(as_worn.index, abs=2.0) and by_rule.not_worn == by_rule.missing == 0
    assert by_rule.night == zeros_of(values).sum() and "count as asleep" in by_rule.words
    dropped = regularity(values, "cole_kripke", 0, zeros_of(values), NOWHERE)  # what leaving them out would come to
    assert dropped.index == 100.0  # only the hours awake are left to compare


def test_zeros_by_day_a_long_run_and_what_the_device_flags_are_left_out_and_reported():
    values = nightly()
    values[DAY + 600 : DAY + 780] = 0  # three hours by day
    values[3 * DAY + 60 * 20 : 4 * DAY + 60 * 16] = 0  # twenty hours
    flagged = NOWHERE.copy()
    flagged[5 * DAY : 5 * DAY + 120] = True
    values[6 * DAY + 600 : 6 * DAY + 660] = np.nan
    held = regularity(values, "cole_kripke", 0, flagged, zeros_of(values))
    assert held.not_worn == 180 + 20 * 60 + 120 and held.missing == 60
    assert held.words.startswith("It leaves out 25.0 hours not worn and 1.0 hours without a value.")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(0, DAY - 1))
def test_the_night_goes_with_the_clock(seed, shift):
    values = nightly(seed=seed)
    before, after = (regularity(values, "cole_kripke", start, NOWHERE, zeros_of(values)) for start in (0, shift))
    assert before == after


def test_the_score_is_the_one_that_was_chosen():
    day = np.full(DAY, 100.0)  # wake by Oakley, sleep by Cole-Kripke
    day[:480] = 0.0
    values = np.concatenate([day, np.roll(day, 240), day])
    nowhere = np.zeros(values.size, bool)
    assert regularity(values, "cole_kripke", 0, nowhere, nowhere).index == 100.0
    assert regularity(values, "oakley", 0, nowhere, nowhere).index == pytest.approx(100 - 200 * 480 / DAY, abs=1.0)


def test_a_week_of_which_no_two_days_are_known_has_none():
    values = np.full(7 * DAY, np.nan)
    values[:DAY] = 5.0
    held = regularity(values, "sadeh", 0, NOWHERE, NOWHERE)
    assert np.isnan(held.index) and held.compared == 0 and held.missing == 6 * DAY
