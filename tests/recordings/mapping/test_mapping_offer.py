"""The mapping finds a table below other lines, and is offered wherever a table could not be read as what it looks like."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapped_table import read_mapped
from pat_core.recordings.mapping.unknown_table import why_unknown
from pat_core.recordings.source import Source

MINUTES = 3000
TIMES = pd.date_range("2024-03-04", periods=MINUTES, freq="min")
VALUES = np.arange(MINUTES) * 7 % 90
ABOVE = {
    "two cells": "Subject,S-17\nDevice,Watch 3\nStart,2024-03-04\n\n",
    "three cells": "Device,Watch,3\nStart,2024-03-04,\n",
    "one cell": "Report of the ward\nName: x\n",
    "numbers": "Epoch,60\nSerial,12\nDate,04.03.2024\n\n\n",
    "quoted": '"Device","W,3"\n"Epoch","60"\n',
    "nothing": "",
}


def source(content: str | bytes, name: str = "a.csv") -> Source:
    content = content.encode() if isinstance(content, str) else content
    return Source(name, name, len(content), lambda: io.BytesIO(content))


def rows(separator: str = ",", form: str = "%Y-%m-%d %H:%M") -> str:
    return "".join(f"{time:{form}}{separator}{value}\n" for time, value in zip(TIMES, VALUES, strict=True))


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("header", ["timestamp,activity\n", "when,moves\n", ""])
def test_the_header_is_found_below_lines_of_facts_whatever_their_cells(above, separator, header):
    text = (ABOVE[above] + header).replace(",", separator) if above != "quoted" else ABOVE[above] + header.replace(",", separator)
    file = source(text + rows(separator))
    mapping = guess(file).mapping
    assert mapping.skip == ABOVE[above].count("\n") and mapping.header == bool(header)
    (recording,) = read_mapped(file, mapping).recordings
    assert recording.start == TIMES[0] and np.array_equal(recording.values, VALUES)


def test_why_a_table_below_other_lines_needs_it_is_said_truly():
    text = ABOVE["two cells"] + "timestamp,activity\n" + rows()
    assert why_unknown(source(text)) == "its columns (timestamp, activity) are named in line 5, below other lines."


def test_a_table_that_a_named_format_refuses_is_offered_with_the_format_s_reason():
    head = "Actiware Export File\nIdentity:,E1\nLine,Date,Time,Activity,Interval Status\n"
    days = "".join(f"{i},{time:%m/%d/%Y},{time:%H:%M:%S},oops{i},ACTIVE\n" for i, time in enumerate(TIMES))
    said = why_unknown(source(head + days))
    assert said.startswith("it looks like Actiware export (Philips Respironics CSV), but as that it is refused: ")
    assert "holds “oops0” where a number was expected" in said


def test_nhanes_minutes_that_lack_a_column_are_offered_where_they_have_times():
    frame = pd.DataFrame({"SEQN": 1, "PAXN": np.arange(MINUTES) + 1, "PAXINTEN": VALUES, "clock": TIMES})
    assert "PAXDAY" in why_unknown(source(frame.to_csv(index=False)))


def test_a_general_table_that_is_refused_for_what_it_holds_is_offered():
    coarse = "timestamp,activity\n" + "".join(f"2024-03-{4 + i // 96:02d} {i // 4 % 24:02d}:{i % 4 * 15:02d},{i}\n" for i in range(900))
    assert why_unknown(source(coarse)).startswith("as it is, it is refused: PAT needs one value a minute")


def test_a_parquet_table_with_unknown_names_is_offered_and_read_by_its_mapping():
    made = io.BytesIO()
    pd.DataFrame({"wann": TIMES, "Bewegung": VALUES}).to_parquet(made)
    file = source(made.getvalue(), "S1.parquet")
    assert why_unknown(file) == "no format knows its columns (wann, Bewegung)."
    (recording,) = read_mapped(file, guess(file).mapping).recordings
    assert recording.participant == "S1" and np.array_equal(recording.values, VALUES)


@pytest.mark.parametrize(
    "content",
    [
        "timestamp,activity\n" + rows(),
        "id,age,sex\n" + "".join(f"{i},{20 + i},f\n" for i in range(60)),
        '[{"time": "2024-03-04 00:00", "value": 1},\n{"time": "2024-03-04 00:01", "value": 2}]\n',
        "<html><body>2024-03-04,1</body></html>\n",
        "Dear colleague,\nthe files are on the server, as of 2024-03-04.\nBest, M.\n",
        b"\x00\x01binary",
        b"PAR1 and then nothing",
    ],
)
def test_it_is_not_offered_for_what_reads_well_or_is_no_table(content):
    assert why_unknown(source(content)) is None
