"""Actiwatch .AWD files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pat_core.recordings.devices.actiwatch_awd import EPOCH_CODES, FORMAT
from pat_core.recordings.reading import read
from pat_core.records import COUNTS
from pat_core.wear.nonwear import to_minutes
from tests.recordings.devices.device_files import START, awd, read_one, refusal
from tests.shared import shared_file


@given(
    values=st.lists(st.integers(0, 60_000), min_size=1, max_size=60),
    code=st.sampled_from([code for code, seconds in EPOCH_CODES.items() if seconds <= 60]),
    end=st.sampled_from(["\r\n", "\n"]),
    channel=st.sampled_from(["", " , 0.00", " , 0,00", " , 34", ",12.5 "]),
    data=st.data(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_what_is_written_is_read_for_every_epoch_and_second_channel(tmp_path: Path, values, code, end, channel, data) -> None:
    marked = data.draw(st.sets(st.integers(0, len(values) - 1)))
    path = tmp_path / "p1.AWD"
    path.write_bytes(awd(values, code=f" {code} ", end=end, channel=channel, marked=tuple(marked)))
    recording = read_one(FORMAT, path)
    assert recording.values.tolist() == values and recording.epoch_seconds == EPOCH_CODES[code]
    assert recording.start == START and recording.labels["markers"] == len(marked)
    assert (recording.participant, recording.unit, recording.device) == ("person one", COUNTS, "Actiwatch 4")
    assert (recording.labels["serial"], recording.labels["age"], recording.labels["sex"]) == ("V123456", 31.0, "F")


@pytest.mark.parametrize("name", [b"", b"  ", b"*", b"XXXX", b"x_x"])
def test_a_file_that_names_nobody_gives_its_own_name(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / "p1.AWD"
    path.write_bytes(awd([1]).replace(b"person one", name))
    assert read_one(FORMAT, path).participant == "p1"


@pytest.mark.parametrize(
    "date",
    [
        "04-Mar-2019",
        "4-Mar-19",
        "04 March 2019",
        "04-MAR-2019",
        "Mar-04-2019",
        "04.03.2019",
        "4.3.19",
        "2019-03-04",
        "2019/3/4",
        "04-Mär-2019",
        "4 mars 2019",
        "04-mrt-2019",
        "04/mar/2019",
    ],
)
def test_every_form_of_a_date_is_the_same_day(tmp_path: Path, date: str) -> None:
    path = tmp_path / "a.awd"
    path.write_bytes(awd([1, 2], date=date))
    recording = read_one(FORMAT, path)
    assert recording.start == START and recording.notes == ()


@pytest.mark.parametrize(("date", "year"), [("04-Mar-96", 1996), ("04-Mar-70", 1970), ("04-Mar-69", 2069), ("04-Mar-05", 2005)])
def test_years_of_two_digits_lie_between_1970_and_2069(tmp_path: Path, date: str, year: int) -> None:
    path = tmp_path / "a.awd"
    path.write_bytes(awd([1], date=date))
    assert read_one(FORMAT, path).start == START.replace(year=year)


@pytest.mark.parametrize(("date", "day", "said"), [("04/03/2019", 4, True), ("25/03/2019", 25, False), ("03/25/2019", 25, False)])
def test_a_date_that_can_be_read_two_ways_is_said(tmp_path: Path, date: str, day: int, said: bool) -> None:
    path = tmp_path / "a.awd"
    path.write_bytes(awd([1], date=date))
    recording = read_one(FORMAT, path)
    assert recording.start == datetime(2019, 3, day, 21, 58) and bool(recording.notes) == said


@pytest.mark.parametrize("clock", ["21:58", "21:58:00 ", "09:58:00 PM ", "9:58 pm", "21.58"])
def test_every_form_of_a_clock_time_is_the_same_minute(tmp_path: Path, clock: str) -> None:
    path = tmp_path / "a.awd"
    path.write_bytes(awd([1], clock=clock))
    assert read_one(FORMAT, path).start == START


def test_shorter_epochs_add_up_to_minutes_of_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "a.awd"
    path.write_bytes(awd([1] * 9, code="1", clock="21:57:45"))
    minutes = to_minutes(read_one(FORMAT, path))
    assert minutes.values.tolist() == [4, 4] and minutes.start == START


@pytest.mark.parametrize(("code", "minutes"), [("8", "2 minutes"), ("20", "5 minutes")])
def test_epochs_longer_than_a_minute_are_refused(tmp_path: Path, code: str, minutes: str) -> None:
    path = tmp_path / "a.awd"
    path.write_bytes(awd([1], code=code))
    assert minutes in refusal(FORMAT, path)


@pytest.mark.parametrize(("content", "words"), [
    (awd([]), "without a single epoch"), (awd([5, -1]), "line 9"), (awd([5, "nan"]), "line 9"), (awd([5, "1e999"]), "line 9"),
    (awd([5, "x"]), "line 9"), (awd([5, 9, 2.5]), "line 10"), (awd([5, "", 7]), "Line 9 is empty"), (awd([5], code="7"), "Line 4"),
    (awd([5], date="31-Feb-2019"), "Lines 2 and 3"), (awd([5], clock="25:00"), "Lines 2 and 3"),
    (awd([5], date="4-Mar-201900000000"), "Lines 2 and 3"), (awd([5], date="99999999999/3/2019"), "Lines 2 and 3"),
    (b"name\r\n04-Mar-2019\r\n21:58\r\n 4 \r\n", "after 4"), (b"7" * 100_000, "longer than"),
    (awd([1] * 600_000), "400 days"),
])  # fmt: skip
def test_a_file_that_does_not_fit_says_where(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.awd"
    path.write_bytes(content)
    assert words in refusal(FORMAT, path)


@pytest.mark.parametrize(("date", "year"), [("04-Mar-7967", 7967), ("04-Mar-0019", 19)])
def test_a_year_that_is_none_is_refused_for_every_format_alike(tmp_path: Path, date: str, year: int) -> None:
    path = tmp_path / "a.awd"
    path.write_bytes(awd([1, 2], date=date))
    reading = read(path)
    assert not reading.recordings and "from 1900 to 2199" in reading.refused[0].reason and str(year) in reading.refused[0].reason


def test_an_actical_file_is_not_taken_for_an_actiwatch(tmp_path: Path) -> None:
    path = tmp_path / "a.awc"
    path.write_bytes(awd([180, 72, 0, 12, 55]))
    assert "Actical" in refusal(FORMAT, path)


@pytest.mark.parametrize("text", ["timestamp,activity\n2019-03-04 21:58:00,5\n", "a\nb\nc\nd\ne\n", "name\n04-Mar-2019\nx\n4\n"])
def test_other_texts_are_not_taken_for_actiwatch_files(text: str) -> None:
    assert not FORMAT.recognises(text.encode(), "a.csv")


@pytest.mark.shared
def test_a_real_file_is_read_line_by_line() -> None:
    path = shared_file("data/devices/actiwatch.AWD")
    recording = read_one(FORMAT, path)
    rows = path.read_text().splitlines()[7:]
    assert np.array_equal(recording.values, [int(row.split(",")[0]) for row in rows])
    assert recording.labels["markers"] == sum(row.rstrip().endswith("M") for row in rows) == 2
    assert recording.start == datetime(2009, 10, 1, 17) and (recording.device, recording.epoch_seconds) == ("Actiwatch 7", 60)
