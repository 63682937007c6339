"""Excel workbooks: sheets read as the tables they are, dates and numbers as Excel means them, damage and hiding said."""

from __future__ import annotations

import io
import zipfile
from contextlib import ExitStack
from datetime import datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from pat_core.recordings.reading import read
from pat_core.recordings.source import file_source
from pat_core.recordings.tables import excel
from pat_core.recordings.tables.people_table import read_labels
from pat_core.records import Recording

BEGIN = datetime(2024, 3, 4)
COUNTS = [(37 * minute) % 2300 for minute in range(180)]


def _times(count: int = len(COUNTS)) -> list[datetime]:
    return [BEGIN + timedelta(minutes=minute) for minute in range(count)]


def _saved(path: Path, sheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = (), epoch: datetime | None = None) -> Path:
    book = Workbook()
    book.remove(book.active)
    if epoch:
        book.epoch = epoch
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def _long(person: object | None = None) -> list[list[object]]:
    if person is None:
        return [["timestamp", "counts"], *([at, count] for at, count in zip(_times(), COUNTS, strict=True))]
    return [["participant", "timestamp", "counts"], *([person, at, count] for at, count in zip(_times(), COUNTS, strict=True))]


def _one(path: Path) -> Recording:
    reading = read(path)
    assert not reading.refused
    (recording,) = reading.recordings
    return recording


def test_a_sheet_of_minutes_is_read_as_pandas_reads_it_and_named_by_its_file(tmp_path):
    path = _saved(tmp_path / "P07.xlsx", {"Sheet1": _long()})
    recording, frame = _one(path), pd.read_excel(path)
    assert recording.participant == "P07" and recording.unit == "counts/min" and recording.start == frame["timestamp"].iloc[0]
    np.testing.assert_array_equal(recording.values, frame["counts"].to_numpy(np.float32))


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904], ids=["calendar of 1900", "calendar of 1904"])
def test_both_calendars_give_the_same_times(tmp_path, epoch):
    assert _one(_saved(tmp_path / "a.xlsx", {"Sheet1": _long()}, epoch=epoch)).start == BEGIN


def test_date_and_clock_in_columns_of_their_own(tmp_path):
    rows = [["Date", "Time", "Activity"], *([at.date(), at.time(), count] for at, count in zip(_times(), COUNTS, strict=True))]
    recording = _one(_saved(tmp_path / "a.xlsx", {"Tabelle1": rows}))
    assert recording.start == BEGIN and recording.values.tolist() == COUNTS


def test_whole_numbers_as_ids_have_no_decimals(tmp_path):
    assert _one(_saved(tmp_path / "a.xlsx", {"Sheet1": _long(100234.0)})).participant == "100234"


def test_a_sheet_a_person_and_one_about_them(tmp_path):
    about = [["participant", "group", "age"], ["anna", "control", 31], ["bela", "case", 42.5]]
    reading = read(_saved(tmp_path / "study.xlsx", {"anna": _long(), "bela": _long()[:140], "participants": about}))
    assert not reading.refused
    assert {one.participant: (one.labels["group"], one.labels["age"], one.values.size) for one in reading.recordings} == {
        "anna": ("control", 31.0, 180),
        "bela": ("case", 42.5, 139),
    }


def test_sheets_that_excel_named_carry_the_name_of_the_workbook(tmp_path):
    reading = read(_saved(tmp_path / "P1.xlsx", {"Sheet1": _long(), "Feuil2": _long()[:140]}))
    assert {one.participant for one in reading.recordings} == {"P1 Sheet1", "P1 Feuil2"}


def test_one_row_a_person(tmp_path):
    rows = [["participant", *(f"minute_{minute}" for minute in range(120))], ["a", *range(120)], ["b", *range(119), None]]
    first, second = read(_saved(tmp_path / "wide.xlsx", {"Sheet1": rows})).recordings
    assert first.participant == "a" and first.values.tolist() == list(range(120))
    assert second.participant == "b" and np.isnan(second.values[-1]) and second.values[:-1].tolist() == list(range(119))


