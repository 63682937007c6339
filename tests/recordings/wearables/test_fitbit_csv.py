"""Fitbit minutes, narrow and wide: what is written is read back, and what cannot be read says so."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import PatError
from pat_core.progress import Silent
from pat_core.recordings.source import file_source
from pat_core.recordings.wearables import fitbit_csv
from pat_core.records import STEPS, UNKNOWN_UNIT
from tests.recordings.devices.device_files import recognised, refusal

US, ISO = "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S"


def _narrow(path: Path, people: dict[str, np.ndarray], start: str, measure: str = "Steps", form: str = US, **kept: object) -> Path:
    frames = []
    for person, values in people.items():
        stamps = pd.date_range(start, periods=len(values), freq="60s").strftime(form)
        frames.append(pd.DataFrame({"Id": person, "ActivityMinute": stamps, measure: values}))
    pd.concat(frames).to_csv(path, index=False, **kept)  # type: ignore[call-overload]
    return path


def _wide(path: Path, people: dict[str, np.ndarray], start: str, measure: str = "Steps", form: str = US) -> Path:
    rows = []
    for person, values in people.items():
        for i, hour in enumerate(pd.date_range(start, periods=len(values) // 60, freq="1h").strftime(form)):
            rows.append([person, hour, *values[60 * i : 60 * i + 60]])
    pd.DataFrame(rows, columns=["Id", "ActivityHour", *(f"{measure}{i:02d}" for i in range(60))]).to_csv(path, index=False)
    return path


_read = partial(recognised, fitbit_csv.FORMAT)


_reason = partial(refusal, fitbit_csv.FORMAT)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 250), min_size=60, max_size=60), min_size=1, max_size=4),
    st.sampled_from([US, ISO]),
    st.booleans(),
    st.datetimes(datetime(2012, 1, 1), datetime(2025, 1, 1)),
)
def test_what_is_written_is_read_back_for_everybody(
    tmp_path_factory, hours: list[list[int]], form: str, wide: bool, when: datetime
) -> None:
    start = f"{when:%Y-%m-%d %H}:00"
    people = {f"{1503960366 + i}": np.array(hour * 3) for i, hour in enumerate(hours)}
    path = (_wide if wide else _narrow)(tmp_path_factory.mktemp("f") / "minute.csv", people, start, form=form)
    reading = _read(path)
    assert [r.participant for r in reading.recordings] == list(people) and not reading.refused
    for recording, values in zip(reading.recordings, people.values(), strict=True):
        assert np.array_equal(recording.values, values) and recording.start == datetime.fromisoformat(start)
        assert (recording.unit, recording.epoch_seconds, recording.device) == (STEPS, 60, "Fitbit")
        assert "not activity counts" in recording.notes[0]


@pytest.mark.parametrize(
    ("measure", "unit", "word"),
    [
        ("Steps", STEPS, "steps"),
        ("Intensity", UNKNOWN_UNIT, "0 sedentary to 3"),
        ("Calories", UNKNOWN_UNIT, "kilocalories"),
        ("METs", UNKNOWN_UNIT, "times 10"),
    ],
)
@pytest.mark.parametrize("write", [_narrow, _wide])
def test_every_measure_has_its_unit_and_its_note(tmp_path: Path, write, measure: str, unit: str, word: str) -> None:
    (recording,) = _read(write(tmp_path / "a.csv", {"7": np.arange(120) % 4}, "2016-04-12", measure)).recordings
    assert recording.unit == unit and word in recording.notes[0] and "not activity counts" in recording.notes[0]


def test_american_times_stay_american_where_one_day_could_be_read_both_ways(tmp_path: Path) -> None:
    (recording,) = _read(_narrow(tmp_path / "a.csv", {"7": np.arange(90)}, "2016-04-05 23:00")).recordings
    assert recording.start == datetime(2016, 4, 5, 23)


def test_gaps_repeats_and_disorder_are_counted_in_notes(tmp_path: Path) -> None:
    path = _narrow(tmp_path / "a.csv", {"7": np.arange(100)}, "2016-04-12")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *lines[51:], *lines[1:41], lines[1]]))
    (recording,) = _read(path).recordings
    expected = np.arange(100, dtype=np.float32)
    expected[40:50] = np.nan
    assert np.array_equal(recording.values, expected, equal_nan=True) and recording.labels["repeated_minutes"] == 1
    said = " ".join(recording.notes)
    assert "10 of 100 epochs without a row" in said and "2 places" in said and "1 row repeats an earlier time" in said


def test_empty_cells_are_missing_and_counted_quotes_bom_and_semicolons_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    body = "".join(f'"7";"4/12/2016 12:{i:02d}:00 AM";"{"" if i == 5 else i}"\r\n' for i in range(60))
    path.write_bytes(('\ufeff"Id";"ActivityMinute";"Steps"\r\n' + body).encode())
    (recording,) = _read(path).recordings
    assert np.isnan(recording.values[5]) and np.nansum(recording.values) == sum(range(60)) - 5
    assert "1 minute has a time" in recording.notes[1]


def test_a_file_of_one_person_is_named_by_the_file_and_blocks_of_rows_join(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(fitbit_csv, "_BLOCK", 7)
    path = _narrow(tmp_path / "p9_minuteSteps.csv", {"x": np.arange(100)}, "2016-04-12")
    path.write_text("\n".join(line.split(",", 1)[1] for line in path.read_text().splitlines()))
    (recording,) = _read(path).recordings
    assert recording.participant == "p9_minuteSteps" and np.array_equal(recording.values, np.arange(100))


def test_minute_sleep_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Id,date,value,logId\n7,4/12/2016 2:47:30 AM,3,11380564589\n")
    assert "minute sleep" in _reason(tmp_path / "a.csv") and "steps" in _reason(tmp_path / "a.csv")


def test_one_persons_wrong_date_costs_that_person_only(tmp_path: Path) -> None:
    path = _narrow(tmp_path / "a.csv", {"7": np.arange(60), "8": np.arange(60)}, "2016-04-12")
    path.write_text(path.read_text().rstrip() + "\n8,4/12/2036 1:00:00 AM,5\n,4/12/2016 1:00:00 AM,5\n")
    reading = _read(path)
    assert [r.participant for r in reading.recordings] == ["7"]
    first, second = reading.refused
    assert "2036-04-12 01:00:00, is more than a day" in first.reason and "8" in first.what and "nobody" in second.reason


@pytest.mark.parametrize("bad", ["", "4/12/2016", "4/32/2016 12:30:00 AM", "soon", "2016-04-12 00:30:00"])
@pytest.mark.parametrize("row", [2, 30])
def test_one_unreadable_minute_moves_nothing_and_is_said(tmp_path: Path, bad: str, row: int) -> None:
    path = _narrow(tmp_path / "a.csv", {"7": np.arange(90), "8": np.arange(90) + 5}, "2016-04-12")
    lines = path.read_text().splitlines()
    lines[1 + row] = f"7,{bad},{row}"
    path.write_text("\n".join(lines))
    seven, eight = _read(path).recordings
    assert seven.values.tolist() == list(range(90)) and seven.start == datetime(2016, 4, 12) and eight.values[0] == 5
    assert any(f"line {row + 2} (not readable)" in note for note in seven.notes) and not any("readable" in note for note in eight.notes)


def test_an_unreadable_hour_of_a_wide_table_takes_its_place(tmp_path: Path) -> None:
    path = _wide(tmp_path / "a.csv", {"7": np.arange(600)}, "2016-04-12")
    path.write_text(path.read_text().replace("04/12/2016 03:00:00 AM", "?"))
    (recording,) = _read(path).recordings
    assert recording.values.tolist() == list(range(600)) and any("line 5 (not readable)" in note for note in recording.notes)


def test_an_unreadable_time_beside_a_pause_costs_that_person_only(tmp_path: Path) -> None:
    path = _narrow(tmp_path / "a.csv", {"7": np.arange(90), "8": np.arange(90)}, "2016-04-12")
    lines = path.read_text().splitlines()
    lines[41] = "7,?,40"
    path.write_text("\n".join(lines[:42] + lines[50:]))
    reading = _read(path)
    assert [one.participant for one in reading.recordings] == ["8"] and "first in line 42" in reading.refused[0].reason


def test_a_clock_that_was_never_set_has_no_known_date(tmp_path: Path) -> None:
    (recording,) = _read(_narrow(tmp_path / "a.csv", {"7": np.arange(60)}, "1970-01-01")).recordings
    assert not recording.date_known and "never set" in recording.notes[-1]


@pytest.mark.parametrize(("text", "word"), [
    ("Id,ActivityMinute,Steps\n", "no rows"), ("Id,ActivityMinute,Steps\n7,soon,3\n", "line 2"),
    ("Id,ActivityMinute,Steps\n7,4/12/2016 1:05:00 AM,3\n7,4/12/2016 1:06:00 AM,-3\n", "line 3"),
    ("Id,ActivityMinute,Steps\n7,4/12/2016 1:05:00 AM,inf\n", "line 2"), ("Id,ActivityMinute,Steps\n7,4/12/2016 1:05:00 AM,many\n", "many"),
    ("Id,ActivityMinute,Steps\n7,4/12/2016 1:05:00 AM,1e30\n", "1e30"), ("Id,ActivityMinute,Steps\n7,4/12/20", "line 2"),
    ("Id,ActivityMinute,Floors\n7,4/12/2016 1:05:00 AM,3\n", "Steps, Intensity"), ('Id,ActivityMinute,Steps\n7,"4/12/2016', "incomplete"),
    ("Id,ActivityMinute,Steps\n7,4/12/2016 1:05:00 AM,3\n7,4/12/2016 1:06:00 AM,3,9,9\n", "Line 3"),
    ("Id,ActivityMinute,Steps\n7,4/12/2016 1:05:00 AM,3\n7,4/12/2016 1:06:00 AM,3,9\n", "Line 3"),
])  # fmt: skip
def test_rows_that_do_not_fit_say_where(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    assert word in _reason(tmp_path / "a.csv")


def test_fewer_than_sixty_columns_are_refused(tmp_path: Path) -> None:
    names = ",".join(f"Steps{i:02d}" for i in range(60) if i != 31)
    (tmp_path / "a.csv").write_text(f"Id,ActivityHour,{names}\n7,4/12/2016 1:00:00 AM," + ",".join("1" * 59) + "\n")
    assert "Steps31" in _reason(tmp_path / "a.csv")


def test_five_minute_rows_are_refused_and_other_tables_are_not_taken(tmp_path: Path) -> None:
    stamps = pd.date_range("2016-04-12", periods=60, freq="300s").strftime(US)
    pd.DataFrame({"Id": 7, "ActivityMinute": stamps, "Steps": 1}).to_csv(tmp_path / "a.csv", index=False)
    (refused,) = _read(tmp_path / "a.csv").refused
    assert "one value a minute" in refused.reason
    noise = np.random.default_rng(0).bytes(999)
    for head in (b"timestamp,activity\n2024-01-01,1\n", b"", b"\x00\x01\x02", b"Id,ActivityHour,StepTotal\n", noise):
        assert not fitbit_csv.recognises(head, "minuteStepsNarrow.csv")


def test_more_rows_than_a_study_has_and_endless_lines_are_refused(tmp_path: Path, monkeypatch) -> None:
    path = _narrow(tmp_path / "a.csv", {"7": np.arange(100)}, "2016-04-12")
    monkeypatch.setattr(fitbit_csv, "MOST_ROWS", 50)
    assert "Split it" in _reason(path)
    path.write_text("Id,ActivityMinute,Steps\n7,4/12/2016 1:05:00 AM," + "1" * 2_000_000)
    assert "characters" in _reason(path)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300))
def test_noise_below_a_true_header_is_a_sentence_or_a_reading(tmp_path_factory, noise: bytes) -> None:
    path = tmp_path_factory.mktemp("n") / "a.csv"
    path.write_bytes(b"Id,ActivityMinute,Steps\n7,4/12/2016 1:05:00 AM,3\n" + noise)
    try:
        reading = fitbit_csv.read(file_source(path), Silent())
    except PatError as error:
        assert len(str(error)) > 20
    else:
        assert reading.recordings or reading.refused
