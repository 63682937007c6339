"""Tables with a row a day: the days of a person lie in a row, at the place that their dates or weekdays give them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.recordings.reading import read
from pat_core.records import COUNTS

CLOCK = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)]
NAMES = {
    "clock": CLOCK,
    "clock with seconds": [f"{name}:00" for name in CLOCK],
    "short clock": [f"{minute // 60}:{minute % 60:02d}" for minute in range(1440)],
    "MIN": [f"MIN{minute + 1}" for minute in range(1440)],
    "minute_": [f"minute_{minute}" for minute in range(1440)],
    "numbers": [str(minute) for minute in range(1440)],
}
DAYS = np.random.default_rng(0).integers(0, 900, (8, 1440))


def table(path: Path, before: dict[str, list], names: list[str] = CLOCK, days: np.ndarray = DAYS, sep: str = ",") -> Path:
    frame = pd.concat([pd.DataFrame(before), pd.DataFrame(days, columns=names)], axis=1)
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False, sep=sep)
    return path


def dates(form: str = "%Y-%m-%d") -> list[str]:
    return [(datetime(2024, 3, 26) + timedelta(days=day)).strftime(form) for day in range(8)]


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_days_of_one_person_lie_in_a_row(tmp_path, names, ending):
    made = table(tmp_path / f"a.{ending}", {"id": ["S1"] * 8, "date": dates()}, NAMES[names])
    (whole,) = read(made).recordings
    assert (whole.participant, whole.start, whole.labels) == ("S1", datetime(2024, 3, 26), {})
    assert np.array_equal(whole.values, DAYS.reshape(-1).astype(np.float32))


@pytest.mark.parametrize("form", ["%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d"])
def test_dates_are_read_in_any_usual_order_and_rows_may_come_in_any(tmp_path, form):
    order = [3, 0, 7, 1, 2, 6, 5, 4]
    made = table(tmp_path / "a.csv", {"id": ["S1"] * 8, "Date": [dates(form)[at] for at in order]}, days=DAYS[order], sep=";")
    (whole,) = read(made).recordings
    assert whole.start == datetime(2024, 3, 26) and np.array_equal(whole.values, DAYS.reshape(-1).astype(np.float32))


def test_a_day_without_a_row_is_missing_and_said_and_people_stay_apart(tmp_path):
    who = ["a", "a", "a", "b", "b", "b", "b", "b"]
    when = [dates()[at] for at in (0, 2, 3, 0, 1, 2, 3, 4)]
    one, other = read(table(tmp_path / "a.csv", {"id": who, "date": when})).recordings
    assert one.values.size == 4 * 1440 and np.isnan(one.values[1440:2880]).all() and np.array_equal(one.values[2880:4320], DAYS[1])
    assert one.notes == ("1 of 4 days without a row: counted as missing.",) and other.values.size == 5 * 1440


def test_weekdays_of_nhanes_give_the_clock_and_not_the_date(tmp_path):
    before = {"SEQN": [21005] * 7, "PAXCAL": [1] * 7, "PAXSTAT": [1] * 7, "WEEKDAY": [3, 4, 5, 6, 7, 1, 2], "SDDSRVYR": [3] * 7}
    (whole,) = read(table(tmp_path / "PAXINTEN_C.csv", before, NAMES["MIN"], DAYS[:7])).recordings
    assert (whole.start.weekday(), whole.date_known, whole.unit, whole.placement) == (1, False, COUNTS, "hip")
    assert np.array_equal(whole.values, DAYS[:7].reshape(-1).astype(np.float32))


def test_weekdays_by_name_place_the_days_and_bare_numbers_tell_no_weekday(tmp_path):
    named = ["Mon", "Tue", "Thu", "Fri", "Sat", "Sun", "Mon", "Tue"]
    (whole,) = read(table(tmp_path / "a.csv", {"id": ["S1"] * 8, "weekday": named})).recordings
    assert whole.start.weekday() == 0 and whole.values.size == 9 * 1440 and np.isnan(whole.values[2 * 1440 : 3 * 1440]).all()
    (bare,) = read(table(tmp_path / "b.csv", {"id": ["S1"] * 8, "day": list(range(1, 9))})).recordings
    assert bare.start is None and bare.values.size == 8 * 1440 and "the weekday of the first" in bare.notes[0]


def test_two_rows_of_one_day_with_other_values_are_refused(tmp_path):
    reading = read(table(tmp_path / "a.csv", {"id": ["S1"] * 8, "date": [*dates()[:7], dates()[6]]}))
    assert not reading.recordings and "two rows with different values are both day 7" in reading.refused[0].reason


def test_days_of_nobody_knows_whom_are_asked_about_and_dated_ones_are_of_the_files_person(tmp_path):
    nobody = table(tmp_path / "S9.csv", {"note": ["x"] * 8})
    assert "days of one person, or one day of several people?" in read(nobody).refused[0].reason
    assert read(table(tmp_path / "S9.csv", {"date": dates()})).recordings[0].participant == "S9"


def test_columns_of_clock_times_that_are_no_minutes_are_refused_with_how_far_apart_they_are(tmp_path):
    made = table(tmp_path / "a.csv", {"id": ["S1"] * 8, "date": dates()}, CLOCK[::5], DAYS[:, ::5])
    assert "there are 288, here 5 minutes apart" in read(made).refused[0].reason


def test_people_of_one_day_each_stay_people(tmp_path):
    reading = read(table(tmp_path / "a.csv", {"id": list("abcdefgh")}, NAMES["MIN"]))
    assert len(reading.recordings) == 8 and all(one.values.size == 1440 for one in reading.recordings)


@pytest.mark.parametrize("name", ["{0:02d}.{1:02d}", "X{0:02d}.{1:02d}", "t_{0:02d}_{1:02d}", "{0}-{1:02d}", "{2:.9f}", "{2}"])
def test_clock_times_in_other_signs_name_minutes(tmp_path, name):
    names = [name.format(minute // 60, minute % 60, minute / 1440) for minute in range(1440)]
    (whole,) = read(table(tmp_path / "a.csv", {"id": ["S1"] * 8, "date": dates()}, names)).recordings
    assert whole.start == datetime(2024, 3, 26) and np.array_equal(whole.values, DAYS.reshape(-1).astype(np.float32))
    assert whole.labels == {}


@pytest.mark.parametrize("size", [2880, 5760])
@pytest.mark.parametrize("named", ["m{}", "epoch{}"])
def test_rows_of_a_day_may_hold_shorter_epochs(tmp_path, size, named):
    days = np.random.default_rng(1).integers(0, 90, (8, size))
    said = {"unit": ["counts"] * 8} | ({"epoch_seconds": [86_400 // size] * 8} if named == "epoch{}" else {})
    made = table(tmp_path / "a.csv", {"id": ["S1"] * 8, "date": dates()} | said, [named.format(i) for i in range(size)], days)
    (whole,) = read(made).recordings
    assert whole.start == datetime(2024, 3, 26)
    assert np.array_equal(whole.values, days.reshape(8 * 1440, -1).sum(axis=1))


def test_rows_of_two_days_of_minutes_are_no_days(tmp_path):
    made = table(tmp_path / "a.csv", {"id": ["S1", "S2"], "date": dates()[:2]}, [f"m{i}" for i in range(2880)], DAYS.reshape(-1, 2880)[:2])
    assert [whole.values.size for whole in read(made).recordings] == [2880, 2880]


def test_columns_that_count_epochs_are_no_minutes_unless_their_length_is_told(tmp_path):
    days = np.random.default_rng(1).integers(0, 90, (2, 20_160))
    names = [f"epoch_{i}" for i in range(20_160)]
    reading = read(table(tmp_path / "a.csv", {"id": ["S1", "S2"]}, names, days))
    assert not reading.recordings and "count epochs" in reading.refused[0].reason
    said = {"id": ["S1", "S2"], "unit": ["counts"] * 2, "epoch length": ["30 s"] * 2}
    one, _ = read(table(tmp_path / "b.csv", said, names, days)).recordings
    assert np.array_equal(one.values, days[0].reshape(-1, 2).sum(axis=1))
    one, _ = read(table(tmp_path / "c.csv", {"id": ["S1", "S2"]}, names[:10_080], days[:, :10_080])).recordings
    assert np.array_equal(one.values, days[0, :10_080])
    wrong = read(table(tmp_path / "d.csv", {"id": ["S1", "S2"], "epoch_seconds": ["x", "x"]}, names, days))
    assert not wrong.recordings and "not an epoch length" in wrong.refused[0].reason


def test_clock_times_with_seconds_between_and_days_from_noon_are_refused(tmp_path):
    names = [f"{name}:{second}" for name in CLOCK for second in ("00", "30")]
    halves = read(table(tmp_path / "a.csv", {"id": ["S1"] * 8, "date": dates()}, names, np.repeat(DAYS, 2, axis=1)))
    assert not halves.recordings and "seconds between the minutes" in halves.refused[0].reason
    noon = read(table(tmp_path / "b.csv", {"id": ["S1"] * 8, "date": dates()}, CLOCK[720:] + CLOCK[:720]))
    assert not noon.recordings and "from 12:00 past midnight to 11:59" in noon.refused[0].reason


def test_a_date_as_excel_counts_it_is_a_date(tmp_path):
    (whole,) = read(table(tmp_path / "a.csv", {"id": ["S1"] * 8, "date": list(range(45_377, 45_385))})).recordings
    assert whole.start == datetime(2024, 3, 26)
