"""Edits of a week: closed forms on weeks one can write down, then what must hold for every edit, dose and week."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import WeekError
from pat_core.weeks import editing
from pat_core.weeks.edits import EDITS, EditContext

DAY, MINUTES = 1440, 10080
MONDAY = datetime(2024, 1, 1)
NIGHT = (0, 420)
"""Every day sleeps from midnight until seven in these weeks."""


def plain() -> tuple[np.ndarray, np.ndarray]:
    """(values, rest): asleep with counts 0 to 6, awake with 100 plus the minute of the day."""
    clock = np.arange(MINUTES) % DAY
    rest = clock < NIGHT[1]
    return np.where(rest, clock % 7, 100 + clock).astype(np.float32), rest


def same_bytes(first: np.ndarray, second: np.ndarray) -> bool:
    return first.dtype == second.dtype and first.tobytes() == second.tobytes()


def test_waking_later_puts_minutes_of_that_night_after_it_on_every_day_and_nowhere_else():
    values, rest = plain()
    edited = editing.shift_wake(values, rest, 90)
    after = (np.arange(MINUTES) % DAY >= NIGHT[1]) & (np.arange(MINUTES) % DAY < NIGHT[1] + 90)
    assert edited[after].max() <= 6 and same_bytes(edited[~after], values[~after])


def test_waking_earlier_repeats_the_first_waking_hour_so_that_it_ends_at_the_old_waking():
    values, rest = plain()
    edited = editing.shift_wake(values, rest, -90)
    for day in range(7):
        end = day * DAY + NIGHT[1]
        hour = values[end : end + 60]
        assert same_bytes(edited[end - 90 : end], np.concatenate([hour[30:], hour]))
        assert same_bytes(edited[end : (day + 1) * DAY], values[end : (day + 1) * DAY])


def test_bedtime_is_waking_with_time_running_backwards():
    values, rest = plain()
    later, earlier = editing.shift_bedtime(values, rest, 30), editing.shift_bedtime(values, rest, -30)
    for bed in range(DAY, MINUTES, DAY):
        assert same_bytes(later[bed : bed + 30], values[bed - 60 : bed - 30])
        assert earlier[bed - 30 : bed].max() <= 6
    assert same_bytes(later[:DAY], values[:DAY]), "the first bedtime lies before the week"
    clock = np.arange(MINUTES) % DAY
    assert same_bytes(earlier[clock < DAY - 30], values[clock < DAY - 30])


def test_a_shift_stops_at_the_next_rest_and_leaves_an_hour_of_the_night():
    values, rest = plain()
    rest[NIGHT[1] + 40 : NIGHT[1] + 240] = True
    later = editing.shift_wake(values, rest, 180)
    assert same_bytes(later[NIGHT[1] + 40 : NIGHT[1] + 240], values[NIGHT[1] + 40 : NIGHT[1] + 240])
    assert same_bytes(editing.shift_wake(values, rest, -720)[:60], values[:60])


def test_a_night_that_goes_on_past_the_week_has_no_waking_to_shift():
    values, rest = plain()
    rest[:] = False
    rest[-300:] = True
    assert same_bytes(editing.shift_wake(values, rest, 120), values)
    assert not same_bytes(editing.shift_bedtime(values, rest, 120), values)


def test_filling_a_window_only_raises_it_and_erasing_only_lowers_it():
    values, rest = plain()
    filled = editing.fill_bout(values, 600, 700, 1.0, rest)
    active = values[~rest]
    assert (filled >= values).all() and set(filled[600:700]) <= set(active[active >= np.percentile(active, 75)]) | set(values[600:700])
    erased = editing.erase_bout(values, 600, 700, 1.0, rest)
    assert erased[600:700].max() <= 6 and same_bytes(erased[700:], values[700:]) and same_bytes(filled[:600], values[:600])


def test_half_a_dose_goes_half_the_way():
    values, rest = plain()
    values[600:700] = 1000
    whole, half = (editing.erase_bout(values, 600, 700, level, rest) for level in (1.0, 0.5))
    assert np.abs(half[600:700] - (1000 + whole[600:700]) / 2).max() <= 0.5


def test_damping_scales_the_nights_and_flattening_keeps_their_amount():
    values, rest = plain()
    assert editing.damp_night(values, rest, 1.0)[rest].max() == 0
    assert same_bytes(editing.damp_night(values, rest, 1.0)[~rest], values[~rest])
    broken = values + np.float32(0.5)  # no whole numbers, so nothing is rounded
    assert np.allclose(editing.damp_night(broken, rest, 0.25)[rest], 0.75 * broken[rest])
    flat = editing.flatten_night(broken, rest, 1.0)
    assert flat[rest].std() < 1e-6 and np.isclose(flat[rest].mean(), broken[rest].mean())


def test_each_night_is_flattened_to_its_own_mean():
    values, rest = plain()
    values[DAY : DAY + NIGHT[1]] = 10
    flat = editing.flatten_night(values, rest, 1.0)
    assert set(flat[: NIGHT[1]]) == {3.0} and set(flat[DAY : DAY + NIGHT[1]]) == {10.0}


def test_a_device_that_is_off_writes_zeros_over_missing_minutes_too_and_ends_with_the_week():
    values, _ = plain()
    values[9000:9010] = np.nan
    edited = editing.insert_nonwear(values, 8990, 60)
    assert not edited[8990:9050].any() and same_bytes(edited[9050:], values[9050:])
    assert not editing.insert_nonwear(values, MINUTES - 30, 600)[-30:].any()


def test_weekend_and_weekdays_change_places_and_change_back():
    values = np.arange(MINUTES, dtype=np.float32)
    values[5 * DAY + 7] = np.nan
    edited = editing.swap_weekend(values, MONDAY)
    assert same_bytes(edited[5 * DAY :], values[DAY : 3 * DAY]) and same_bytes(edited[DAY : 3 * DAY], values[5 * DAY :])
    assert same_bytes(editing.swap_weekend(edited, MONDAY), values)


@pytest.mark.parametrize("start", [datetime(2024, 1, 2, 15, 37), datetime(2024, 1, 6, 15, 37), datetime(2024, 1, 7, 23, 59)])
def test_days_are_exchanged_by_the_wall_clock_whenever_the_week_begins(start):
    clock = (start.weekday() * DAY + start.hour * 60 + start.minute + np.arange(MINUTES)) % MINUTES
    weekday, minute = clock // DAY, clock % DAY
    edited = editing.swap_weekend((10000 * weekday + minute).astype(np.float32), start)
    partners = editing.partner_days(edited, start)
    assert (edited % 10000 == minute).all(), "an exchanged day keeps its clock"
    assert set((edited // 10000)[weekday == 5]) == {partners[0]} and set((edited // 10000)[weekday == partners[1]]) == {6}
    assert set(partners) <= {1, 2, 3} - ({start.weekday()} if (start.hour, start.minute) != (0, 0) else set())


DOSES = [(name, dose) for name, edit in EDITS.items() for dose in edit.doses]
WEEKS = st.builds(
    lambda seed, missing, asleep, whole: made(seed, missing, asleep, whole),
    st.integers(0, 1000),
    st.integers(0, 3),
    st.integers(180, 600),
    st.booleans(),
)


def made(seed: int, missing: int, asleep: int, whole: bool) -> tuple[np.ndarray, np.ndarray]:
    """A week of noise with gaps, and a rest a day that begins at no fixed time."""
    random = np.random.default_rng(seed)
    values = random.gamma(0.5, 200, MINUTES)
    values = (np.rint(values) if whole else values).astype(np.float32)
    rest = np.zeros(MINUTES, bool)
    for day in range(7):
        first = day * DAY + int(random.integers(0, 600))
        rest[first : first + asleep] = True
    for first in random.integers(0, MINUTES - 500, missing):
        values[first : first + 500] = np.nan
    return values, rest


@given(WEEKS, st.sampled_from(DOSES), st.integers(0, MINUTES - 200))
@settings(max_examples=60, deadline=None)
def test_every_edit_keeps_length_type_gaps_and_sign_and_a_dose_of_zero_keeps_every_byte(week, asked, first):
    (values, rest), (name, dose) = week, asked
    before = values.tobytes()
    context = EditContext(rest, MONDAY, (first, first + 200), seed=first)
    edited = EDITS[name].apply(values, dose, context)
    assert edited.shape == values.shape and edited.dtype == values.dtype and values.tobytes() == before
    assert not (edited < 0).any()
    assert name in ("insert_nonwear", "swap_weekend") or np.array_equal(np.isnan(edited), np.isnan(values))
    if np.array_equal(np.nan_to_num(values), np.rint(np.nan_to_num(values))):
        assert np.array_equal(np.nan_to_num(edited), np.rint(np.nan_to_num(edited)))
    assert same_bytes(EDITS[name].apply(values, 0, context), values)
    assert same_bytes(edited, EDITS[name].apply(values, dose, context)), "an edit can be repeated"


@given(WEEKS, st.sampled_from(["shift_wake", "shift_bedtime"]), st.sampled_from([-1, 1]), st.integers(0, 180), st.integers(0, 180))
@settings(max_examples=60, deadline=None)
def test_a_larger_shift_keeps_every_minute_that_a_smaller_one_of_its_direction_changed(week, name, way, one, other):
    values, rest = week
    small, large = (getattr(editing, name)(values, rest, way * minutes, 7) for minutes in sorted((one, other)))
    changed = np.nan_to_num(small, nan=-1) != np.nan_to_num(values, nan=-1)
    assert np.array_equal(small[changed], large[changed])


@given(WEEKS, st.sampled_from(["fill_bout", "erase_bout", "damp_night", "flatten_night", "insert_nonwear"]), st.integers(0, MINUTES - 200))
@settings(max_examples=30, deadline=None)
def test_minutes_outside_of_the_window_or_the_nights_stay_as_they_are(week, name, first):
    values, rest = week
    edit = EDITS[name]
    inside = np.zeros(MINUTES, bool)
    inside[first : first + 200] = True
    inside = rest if edit.needs == "rest" else inside
    edited = edit.apply(values, 180 if edit.unit == "minutes" else 1.0, EditContext(rest, MONDAY, (first, first + 200)))
    assert same_bytes(edited[~inside], values[~inside])


def test_a_dose_that_the_weeks_end_cuts_short_is_none_of_the_whole_ones_and_says_what_is_really_done():
    values, rest = plain()
    off, context = EDITS["insert_nonwear"], EditContext(rest, MONDAY, (MINUTES - 600, MINUTES - 599))
    assert off.whole(MINUTES, context) == (0, 60, 120, 240, 360, 480) and off.room(MINUTES, context) == 600
    assert same_bytes(off.apply(values, 720, context), off.apply(values, 1440, context)), "which is why they are left out"
    said = off.opening(1440, "Sun, 14:00", room=600)
    assert said == "With the device off from Sun, 14:00 until the end (10 hours)"
    assert EDITS["damp_night"].whole(MINUTES, context) == EDITS["damp_night"].doses


def test_only_nights_are_moved_and_a_nap_stays_as_it_is():
    values, night = plain()
    nap = np.zeros(MINUTES, bool)
    nap[6 * DAY + 810 : 6 * DAY + 1000] = True
    values[nap] = 3
    context = EditContext(night | nap, MONDAY, nights=night)
    for name in ("shift_wake", "shift_bedtime", "damp_night", "flatten_night"):
        edited = EDITS[name].apply(values, EDITS[name].begin, context)
        assert same_bytes(edited[6 * DAY + 720 : 6 * DAY + 1100], values[6 * DAY + 720 : 6 * DAY + 1100]), name
    assert {name: edit.nights(MINUTES, context) for name, edit in EDITS.items() if edit.moved} == {
        "shift_wake": 7,
        "shift_bedtime": 6,
        "damp_night": 7,
        "flatten_night": 7,
    }, "the first bedtime lies before the week"


def test_what_cannot_be_done_is_said():
    values, rest = plain()
    nothing = EditContext()
    said = {
        "shift_wake": "only from counts",
        "fill_bout": "a day, a start and an end",
        "insert_nonwear": "a time to start from",
        "swap_weekend": "when it began",
    }
    for name, expected in said.items():
        with pytest.raises(WeekError, match=expected):
            EDITS[name].apply(values, EDITS[name].doses[-1], nothing)
    with pytest.raises(WeekError, match="No rest that could be a night"):
        EDITS["damp_night"].apply(values, 0.5, EditContext(np.zeros(MINUTES, bool)))
    with pytest.raises(WeekError, match="inside the week"):
        EDITS["fill_bout"].apply(values, 0.5, EditContext(rest, MONDAY, (MINUTES - 10, MINUTES + 10)))
    with pytest.raises(WeekError, match="goes from -180 to 180, not to 400"):
        EDITS["shift_wake"].apply(values, 400, EditContext(rest))
    with pytest.raises(WeekError, match="0 or 1, not to 0.5"):
        EDITS["swap_weekend"].apply(values, 0.5, EditContext(rest, MONDAY))
    with pytest.raises(WeekError, match="7 full days"):
        editing.swap_weekend(values[:DAY], MONDAY)
    with pytest.raises(WeekError, match="whole number"):
        editing.shift_wake(values, rest, 1.5)
    with pytest.raises(WeekError, match="one value a minute"):
        editing.damp_night(values, rest[:DAY], 1.0)


def test_a_week_without_any_movement_has_nothing_to_fill_a_window_with():
    values, rest = plain()
    with pytest.raises(WeekError, match="no activity of this person"):
        editing.fill_bout(np.zeros_like(values), 0, 60, 1.0, rest)
    with pytest.raises(WeekError, match="no quiet minutes"):
        editing.erase_bout(np.full_like(values, np.nan), 0, 60, 1.0, rest)


def test_doses_are_ascending_hold_zero_and_the_one_to_open_with_and_read_as_words():
    for edit in EDITS.values():
        assert list(edit.doses) == sorted(set(edit.doses)) and 0 in edit.doses and edit.begin in edit.doses and edit.begin != 0
    wake, off = EDITS["shift_wake"], EDITS["insert_nonwear"]
    assert [wake.words(dose) for dose in (-120, 0, 90)] == ["2 hours earlier", "as recorded", "90 minutes later"]
    assert [wake.tick(dose) for dose in (-120, 0, 90)] == ["−2 h", "0", ""]
    assert off.opening(480, "Tue, 14:00") == "With the device off for 8 hours from Tue, 14:00"
    assert off.opening(480, "Tue, 14:00", room=480) == off.opening(480, "Tue, 14:00")
    assert wake.opening(90, nights=6) == "With waking 90 minutes later on 6 nights"
    assert wake.opening(-60, nights=1) == "With waking 60 minutes earlier on 1 night"
    assert EDITS["damp_night"].words(0.25) == "25 %" and EDITS["swap_weekend"].words(1) == "exchanged"


@pytest.mark.parametrize("days", [1, 3, 5, 7, 14])
def test_days_are_exchanged_in_a_week_alone_and_elsewhere_the_reason_is_said(days):
    reasons = {name: edit.why_not(days * 1440) for name, edit in EDITS.items()}
    assert [name for name, reason in reasons.items() if reason] == ([] if days == 7 else ["swap_weekend"])
