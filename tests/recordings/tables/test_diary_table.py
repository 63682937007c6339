"""Diaries as people write them: clocks in every form, whose date stands there, and a sentence for each line that cannot be right."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from pat_core.errors import RecordingError
from pat_core.recordings.source import file_source
from pat_core.recordings.tables.clock_texts import clock_minutes, length_minutes, nap_minutes
from pat_core.recordings.tables.diary_table import diary_night, read_diary

FIRST = (datetime(2019, 5, 3, 23, 40), datetime(2019, 5, 4, 7, 10))


@pytest.mark.parametrize(
    "text",
    ["23:40", "11:40 PM", "11:40pm", "11:40 p.m.", "23.40", "2340", "23h40", "1140 PM", "23:40:00", "1899-12-30 23:40:00", "23:40 Uhr"],
)
def test_a_clock_time_is_read_in_every_form(text):
    assert clock_minutes(text) == 23 * 60 + 40


@pytest.mark.parametrize(("text", "minutes"), [("12:10 AM", 10), ("24:00", 0), ("midnight", 0), ("noon", 720), ("7", 420), ("0.30", 30)])
def test_midnight_noon_and_whole_hours(text, minutes):
    assert clock_minutes(text) == minutes


@pytest.mark.parametrize("text", ["25:10", "13:00 PM", "7:5", "2019-05-03 23:40", "late", ""])
def test_what_is_no_clock_time_is_none(text):
    assert clock_minutes(text) is None


def test_lengths_and_naps():
    assert [length_minutes(text) for text in ("20", "1 h 10", "0:20", "none", "soon")] == [20, 70, 20, 0, None]
    assert [nap_minutes(text) for text in ("14:00-14:30; 16:00 to 16:20", "45 min", "no", "2 pm - 2:30 pm", "yes")] == [50, 45, 0, 30, None]


def table_of(tmp_path, text: str, named=None):
    path = tmp_path / "diary.csv"
    path.write_text(text)
    return read_diary(file_source(path), named)


@pytest.mark.parametrize(
    ("text", "date_of"),
    [
        ("id,date,in bed,out of bed\nA,2019-05-03,23:40,07:10\n", "evening"),
        ("id,date,in bed,out of bed\nA,2019-05-04,23:40,07:10\n", "morning"),
        ("Schlaftagebuch;;;\n\nTeilnehmer;Nacht vom;Zu Bett;Aufgestanden\nA;03.05.2019;23.40;7.10\n", "evening"),
        ("subject\tGot into bed\tGot out of bed\nA\t2019-05-03T23:40\t2019-05-04T07:10:00\n", "morning"),
        ("id,date,bed time,rise\nA,05/31/2019,11:40 PM,7:10 AM\nA,05/03/2019,11:40 PM,7:10 AM\n", "evening"),
        ("id,date,bed,rise\nA,43588,0.986111,0.298611\n", "evening"),
    ],
)
def test_one_night_in_many_writings(tmp_path, text, date_of):
    night = diary_night(table_of(tmp_path, text).rows[-1], date_of)
    assert (night.bed, night.rise, night.evening) == (*FIRST, date(2019, 5, 3))


def test_a_workbook_is_read_as_its_cells_are(tmp_path):
    path = tmp_path / "diary.xlsx"
    table = {
        "participant": ["A"],
        "date": [date(2019, 5, 3)],
        "in bed": [FIRST[0].time()],
        "asleep": [None],
        "out of bed": [FIRST[1].time()],
    }
    pd.DataFrame(table).to_excel(path, index=False)
    night = diary_night(read_diary(file_source(path)).rows[0], "evening")
    assert (night.bed, night.rise, night.asleep) == (*FIRST, None)


def test_after_midnight_a_night_is_still_of_its_evening(tmp_path):
    row = table_of(tmp_path, "id,date,in bed,asleep,awake,out of bed\nA,2019-05-03,0:30,1:00,8:00,8:20\n").rows[0]
    night = diary_night(row, "evening")
    assert (night.evening, night.bed, night.asleep) == (date(2019, 5, 3), datetime(2019, 5, 4, 0, 30), datetime(2019, 5, 4, 1))
    assert diary_night(row, "morning").rise == datetime(2019, 5, 3, 8, 20)


def test_a_column_can_be_named_and_says_whose_date_it_is(tmp_path):
    table = table_of(tmp_path, "who,wake date,a,b\nA,2019-05-04,23:40,07:10\n", {"participant": "who", "bed": "a", "rise": "b"})
    assert table.date_of == "morning" and table.columns == {"participant": "who", "date": "wake date", "bed": "a", "rise": "b"}
    assert diary_night(table.rows[0], table.date_of).bed == FIRST[0]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("A,2019-05-03,,,07:10", "going to bed is empty"),
        ("A,2019-05-03,23:40,00:10,", "getting up is empty"),
        ("A,2019-05-03,23:40,23:10,07:10", r"Asleep \(23:10\) comes before in bed \(23:40\)"),
        ("A,2019-05-03,23:40,,22:00", r"Out of bed \(22:00\) comes before in bed|More than 16 hours"),
    ],
)
def test_a_line_that_cannot_be_right_has_a_sentence(tmp_path, line, sentence):
    table = table_of(tmp_path, f"id,date,in bed,asleep,out of bed\n{line}\n")
    with pytest.raises(RecordingError, match=sentence):
        diary_night(table.rows[0], "evening")


def test_lines_that_hold_no_time_or_date_are_refused_and_empty_ones_counted(tmp_path):
    text = "id,date,in bed,out of bed\nA,2019-05-03,very late,7:00\nA,,23:00,7:00\nA,2019-05-05,,\nA,2019-05-06,23:00,7:00\n"
    table = table_of(tmp_path, text)
    assert [refusal.what for refusal in table.refused] == ["Line 2", "Line 3"] and table.blank == 1 and len(table.rows) == 1
    assert (
        "no clock time" in table.refused[0].reason and "very" not in table.refused[0].reason and "date is empty" in table.refused[1].reason
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n1,2\n", "A diary needs a column for going to bed"),
        ("id,date,in bed,out of bed\n", "no row in which a time was filled in"),
        ("id,date,in bed,out of bed\nA,2019-05-03,11:40,7:10\n", "Times of 12 hours"),
        ("id,date,in bed,out of bed\nA,03/04/2019,23:40,7:10\n", "nothing in the column shows which"),
        ("id,in bed,out of bed\nA,2019-05-03T21:40Z,2019-05-04T05:10Z\n", "in UTC"),
    ],
)
def test_a_table_that_cannot_be_understood_has_a_sentence(tmp_path, text, sentence):
    with pytest.raises(RecordingError, match=sentence):
        table_of(tmp_path, text)
