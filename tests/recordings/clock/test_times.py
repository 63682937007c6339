"""Times as files write them: half days, offsets that some rows have and others lack, and columns that no one clock fits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.recordings.clock.times import offsets_of, parse_times
from pat_core.recordings.devices.device_rows import times
from pat_core.recordings.reading import read

NUMBERED = (
    "%d.%m.%Y - %H:%M", "%d. %m. %Y %H:%M", "%a %d/%m/%Y %H:%M", "%A, %d.%m.%Y %H:%M", "%m/%d/%Y - %H:%M", "%a %m/%d/%Y %H:%M",
    "%d-%m-%Y,%H:%M", "%Y.%m.%d %H:%M", "%a %Y-%m-%d %H:%M", "%Y/%m/%d - %H:%M", "%d/%m/%y %H:%M", "%m/%d/%y %H:%M", "%y/%m/%d %H:%M",
    "%y-%m-%d %H:%M", "%d.%m.%y %H:%M", "%y.%m.%d - %H:%M", "%Y%m%d %H:%M", "%Y%m%dT%H%M", "%d %b %Y %H:%M", "%a %b %d %Y %H:%M",
    "%a, %d %B %Y - %H:%M", "%d-%b-%y %H:%M",
)  # fmt: skip
FORMS = ("%Y-%m-%d {}", "%Y/%m/%d {}", "%d.%m.%Y {}")
HALF_DAYS = ("%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S.%f %p")


def _parsed(*texts: str | None) -> list:
    return parse_times(pd.Series(texts)).astype("datetime64[s]").tolist()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.datetimes(datetime(1970, 1, 1), datetime(2099, 1, 1)), min_size=1, max_size=20),
    st.sampled_from(FORMS),
    st.sampled_from(HALF_DAYS),
    st.booleans(),
)
def test_half_days_are_read_as_they_were_written(moments: list[datetime], day: str, clock: str, padded: bool) -> None:
    kept = [moment.replace(microsecond=0, second=moment.second if "S" in clock else 0) for moment in moments]
    texts = [moment.strftime(day.format(clock)) for moment in kept]
    assert _parsed(*(texts if padded else [text.replace(" 0", " ") for text in texts])) == kept


@pytest.mark.parametrize(
    "text", ["2024-03-01 1:05 PM", "2024-03-01 01:05:00 pm", "2024/3/1 1:05 p.m.", "2024-03-01, 13:05", "1 Mar 2024 1:05 PM"]
)
def test_five_past_one_is_read_in_every_way_of_writing_it(text: str) -> None:
    assert _parsed(text) == ([None] if "," in text else [datetime(2024, 3, 1, 13, 5)])


@pytest.mark.parametrize("texts", [
    ("2024-03-01T00:00:00", "2024-03-01T00:01:00Z", "2024-03-01T00:02:00"), ("2024-03-01T00:00:00+01:00", "2024-03-01T00:01:00"),
    ("2024-03-01 10:00", "2024-03-01 10:01+05", "2024-03-01 10:02+06", "2024-03-01 10:03"),
    ("1 Mar 2024 10:00 +0100", "1 Mar 2024 10:01"), ("Mar 1 2024 10:00", "Mar 1 2024 10:01 +0100", "Mar 1 2024 10:02"),
])  # fmt: skip
def test_times_of_which_only_some_name_an_offset_are_refused_in_a_sentence(texts: tuple[str, ...]) -> None:
    with pytest.raises(RecordingError, match="expected on one clock"):
        _parsed(*texts)


def test_offsets_that_every_row_has_may_change_and_the_clock_stays_as_written() -> None:
    texts = ("2024-10-27 02:59:00+02", "2024-10-27 02:00:00+01", "", "2024-10-27 02:01:00 +0100")
    assert _parsed(*texts) == [datetime(2024, 10, 27, 2, 59), datetime(2024, 10, 27, 2), None, datetime(2024, 10, 27, 2, 1)]
    assert offsets_of(pd.Series(texts)) == ("+02:00", "+01:00")


def test_a_table_with_mixed_zones_is_refused_and_one_in_half_days_is_read(tmp_path: Path) -> None:
    stamps = pd.date_range("2024-03-01 10:30", periods=180, freq="60s")
    frame = pd.DataFrame({"timestamp": stamps.strftime("%Y-%m-%d %I:%M %p"), "counts": np.arange(180)})
    frame.to_csv(tmp_path / "kim.csv", index=False)
    (recording,) = read(tmp_path / "kim.csv").recordings
    assert recording.start == datetime(2024, 3, 1, 10, 30) and recording.values.tolist() == list(range(180))
    frame["timestamp"] = stamps.strftime("%Y-%m-%dT%H:%M:%S")
    frame.loc[7, "timestamp"] += "Z"
    frame.to_csv(tmp_path / "kim.csv", index=False)
    (refused,) = read(tmp_path / "kim.csv").refused
    assert "expected on one clock" in refused.reason and "in line 9" in refused.reason


@settings(max_examples=300, deadline=None)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2049, 1, 1)), st.sampled_from(NUMBERED), st.integers(60, 240))
def test_a_week_or_longer_is_read_as_it_was_written_whatever_stands_first(begin: datetime, form: str, hours: int) -> None:
    """Every order of day, month and year reads some of these columns whole; the true one keeps the days together."""
    moments = [begin.replace(second=0, microsecond=0) + timedelta(hours=hour) for hour in range(hours + 120)]
    assert _parsed(*(moment.strftime(form) for moment in moments)) == moments


@pytest.mark.parametrize(
    "text", ["24/02/03 00:00", "24-02-03 00:00", "24.02.03 00:00", "03.02.24", "24/2/03", "03/02/2024 00:00", "Thu 08/02/2024 00:00"]
)
def test_a_single_day_that_can_be_read_in_two_orders_is_refused_and_names_them(text: str) -> None:
    with pytest.raises(RecordingError, match="can be .*year or .*nothing in the column shows which"):
        _parsed(text, text)


def test_one_order_that_reads_all_of_a_column_is_taken_and_so_is_one_day_that_all_orders_agree_on() -> None:
    assert _parsed("31/12/99") == [datetime(1999, 12, 31)] and _parsed("99/12/31") == [datetime(1999, 12, 31)]
    assert _parsed("2/13/24 05:00") == [datetime(2024, 2, 13, 5)]
    assert _parsed("24/2/3 05:00", "24/2/13 05:00") == [datetime(2024, 2, 3, 5), datetime(2024, 2, 13, 5)]
    assert _parsed("03.03.2024 - 05:00") == _parsed("3/3/2024 5:00") == [datetime(2024, 3, 3, 5)]


@pytest.mark.parametrize(
    "text",
    [
        "10:00",
        "03 02 2024 10:00",
        "5",
        "2024-02",
        "1.5",
        "03.02 10:00",
        "may be 03/02/2024",
        "1709251200",
        "01022003 10:00",
        "in march",
        "20241332 00:00",
    ],
)
def test_what_says_no_whole_date_is_no_time(text: str) -> None:
    assert _parsed(text, text) == [None, None]


def test_a_row_in_numbers_below_months_by_name_is_not_guessed() -> None:
    assert _parsed("1 Mar 2024 10:00", "03/04/2024 10:00", "20240301 10:00") == [datetime(2024, 3, 1, 10), None, datetime(2024, 3, 1, 10)]


def test_a_table_lies_on_the_days_on_which_it_was_recorded(tmp_path: Path) -> None:
    for form in ("%d.%m.%Y - %H:%M", "%a %d/%m/%Y %H:%M", "%y/%m/%d %H:%M"):
        stamps = pd.date_range("2024-02-03", periods=5 * 1440, freq="60s")
        pd.DataFrame({"timestamp": stamps.strftime(form), "counts": np.arange(stamps.size) % 90}).to_csv(tmp_path / "kim.csv", index=False)
        (recording,) = read(tmp_path / "kim.csv").recordings
        assert recording.start == datetime(2024, 2, 3) and recording.values.size == stamps.size, form


def test_devices_that_write_the_day_first_keep_it_and_another_order_is_refused() -> None:
    one = [f"03/02/24 {hour:02}:00" for hour in range(24)]
    assert times(one, np.arange(24)).astype("datetime64[D]").tolist() == [date(2024, 2, 3)] * 24
    for form in ("%y/%m/%d %H:%M", "%m/%d/%Y %H:%M", "%m-%d-%y %H:%M"):
        cells = [moment.strftime(form) for moment in pd.date_range("2024-02-03 20:00", periods=12, freq="h")]
        with pytest.raises(RecordingError, match="Dates as day/month/year were expected from this device"):
            times(cells, np.arange(12))


def test_hours_padded_with_blanks_below_a_first_row_without_are_read() -> None:
    assert _parsed("13/02/2024 10:05", "14/02/2024  9:05") == [datetime(2024, 2, 13, 10, 5), datetime(2024, 2, 14, 9, 5)]
