"""Epoch files of the MESA Sleep study (NSRR)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pat_core.recordings.studies.mesa_csv import FORMAT
from pat_core.records import COUNTS
from pat_core.wear.nonwear import to_minutes
from tests.recordings.devices.device_files import mesa, read_all, read_one, refusal


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "mesa-sleep-0001.csv"
    path.write_bytes(content)
    return path


@given(values=st.lists(st.integers(0, 5000), min_size=2, max_size=80), minute=st.integers(0, 7 * 1440 - 1), data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_activity_weekday_clock_and_wear_are_kept(tmp_path: Path, values: list[int], minute: int, data) -> None:
    start = datetime(2019, 3, 3) + timedelta(minutes=minute)
    off, excluded = (data.draw(st.sets(st.integers(0, len(values) - 1))) for _ in range(2))
    recording = read_one(FORMAT, _file(tmp_path, mesa(values, "0042", start, tuple(off), tuple(excluded))))
    assert recording.values.tolist() == values and (recording.epoch_seconds, recording.unit) == (30, COUNTS)
    assert f"{recording.start:%A %H:%M:%S}" == f"{start:%A %H:%M:%S}" and not recording.date_known
    assert recording.worn is not None and set(np.flatnonzero(~recording.worn)) == off | excluded
    assert (recording.participant, recording.device) == ("0042", "Actiwatch Spectrum") and recording.notes == ()


def test_a_week_of_half_minutes_passes_every_midnight(tmp_path: Path) -> None:
    values = (np.arange(20_200) % 977).tolist()
    minutes = to_minutes(read_one(FORMAT, _file(tmp_path, mesa(values))))
    assert minutes.values.size == 10_100 and minutes.values[:2].tolist() == [1, 5]


def test_epochs_without_a_count_are_missing_and_said(tmp_path: Path) -> None:
    recording = read_one(FORMAT, _file(tmp_path, mesa(["", 4, ""], off=(0,))))
    assert np.array_equal(recording.values, [np.nan, 4, np.nan], equal_nan=True) and "2 of 3 rows" in recording.notes[0]


@pytest.mark.parametrize("numbered", [True, False])
def test_rows_left_out_are_gaps_with_or_without_their_numbers(tmp_path: Path, numbered: bool) -> None:
    content = mesa(list(range(9)), drop=(3, 4))
    content = content if numbered else content.replace(b",line,", b",other,")
    recording = read_one(FORMAT, _file(tmp_path, content))
    assert np.array_equal(recording.values, [0, 1, 2, np.nan, np.nan, 5, 6, 7, 8], equal_nan=True)
    assert "2 of 9 epochs without a row" in recording.notes[0] and recording.worn is not None and recording.worn.all()


def test_a_gap_of_more_than_a_day_is_known_by_the_numbers_alone(tmp_path: Path) -> None:
    recording = read_one(FORMAT, _file(tmp_path, mesa([1] * 3000, drop=tuple(range(5, 2995)))))
    assert recording.values.size == 3000 and int(np.isnan(recording.values).sum()) == 2990


def test_numbers_that_contradict_the_clock_give_way_to_it(tmp_path: Path) -> None:
    recording = read_one(
        FORMAT, _file(tmp_path, mesa([5, 6]) + mesa([7], start=datetime(2019, 3, 4, 21, 59), number_from=9, columns=False))
    )
    assert recording.values.tolist() == [5, 6, 7] and "clock was followed" in recording.notes[0]


def test_two_recordings_in_one_file_are_refused_not_laid_end_to_end(tmp_path: Path) -> None:
    other = mesa([7, 8], start=datetime(2019, 3, 7, 9), columns=False)
    assert "contradict" in refusal(FORMAT, _file(tmp_path, mesa([5, 6]) + other))


def test_several_people_are_told_apart_and_one_bad_one_is_refused(tmp_path: Path) -> None:
    bad = mesa([1, 2], "3") + mesa([1], "3", start=datetime(2019, 3, 7, 9), columns=False)
    reading = read_all(FORMAT, _file(tmp_path, mesa([1, 2], "1") + mesa([3, 4], "2", columns=False) + bad.split(b"\n", 1)[1]))
    assert {r.participant: r.values.tolist() for r in reading.recordings} == {"1": [1, 2], "2": [3, 4]}
    assert len(reading.refused) == 1 and reading.refused[0].what.endswith(": 3")


@pytest.mark.parametrize(("content", "words"), [
    (mesa([]), "not one whole row"), (mesa([1, -2]), "line 3"), (mesa([1, "inf"]), "line 3"), (mesa([1, "x"]), "line 3"),
    (mesa([1]).replace(b",2,1,1\n", b",8,1,1\n"), "line 2"), (mesa([1]).replace(b"21:58:00", b"25:58:00"), "line 2"),
    (mesa([1]).replace(b"dayofweek", b"weekday"), "dayofweek"), (mesa([1, 2, 3], epoch=120), "2 min"),
])  # fmt: skip
def test_a_file_that_does_not_fit_says_where(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in refusal(FORMAT, _file(tmp_path, content))


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("bad", ["", "24:00:00", "21.59.00", "nan", '"x"'])
def test_one_unreadable_clock_moves_nothing(tmp_path: Path, numbered: bool, bad: str) -> None:
    content = mesa(list(range(9)), drop=(6,))
    content = content.replace(b",21:59:30,", f",{bad},".encode())
    content = content if numbered else content.replace(b",line,", b",other,")
    recording = read_one(FORMAT, _file(tmp_path, content))
    assert np.array_equal(recording.values, [0, 1, 2, 3, 4, 5, np.nan, 7, 8], equal_nan=True)
    assert f"{recording.start:%A %H:%M:%S}" == "Monday 21:58:00" and any("line 5 cannot be read" in note for note in recording.notes)


def test_an_unreadable_weekday_or_first_clock_is_told_by_the_others(tmp_path: Path) -> None:
    first, *rows = mesa(list(range(6))).decode().splitlines()
    rows[0] = rows[0].replace("21:58:00", "?").replace("ACTIVE,2,", "ACTIVE,,")
    recording = read_one(FORMAT, _file(tmp_path, "\n".join([first, *rows, ""]).encode()))
    assert recording.values.tolist() == list(range(6)) and f"{recording.start:%A %H:%M:%S}" == "Monday 21:58:00"
    nameless = "\n".join([first.replace(",line,", ",other,"), *rows, ""]).encode()
    assert "do not show the times" in refusal(FORMAT, _file(tmp_path, nameless))


def test_an_unreadable_clock_beside_a_pause_has_no_place_and_is_refused(tmp_path: Path) -> None:
    content = mesa(list(range(9)), drop=(4,)).replace(b",21:59:30,", b",?,").replace(b",line,", b",other,")
    assert "first line 5" in refusal(FORMAT, _file(tmp_path, content))


def test_a_number_of_a_thousand_million_makes_no_thousand_million_gaps(tmp_path: Path) -> None:
    content = mesa([1, 2, 3]).replace(b"1,3,21:59:00", b"1,999999999,21:59:00")
    assert read_one(FORMAT, _file(tmp_path, content)).values.tolist() == [1, 2, 3]


def test_a_person_in_every_row_is_refused_at_once(tmp_path: Path) -> None:
    rows = b"".join(mesa([1], str(i), columns=False) for i in range(10_001))
    assert "people" in refusal(FORMAT, _file(tmp_path, mesa([1], "a") + rows))


def test_other_tables_are_not_taken_for_mesa() -> None:
    assert not FORMAT.recognises(b"participant,timestamp,activity\n1,2019-03-04 21:58:00,5\n", "mesa.csv")
