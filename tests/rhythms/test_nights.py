"""Nights, naps and their summary, from counts whose nights are known."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import WeekError
from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT
from pat_core.rhythms import Device, nights
from pat_core.rhythms.nights import MinuteFacts
from tests.rhythms.made import DAY, NOON, days, week

AW = Device("Actiwatch 4")
CLOCKS = ("bedtime", "onset", "offset", "rise", "midpoint")
MINUTES = ("time_in_bed", "sleep", "efficiency", "latency", "waso", "awakenings")


def test_a_night_is_read_off_as_it_was_made():
    report = nights(week(), NOON, COUNTS, device=AW)
    night = report.nights[0]
    # A minute of 500 beside the bed makes its neighbour wake (500 / 5 > 40); the second neighbour (500 / 25 = 20) sleeps.
    assert (night.bedtime, night.rise) == (datetime(2024, 1, 1, 23, 1), datetime(2024, 1, 2, 6, 59))
    assert (night.onset, night.offset) == (night.bedtime, night.rise)
    assert (night.time_in_bed, night.sleep, night.latency, night.waso, night.awakenings, night.missing) == (478, 478, 0, 0, 0, 0)
    assert (night.evening, night.efficiency, night.midpoint, night.whole) == (date(2024, 1, 1), 100.0, 180.0, True)
    assert len(report.nights) == 7 and report.naps == ()


def test_waking_in_the_night_is_counted_in_minutes_and_stretches():
    values = week()
    values[900:905], values[1000:1001] = 500.0, 500.0
    night = nights(values, NOON, COUNTS, device=AW).nights[0]
    assert (night.time_in_bed, night.waso, night.awakenings, night.sleep) == (478, 5 + 2 + 1 + 2, 2, 468)
    assert night.efficiency == pytest.approx(100 * 468 / 478)


def test_lying_awake_before_sleep_and_after_it_is_latency_and_time_in_bed_where_a_diary_says_so():
    bed, up = datetime(2024, 1, 1, 22, 30), datetime(2024, 1, 2, 7, 30)
    report = nights(week(), NOON, COUNTS, device=AW, rests=[(bed, up)])
    (night,) = report.nights
    assert (night.bedtime, night.rise, night.time_in_bed) == (bed, up, 540)
    # The minute of 500 may be the one of ten that moves, and opens the settled minutes.
    assert (night.onset, night.latency) == (datetime(2024, 1, 1, 22, 59), 29)
    assert night.offset == datetime(2024, 1, 2, 7, 1)
    assert night.efficiency == pytest.approx(100 * 478 / 540) and night.waso == 4
    assert report.diary and not nights(week(), NOON, COUNTS, device=AW).diary


@pytest.mark.parametrize("unit", [MIMS, MG, STEPS, UNKNOWN_UNIT])
def test_other_units_than_counts_are_refused_in_a_sentence(unit):
    with pytest.raises(WeekError, match=f"made for counts/min; this recording is in {unit}"):
        nights(week(), NOON, unit)


def test_bad_input_is_refused_in_a_sentence():
    early, late = NOON + timedelta(hours=10), NOON + timedelta(hours=18)
    for bad, message in (
        (lambda: nights(np.zeros(100), NOON, COUNTS), "at least 12 hours"),
        (lambda: nights(np.zeros((2, 1440)), NOON, COUNTS), "one row"),
        (lambda: nights(week(), NOON, COUNTS, worn=np.ones(3, bool)), "each of the 10080 minutes"),
        (lambda: nights(week(), NOON, COUNTS, method="guess"), "Known are: cole_kripke, sadeh, oakley"),
        (lambda: nights(week(), None, COUNTS, rests=[(early, late)]), "not known when this recording began"),
        (lambda: nights(week(), NOON, COUNTS, rests=[(late, early)]), "ends before it begins"),
        (lambda: nights(week(), NOON, COUNTS, rests=[(early, late), (late - timedelta(minutes=1), late)]), "overlap"),
    ):
        with pytest.raises(WeekError, match=message):
            bad()


def test_the_report_says_for_which_devices_its_thresholds_were_made():
    fitting, other, unnamed = (nights(week(), NOON, COUNTS, device=name) for name in (AW, Device("ActTrust"), Device()))
    assert "counts of an Actiwatch" in fitting.made_for and len(fitting.notes) == 1 and "another scale" not in fitting.notes[0]
    said = "the default, for no score here was made for counts of this device (ActTrust)"
    assert other.method == "cole_kripke" and said in other.notes[0]
    assert "does not name its device" in unnamed.notes[0]
    assert nights(week(), NOON, COUNTS, device=AW, method="sadeh").method == "sadeh"


def test_a_day_nap_is_a_nap_and_not_a_night():
    values = week(number=2)
    values[DAY + 100 : DAY + 160] = 0.0
    report = nights(values, NOON, COUNTS, device=AW)
    (nap,) = report.naps
    assert (nap.start, nap.end - nap.first, nap.sleep) == (NOON + timedelta(minutes=DAY + 101), 58, 58)
    assert len(report.nights) == 2
    assert (report.summary.naps, report.summary.nap_minutes) == (pytest.approx(0.5), pytest.approx(29))


def test_a_night_without_the_device_is_a_gap_and_no_sleep():
    values, worn = week(number=3), np.ones(3 * DAY, dtype=bool)
    worn[DAY + 600 : DAY + 1200] = False
    for report in (nights(values, NOON, COUNTS, worn, device=AW), nights(np.where(worn, values, np.nan), NOON, COUNTS, device=AW)):
        assert [night.evening.day for night in report.nights] == [1, 3]
        assert not report.asleep[~worn].any() and not report.rest[~worn].any() and not report.known[~worn].any()
        assert report.naps == () and report.summary.nights == 2


def test_four_hours_of_nothing_but_zeros_are_a_device_on_a_table():
    values = week(number=3)
    values[DAY + 660 : DAY + 1140] = 0.0
    report = nights(values, NOON, COUNTS, device=AW)
    assert [night.evening.day for night in report.nights] == [1, 3]
    assert any("8.0 hours of nothing but zeros" in note for note in report.notes)
    assert not nights(np.zeros(2 * DAY), NOON, COUNTS).nights


def test_missing_minutes_in_bed_are_neither_sleep_nor_waking():
    values = week()
    values[900:906] = np.nan
    night = nights(values, NOON, COUNTS, device=AW).nights[0]
    assert (night.time_in_bed, night.sleep, night.missing, night.waso, night.awakenings) == (478, 472, 6, 0, 0)
    assert night.efficiency == 100.0 and night.whole


@pytest.mark.parametrize(
    ("gap", "whole"),
    [((640, 660), False), ((638, 658), False), ((630, 651), True), ((1130, 1160), False), ((665, 680), False), ((800, 825), True)],
)
def test_a_night_that_begins_or_ends_at_a_gap_or_misses_a_tenth_is_not_whole_and_the_means_leave_it_out(gap, whole):
    values = week()
    values[gap[0] : gap[1]] = np.nan
    report = nights(values, NOON, COUNTS, device=AW)
    assert report.nights[0].whole == whole
    assert (report.summary.nights, report.summary.left_out) == ((7, 0) if whole else (6, 1))
    assert any("not whole" in note for note in report.notes) != whole


def test_a_night_cut_by_an_end_of_the_recording_is_not_whole():
    report = nights(week()[: 6 * DAY + 1000], NOON, COUNTS, device=AW)
    assert [night.whole for night in report.nights] == [True] * 6 + [False]
    report = nights(week()[700:], NOON + timedelta(minutes=700), COUNTS, device=AW)
    assert [night.whole for night in report.nights] == [False] + [True] * 6


def test_an_hour_that_the_clock_skips_is_no_gap_and_no_time_in_bed():
    short = days([660, 660, 660], [1140, 1080, 1140])  # an hour of the second night is slept through while the clock stands still
    cut = DAY + 840
    values = np.concatenate([short[:cut], np.full(60, np.nan), short[cut : 2 * DAY - 60], short[2 * DAY :]])
    skipped = np.isnan(values)
    plain = nights(week(number=3), NOON, COUNTS, device=AW).nights
    for report in (
        nights(values, NOON, COUNTS, device=AW, minutes=MinuteFacts(skipped)),
        nights(values, NOON, COUNTS, minutes=MinuteFacts(skipped), method="sadeh"),
    ):
        assert [night.whole for night in report.nights] == [True] * 3 and report.summary.nights == 3 and report.naps == ()
        before, night, _ = report.nights
        assert (night.missing, night.time_in_bed) == (0, before.time_in_bed - 60) and night.sleep == before.sleep - 60
        assert (night.bedtime.hour, night.rise.hour, night.latency) == (before.bedtime.hour, before.rise.hour, before.latency)
    unknown = nights(values, NOON, COUNTS, device=AW)
    assert not unknown.nights[1].whole and unknown.nights[0] == plain[0], "who does not know of the clock sees a gap"


@pytest.mark.parametrize("bedtime", range(0, 1440, 120))
def test_a_sleep_a_day_at_whatever_hour_is_seven_nights_and_no_nap(bedtime):
    """From two hours before it, so that none is cut; every other day 80 minutes later, so that middles fall on both sides of any hour."""
    values = np.full(8 * DAY, 500.0)
    begins = [120 + DAY * number + 80 * (number % 2) for number in range(7)]
    for first in begins:
        values[first : first + 400] = np.where(np.arange(400) % 30, 0.0, 3.0)
    start = NOON - timedelta(minutes=720 - bedtime + 120)
    report, unknown = (nights(values, begin, COUNTS, device=AW) for begin in (start, None))
    assert len(report.nights) == report.summary.nights == len(unknown.nights) == 7 and report.naps == unknown.naps == ()
    assert {later.evening - earlier.evening for earlier, later in pairwise(report.nights)} == {timedelta(days=1)}
    assert report.summary.bedtime.mean == pytest.approx((bedtime + 1 + 240 / 7) % DAY) and report.summary.bedtime.sd < 60


def test_a_sleep_by_day_is_filed_under_the_evening_before_and_is_free_on_its_own_weekend():
    values = np.full(8 * DAY, 500.0)
    for number in range(7):
        first = DAY * number + 20 * 60 + 20 * (number % 2)  # 08:00 or 08:20 to 16 hours: the middles lie on both sides of noon
        values[first : first + 480 - 20] = np.where(np.arange(460) % 30, 0.0, 3.0)
    report = nights(values, NOON, COUNTS, device=AW)  # from Monday noon
    assert [night.evening for night in report.nights] == [date(2024, 1, day) for day in range(1, 8)]
    assert [(night.bedtime.day, night.rise.day) for night in report.nights] == [(day, day) for day in range(2, 9)]
    assert [night.free for night in report.nights] == [False] * 4 + [True, True, False]


@pytest.mark.parametrize(("every", "whole"), [(9, False), (12, True)])
def test_a_night_of_which_more_than_a_tenth_is_missing_here_and_there_is_not_whole(every, whole):
    values = week()
    values[665:1135:every] = np.nan
    assert nights(values, NOON, COUNTS, device=AW).nights[0].whole == whole


def test_a_rest_of_more_than_a_day_is_neither_night_nor_nap():
    values = week()
    values[660 : 660 + 1500] = np.tile([0, 0, 0, 3], 375)
    report = nights(values, NOON, COUNTS, device=AW)
    assert report.naps == () and all(night.first > 2000 for night in report.nights)
    assert any("1 rest of more than 24 hours" in note for note in report.notes)


def test_nights_are_filed_under_their_evening_even_when_they_begin_after_midnight_or_in_the_morning():
    report = nights(days([760, 1020], [1200, 1380]), NOON, COUNTS, device=AW)
    assert [night.evening for night in report.nights] == [date(2024, 1, 1), date(2024, 1, 2)]
    assert [night.bedtime.day for night in report.nights] == [2, 3]


def test_means_and_deviations_over_nights_cross_midnight():
    summary = nights(days([700, 740], [1160, 1200]), NOON, COUNTS, device=AW).summary  # 23:40 and 00:20
    assert (summary.bedtime.mean, summary.rise.mean, summary.midpoint.mean) == (pytest.approx(1), pytest.approx(459), pytest.approx(230))
    assert summary.bedtime.sd == pytest.approx(40 / np.sqrt(2)) and summary.bedtime.n == 2
    assert (summary.sleep.mean, summary.sleep.sd) == (458, 0)
    assert nights(week(), NOON, COUNTS, device=AW).summary.bedtime.mean == pytest.approx(23 * 60 + 1)


def test_social_jetlag_is_how_much_later_the_middle_of_sleep_is_before_free_days():
    bedtimes, rises = [660] * 7, [1140] * 7
    for friday_and_saturday in (4, 5):
        bedtimes[friday_and_saturday], rises[friday_and_saturday] = 780, 1260
    report = nights(days(bedtimes, rises), NOON, COUNTS, device=AW)
    assert [night.free for night in report.nights] == [False] * 4 + [True, True, False]
    assert (report.summary.social_jetlag, report.summary.free_nights, report.summary.work_nights) == (pytest.approx(120), 2, 5)
    earlier = nights(days([780 - 2 * (b - 660) // 2 for b in bedtimes], [1260 - (r - 1140) for r in rises]), NOON, COUNTS, device=AW)
    assert earlier.summary.social_jetlag == pytest.approx(120)


def test_there_is_no_social_jetlag_with_a_single_free_night_or_without_a_weekday():
    assert nights(week(number=5), NOON, COUNTS, device=AW).summary.social_jetlag is None
    unknown = nights(week(), None, COUNTS, device=AW).summary
    assert (unknown.social_jetlag, unknown.free_nights, unknown.work_nights) == (None, 0, 0)


def test_without_a_clock_there_are_minutes_and_no_times():
    report, known = nights(week(), None, COUNTS, device=AW), nights(week(), NOON, COUNTS, device=AW)
    assert all(getattr(report.nights[0], name) is None for name in ("evening", "free", *CLOCKS))
    assert all(getattr(report.summary, name) is None for name in CLOCKS)
    assert [night.first for night in report.nights] == [night.first for night in known.nights]
    assert report.summary.sleep == known.summary.sleep


def test_identical_days_have_no_deviation_at_any_scale():
    for scale in (1.0, 0.7, 3.0):
        summary = nights(scale * week(), NOON, COUNTS, device=AW).summary
        assert all(getattr(summary, name).sd == pytest.approx(0, abs=1e-9) for name in CLOCKS + MINUTES)


def test_an_empty_recording_has_no_night_and_undefined_means():
    report = nights(np.full(2 * DAY, np.nan), NOON, COUNTS)
    assert report.nights == () and report.summary.nights == 0
    assert np.isnan(report.summary.sleep.mean) and np.isnan(report.summary.naps)


@settings(max_examples=25, deadline=None)
@given(st.integers(-150, 150), st.integers(0, 1000))
def test_a_clock_set_forward_moves_the_clock_figures_by_that_much_and_nothing_else(shift, seed):
    rng = np.random.default_rng(seed)
    values = days((660 + rng.integers(-60, 60, 5)).tolist(), (1140 + rng.integers(-60, 60, 5)).tolist()) + rng.poisson(0.3, 5 * DAY)
    before = nights(values, NOON, COUNTS, device=AW)
    after = nights(values, NOON + timedelta(minutes=shift), COUNTS, device=AW)
    for one, other in zip(before.nights, after.nights, strict=True):
        times = {name: getattr(one, name) + timedelta(minutes=shift) for name in CLOCKS[:4]}
        assert replace(one, **times, midpoint=(one.midpoint + shift) % DAY) == other
    for name in CLOCKS:
        moved, was = getattr(after.summary, name), getattr(before.summary, name)
        assert (moved.mean - was.mean - shift + 720) % DAY == pytest.approx(720) and moved.sd == pytest.approx(was.sd)
    assert [getattr(after.summary, name) for name in MINUTES] == [getattr(before.summary, name) for name in MINUTES]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["oakley", "cole_kripke", "sadeh"]))
def test_the_parts_of_every_night_add_up_and_no_gap_is_ever_sleep(seed, method):
    rng = np.random.default_rng(seed)
    values = days([660] * 4, [1140] * 4) + rng.gamma(0.1, 200, 4 * DAY) * (rng.random(4 * DAY) < 0.2)
    for first in rng.integers(0, 4 * DAY, 12):
        values[first : first + rng.integers(1, 90)] = np.nan
    worn = rng.random(4 * DAY) < 0.98
    report = nights(values, NOON, COUNTS, worn, method=method)
    gap = np.isnan(values) | ~worn
    assert not report.asleep[gap].any() and not report.known[gap].any()
    for night in report.nights:
        inside = slice(night.onset_minute, night.offset_minute)
        assert night.first <= night.onset_minute <= night.offset_minute <= night.end
        assert night.sleep + night.waso + gap[inside].sum() == night.offset_minute - night.onset_minute
        assert night.missing == gap[night.first : night.end].sum() and 0 <= night.efficiency <= 100
        assert night.time_in_bed == night.latency + (night.offset_minute - night.onset_minute) + (night.end - night.offset_minute)
        assert night.midpoint == (720 + (night.onset_minute + night.offset_minute) / 2) % DAY
    assert report.summary.nights == sum(night.whole for night in report.nights)


def test_nights_over_twelve_or_under_three_hours_are_implausible_and_the_means_leave_them_out():
    usual = nights(week(), NOON, COUNTS, device=AW)
    assert [night.implausible for night in usual.nights] == [""] * 7 and all(night.counted for night in usual.nights)
    long = nights(days([660, 600, 660], [1140, 1330, 1140]), NOON, COUNTS, device=AW)
    assert [night.implausible for night in long.nights] == ["", "implausible, over 12 h in bed", ""]
    assert (long.summary.nights, long.summary.left_out, long.summary.sleep.mean) == (2, 1, 478) and long.nights[1].whole
    assert any("1 of 3 nights is implausible" in note for note in long.notes)
    diary = [(NOON + timedelta(minutes=first), NOON + timedelta(minutes=end)) for first, end in ((700, 879), (DAY + 660, DAY + 1140))]
    short = nights(week(number=2), NOON, COUNTS, device=AW, rests=diary)
    assert [night.implausible for night in short.nights] == ["implausible, under 3 h in bed", ""]
    assert (short.summary.nights, short.summary.left_out) == (1, 1)


@pytest.mark.parametrize(("minutes", "plausible"), [(720, True), (721, False), (180, True), (179, False)])
def test_the_limits_of_a_plausible_night_are_three_and_twelve_hours(minutes, plausible):
    diary = [(NOON + timedelta(minutes=600), NOON + timedelta(minutes=600 + minutes))]
    values = np.where(np.arange(2 * DAY) % 10 == 0, 1.0, 0.0)  # a twitch every ten minutes: asleep, and no device on a table
    (night,) = nights(values, NOON, COUNTS, device=AW, rests=diary).nights
    assert (night.time_in_bed, bool(night.implausible)) == (minutes, not plausible)


def test_little_sleep_in_a_long_bed_is_implausible_too():
    values = week(number=2)
    values[720:1130] = np.where(np.arange(410) % 20 < 14, 500.0, 0.0)
    diary = [(NOON + timedelta(minutes=660), NOON + timedelta(minutes=1140))]
    (night,) = nights(values, NOON, COUNTS, device=AW, rests=diary).nights
    assert night.sleep < 180 < night.time_in_bed and night.implausible == "implausible, under 3 h asleep"
