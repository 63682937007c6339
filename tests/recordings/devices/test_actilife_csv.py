"""ActiLife exports: every epoch, form of date, clock and locale reads back to what was written."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import Cancelled, RecordingError
from pat_core.progress import Silent
from pat_core.recordings.clock.zones import UTC_NOTE
from pat_core.recordings.devices.actilife_csv import FORMAT
from pat_core.recordings.reading import read
from pat_core.recordings.source import file_source
from pat_core.records import COUNTS
from tests.recordings.devices.device_files import read_one
from tests.shared import shared_file

START = datetime(2018, 7, 3, 22, 59)
FORMS = {
    "M/d/yyyy": "{0.month}/{0.day}/{0.year}", "MM/dd/yyyy": "{0:%m/%d/%Y}", "dd.MM.yyyy": "{0:%d.%m.%Y}",
    "d.M.yyyy": "{0.day}.{0.month}.{0.year}", "yyyy-MM-dd": "{0:%Y-%m-%d}", "d-M-yy": "{0.day}-{0.month}-{0:%y}",
    "dd/MM/yyyy": "{0:%d/%m/%Y}", "yyyy/M/d": "{0.year}/{0.month}/{0.day}", "dd-MMM-yy": "{0:%d-%b-%y}",
    "d. M. yyyy": "{0.day}. {0.month}. {0.year}",
}  # fmt: skip
CLOCKS = ("%H:%M:%S", "%I:%M:%S %p")


def _actilife(
    path: Path, rows: list[str], form: str = "M/d/yyyy", clock: str = "%H:%M:%S", epoch: int = 60, encoding: str = "utf-8"
) -> Path:
    head = [
        f"------------ Data File Created By ActiGraph wGT3X-BT ActiLife v6.13.4 date format {form} at 30 Hz  Filter Normal -----",
        "Serial Number: MOS2D00000000",
        f"Start Time {START.strftime(clock)}",
        f"Start Date {FORMS[form].format(START)}",
        f"Epoch Period (hh:mm:ss) {epoch // 3600:02}:{epoch // 60 % 60:02}:{epoch % 60:02}",
        "Download Time 00:32:29",
        "Download Date 1/1/2019",
        "Current Memory Address: 0",
        "Current Battery Voltage: 4.04     Mode = 12",
        "--------------------------------------------------",
    ]
    path.write_bytes(("\r\n".join([*head, *rows]) + "\r\n").encode(encoding))
    return path


_read = partial(read_one, FORMAT)


@pytest.mark.parametrize("epoch", [1, 10, 15, 30, 60])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("clock", CLOCKS)
def test_the_header_gives_start_and_epoch(tmp_path: Path, epoch: int, form: str, clock: str) -> None:
    counts = [i * 17 % 1200 for i in range(70)]
    recording = _read(_actilife(tmp_path / "p1.csv", ["Axis1,Axis2,Steps", *(f"{c},1,0" for c in counts)], form, clock, epoch))
    assert recording.values.tolist() == counts and recording.start == START and recording.epoch_seconds == epoch
    assert (recording.participant, recording.unit, recording.device) == ("p1", COUNTS, "ActiGraph wGT3X-BT")
    assert recording.labels == {"axis": "Axis1 (vertical)", "serial": "MOS2D00000000", "filter": "Normal"} and recording.notes == ()


@pytest.mark.parametrize("epoch", [1, 15, 60])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("columns", ["Date, Time,Axis1", "timestamp,Axis1", None])
def test_times_beside_the_rows_are_read_by_the_forms_of_the_header(
    tmp_path: Path, epoch: int, form: str, clock: str, columns: str | None
) -> None:
    stamps = [START + timedelta(seconds=epoch * i) for i in range(90) if i not in (5, 6)]
    between = " " if columns == "timestamp,Axis1" else ","
    rows = [f"{FORMS[form].format(when)}{between}{when.strftime(clock)},{i}" for i, when in enumerate(stamps)]
    recording = _read(_actilife(tmp_path / "p1.csv", [*([] if columns is None else [columns]), *rows], form, clock, epoch))
    assert recording.start == START and recording.epoch_seconds == epoch and recording.values.size == 90
    assert np.isnan(recording.values[5:7]).all() and recording.values[7] == 5 and recording.values[-1] == 87
    assert len(recording.notes) == 1 and recording.notes[0].startswith("2 of 90 epochs")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize(("rows", "noted"), [
    (["Axis1;Axis2;Vector Magnitude", "5;9;10,3", "1.021;9;10,3", "0;9;10,3"], True),
    (['"Axis1","Axis2"', '"5","9"', '"1,021","9"', '"0","9"'], True),
    (["Axis1\tAxis2", "5\t9", "1021\t9", "0\t9"], False),
    (["Axis1;Vector Magnitude", "5,0;9,1", "1021,0;9,2", "0,0;1,0"], False),
    (["5;9;10,3", "1021;9;10,3", "0;9;10,3"], False),
])  # fmt: skip
def test_signs_of_every_locale_are_read(tmp_path: Path, rows: list[str], noted: bool, encoding: str) -> None:
    recording = _read(_actilife(tmp_path / "a.csv", rows, "dd.MM.yyyy", encoding=encoding))
    assert recording.values.tolist() == [5, 1021, 0] and bool(recording.notes) == noted


def test_decimal_commas_between_commas_are_not_taken_for_columns(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"Line 12 has more cells than the 2 named columns"):
        _read(_actilife(tmp_path / "a.csv", ["Axis1,Vector Magnitude", "5,10,3,1"]))


def test_an_empty_line_is_an_empty_epoch_and_not_a_shorter_recording(tmp_path: Path) -> None:
    recording = _read(_actilife(tmp_path / "a.csv", ["Axis1", "1", "2", "", "4", "5"]))
    assert np.array_equal(recording.values, [1, 2, np.nan, 4, 5], equal_nan=True) and recording.notes[0].startswith("1 of 5 epochs")


def test_rows_that_start_elsewhere_than_the_header_are_told(tmp_path: Path) -> None:
    rows = [f"2018-07-04 10:0{i}:00,{i}" for i in range(4)]
    recording = _read(_actilife(tmp_path / "a.csv", ["timestamp,Axis1", *rows]))
    assert recording.start == datetime(2018, 7, 4, 10) and "the rows were followed" in recording.notes[0]


BAD = ("later", "", "24:00:00", "22:59:00")


@pytest.mark.parametrize("pause", [0, 180])
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("apart", [True, False])
def test_one_bad_time_moves_nothing_and_keeps_the_pause(tmp_path: Path, pause: int, bad: str, apart: bool) -> None:
    stamps = [START + timedelta(minutes=i + (pause if i >= 20 else 0)) for i in range(60)]
    between = "," if apart else " "
    rows = [f"{when:%m/%d/%Y}{between}{when:%H:%M:%S},{i}" for i, when in enumerate(stamps)]
    rows[40] = f"{stamps[40]:%m/%d/%Y}{between}{bad},40"
    recording = _read(_actilife(tmp_path / "a.csv", ["Date,Time,Axis1" if apart else "timestamp,Axis1", *rows], "MM/dd/yyyy"))
    assert recording.start == START and recording.values.size == 60 + pause
    assert recording.values[[0, 19, 20 + pause, 40 + pause, 59 + pause]].tolist() == [0, 19, 20, 40, 59]
    assert int(np.isnan(recording.values).sum()) == pause and "line 52" in recording.notes[0]


def test_a_bad_time_at_a_pause_is_refused_with_its_line(tmp_path: Path) -> None:
    stamps = [START + timedelta(minutes=i + (180 if i >= 20 else 0)) for i in range(60)]
    rows = [f"{when:%Y-%m-%d %H:%M:%S},1" for when in stamps]
    rows[20] = "soon,1"
    with pytest.raises(RecordingError, match="no readable time, first in line 32"):
        _read(_actilife(tmp_path / "a.csv", ["timestamp,Axis1", *rows]))


@pytest.mark.parametrize("maker", ["ActiGraph", "Actigraph", "ACTIGRAPH"])
@pytest.mark.parametrize("end", ["", "Z"])
@pytest.mark.parametrize("form", ["dd/MM/yyyy", "M/d/yyyy", "d.M.yyyy"])
def test_dates_with_the_year_first_have_the_month_next_whatever_line_1_says(tmp_path: Path, maker: str, end: str, form: str) -> None:
    stamps = [datetime(2018, 3, 4, 22, 59) + timedelta(minutes=i) for i in range(3000)]
    rows = [f"{when:%Y-%m-%dT%H:%M:%S}{end},{i % 50}" for i, when in enumerate(stamps)]
    path = _actilife(tmp_path / "a.csv", ["TimeStamp,axis1", *rows], form)
    path.write_text(path.read_text().replace("ActiGraph wGT3X-BT", f"{maker} Link"))
    recording = read(path).recordings[0]
    assert recording.start == stamps[0] and recording.values.tolist() == [i % 50 for i in range(3000)] and not recording.in_utc
    assert "the rows were followed" in recording.notes[0] and len(recording.notes) == (2 if end else 1)


def test_rows_in_utc_beside_a_header_on_another_clock_stay_in_utc_and_say_so(tmp_path: Path) -> None:
    rows = [f"2018-07-03T20:{i:02}:00Z,{i}" for i in range(30)]
    recording = _read(_actilife(tmp_path / "a.csv", ["TimeStamp,axis1", *rows]))
    assert recording.in_utc and recording.start == datetime(2018, 7, 3, 20) and UTC_NOTE in recording.notes


@pytest.mark.parametrize("first", [4, 10])
@pytest.mark.parametrize("apart", [True, False])
def test_rows_in_another_order_than_line_1_says_are_read_as_they_make_sense(tmp_path: Path, first: int, apart: bool) -> None:
    stamps = [datetime(2018, 3, first) + timedelta(minutes=i) for i in range(5 * 1440)]
    rows = [f"{when:%m/%d/%Y}{',' if apart else ' '}{when:%H:%M:%S},{i % 50}" for i, when in enumerate(stamps)]
    recording = _read(_actilife(tmp_path / "a.csv", ["Date,Time,Axis1" if apart else "timestamp,Axis1", *rows], "dd/MM/yyyy"))
    assert recording.start == stamps[0] and recording.values.tolist() == [i % 50 for i in range(5 * 1440)]
    assert any("month apart" in note or "only as MM/dd/yyyy" in note for note in recording.notes)


def test_a_header_written_in_another_form_than_it_says_is_doubted(tmp_path: Path) -> None:
    path = _actilife(tmp_path / "a.csv", ["Axis1", "1", "2"], "dd/MM/yyyy")
    assert _read(path).notes == ()
    path.write_text(path.read_text().replace("Start Date 03/07/2018", "Start Date 03-07-2018"))
    assert "may be swapped" in _read(path).notes[0]


def test_a_download_months_after_the_start_is_doubted_where_the_other_order_makes_it_days(tmp_path: Path) -> None:
    path = _actilife(tmp_path / "a.csv", ["Axis1", "1", "2"], "dd/MM/yyyy")
    path.write_text(path.read_text().replace("03/07/2018", "03/04/2018").replace("1/1/2019", "03/11/2018"))
    (note,) = _read(path).notes
    assert "214 days after the start, in the other order 7" in note and "may be swapped" in note


@pytest.mark.parametrize(
    ("start", "download", "begins"),
    [
        ("3/4/2018", "3/14/2018", datetime(2018, 3, 4)),
        ("3/4/2018", "12/3/2018", datetime(2018, 3, 4)),
        ("3/14/2018", "3/25/2018", datetime(2018, 3, 14)),
        ("3/4/2018", "11/4/2018", datetime(2018, 4, 3)),
    ],
)
@pytest.mark.parametrize("dated", [False, True])
def test_a_start_after_the_download_is_written_in_the_other_order(tmp_path, start: str, download: str, begins: datetime, dated: bool):
    times = [begins.replace(hour=22, minute=59) + timedelta(minutes=i) for i in range(3)]
    rows = [f"{when:%Y-%m-%d},{when:%H:%M:%S},{i}" if dated else str(i) for i, when in enumerate(times)]
    path = _actilife(tmp_path / "a.csv", ["Date,Time,Axis1" if dated else "Axis1", *rows], "dd/MM/yyyy")
    path.write_text(path.read_text().replace("03/07/2018", start).replace("1/1/2019", download))
    recording = _read(path)
    assert recording.start == times[0]
    assert any("make sense only as MM/dd/yyyy" in note for note in recording.notes) == (download != "11/4/2018")


@pytest.mark.parametrize(("rows", "change", "word"), [
    (["Axis1", "3"], {"epoch": 300}, "one value a minute"), (["Axis1", "3"], {"epoch": 7}, "one value a minute"),
    (["Axis1", "3"], {"epoch": 0}, "one value a minute"), (["Axis1", "3", "three"], {}, "line 13"), ([], {}, "without a single epoch"),
    (["Axis1"], {}, "no epochs below line 11"), (["Lux", "3"], {}, "Axis1"), (["Axis1,Axis2", '3,"4', "4,5"], {}, "quotation mark"),
    (["timestamp,Axis1", *(f"2018-07-03 22:5{i}:00,1" for i in range(5))], {"epoch": 10}, "rows are 60 s apart"),
    (["Axis1", "3"], {"clock": "%I:%M:%S πμ"}, "lines 3 and 4"),
])  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(tmp_path: Path, rows: list[str], change: dict, word: str) -> None:
    with pytest.raises(RecordingError, match=word):
        _read(_actilife(tmp_path / "a.csv", rows, **change))


@pytest.mark.parametrize("date", ["7/3/99999999999999999999", "99/99/2018", "7/3", "Foo/3/2018"])
def test_a_start_that_is_no_date_is_refused(tmp_path: Path, date: str) -> None:
    path = _actilife(tmp_path / "a.csv", ["Axis1", "1"])
    path.write_text(path.read_text().replace("Start Date 7/3/2018", f"Start Date {date}"))
    with pytest.raises(RecordingError, match="lines 3 and 4"):
        _read(path)


def test_infinite_counts_are_missing_and_told(tmp_path: Path) -> None:
    recording = _read(_actilife(tmp_path / "a.csv", ["Axis1", "1", "inf", "3"]))
    assert np.array_equal(recording.values, [1, np.nan, 3], equal_nan=True) and "infinite" in recording.notes[0]


def test_every_cut_and_noise_end_in_a_sentence_or_in_what_stands_before(tmp_path: Path) -> None:
    whole = _actilife(tmp_path / "a.csv", ["timestamp,Axis1", *(f"2018-07-03 23:{i:02}:00,{i}" for i in range(40))]).read_bytes()
    noise = np.random.default_rng(0).integers(0, 256, 70_000).astype(np.uint8).tobytes()
    damaged = [whole[:length] for length in range(0, len(whole), 41)] + [whole[:200] + noise, whole + noise, whole[:-30] + b"\xe9\xff\x00"]
    for content in damaged:
        (tmp_path / "b.csv").write_bytes(content)
        try:
            recordings = FORMAT.read(file_source(tmp_path / "b.csv"), Silent()).recordings
        except RecordingError:
            continue
        assert recordings[0].values.size <= 41


@pytest.mark.shared
def test_a_real_week_is_read_row_for_row() -> None:
    path = shared_file("data/devices/actigraph_60s_week.csv")
    recording = _read(path)
    assert np.array_equal(recording.values, pd.read_csv(path, skiprows=10).Axis1) and recording.values.size == 10080
    assert recording.start == datetime(2018, 7, 13, 10) and recording.notes == () and recording.labels["filter"] == "LowFrequencyExtension"


def test_more_rows_than_are_read_are_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pat_core.recordings.tables.report_table.MOST_EPOCHS", 5)
    assert _read(_actilife(tmp_path / "a.csv", ["Axis1", *"12345"])).values.size == 5
    with pytest.raises(RecordingError, match="At most 5 rows"):
        _read(_actilife(tmp_path / "a.csv", ["Axis1", *"123456"]))


@pytest.mark.parametrize("columns", ["Date,Time", "timestamp"])
def test_blocks_of_any_size_give_the_same_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    sign = columns.count(",") * "," or " "
    rows = [f"{(START + timedelta(minutes=i)):%m/%d/%Y{sign}%H:%M:%S},{i}" for i in range(30)]
    path = _actilife(tmp_path / "a.csv", [f"{columns},Axis1", *rows[:9], "", *rows[9:]], "MM/dd/yyyy")
    for block in (1, 2, 7, 31, 1000):
        monkeypatch.setattr("pat_core.recordings.tables.report_table.BLOCK", block)
        recording = _read(path)
        assert recording.values.tolist() == list(range(30)) and recording.start == START


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    class Stop(Silent):
        def at(self, fraction: float, message: str) -> None:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        FORMAT.read(file_source(_actilife(tmp_path / "a.csv", ["Axis1", "1"])), Stop())


def _lines(folder: Path, change: dict[str, str | None], rows: list[str], form: str = "M/d/yyyy") -> Path:
    """An export with header lines changed, or left out where None: line's beginning -> what stands there."""
    path = _actilife(folder / "a.csv", rows, form)
    kept = []
    for line in path.read_text().splitlines():
        begun = next((begin for begin in change if line.startswith(begin)), None)
        kept += [line] if begun is None else [] if change[begun] is None else [change[begun]]
    path.write_text("\n".join(kept) + "\n")
    return path


