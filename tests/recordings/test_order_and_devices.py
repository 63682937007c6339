"""Long tables: order and repeats of rows in notes, clocks that were never set, zones that a file names, two devices in one file."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.recordings.clock.grid import order_notes, to_grid
from pat_core.recordings.clock.times import offsets_of
from pat_core.recordings.clock.zones import offset_notes
from pat_core.recordings.reading import read
from pat_core.records import Reading, Recording

BEGIN = np.datetime64("2024-01-05T08:00", "ms")
MINUTE = np.timedelta64(60_000, "ms")


def _frame(start: str = "2024-01-05 08:00", minutes: int = 90, **more: object) -> pd.DataFrame:
    stamps = pd.date_range(start, periods=minutes, freq="60s")
    return pd.DataFrame({"timestamp": stamps.strftime("%Y-%m-%d %H:%M:%S"), "counts": np.arange(minutes), **more})


def _read(path: Path, frame: pd.DataFrame) -> Reading:
    frame.to_csv(path / "a.csv", index=False)
    return read(path / "a.csv")


def _one(path: Path, frame: pd.DataFrame) -> Recording:
    reading = _read(path, frame)
    assert reading.refused == ()
    return reading.recordings[0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 900), max_size=200))
def test_the_notes_count_what_the_order_of_the_rows_shows(minutes: list[int]) -> None:
    minutes = [*range(300, 800), *minutes]  # a long run of minutes, so that the usual step is one
    minutes += range(290, 300)
    grid = to_grid(BEGIN + np.array(minutes) * MINUTE, np.arange(len(minutes), dtype=np.float32))
    top, early = -1, 0
    for minute in minutes:
        early += minute < top
        top = max(top, minute)
    back = sum(later < sooner for sooner, later in zip(minutes[:-1], minutes[1:], strict=True))
    assert (grid.disordered, grid.turns, grid.repeated) == (early, back, len(minutes) - len(set(minutes)))
    assert grid.absent == int(np.isnan(grid.values).sum()) == max(minutes) - min(minutes) + 1 - len(set(minutes))
    first = {minute: i for i, minute in reversed(list(enumerate(minutes)))}
    assert all(grid.values[minute - min(minutes)] == i for minute, i in first.items())


def test_even_rows_have_no_notes() -> None:
    assert order_notes(to_grid(BEGIN + np.arange(90) * MINUTE, np.ones(90))) == ()


def test_a_clock_set_back_shows_as_one_place_with_both_times(tmp_path: Path) -> None:
    frame = pd.concat([_frame("2024-10-27 01:00", 120), _frame("2024-10-27 02:00", 120)])
    recording = _one(tmp_path, frame)
    said = " ".join(recording.notes)
    assert "from 2024-10-27 02:59:00 to 2024-10-27 02:00:00" in said and "one place" in said and "60 rows" in said
    assert recording.values.tolist() == [*range(120), *range(60, 120)]


@pytest.mark.parametrize(
    ("texts", "offsets"),
    [
        (["2024-01-01T00:00:00Z"] * 3, ("+00:00",)),
        (["2024-01-01 00:00:00+01:00", "2024-07-01 00:00:00 +0200"], ("+01:00", "+02:00")),
        (["2024-01-01 00:00:00"], ()),
        (["2024-01-01 00:00:00-05:30[America/X]"], ("-05:30",)),
        (["2024-01-01"], ()),
        ([None, ""], ()),
    ],
)
def test_offsets_are_those_that_the_times_end_in(texts: list, offsets: tuple[str, ...]) -> None:
    assert offsets_of(pd.Series(texts, dtype="str")) == offsets


def test_utc_without_a_zone_stays_utc_and_says_so(tmp_path: Path) -> None:
    frame = _frame()
    frame["timestamp"] += "Z"
    recording = _one(tmp_path, frame)
    assert recording.start == datetime(2024, 1, 5, 8) and recording.zone is None and "stay in UTC" in recording.notes[0]
    assert offset_notes(("+02:00",), None) == ()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_utc_with_a_zone_becomes_its_wall_clock(tmp_path: Path, form: str) -> None:
    frame = _frame("2024-10-26 23:00", 240, timezone="Europe/Berlin")
    if form == "csv":
        frame["timestamp"] += "+00:00"
        frame.to_csv(tmp_path / "a.csv", index=False)
    else:
        frame["timestamp"] = pd.to_datetime(frame.timestamp).dt.tz_localize("UTC")
        frame.to_parquet(tmp_path / "a.parquet")
    (recording,) = read(tmp_path / f"a.{form}").recordings
    assert (recording.start, recording.zone) == (datetime(2024, 10, 27, 1), "Europe/Berlin")
    assert recording.values.tolist() == [*range(120), *range(180, 240)] and "came twice" in " ".join(recording.notes)
    assert "timezone" not in recording.labels


def test_a_column_type_with_a_zone_gives_the_zone(tmp_path: Path) -> None:
    stamps = pd.date_range("2024-03-31 01:00", periods=120, freq="60s", tz="Europe/Berlin")
    pd.DataFrame({"timestamp": stamps, "counts": np.arange(120)}).to_parquet(tmp_path / "a.parquet")
    (recording,) = read(tmp_path / "a.parquet").recordings
    assert recording.zone == "Europe/Berlin" and recording.values.size == 180
    assert np.flatnonzero(np.isnan(recording.values)).tolist() == list(range(60, 120))


def test_values_at_times_that_never_were_are_left_out_where_the_zone_is_named(tmp_path: Path) -> None:
    recording = _one(tmp_path, _frame("2024-03-31 01:00", 180, tz="Europe/Berlin"))
    assert np.isnan(recording.values[60:120]).all() and "60 values at times that were skipped" in " ".join(recording.notes)


def test_a_zone_that_is_none_is_said_and_not_used(tmp_path: Path) -> None:
    recording = _one(tmp_path, _frame(timezone="CET"))
    assert recording.zone is None and "“CET”" in recording.notes[0] and recording.start == datetime(2024, 1, 5, 8)


@pytest.mark.parametrize(
    ("start", "known"),
    [
        ("1970-01-01 00:00", False),
        ("1970-12-30 00:00", False),
        ("1969-12-30 00:00", True),
        ("1918-03-01 00:00", True),
        ("2024-01-05 00:00", True),
    ],
)
def test_a_recording_of_1970_has_no_known_date(tmp_path: Path, start: str, known: bool) -> None:
    recording = _one(tmp_path, _frame(start, tz="Europe/Berlin"))
    assert recording.date_known == known and recording.start == datetime.fromisoformat(start)
    assert any("never set" in note for note in recording.notes) != known


def test_a_clock_set_in_the_middle_is_refused_with_its_cause(tmp_path: Path) -> None:
    (refused,) = _read(tmp_path, pd.concat([_frame("1970-01-01 00:00"), _frame("2024-01-05 08:00")])).refused
    assert "rows of 1970" in refused.reason and "400 days" in refused.reason


def test_rows_of_two_devices_refuse_that_person_and_name_both(tmp_path: Path) -> None:
    one = _frame(id="x", serial="0017")
    two = _frame(id="y", serial=["A1"] * 60 + ["B2"] * 30)
    reading = _read(tmp_path, pd.concat([one, two]))
    assert [(r.participant, dict(r.labels)) for r in reading.recordings] == [("x", {"serial": "0017"})]
    (refused,) = reading.refused
    assert "y" in refused.what and "A1 (60 rows) and B2 (30 rows)" in refused.reason and "serial names 2" in refused.reason


@pytest.mark.parametrize("column", ["device", "Device Model", "Serial Number", "device_id", "deviceSerial"])
def test_every_device_column_counts_and_empty_cells_do_not(tmp_path: Path, column: str) -> None:
    frame = _frame(**{column: [1.0] * 30 + [np.nan] * 60})
    assert _one(tmp_path, frame).values.size == 90
    frame[column] = [1, 2, 3] * 30
    (refused,) = _read(tmp_path, frame).refused
    assert "1 (30 rows) and 2 (30 rows), and 1 more" in refused.reason


def test_a_device_and_its_serial_are_facts_of_the_recording(tmp_path: Path) -> None:
    recording = _one(tmp_path, _frame(device="wGT3X", SerialNo="007", age=30))
    assert (recording.device, dict(recording.labels)) == ("wGT3X", {"age": 30.0, "serial": "007"})


def test_a_week_in_utc_with_a_zone_starts_at_its_own_clock(tmp_path: Path) -> None:
    frame = _frame("2024-06-30 22:00", 1440, tz="Europe/Berlin")
    frame["timestamp"] = frame.timestamp.str.replace(" ", "T") + "Z"
    recording = _one(tmp_path, frame)
    assert recording.start == datetime(2024, 7, 1) and recording.start + timedelta(minutes=recording.values.size) == datetime(2024, 7, 2)
