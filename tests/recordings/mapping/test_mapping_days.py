"""A row a day, and numbered epochs, by the word of the reader."""

from __future__ import annotations

import dataclasses
import io
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import RecordingError
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapped_table import in_minutes, read_mapped
from pat_core.recordings.mapping.mapping_record import from_json, problems, to_json
from pat_core.recordings.mapping.unknown_table import why_unknown
from pat_core.recordings.source import Source
from pat_core.records import COUNTS, MG

DAYS = {"A": ["2024-03-04", "2024-03-05", "2024-03-07"], "B": ["2024-03-09", "2024-03-10"]}
FORMS = {"year": "%Y-%m-%d", "day": "%d/%m/%Y", "month": "%m/%d/%Y", "named": "%d %b %Y"}
MINUTES = {"letters": [f"m{i}x" for i in range(1440)], "numbers": [f"min{i}" for i in range(1440)], "clock": None}


def source(content: str, name: str = "ward.csv") -> Source:
    plain = content.encode()
    return Source(name, name, len(plain), lambda: io.BytesIO(plain))


def table(form: str = "%Y-%m-%d", names: list[str] | None = None, who: str = "Kuerzel", more: dict[str, object] | None = None):
    rows = [(person, datetime.fromisoformat(day).strftime(form)) for person, days in DAYS.items() for day in days]
    values = np.random.default_rng(3).integers(0, 500, (len(rows), 1440))
    named = names or [f"{m // 60:02d}:{m % 60:02d}" for m in range(1440)]
    about = pd.DataFrame(rows, columns=[who, "Tagesangabe"]).assign(**(more or {}))
    return pd.concat([about, pd.DataFrame(values, columns=named)], axis=1), values


@pytest.mark.parametrize(
    ("order", "names", "separator"),
    [("year", "letters", ","), ("day", "numbers", ";"), ("month", "clock", "\t"), ("named", "letters", ";")],
)
def test_days_are_laid_by_their_dates_however_they_and_the_minutes_are_named(order, names, separator):
    frame, values = table(FORMS[order], MINUTES[names])
    file = source(frame.to_csv(index=False, sep=separator))
    begin = guess(file).mapping
    assert (begin.rows, begin.time, begin.activity) == ("day", "Tagesangabe", frame.columns[2])
    mapping = dataclasses.replace(begin, participant="Kuerzel", order=order, unit=COUNTS)
    reading = read_mapped(file, mapping)
    assert not reading.refused and [one.participant for one in reading.recordings] == ["A", "B"]
    first, second = reading.recordings
    assert first.start == datetime(2024, 3, 4) and first.unit == COUNTS and first.epoch_seconds == 60
    expected = np.full((4, 1440), np.nan)
    expected[[0, 1, 3]] = values[:3]
    assert np.array_equal(first.values, expected.ravel(), equal_nan=True) and np.array_equal(second.values, values[3:].ravel())
    assert any("1 of 4 days without a row" in note for note in first.notes)


def test_lines_above_no_header_decimal_commas_and_facts_beside_the_days():
    frame, values = table(more={"age": 40, "date": "never"})
    frame = frame.astype(dict.fromkeys(frame.columns[4:], float))
    frame.iloc[:, 4:] /= 4
    written = "Ward,7\n\n" + frame.to_csv(index=False, sep=";", decimal=",")
    mapping = dataclasses.replace(guess(source(written)).mapping, participant="Kuerzel", time="Tagesangabe", unit=MG, activity="00:00")
    assert (mapping.skip, mapping.decimal) == (2, ",")
    first = read_mapped(source(written), mapping).recordings[0]
    np.testing.assert_allclose(first.values[:1440], values[0] / 4)
    assert first.labels["age"] == 40 and "date" not in first.labels
    bare = frame.drop(columns=["age", "date"]).to_csv(index=False, header=False)
    headless = guess(source(bare)).mapping
    assert (headless.header, headless.rows, headless.activity, headless.time) == (False, "day", "column 3", "column 2")
    again = read_mapped(source(bare), dataclasses.replace(headless, participant="column 1", unit=MG))
    np.testing.assert_allclose(again.recordings[0].values[:1440], values[0] / 4)


@pytest.mark.parametrize("bad", ["", "soon", "2024-13-40"])
def test_a_day_whose_date_cannot_be_read_costs_that_person_and_says_the_line(bad):
    frame, _ = table()
    frame.loc[1, "Tagesangabe"] = bad
    file = source(frame.to_csv(index=False))
    reading = read_mapped(file, dataclasses.replace(guess(file).mapping, participant="Kuerzel"))
    assert [one.participant for one in reading.recordings] == ["B"]
    assert reading.refused[0].what == "ward.csv: A" and reading.refused[0].reason.startswith("Line 3: the date")


def test_one_person_without_a_column_is_named_by_the_file_and_a_zone_is_kept():
    frame, values = table()
    file = source(frame[frame["Kuerzel"] == "A"].drop(columns="Kuerzel").to_csv(index=False), "P7.csv")
    (one,) = read_mapped(file, dataclasses.replace(guess(file).mapping, zone="Europe/Berlin")).recordings
    assert (one.participant, one.zone) == ("P7", "Europe/Berlin") and one.values.size == 4 * 1440