@pytest.mark.parametrize("line", [
    "Cycle Period (hh:mm:ss) 00:00:30", "Window Period (hh:mm:ss) 00:00:30", "Epoch Period 00:00:30", "Epoch Period: 0:00:30",
    "Window Period 30", "Cycle Period (seconds) 30 sec", "epoch period (hh:mm:ss) 00.00.30", "Epoch Length (hh:mm:ss) 00:00:30",
    '"Cycle Period (hh:mm:ss) 00:00:30"',
    "Epoch Period (hh:mm:ss),00:00:30,,", "Epoch Period 30 seconds", "Window Period (hh:mm:ss)\t00:00:30",
])  # fmt: skip
def test_the_epoch_is_read_whatever_the_header_calls_it(tmp_path: Path, line: str) -> None:
    recording = _read(_lines(tmp_path, {"Epoch Period": line}, ["Axis1", *map(str, range(40))]))
    assert recording.epoch_seconds == 30 and recording.values.tolist() == list(range(40)) and recording.start == START


@pytest.mark.parametrize(
    "gone",
    [
        ("Serial Number",),
        ("Download Time", "Download Date"),
        ("Current Memory", "Current Battery"),
        ("-" * 50,),
        ("------------ Data",),
        ("Serial Number", "-" * 50, "Current Memory"),
    ],
)
def test_header_lines_may_be_missing(tmp_path: Path, gone: tuple[str, ...]) -> None:
    recording = _read(_lines(tmp_path, dict.fromkeys(gone), ["Axis1,Axis2", *(f"{i},1" for i in range(40))]))
    assert recording.values.tolist() == list(range(40)) and recording.start == START
    assert ("serial" in recording.labels) == ("Serial Number" not in gone)


