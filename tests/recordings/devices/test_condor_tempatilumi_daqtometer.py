"""Text exports with a time in every row: Condor ActTrust, Tempatilumi, Daqtometer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pat_core.recordings.devices import condor_txt, daqtometer_csv, tempatilumi_txt
from pat_core.recordings.source import Format
from pat_core.records import COUNTS, UNKNOWN_UNIT
from pat_core.wear.nonwear import to_minutes
from tests.recordings.devices.device_files import START, condor, daqtometer, read_one, refusal, tempatilumi

EPOCHS = st.sampled_from([1, 2, 5, 10, 15, 30, 60])
VALUES = st.lists(st.integers(0, 100_000), min_size=2, max_size=50)
QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)


def _file(folder: Path, content: bytes, name: str = "p1.txt") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@given(values=VALUES, epoch=EPOCHS)
@QUICK
def test_a_condor_report_reads_back_for_every_epoch(tmp_path: Path, values: list[int], epoch: int) -> None:
    recording = read_one(condor_txt.FORMAT, _file(tmp_path, condor(values, epoch)))
    assert recording.values.tolist() == values and (recording.start, recording.epoch_seconds) == (START, epoch)
    assert (recording.participant, recording.unit, recording.device, recording.notes) == ("person one", COUNTS, "ActTrust2", ())
    assert recording.labels == {"activity_column": "PIM", "sex": "F", "serial": "4711", "markers": 1.0}
    assert recording.worn is None


def test_condor_dates_are_day_first_even_where_both_orders_fit(tmp_path: Path) -> None:
    assert read_one(condor_txt.FORMAT, _file(tmp_path, condor([1, 2]))).start == START


def test_condor_rows_that_are_missing_or_come_twice_are_said(tmp_path: Path) -> None:
    content = condor([1, 2, 3, 4, 5], drop=(2,))
    again = content.decode().splitlines()[-1]
    recording = read_one(condor_txt.FORMAT, _file(tmp_path, content + f"{again}\r\n".encode()))
    assert np.array_equal(recording.values, [1, 2, np.nan, 4, 5], equal_nan=True)
    assert "1 of 5 epochs without a row" in recording.notes[0] and recording.notes[1].startswith("1 row repeats an earlier time")


def test_condor_states_scored_off_the_wrist_are_not_worn(tmp_path: Path) -> None:
    recording = read_one(condor_txt.FORMAT, _file(tmp_path, condor([1, 2, 3, 4, 5], states=(0, 4, 1, 4, 0), drop=(2,))))
    assert recording.worn is not None and recording.worn.tolist() == [True, False, True, False, True]


def test_a_condor_header_that_contradicts_its_rows_is_said(tmp_path: Path) -> None:
    assert "10 s" in read_one(condor_txt.FORMAT, _file(tmp_path, condor([1, 2, 3], interval="10"))).notes[0]


def test_without_pim_the_zero_crossings_are_read_and_named(tmp_path: Path) -> None:
    recording = read_one(condor_txt.FORMAT, _file(tmp_path, condor([1, 2, 3]).replace(b";PIM;PIMn;", b";X;Y;")))
    assert recording.values.tolist() == [8, 8, 8] and recording.labels["activity_column"] == "ZCM"


@given(
    values=VALUES,
    epoch=EPOCHS,
    form=st.sampled_from(["%Y/%m/%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%Y-%m-%d"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]),
    temperature=st.booleans(),
)
@QUICK
def test_a_tempatilumi_export_reads_back_in_both_encodings(tmp_path: Path, values, epoch, form, encoding, temperature) -> None:
    content = tempatilumi(values, epoch, form, encoding, temperature)
    recording = read_one(tempatilumi_txt.FORMAT, _file(tmp_path, content))
    assert recording.values.tolist() == values and (recording.start, recording.epoch_seconds) == (START, epoch)
    assert recording.labels == {"serial": "00815", "mode": "Mini-Mitter", "sensitivity": "1.5 G", "markers": 1.0}
    assert (recording.unit, recording.device, recording.notes) == (COUNTS, "Tempatilumi", ())


@given(values=VALUES, epoch=EPOCHS)
@QUICK
def test_a_daqtometer_export_reads_back_and_says_that_its_clock_is_gmt(tmp_path: Path, values: list[int], epoch: int) -> None:
    recording = read_one(daqtometer_csv.FORMAT, _file(tmp_path, daqtometer(values, epoch), "p1.csv"))
    assert recording.values.tolist() == values and (recording.start, recording.epoch_seconds) == (START, epoch)
    assert recording.unit == COUNTS and recording.labels["serial"] == "A77" and recording.zone is None
    assert len(recording.notes) == 1 and "UTC" in recording.notes[0]


def test_daqtometer_seconds_add_up_to_minutes(tmp_path: Path) -> None:
    minutes = to_minutes(read_one(daqtometer_csv.FORMAT, _file(tmp_path, daqtometer([2] * 121), "a.csv")))
    assert minutes.values.tolist() == [120, 120]


def test_daqtometer_averages_are_refused_unless_they_are_minutes(tmp_path: Path) -> None:
    assert "Average" in refusal(daqtometer_csv.FORMAT, _file(tmp_path, daqtometer([1, 2, 3], binning="Average"), "a.csv"))
    assert read_one(daqtometer_csv.FORMAT, _file(tmp_path, daqtometer([1, 2], 60, "Average"), "b.csv")).unit == UNKNOWN_UNIT


def test_a_daqtometer_file_that_ends_before_its_end_is_said(tmp_path: Path) -> None:
    notes = read_one(daqtometer_csv.FORMAT, _file(tmp_path, daqtometer([1, 2, 3], end_after=9), "a.csv")).notes
    assert "cut short" in notes[-1]


@pytest.mark.parametrize(
    ("form", "write", "extra"),
    [(condor_txt.FORMAT, condor, 11), (tempatilumi_txt.FORMAT, tempatilumi, 8), (daqtometer_csv.FORMAT, daqtometer, 12)],
)
@pytest.mark.parametrize("bad", ["-3", "inf", "many", "1e60"])
def test_activity_that_is_none_is_refused_with_its_line(tmp_path: Path, form: Format, write, extra: int, bad: str) -> None:
    assert f"line {extra + 2}" in refusal(form, _file(tmp_path, write([1, bad, 3])))


@pytest.mark.parametrize(
    ("form", "write"), [(condor_txt.FORMAT, condor), (tempatilumi_txt.FORMAT, tempatilumi), (daqtometer_csv.FORMAT, daqtometer)]
)
def test_empty_cells_are_missing_and_said(tmp_path: Path, form: Format, write) -> None:
    recording = read_one(form, _file(tmp_path, write([1, "", 3])))
    assert np.array_equal(recording.values, [1, np.nan, 3], equal_nan=True) and "1 of 3 rows" in recording.notes[0]


@pytest.mark.parametrize(
    ("form", "write"), [(condor_txt.FORMAT, condor), (tempatilumi_txt.FORMAT, tempatilumi), (daqtometer_csv.FORMAT, daqtometer)]
)
def test_epochs_of_two_minutes_no_rows_and_wild_dates_are_refused(tmp_path: Path, form: Format, write) -> None:
    assert "2 min" in refusal(form, _file(tmp_path, write([1, 2, 3], 120)))
    header = write([1], 60).decode().rsplit("\r\n", 2)[0].encode()
    assert len(refusal(form, _file(tmp_path, header))) > 40
    wild = write([1, 2, 3], 60).decode().rsplit("2019", 1)
    assert "400 days" in refusal(form, _file(tmp_path, "2099".join(wild).encode()))
    assert "date" in refusal(form, _file(tmp_path, "20x9".join(wild).encode()))


@pytest.mark.parametrize(("form", "content", "words"), [
    (condor_txt.FORMAT, condor([1]).replace(b"DATE/TIME;", b"WHEN;"), "DATE/TIME"),
    (condor_txt.FORMAT, condor([1]).replace(b";PIM;PIMn;TAT;ZCM;", b";A;B;C;D;"), "PIM, ZCM or TAT"),
    (tempatilumi_txt.FORMAT, tempatilumi([1]).replace(b"Atividade", b"Other"), "Atividade"),
    (daqtometer_csv.FORMAT, daqtometer([1], name="Noise"), "acceleration"),
    (condor_txt.FORMAT, condor([1, 2]).replace(b";12.5;0\r\n", b";12.5\r\n", 1), "Line 12"),
    (condor_txt.FORMAT, condor([1, 2]).replace(b";12.5;0\r\n", b";12.5;0;8;9\r\n", 1), "Line 12"),
])  # fmt: skip
def test_columns_that_are_not_there_are_named(tmp_path: Path, form: Format, content: bytes, words: str) -> None:
    assert words in refusal(form, _file(tmp_path, content))
