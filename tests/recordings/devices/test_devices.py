"""ActiLife exports and NHANES transport files."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pat_core.recordings.reading import read
from pat_core.recordings.tables.xpt import ibm_floats, read_columns, read_layout
from pat_core.records import COUNTS, Reading
from tests.shared import shared_file


def _actilife(
    path: Path, rows: list[str], form: str = "M/d/yyyy", date: str = "7/3/2018", clock: str = "10:00:00", epoch: str = "00:01:00"
) -> Path:
    head = [
        f"------------ Data File Created By ActiGraph GT3X+ ActiLife v6.13.3 Firmware v1.7.1 date format {form} Filter Normal -----------",
        "Serial Number: TAS1D00000000",
        f"Start Time {clock}",
        f"Start Date {date}",
        f"Epoch Period (hh:mm:ss) {epoch}",
        "Download Time 00:32:29",
        "Download Date 1/1/2019",
        "Current Memory Address: 0",
        "Current Battery Voltage: 4.04     Mode = 12",
        "--------------------------------------------------",
    ]
    path.write_text("\r\n".join([*head, *rows]) + "\r\n")
    return path


@pytest.mark.parametrize(
    ("form", "date"),
    [
        ("M/d/yyyy", "7/3/2018"),
        ("MM/dd/yyyy", "07/03/2018"),
        ("dd/MM/yyyy", "03/07/2018"),
        ("d.M.yyyy", "3.7.2018"),
        ("dd-MM-yy", "03-07-18"),
        ("yyyy-MM-dd", "2018-07-03"),
        ("yyyy/M/d", "2018/7/3"),
    ],
)
def test_the_header_says_how_its_date_is_written(tmp_path: Path, form: str, date: str) -> None:
    path = _actilife(tmp_path / "p1.csv", ["Axis1,Axis2", "5,9", "6,9"], form, date)
    (recording,) = read(path).recordings
    assert recording.start == datetime(2018, 7, 3, 10) and recording.participant == "p1"
    assert recording.values.tolist() == [5, 6] and recording.labels["axis"] == "Axis1 (vertical)"
    assert (recording.unit, recording.device, recording.epoch_seconds) == (COUNTS, "ActiGraph GT3X+", 60)


def test_rows_without_column_names_and_an_afternoon_clock_are_read(tmp_path: Path) -> None:
    (recording,) = read(_actilife(tmp_path / "a.csv", ["5,9,1", "6,9,1"], clock="3:30:00 PM")).recordings
    assert recording.values.tolist() == [5, 6] and recording.start == datetime(2018, 7, 3, 15, 30)


def test_ten_second_epochs_become_minutes(tmp_path: Path) -> None:
    (recording,) = read(_actilife(tmp_path / "a.csv", ["Axis1", *["2"] * 18], epoch="00:00:10")).recordings
    assert recording.values.tolist() == [12, 12, 12]


@pytest.mark.parametrize(("change", "word"), [
    ({"epoch": "00:05:00"}, "one value a minute"), ({"epoch": "soon"}, "epoch period"), ({"date": "13/40/2018"}, "clock time"),
    ({"rows": []}, "without a single epoch"), ({"rows": ["Axis1"]}, "no epochs below line 11"), ({"rows": ["Axis1", "x"]}, "line 12"),
    ({"rows": ["Lux", "3"]}, "Axis1"),
])  # fmt: skip
def test_an_export_that_does_not_fit_says_where(tmp_path: Path, change: dict, word: str) -> None:
    rows = change.pop("rows", ["Axis1", "3"])
    reading = read(_actilife(tmp_path / "a.csv", rows, **change))
    assert not reading.recordings and word in reading.refused[0].reason


@pytest.mark.shared
def test_a_real_export_is_a_whole_week_of_its_vertical_axis() -> None:
    path = shared_file("data/devices/actigraph_60s_week.csv")
    (recording,) = read(path).recordings
    expected = pd.read_csv(path, skiprows=10).Axis1
    assert recording.values.size == 10080 and np.array_equal(recording.values, expected)
    assert recording.start == datetime(2018, 7, 13, 10)


def _ibm(value: float) -> bytes:
    """The definition of the format, worked out in integers."""
    if value == 0:
        return bytes(8)
    exponent, magnitude = 64, abs(value)
    while magnitude >= 1:
        magnitude, exponent = magnitude / 16, exponent + 1
    while magnitude < 1 / 16:
        magnitude, exponent = magnitude * 16, exponent - 1
    return bytes([exponent | (0x80 if value < 0 else 0)]) + int(magnitude * 2**56).to_bytes(7, "big")


@given(st.one_of(st.integers(-(2**50), 2**50).map(float), st.floats(-1e60, 1e60).filter(lambda x: abs(x) > 1e-60)))
def test_ibm_floats_come_back_exactly(value: float) -> None:
    assert ibm_floats(np.frombuffer(_ibm(value), np.uint8)[None])[0] == value


def test_missing_codes_are_missing_and_short_floats_are_padded() -> None:
    codes = np.array([[ord(c)] + [0] * 7 for c in "._AZ"], np.uint8)
    assert np.isnan(ibm_floats(codes)).all()
    assert ibm_floats(np.frombuffer(_ibm(118.5)[:4], np.uint8)[None])[0] == 118.5


def _nhanes(people: int = 2, minutes: int = 200, first_day: int = 3) -> pd.DataFrame:
    clock = first_day * 1440 - 1440 + 600 + np.arange(minutes)
    table = {
        "PAXSTAT": 1,
        "PAXCAL": 1,
        "PAXDAY": clock // 1440 % 7 + 1,
        "PAXN": np.arange(minutes) + 1,
        "PAXHOUR": clock % 1440 // 60,
        "PAXMINUT": clock % 60,
        "PAXINTEN": np.arange(minutes) % 97,
    }
    return pd.concat([pd.DataFrame({"SEQN": 21005 + i, **table, "PAXSTAT": 1 + i}) for i in range(people)], ignore_index=True).astype(float)


def _write(frame: pd.DataFrame, path: Path) -> Path:
    pyreadstat.write_xport(frame, str(path), file_format_version=5, table_name="PAXRAW_C")
    return path


def test_a_transport_file_gives_weekday_clock_and_counts(tmp_path: Path) -> None:
    first, second = read(_write(_nhanes(), tmp_path / "paxraw_c.xpt")).recordings
    assert (first.participant, second.participant) == ("21005", "21006")
    assert np.array_equal(first.values, np.arange(200) % 97)
    assert first.start == datetime(2003, 1, 7, 10) and f"{first.start:%A}" == "Tuesday" and not first.date_known
    assert (first.unit, first.device, first.placement) == (COUNTS, "ActiGraph AM-7164", "hip")
    assert (first.labels["reliable"], second.labels["reliable"], second.labels["calibrated"]) == ("yes", "no", "yes")


@pytest.mark.parametrize("rows_at_once", [1, 7, 100, 100_000])
@pytest.mark.parametrize("count", [1, 2, 5, 10, 11])
def test_blocks_of_any_size_give_the_same_rows(tmp_path: Path, rows_at_once: int, count: int) -> None:
    frame = pd.DataFrame({"A": np.arange(count) * 1.5, "B": -np.arange(count) * 1.0, "C": 2.0**-20})
    frame.loc[0, "B"] = np.nan
    path = _write(frame, tmp_path / "a.xpt")
    with path.open("rb") as stream:
        layout = read_layout(stream)
        rows = np.concatenate(list(read_columns(stream, layout, ["B", "A"], rows_at_once)))
    assert np.array_equal(rows, frame[["B", "A"]].to_numpy(), equal_nan=True)


def test_minutes_are_laid_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    frame = _nhanes(1)
    shuffled = frame.sample(frac=1, random_state=0).drop(index=[50, 51])
    (recording,) = read(_write(shuffled, tmp_path / "a.xpt")).recordings
    expected = frame.PAXINTEN.to_numpy(np.float32, copy=True)
    expected[50:52] = np.nan
    assert np.array_equal(recording.values, expected, equal_nan=True)


def test_a_clock_that_contradicts_the_minutes_numbers_costs_that_person(tmp_path: Path) -> None:
    frame = _nhanes()
    frame.loc[250, "PAXHOUR"] += 1
    reading = read(_write(frame, tmp_path / "a.xpt"))
    assert [r.participant for r in reading.recordings] == ["21005"]
    assert "21006" in reading.refused[0].what and "contradict" in reading.refused[0].reason


def test_a_file_that_breaks_off_gives_the_people_before_the_break(tmp_path: Path) -> None:
    path = _write(_nhanes(3), tmp_path / "a.xpt")
    path.write_bytes(path.read_bytes()[:-7001])
    reading = read(path)
    assert [r.participant for r in reading.recordings] == ["21005", "21006"]
    assert "21007" in reading.refused[0].what and "ends inside a row" in reading.refused[0].reason


def test_every_cut_of_a_transport_file_is_a_refusal_and_no_crash(tmp_path: Path) -> None:
    whole = _write(_nhanes(1, 5), tmp_path / "a.xpt").read_bytes()
    for length in range(1, len(whole), 37):
        (tmp_path / "b.xpt").write_bytes(whole[:length])
        reading = read(tmp_path / "b.xpt")
        assert isinstance(reading, Reading) and (reading.refused or reading.recordings), length


def test_a_transport_file_without_minutes_names_what_is_missing(tmp_path: Path) -> None:
    reading = read(_write(pd.DataFrame({"SEQN": [1.0], "RIDAGEYR": [50.0]}), tmp_path / "demo.xpt"))
    assert "PAXINTEN" in reading.refused[0].reason


@pytest.mark.shared
def test_real_nhanes_people_come_in_minute_for_minute(tmp_path: Path) -> None:
    path = shared_file("data/nhanes_2003_paxraw_c_dev.zip")
    reading = read(path)
    with zipfile.ZipFile(path) as archive:
        archive.extract("paxraw_c.xpt", tmp_path)
    columns = ["SEQN", "PAXDAY", "PAXHOUR", "PAXMINUT", "PAXINTEN"]
    frame, _ = pyreadstat.read_xport(str(tmp_path / "paxraw_c.xpt"), usecols=columns)
    assert not reading.refused and len(reading.recordings) == frame.SEQN.nunique() == 146
    assert np.array_equal(np.concatenate([r.values for r in reading.recordings]), frame.PAXINTEN.to_numpy(np.float32))
    assert [r.participant for r in reading.recordings] == [str(int(seqn)) for seqn in frame.SEQN.unique()]
    for recording, (_, rows) in zip(reading.recordings, frame.groupby("SEQN"), strict=True):
        last = recording.start + timedelta(minutes=recording.values.size - 1)
        assert recording.values.size == 10080 and rows.PAXDAY.iloc[0] == recording.start.isoweekday() % 7 + 1
        assert (last.hour, last.minute) == (rows.PAXHOUR.iloc[-1], rows.PAXMINUT.iloc[-1])
