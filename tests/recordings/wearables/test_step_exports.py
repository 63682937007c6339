"""Steps that people download of themselves: Google Health, Fitbit JSON, Samsung Health, Withings; the same minutes out of each."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from pat_core.recordings.reading import read
from pat_core.records import STEPS, Recording

BEGIN = datetime(2024, 3, 4, 7, 30)
WALK = {minute: 40 + minute % 70 for hour in range(0, 60, 5) for minute in range(60 * hour, 60 * hour + 20)}
"""Minute since BEGIN -> steps: twenty minutes every five hours for two and a half days; the others have no record."""


def _at(minute: int, hours: float = 0) -> datetime:
    return BEGIN + timedelta(minutes=minute, hours=hours)


def _google(source: str = "Wrist Band", walk: dict[int, int] = WALK, form: str = "%Y-%m-%dT%H:%M:%SZ") -> list[str]:
    return [f"{_at(minute):{form}},{steps},{source}" for minute, steps in walk.items()]


def _google_file(*rows: str) -> str:
    return "\n".join(["timestamp,steps,data source", *rows]) + "\n"


def _samsung(offset: str = "UTC+0100", hours: float = 1, device: str = "Ab1/xyz==") -> str:
    names = [
        "duration",
        "run_step",
        *(
            f"com.samsung.health.step_count.{name}"
            for name in ("start_time", "sample_position_type", "count", "time_offset", "end_time", "deviceuuid")
        ),
    ]
    rows = [
        f"59999,0,{_at(minute, -hours):%Y-%m-%d %H:%M:%S.000},,{steps},{offset},{_at(minute, -hours):%Y-%m-%d %H:%M}:59.999,{device},"
        for minute, steps in WALK.items()
    ]
    return "\n".join(["com.samsung.shealth.tracker.pedometer_step_count,6312000,5", ",".join(names), *rows]) + "\n"


def _withings(offset: str = "+01:00") -> str:
    rows = ["start,duration,value"]
    for minute in range(0, 60 * 60, 300):
        counts = [WALK[minute + i] for i in range(20)]
        rows.append(f'{_at(minute):%Y-%m-%dT%H:%M:%S}{offset},"{[60] * 20}","{counts}"'.replace(" ", ""))
    return "\n".join(rows) + "\n"


def _fitbit() -> str:
    return json.dumps([{"dateTime": f"{_at(minute):%m/%d/%y %H:%M:%S}", "value": str(steps)} for minute, steps in WALK.items()])


EXPORTS = {
    "Google": ("steps_2024-03-01.csv", _google_file(*_google()), "Wrist Band"),
    "Samsung": ("com.samsung.shealth.tracker.pedometer_step_count.20240401.csv", _samsung(), "Samsung device"),
    "Withings": ("raw_tracker_steps.csv", _withings(), "Withings"),
    "Fitbit JSON": ("steps-2024-03-04.json", _fitbit(), "Fitbit"),
}


def _one(path: Path, text: str) -> Recording:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    reading = read(path)
    assert not reading.refused
    (recording,) = reading.recordings
    return recording


def _reason(path: Path, text: str) -> str:
    path.write_text(text)
    (refusal,) = read(path).refused
    return refusal.reason


@pytest.mark.parametrize("maker", EXPORTS)
def test_each_minute_has_its_steps_and_minutes_without_a_record_are_zero(tmp_path, maker):
    name, text, device = EXPORTS[maker]
    recording = _one(tmp_path / name, text)
    assert recording.start == BEGIN and recording.unit == STEPS and recording.device.startswith(device)
    assert {minute: int(value) for minute, value in enumerate(recording.values) if value} == WALK
    assert not np.isnan(recording.values).any()
    assert any("Minutes without a record count as 0" in note for note in recording.notes)


@pytest.mark.parametrize(("maker", "in_utc"), [("Google", True), ("Fitbit JSON", True), ("Samsung", False), ("Withings", False)])
def test_times_in_utc_say_so(tmp_path, maker, in_utc):
    recording = _one(tmp_path / EXPORTS[maker][0], EXPORTS[maker][1])
    assert recording.in_utc is in_utc and any("in UTC and the file names no time zone" in note for note in recording.notes) is in_utc


def test_days_without_any_record_are_missing(tmp_path):
    walk = {0: 50, 3 * 1440: 60}
    recording = _one(tmp_path / "steps_2024-03-01.csv", _google_file(*_google(walk=walk)))
    assert np.isnan(recording.values).sum() == 2 * 1440 and recording.values.size == 3 * 1440 + 1


@pytest.mark.parametrize("mixed", [False, True], ids=["follow one another", "minute by minute"])
def test_of_two_sources_one_is_taken_and_never_half_of_each(tmp_path, mixed):
    phone = {minute: steps // 2 for minute, steps in list(WALK.items())[:100]}
    rows = [*_google("Phone", phone), *_google()]
    recording = _one(tmp_path / "steps_2024-03-01.csv", _google_file(*(sorted(rows) if mixed else rows)))
    assert recording.device == "Wrist Band" and recording.values.sum() == sum(WALK.values())
    assert any("2 sources" in note and "Phone (100)" in note for note in recording.notes)


def test_local_times_of_google_are_the_clock_on_the_wall(tmp_path):
    for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S+01:00"):
        recording = _one(tmp_path / "steps_2024-03-01.csv", _google_file(*_google(form=form)))
        assert recording.start == BEGIN and not recording.in_utc


def test_rows_coarser_than_a_minute_are_refused(tmp_path):
    rows = _google(walk={15 * i: 100 for i in range(200)})
    assert "all rows here are 15 minutes apart" in _reason(tmp_path / "steps_2024-03-01.csv", _google_file(*rows))


def test_damaged_records_are_counted_and_left_out(tmp_path):
    rows = [*_google(), "2024-03-05T99:00:00Z,5,Wrist Band", "2024-03-05T10:00:00Z,-5,Wrist Band", "2024-03-05T10:01:00Z,many,Wrist Band"]
    recording = _one(tmp_path / "steps_2024-03-01.csv", _google_file(*rows))
    assert recording.values.sum() == sum(WALK.values()) and any("3 step records with unreadable times" in note for note in recording.notes)


@pytest.mark.parametrize("separator", [",", ";"])
def test_any_table_of_steps_without_zeros_leaves_still_minutes_out(tmp_path, separator):
    rows = [f"{_at(minute):%Y-%m-%d %H:%M}{separator}{steps}" for minute, steps in WALK.items()]
    recording = _one(tmp_path / "anna.csv", "\n".join([f"time{separator}steps", *rows]) + "\n")
    assert not np.isnan(recording.values).any() and recording.values.sum() == sum(WALK.values())
    assert any("No row counts 0 steps" in note for note in recording.notes)


def test_a_table_of_steps_that_writes_its_zeros_keeps_its_gaps(tmp_path):
    rows = [f"{_at(minute):%Y-%m-%d %H:%M},{steps}" for minute, steps in (WALK | {5 * 60 - 1: 0}).items()]
    recording = _one(tmp_path / "anna.csv", "\n".join(["time,steps", *rows]) + "\n")
    assert np.isnan(recording.values).sum() == recording.values.size - len(WALK) - 1


def test_a_journey_in_samsung_keeps_the_clock_of_the_place(tmp_path):
    recording = _one(tmp_path / "com.samsung.shealth.tracker.pedometer_step_count.1.csv", _samsung("UTC-0330", -3.5))
    assert recording.start == BEGIN


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("com.samsung.shealth.step_daily_trend.1.csv", "com.samsung.shealth.step_daily_trend,1,2\nday_time,count\n1,2\n", "whole days"),
        ("raw_hr_hr.csv", "start,duration,value\n2024-03-04T07:30:00+01:00,[60],[61]\n", "raw_tracker_steps.csv"),
        ("raw_tracker_steps.csv", "start,duration,value\n2024-03-04T07:30:00+01:00,[60,60],[61]\n", "damaged"),
        ("calories-2024-03-04.json", '[{"dateTime":"03/04/24 00:00:00","value":"1.2"}]', "Steps were expected"),
        ("steps-2024-03-04.json", '[{"dateTime":"03/04/24 00:00:00","value":"12"},', "incomplete"),
        ("steps-2024-03-04.json", '[{"dateTime":"13/44/24 00:00:00","value":"12"}]', "damaged"),
        ("steps_2024-03-01.csv", "timestamp,steps,data source\n", "Records of steps were expected"),
    ],
)  # fmt: skip
def test_what_holds_no_minutes_of_steps_is_refused_in_a_sentence(tmp_path, name, text, words):
    assert words in _reason(tmp_path / name, text)


def test_a_day_of_the_web_api(tmp_path):
    rows = [{"time": f"{minute // 60:02d}:{minute % 60:02d}:00", "value": 5 if minute % 7 == 0 else 0} for minute in range(1440)]
    day = {
        "activities-steps": [{"dateTime": "2024-03-04", "value": "9"}],
        "activities-steps-intraday": {"dataset": rows, "datasetInterval": 1, "datasetType": "minute"},
    }
    recording = _one(tmp_path / "anna.json", json.dumps(day))
    assert recording.participant == "anna" and recording.start == datetime(2024, 3, 4) and not recording.in_utc
    assert recording.values.tolist() == [row["value"] for row in rows][: recording.values.size]
    day["activities-steps-intraday"]["datasetInterval"] = 15
    assert "detail 1min" in _reason(tmp_path / "anna.json", json.dumps(day))


@pytest.mark.parametrize(
    ("path", "person"),
    [
        ("steps_2024-03-01.csv", "steps_2024-03-01"), ("anna.csv", "anna"),
        ("P07/Takeout/Fitbit/Physical Activity_GoogleData/steps_2024-03-01.csv", "P07"),
    ],
)  # fmt: skip
def test_a_person_is_named_by_what_the_maker_did_not_name(tmp_path, path, person):
    file = tmp_path / "study" / path
    _one(file, EXPORTS["Google"][1])
    (recording,) = read(tmp_path / "study" if "/" in path else file).recordings
    assert recording.participant == person


def test_a_download_is_read_whole_and_what_holds_no_steps_is_one_line(tmp_path):
    with zipfile.ZipFile(tmp_path / "P07.zip", "w") as archive:
        archive.writestr("Takeout/Fitbit/Physical Activity_GoogleData/steps_2024-03-01.csv", EXPORTS["Google"][1])
        for number in range(30):
            archive.writestr(f"Takeout/Fitbit/Physical Activity_GoogleData/heart_rate_2024-03-{number:02d}.csv", "timestamp,bpm\n1,2\n")
        archive.writestr("Takeout/Fitbit/Your Profile/Profile.csv", "name\nx\n")
    reading = read(tmp_path / "P07.zip")
    assert [one.participant for one in reading.recordings] == ["P07"]
    (refusal,) = reading.refused
    assert refusal.what.endswith("and 30 more files") and "no minute-by-minute steps" in refusal.reason


def _days(one_day) -> dict[str, list[int]]:
    """File name -> the minutes of WALK on each of its days."""
    days: dict[str, list[int]] = {}
    for minute in WALK:
        days.setdefault(f"{_at(minute):{one_day}}", []).append(minute)
    return days


@pytest.mark.parametrize("maker", ["Google", "Fitbit JSON"])
def test_nights_between_daily_files_are_still_and_not_missing(tmp_path, maker):
    for name, minutes in _days("steps_%Y-%m-%d.csv" if maker == "Google" else "steps-%Y-%m-%d.json").items():
        walk = {minute: WALK[minute] for minute in minutes}
        rows = [{"dateTime": f"{_at(minute):%m/%d/%y %H:%M:%S}", "value": steps} for minute, steps in walk.items()]
        (tmp_path / name).write_text(_google_file(*_google(walk=walk)) if maker == "Google" else json.dumps(rows))
    (recording,) = read(tmp_path).recordings
    whole = np.zeros(max(WALK) + 1)
    whole[list(WALK)] = list(WALK.values())
    assert np.array_equal(recording.values, whole) and recording.start == BEGIN
    assert "nothing is missing between them" in recording.notes[0]


def test_a_day_without_a_file_stays_missing(tmp_path):
    for name, minutes in _days("steps_%Y-%m-%d.csv").items():
        if "03-05" not in name:
            (tmp_path / name).write_text(_google_file(*_google(walk={minute: WALK[minute] for minute in minutes})))
    (recording,) = read(tmp_path).recordings
    assert np.isnan(recording.values).sum() == 1440


@pytest.mark.parametrize("form", ["%m/%d/%y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d/%m/%y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S"])
@pytest.mark.parametrize("days", [3, 1])
def test_fitbit_json_in_other_orders_of_dates(tmp_path, form, days):
    walk = {minute: steps for minute, steps in WALK.items() if _at(minute).day < 4 + days}
    rows = [{"dateTime": f"{_at(minute):{form}}", "value": str(steps)} for minute, steps in walk.items()]
    recording = _one(tmp_path / "steps-2024-03-04.json", json.dumps(rows))
    assert recording.start == BEGIN and recording.values.sum() == sum(walk.values())