def test_two_rows_of_one_day_and_too_few_minutes_are_refused():
    frame, _ = table()
    frame.loc[1, "Tagesangabe"] = "2024-03-04"
    file = source(frame.to_csv(index=False))
    begin = dataclasses.replace(guess(file).mapping, participant="Kuerzel")
    assert "two rows with different values are both day 1" in read_mapped(file, begin).refused[0].reason
    assert "there are 1,439" in problems(dataclasses.replace(begin, activity="00:01"))["activity"]
    assert "include Tagesangabe" in problems(dataclasses.replace(begin, activity="Kuerzel", participant=None))["activity"]
    assert "order" in problems(dataclasses.replace(begin, order="seconds", runs="utc"))


def test_days_that_the_reader_of_tables_cannot_place_are_offered_and_clear_ones_are_not():
    frame, _ = table(who="participant")
    clear = frame.rename(columns={"Tagesangabe": "date"})
    assert why_unknown(source(clear.to_csv(index=False))) is None
    unclear, _ = table(names=MINUTES["letters"])
    assert why_unknown(source(unclear.to_csv(index=False))) is not None
    nobody = frame.rename(columns={"participant": "Kuerzel"})
    assert "Kuerzel seems to: A, B" in why_unknown(source(nobody.to_csv(index=False)))
    nothing = source(frame.drop(columns="participant").to_csv(index=False))
    assert "days of one person, or one day of several" in why_unknown(nothing)


def numbered(first: int = 1, people: int = 1) -> str:
    one = pd.DataFrame({"epoch": np.arange(first, first + 3000), "counts": np.arange(3000) % 91})
    return pd.concat([one.assign(who=f"p{i}") if people > 1 else one for i in range(people)]).to_csv(index=False)


@pytest.mark.parametrize(("seconds", "first"), [(10, 1), (15, 0), (30, 500), (60, 1)])
def test_numbered_epochs_begin_when_it_is_told(seconds, first):
    file = source(numbered(first))
    begin = guess(file)
    assert (begin.mapping.time, begin.mapping.order) == ("epoch", "epochs") and "order" in begin.unsure
    assert set(problems(begin.mapping)) == {"begins"}
    mapping = dataclasses.replace(begin.mapping, unit=COUNTS, epoch_seconds=seconds, begins="2024-03-04 08:00")
    (one,) = read_mapped(file, mapping).recordings
    assert one.start == datetime(2024, 3, 4, 8)
    assert one.values.tolist() == (np.arange(3000) % 91).reshape(-1, 60 // seconds).sum(1).tolist()


def test_numbers_start_again_with_every_person_and_missing_ones_are_gaps():
    lines = numbered(people=3).splitlines()
    file = source("\n".join(line for line in lines if not line.startswith("7,") or not line.endswith("p1")))
    mapping = dataclasses.replace(guess(file).mapping, participant="who", unit=COUNTS, begins="2024-03-04T08:00:00")
    reading = read_mapped(file, mapping)
    assert [one.participant for one in reading.recordings] == ["p0", "p1", "p2"]
    assert [int(np.isnan(one.values).sum()) for one in reading.recordings] == [0, 1, 0] and np.isnan(reading.recordings[1].values[6])


@pytest.mark.parametrize(
    ("field", "value"),
    [("begins", ""), ("begins", "yesterday"), ("begins", "2024-03-04 08:00+02:00"), ("epoch_seconds", 0), ("epoch_seconds", 61)],
)
def test_what_is_told_of_numbered_epochs_has_to_hold(field, value):
    mapping = dataclasses.replace(guess(source(numbered())).mapping, begins="2024-03-04 08:00")
    assert set(problems(dataclasses.replace(mapping, **{field: value}))) == {field}


def test_numbered_epochs_are_offered_and_people_with_numbers_are_not():
    assert "nothing says when the first was" in why_unknown(source(numbered()))
    people = pd.DataFrame({"number": range(1, 200), "age": np.arange(199) % 60})
    assert why_unknown(source(people.to_csv(index=False))) is None


def test_a_mapping_of_before_is_one_of_rows_and_comes_back_whole():
    mapping = dataclasses.replace(guess(source(numbered())).mapping, begins="2024-03-04 08:00", epoch_seconds=30)
    assert from_json(to_json(mapping)) == mapping
    older = to_json(guess(source("Zeit,x\n" + "".join(f"2024-03-04 {i // 60:02d}:{i % 60:02d},{i % 7}\n" for i in range(900)))).mapping)
    for name in ("rows", "epoch_seconds", "begins"):
        del older[name]
    assert from_json(older).rows == "epoch"
    for name, value in (("rows", "week"), ("epoch_seconds", "60"), ("begins", 7), ("begins", "x" * 300)):
        with pytest.raises(RecordingError):
            from_json(to_json(mapping) | {name: value})


@pytest.mark.parametrize(
    ("cell", "says", "worn"),
    [
        ("nonwear", "worn", False),
        ("worn", "not worn", True),
        ("not worn", "worn", False),
        ("1", "not worn", False),
        ("0.00", "worn", False),
        ("off", "not worn", True),
        ("off", "worn", False),
        ("7", "worn", True),
        ("x", "not worn", False),
        ("No", "worn", False),
    ],
)
def test_marks_of_wear_are_the_words_that_every_table_knows(cell, says, worn):
    stamps = pd.date_range("2024-03-04", periods=200, freq="min").strftime("%Y-%m-%d %H:%M")
    frame = pd.DataFrame({"Zeit": stamps, "x": np.arange(200) % 9, "mark": [cell, "" if says == "worn" else "0"] * 100})
    file = source(frame.to_csv(index=False))
    mapping = dataclasses.replace(guess(file).mapping, activity="x", worn="mark", worn_says=says, unit=COUNTS)
    (one,) = in_minutes(read_mapped(file, mapping)).recordings
    assert one.worn[0] == worn and one.worn[1]