def test_an_empty_line_below_the_header_is_none_of_the_table(tmp_path: Path) -> None:
    for rows in (["", "Axis1", "4", "5"], ["", "", "4", "5"], ["", "timestamp,Axis1", "2018-07-03 22:59:00,4", "2018-07-03 23:00:00,5"]):
        recording = _read(_actilife(tmp_path / "a.csv", rows))
        assert recording.values.tolist() == [4, 5] and recording.start == START and recording.notes == ()


def test_lines_beyond_the_ten_stand_above_the_table_too(tmp_path: Path) -> None:
    more = "Serial Number: MOS2D00000000\nSubject Name: someone\nLimb: Waist"
    assert _read(_lines(tmp_path, {"Serial Number": more}, ["Axis1", "4", "5"])).values.tolist() == [4, 5]


@pytest.mark.parametrize("gone", ["Start", "Epoch Period"])
def test_rows_with_times_need_neither_start_nor_epoch_and_rows_without_do(tmp_path: Path, gone: str) -> None:
    rows = [f"2018-07-04 10:{i:02}:00,{i}" for i in range(40)]
    recording = _read(_lines(tmp_path, {gone: None}, ["timestamp,Axis1", *rows]))
    assert recording.start == datetime(2018, 7, 4, 10) and recording.epoch_seconds == 60 and recording.values.tolist() == list(range(40))
    with pytest.raises(RecordingError, match="lacks the (start|epoch period)"):
        _read(_lines(tmp_path, {gone: None}, ["Axis1", "1", "2"]))


