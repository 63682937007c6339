"""Pictures of nights and of the mean day: drawn from the same arrays that the tables are counted from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.figures import night_days, rhythm_day
from pat_core.figures.charts.night_days import masks, night_names
from pat_core.figures.charts.rhythm_day import pieces, steps
from pat_core.figures.sheet.lanes import clock, hours_minutes
from pat_core.records import COUNTS, Week
from pat_core.rhythms import Device, SleepReport, cosinor, figures, mean_day, nights
from pat_core.weeks import report
from tests.rhythms.made import days

MINUTES = 10_080
START = datetime(2024, 1, 1, 12)
OFF = slice(4000, 4200)


def of(values: np.ndarray, start: datetime | None = START) -> Week:
    values = np.asarray(values, np.float32)
    return Week("p1", 0, values, start, True, COUNTS, None, "start", report(values, COUNTS))


@pytest.fixture(scope="module")
def week() -> Week:
    values = days([600, 660, 690, 640, 720, 700, 615], [1100, 1140, 1150, 1120, 1200, 1190, 1080])
    values[800:815] = 700
    values[7 * 1440 - 900 : 7 * 1440 - 840] = 0
    return of(values)


@pytest.fixture(scope="module")
def nonwear() -> np.ndarray:
    mask = np.zeros(MINUTES, bool)
    mask[OFF] = True
    return mask


@pytest.fixture(scope="module")
def slept(week, nonwear) -> SleepReport:
    return nights(week.values, week.start, COUNTS, ~nonwear)


def trace(figure, name: str):
    return next(trace for trace in figure.data if trace.name == name)


def test_what_is_drawn_of_each_night_is_what_the_table_counts(slept):
    seen = masks(slept)
    for night in slept.nights:
        span = slice(night.first, night.end)
        assert seen["in bed"][span].all() and seen["in bed"].sum() == sum(one.time_in_bed for one in slept.nights)
        assert seen["asleep"][span].sum() == night.sleep
        assert seen["awake"][night.onset_minute : night.offset_minute].sum() == night.waso
    assert not (seen["asleep"] & seen["awake"]).any() and seen["nap"].sum() == sum(nap.end - nap.first for nap in slept.naps)


def test_ticks_and_diamonds_stand_at_the_times_of_the_table(week, slept, nonwear):
    figure, _ = night_days(week, slept, nonwear)
    ticks = [moment[-5:] for moment in trace(figure, "onset and offset").x[::3]]
    assert ticks == [f"{time:%H:%M}" for night in slept.nights for time in (night.onset, night.offset)]
    middles = [moment[-5:] for moment in trace(figure, "midpoint").x]
    assert middles == [clock(np.floor(night.midpoint)) for night in slept.nights]
    told = [note.text for note in figure.layout.annotations if "asleep" in note.text.lower() and "h asleep" in note.text]
    assert told == [f"{hours_minutes(night.sleep)} h asleep{'' if night.whole else ' ✗'}" for night in slept.nights]


def test_lanes_go_from_noon_to_noon_and_bear_the_names_of_the_table(week, slept, nonwear):
    figure, caption = night_days(week, slept, nonwear, ["x"] + [""] * (len(slept.nights) - 1))
    assert [name.replace("<br>", " to ") for name in figure.layout.yaxis.ticktext] == night_names(week, slept)
    assert list(figure.layout.xaxis.range) == ["2000-01-01 12:00", "2000-01-02 12:00"]
    first = slept.nights[0]
    assert f"in bed {first.bedtime:%H:%M} to {first.rise:%H:%M}" in caption and "(x)" in caption
    assert any("Mon 1 Jan to Tue 2" in text and text.endswith("<br>x") for text in trace(figure, "hover").text)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_only_what_there_is_is_drawn_and_in_the_key(week, slept, nonwear, theme):
    figure, _ = night_days(week, slept, nonwear, theme=theme)
    names = {one.name for one in figure.data}
    assert {"in bed", "asleep", "awake in bed", "not worn", "hover"} <= names and "no data" not in names
    key = figure.layout.annotations[-1].text
    assert "Not worn" in key and "No data" not in key


def test_without_a_clock_the_axis_counts_hours_and_no_time_is_told(week, nonwear):
    plain = replace(week, start=None)
    figure, caption = night_days(plain, nights(plain.values, None, COUNTS, ~nonwear), nonwear)
    assert list(figure.layout.xaxis.range) == [0, 24] and "hours from the first minute" in figure.layout.xaxis.title.text
    assert "in bed" not in caption and "midpoint" not in caption and list(figure.layout.yaxis.ticktext)[0] == "Day 1"


def test_a_day_without_a_night_says_so(week):
    values = week.values.copy()
    values[1440:2880] = 500
    made = nights(values, week.start, COUNTS)
    figure, _ = night_days(of(values), made, np.zeros(MINUTES, bool))
    told = [note.text for note in figure.layout.annotations][:7]
    assert told[1] == "no night found" and sum("no night" in text for text in told) == 7 - len(made.nights)


def test_a_day_without_a_night_that_was_hardly_worn_says_that_instead(week):
    off = np.zeros(MINUTES, bool)
    off[1440 + 720 : 2 * 1440 + 720] = True
    values = np.where(off, np.nan, week.values).astype(np.float32)
    figure, _ = night_days(of(values), nights(values, week.start, COUNTS, ~off), off)
    told = [note.text for note in figure.layout.annotations][:7]
    assert "not worn" in told and "no night found" not in told


def test_a_lane_that_is_mostly_outside_of_the_week_says_so_and_not_that_no_night_was_found(week, nonwear):
    later = replace(week, start=datetime(2024, 1, 1, 15), values=np.roll(week.values, -180))
    figure, _ = night_days(later, nights(later.values, later.start, COUNTS), nonwear)
    told = [note.text for note in figure.layout.annotations][:8]
    assert told[-1] == "the week ends" and "no night found" not in told


def test_a_lane_into_which_the_night_of_another_reaches_is_not_said_to_have_none():
    values = np.full(MINUTES, 500.0)
    values[1440 - 60 : 1440 + 300] = np.where(np.arange(360) % 30 == 0, 3, 0)  # from 11:00 to 17:00 of the second day: its middle is there
    for day in (3, 4, 5):  # this is somebody who sleeps at night, but for that one time
        values[1440 * day + 600 : 1440 * day + 1140] = np.where(np.arange(540) % 30 == 0, 3, 0)
    made = nights(values, START, COUNTS)
    figure, _ = night_days(of(values), made, np.zeros(MINUTES, bool))
    told = [note.text for note in figure.layout.annotations][:3]
    assert len(made.nights) == 4 and told[0] == "" and "h asleep" in told[1] and told[2] == "no night found"


def test_the_mean_day_is_the_engines_in_steps_and_its_bars_lie_at_their_times_and_means():
    rng = np.random.default_rng(0)
    minute = np.arange(MINUTES)
    values = 300 - 250 * np.cos(2 * np.pi * (minute - 180) / 1440) + rng.normal(0, 5, MINUTES)
    week = of(values, datetime(2024, 1, 1))
    rhythm = figures(week.values, 0, COUNTS)
    figure, caption = rhythm_day(week, rhythm)
    assert np.allclose(trace(figure, "mean day").y, steps(mean_day(week.values, 0)))
    for name, minutes in (("L5", 300), ("M10", 600)):
        bar, level, start = trace(figure, name), getattr(rhythm, name.lower()), getattr(rhythm, f"{name.lower()}_start")
        drawn = sum(last - first for first, last in zip(bar.x[::3], bar.x[1::3], strict=True))
        assert drawn == pytest.approx(minutes / 60) and set(np.asarray(bar.y)[np.isfinite(bar.y)]) == {level}
        assert bar.x[0] == pytest.approx(start / 60) and f"{clock(start)} to {clock(start + minutes)}" in caption
    curve, wave = trace(figure, "cosine"), cosinor(week.values, 0)
    assert np.allclose(curve.y, wave.curve(np.asarray(curve.x) * 60))
    assert trace(figure, "acrophase").x[0] == pytest.approx(wave.acrophase / 60)
    assert clock(rhythm.acrophase) == clock(wave.acrophase) and f"is at {clock(wave.acrophase)}" in caption


def test_a_window_past_midnight_is_drawn_in_two_pieces():
    assert pieces(1400, 300) == [(1400 / 60, 24.0), (0.0, 260 / 60)] and pieces(0, 300) == [(0.0, 5.0)]
    assert sum(last - first for first, last in pieces(1439, 600)) == pytest.approx(10)


def test_figures_that_a_week_does_not_define_are_not_drawn():
    week = of(np.zeros(MINUTES))
    figure, caption = rhythm_day(week, figures(week.values, 0, COUNTS))
    assert {one.name for one in figure.data} == {"mean day"} and "No rhythm figure is defined" in caption


def test_without_a_clock_the_mean_day_shows_hours_and_no_clock_time(week):
    plain = replace(week, start=None)
    figure, caption = rhythm_day(plain, figures(plain.values, 0, COUNTS), theme="dark")
    words = " ".join([caption, *(note.text for note in figure.layout.annotations), *figure.layout.xaxis.ticktext])
    assert "00:00" not in words and " h" in words


def test_who_sleeps_by_day_has_a_lane_from_midnight_for_each_sleep():
    values = np.full(MINUTES, 500.0)
    for day in range(7):
        first = 1440 * day + 20 * 60 + 40 * (day % 2) - 20  # around 12:00 of the day after: middles on both sides of noon
        values[first : first + 460 - 40 * 9 * (day == 6)] = 0
        values[first : first + 460 : 30] = 3
    made = nights(values, START, COUNTS, device=Device("Actiwatch 2"))
    figure, _ = night_days(of(values), made, np.zeros(MINUTES, bool))
    slept = [note.text for note in figure.layout.annotations if "h asleep" in note.text]
    assert len(made.nights) == len(slept) == 6 and not any("+" in words for words in slept)
    assert len(set(night_names(of(values), made))) == 6 and figure.layout.xaxis.range[0].endswith("00:00")
