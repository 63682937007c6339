"""The inputs that once misled, in ../shared/cases: each comes out as its README says, or is refused with a reason that helps."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import PatError
from pat_core.recordings.reading import read
from pat_core.records import Reading, Recording
from pat_core.workflows.read.cohort_import import ImportReport, import_recordings
from tests.shared import shared_file

pytestmark = pytest.mark.shared
SUM = 1_038_000
"""Counts of the eight simulated days that most of the cases are variants of."""


def case(name: str) -> Path:
    return shared_file(f"cases/{name}")


def one(reading: Reading) -> Recording:
    assert not reading.refused, reading.refused
    (recording,) = reading.recordings
    return recording


def total(recording: Recording) -> float:
    return float(np.nansum(recording.values, dtype=np.float64))


def refused(reading: Reading, *words: str) -> bool:
    """Whether nothing came in and the reason has all these words."""
    said = " ".join(refusal.reason for refusal in reading.refused)
    return not reading.recordings and bool(said) and all(word in said for word in words)


def imported(tmp_path: Path, *paths: Path, labels: Path | None = None) -> ImportReport:
    return import_recordings(Workspace(tmp_path / "workspace"), list(paths), "case", labels=labels)


def everything_said(report: ImportReport) -> str:
    return " ".join([*(f"{one.what} {one.reason}" for one in report.refused), *(str(note) for note in report.notes), report.clock])


def test_01_commas_between_thousands():
    plain, excel = (read(case("01_thousands_comma") / f"{name}.csv.gz") for name in ("plain", "excel"))
    assert total(one(plain)) == 3_813_318
    assert refused(excel, "counts") or total(one(excel)) == 3_813_318


def test_02_points_between_thousands():
    reading = read(case("02_thousands_dot") / "p01.csv.gz")
    assert refused(reading, "counts") or total(one(reading)) == SUM


@pytest.mark.parametrize(("file", "column"), [("subjid", "subjid"), ("name", "name")])
def test_04_people_in_an_unknown_column(file, column):
    reading = read(case("04_people_in_unknown_id_column") / f"{file}.csv.gz")
    assert refused(reading, column) or len(reading.recordings) == 2


def test_05_people_one_after_another():
    reading = read(case("05_people_one_after_another") / "all.csv.gz")
    assert refused(reading, "study_id") or {recording.participant for recording in reading.recordings} == {"A1", "B2", "C3"}


def test_08_one_bad_time_keeps_the_pause():
    reading = read(case("08_actilife_one_bad_time") / "s.csv.gz")
    if not refused(reading, "8012"):
        values = one(reading).values
        assert values.size == 11_700 and np.isnan(values[5000:5180]).all() and np.isnan(values).sum() in (180, 181)


@pytest.mark.parametrize("file", ["big_G", "small_g"])
def test_09_the_rows_say_when_it_began(file):
    assert one(read(case("09_actilife_iso_z") / f"{file}.csv.gz")).start == datetime(2024, 3, 4)


def test_11_a_counter_of_epochs_is_asked_about():
    assert refused(read(case("11_epoch_counter") / "p01.csv.gz"), "epoch")


def test_12_identical_recordings_are_said(tmp_path):
    said = everything_said(imported(tmp_path, case("12_same_recording_twice")))
    assert "same recording" in said or "identical" in said


@pytest.mark.parametrize(
    ("folder", "table"),
    [
        ("zeros", "zeros_labels"), ("zeros", "zeros_labels_decimals"), ("float", "float_labels"), ("nfd", "nfd_labels"),
        ("actilife", "actilife_labels"),
    ],
)  # fmt: skip
def test_13_labels_find_their_person(tmp_path, folder, table):
    place = case("13_labels_do_not_match")
    report = imported(tmp_path, place / folder, labels=place / f"{table}.csv")
    people = Workspace(tmp_path / "workspace").people("case")
    assert people and all(person.labels.get("dx") in (0.0, 1.0, "0", "1") for person in people), everything_said(report)


@pytest.mark.parametrize("sources", ["one", "two"])
def test_15_minutes_without_a_row_are_zero_and_one_source_is_taken(sources):
    recording = one(read(case("15_google_health_steps") / sources / "steps_2024-03-01.csv"))
    assert recording.values.size == 10_511 and not np.isnan(recording.values).any() and recording.values.max() < 200


@pytest.mark.parametrize("file", ["cycle", "noparen", "window"])
def test_16_periods_by_other_names(file):
    recording = one(read(case("16_actilife_cycle_period") / f"{file}.csv.gz"))
    assert total(recording) == SUM and recording.epoch_seconds == 60


def test_17_ten_counts_a_line():
    assert total(one(read(case("17_gt1m_dat") / "s.dat.gz"))) == SUM


@pytest.mark.parametrize("file", ["comma_ms", "dots_time", "ms_colon", "sas"])
def test_19_forms_of_time(file):
    recording = one(read(case("19_time_forms") / f"{file}.csv.gz"))
    assert recording.start == datetime(2024, 3, 4) and total(recording) == SUM and recording.values.size == 11_520


@pytest.mark.parametrize("file", ["date", "datetime"])
def test_20_serial_dates_of_excel(file):
    reading = read(case("20_excel_serial_dates") / f"{file}.csv.gz")
    if not refused(reading, "Excel"):
        recording = one(reading)
        assert recording.start == datetime(2024, 3, 4) and total(recording) == SUM and recording.values.size == 11_520


def test_22_actiware_without_its_title():
    recording = one(read(case("22_actiware_title_removed") / "a.csv.gz"))
    assert recording.participant == "E004" and recording.worn is not None


@pytest.mark.parametrize(("file", "days"), [("PAXINTEN_C", 7), ("days", 8)])
def test_23_a_row_a_day(file, days):
    reading = read(case("23_row_a_day") / f"{file}.csv")
    assert refused(reading, "day") or one(reading).values.size == days * 1440


def test_25_a_code_for_missing_is_no_activity():
    reading = read(case("25_code_999999") / "p01.csv.gz")
    if not refused(reading, "999999"):
        recording = one(reading)
        assert np.isnan(recording.values).sum() == 300 and np.nanmax(recording.values) < 999_999 and recording.notes


def test_28_the_header_below_lines_about_the_recording():
    from pat_core.recordings.format_registry import is_gzip, unfolded
    from pat_core.recordings.mapping.guessing import guess
    from pat_core.recordings.source import file_source

    path = case("28_metadata_lines") / "p01.csv.gz"
    source = file_source(path)
    guessed = guess(unfolded(source) if is_gzip(source.head()) else source)
    assert guessed.mapping.time and guessed.mapping.activity


def test_29_parts_of_one_person_are_joined(tmp_path):
    report = imported(tmp_path, *sorted(case("29_parts_of_one_person").glob("*.gz")))
    assert report.people == 1 and report.weeks == 1 and "join" in everything_said(report).lower()


def test_30_a_wear_flag_is_used_or_said():
    recording = one(read(case("30_wear_flag_ignored") / "p.csv.gz"))
    assert (recording.worn is not None and (~recording.worn).sum() == 300) or any("nonwear" in note for note in recording.notes)


def test_32_raw_acceleration_is_read_or_named():
    reading = read(case("32_raw_actilife_csv") / "s.csv.gz")
    assert refused(reading, "raw") or one(reading).values.size >= 1


def test_33_the_zone_that_the_preamble_names_is_said(tmp_path):
    try:
        said = everything_said(imported(tmp_path, case("33_actiware_zone_unused") / "a.csv.gz"))
    except PatError as error:
        said = str(error)
    assert "Canberra" in said or "Sydney" in said or "+10" in said