@pytest.mark.parametrize(("names", "row", "values", "axis"), [
    ("Date, Time, Axis1,Axis2,Axis3,Steps,Lux,Inclinometer Off,Inclinometer Standing,Inclinometer Sitting,Inclinometer Lying,"
     "Vector Magnitude",
     "{0.month}/{0.day}/{0.year},{0:%H:%M:%S},{1},2,3,4,5,0,0,60,0,9.5", None, "Axis1 (vertical)"),
    ("Date,Epoch,Activity,Activity (Horizontal),Steps", "{0.month}/{0.day}/{0.year},{0:%H:%M:%S},{1},2,3", None, "Axis1 (vertical)"),
    ("Activity (Vertical),Steps", "{1},3", None, "Axis1 (vertical)"), ("Steps,Axis1", "3,{1}", None, "Axis1 (vertical)"),
    ("Vector Magnitude", "{1}.25", 0.25, "vector magnitude"), ("timestamp,VM", "{0:%Y-%m-%d %H:%M:%S},{1}.25", 0.25, "vector magnitude"),
    ("Vector Magnitude;Steps", "{1},25;7", 0.25, "vector magnitude"),
])  # fmt: skip
def test_the_vertical_axis_is_found_among_others_and_a_magnitude_says_so(
    tmp_path: Path, names: str, row: str, values: float | None, axis: str
) -> None:
    rows = [row.format(START + timedelta(minutes=i), 10 * i) for i in range(40)]
    recording = _read(_actilife(tmp_path / "a.csv", [names, *rows]))
    assert recording.values.tolist() == [10 * i + (values or 0) for i in range(40)] and recording.start == START
    assert recording.labels["axis"] == axis and any("vector magnitude" in note for note in recording.notes) == (axis == "vector magnitude")


@pytest.mark.parametrize(
    ("form", "shown"), [("yyyy. MM. dd.", "{0:%Y. %m. %d.}"), ("dd.MM.yy", "{0:%d.%m.%y}"), ("yyyy.MM.dd", "{0:%Y.%m.%d}")]
)
def test_dates_of_other_languages_are_read_by_the_form_of_the_header(tmp_path: Path, form: str, shown: str) -> None:
    rows = [f"{shown.format(START + timedelta(minutes=i))},{START + timedelta(minutes=i):%H:%M:%S},{i}" for i in range(90)]
    path = _actilife(tmp_path / "a.csv", ["Date,Time,Axis1", *rows])
    path.write_text(path.read_text().replace("date format M/d/yyyy", f"date format {form}").replace("7/3/2018", shown.format(START)))
    recording = _read(path)
    assert recording.start == START and recording.values.tolist() == list(range(90)) and recording.notes == ()