def test_an_export_of_a_device_that_was_opened_and_saved_in_excel(tmp_path):
    preamble = [
        ["------------ Data File Created By ActiGraph GT3X+ ActiLife v6.13.3 Firmware v1.3.0 date format M/d/yyyy -----------"],
        ["Serial Number: TAS1H00000000"],
        ["Start Time 08:00:00"],
        ["Start Date 3/4/2024"],
        ["Epoch Period (hh:mm:ss) 00:01:00"],
        ["Download Time 09:00:00"],
        ["Download Date 3/12/2024"],
        ["Current Memory Address: 0"],
        ["Current Battery Voltage: 4.2     Mode = 12"],
        ["--------------------------------------------------"],
    ]
    rows = [*preamble, ["Axis1", "Axis2", "Axis3"], *([count, 1, 2] for count in COUNTS)]
    recording = _one(_saved(tmp_path / "a.xlsx", {"Sheet1": rows}))
    assert recording.start == datetime(2024, 3, 4, 8) and recording.values.tolist() == COUNTS and "GT3X" in recording.device


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("1,234", "1,234"), (None, ""), ("#N/A", ""), (3, "3"), (12.0, "12"), (0.1, "0.1"), (1234.5, "1234.5"), (True, "TRUE"),
        (" a b ", "a b"),
        (datetime(2024, 3, 4, 0, 1), "2024-03-04 00:01:00"), (datetime(2024, 3, 4, 0, 0, 0, 500_000), "2024-03-04 00:00:00.500"),
        (time(7, 5), "07:05:00"), (timedelta(hours=26, minutes=3), "26:03:00"),
    ],
)  # fmt: skip
def test_cells_as_text(cell, text):
    assert excel._text(cell) == text


def test_a_hidden_sheet_is_said_and_not_read(tmp_path):
    reading = read(_saved(tmp_path / "a.xlsx", {"Sheet1": _long(), "old": _long()}, hidden=("old",)))
    assert [one.participant for one in reading.recordings] == ["a"]
    (refusal,) = reading.refused
    assert refusal.what == "a.xlsx: old" and "hidden" in refusal.reason


def test_lines_in_sentences_are_rows_of_the_sheet(tmp_path):
    rows = _long()
    rows[7][1] = "broken"
    (refusal,) = read(_saved(tmp_path / "a.xlsx", {"Sheet1": rows})).refused
    assert "line 8" in refusal.reason and refusal.what.startswith("a.xlsx: Sheet1")


def test_a_workbook_in_a_zip_and_in_a_group_folder(tmp_path):
    inner = _saved(tmp_path / "a.xlsx", {"Sheet1": _long()})
    with zipfile.ZipFile(tmp_path / "cohort.zip", "w") as archive:
        archive.write(inner, "patients/a.xlsx")
    recording = _one(tmp_path / "cohort.zip")
    assert recording.participant == "a" and recording.labels["group"] == "patients"


def test_labels_from_a_workbook(tmp_path):
    path = _saved(tmp_path / "people.xlsx", {"Sheet1": [["participant", "age"], [12, 30], ["b", None]]})
    assert read_labels(path) == {"12": {"age": 30.0}, "b": {"age": None}}


def test_plain_text_under_the_ending_of_a_workbook_is_read_as_text(tmp_path):
    for ending in (".xls", ".xlsx"):
        path = tmp_path / f"device{ending}"
        path.write_text("timestamp\tcounts\n2024-03-04 00:00\t5\n2024-03-04 00:01\t7\n")
        assert _one(path).values.tolist() == [5, 7]


def _reason(path: Path) -> str:
    (refusal,) = read(path).refused
    return refusal.reason


def test_what_is_no_workbook_ends_in_a_sentence(tmp_path):
    whole = _saved(tmp_path / "whole.xlsx", {"Sheet1": _long()}).read_bytes()
    bad = tmp_path / "bad.xlsx"
    for cut in (40, len(whole) // 2, len(whole) - 30):
        bad.write_bytes(whole[:cut])
        assert "damaged" in _reason(bad)
    bad.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))  # how Office wraps a file with a password
    assert "password" in _reason(bad)
    _saved(bad, {"Sheet1": []})
    assert "only empty cells" in _reason(bad)


def test_a_workbook_made_to_fill_memory_is_refused(tmp_path):
    _saved(tmp_path / "a.xlsx", {"Sheet1": _long()})
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.xml", bytes(40 * 1024**2))
    assert "which no recording does" in _reason(tmp_path / "a.xlsx")


def test_xml_that_expands_itself_is_refused(tmp_path):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>'
    with zipfile.ZipFile(_saved(tmp_path / "good.xlsx", {"Sheet1": _long()})) as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
        for member in good.namelist():
            bad.writestr(member, bomb if member.endswith("workbook.xml") else good.read(member))
    assert "damaged" in _reason(tmp_path / "bad.xlsx")


def test_declared_dimensions_are_not_believed(tmp_path):
    path = _saved(tmp_path / "a.xlsx", {"Sheet1": [["timestamp", "counts"], [BEGIN, 3]]})
    with zipfile.ZipFile(path) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:XFD1048576"')
    assert parts["xl/worksheets/sheet1.xml"] != sheet
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as wide:
        for name, content in parts.items():
            wide.writestr(name, content)
    path.write_bytes(held.getvalue())
    with ExitStack() as opened:
        (table,), _ = excel.sheets(file_source(path), opened)
        assert table.size < 100 and table.head() == b"timestamp,counts\r\n2024-03-04 00:00:00,3\r\n"
