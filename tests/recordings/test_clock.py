"""Times as files write them: half days, offsets that some rows have and others lack, and columns that no one clock fits."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.recordings import read
from pat_core.recordings.clock import offsets_of, parse_times

FORMS = ("%Y-%m-%d {}", "%Y/%m/%d {}", "%d.%m.%Y {}")
HALF_DAYS = ("%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S.%f %p")


def _parsed(*texts: str | None) -> list:
    return parse_times(pd.Series(texts)).astype("datetime64[s]").tolist()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.datetimes(datetime(1970, 1, 1), datetime(2099, 1, 1)), min_size=1, max_size=20), st.sampled_from(FORMS),
       st.sampled_from(HALF_DAYS), st.booleans())  # fmt: skip
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
    with pytest.raises(RecordingError, match="Times of one clock were expected"):
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
    assert refused.reason.startswith("Times of one clock were expected") and "in line 9" in refused.reason
