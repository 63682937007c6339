"""Rows of several people in one table are several people's, or refused by the column that tells them apart; never one person's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import RecordingError
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapped_table import read_mapped
from pat_core.recordings.mapping.unknown_table import why_unknown
from pat_core.recordings.reading import read
from pat_core.recordings.source import file_source
from pat_core.records import Reading


def _rows(code: object, start: str, name: str = "code name", days: int = 2, seed: int = 0) -> pd.DataFrame:
    stamps = pd.date_range(start, periods=1440 * days, freq="60s")
    values = np.random.default_rng(seed).integers(0, 900, stamps.size) * (np.arange(stamps.size) % 1440 > 420)
    return pd.DataFrame({name: code, "timestamp": stamps, "counts": values})


def _two(starts: tuple[str, ...] = ("2024-03-04", "2024-03-04"), codes: tuple = ("Ann", "Bob"), name: str = "code name") -> pd.DataFrame:
    people = zip(codes, starts, strict=True)
    return pd.concat([_rows(code, start, name, seed=i) for i, (code, start) in enumerate(people)], ignore_index=True)


def _refused(tmp_path: Path, frame: pd.DataFrame) -> str:
    frame.to_csv(tmp_path / "all.csv", index=False)
    reading = read(tmp_path / "all.csv")
    assert not reading.recordings and len(reading.refused) == 1, reading
    return reading.refused[0].reason


APART = {
    "same times": ("2024-03-04", "2024-03-04"),
    "later": ("2024-03-04", "2024-03-20"),
    "next": ("2024-03-04", "2024-03-06"),
    "earlier": ("2024-03-20", "2024-03-04"),
    "overlapping": ("2024-03-04", "2024-03-05"),
}


@pytest.mark.parametrize("starts", APART.values(), ids=APART)
@pytest.mark.parametrize("codes", [("Ann", "Bob"), (7, 8)], ids=["words", "numbers"])
def test_a_column_that_parts_the_rows_is_asked_about_whatever_its_name(tmp_path: Path, starts: tuple[str, str], codes: tuple) -> None:
    frame = _two(starts, codes)
    reason = _refused(tmp_path, frame)
    assert f"column code name splits the 5,760 rows among {codes[0]} (from line 2) and {codes[1]} (from line 2882)" in reason
    source = file_source(tmp_path / "all.csv")
    assert why_unknown(source).startswith("the column code name splits")
    told = guess(source).mapping
    assert told.participant == "code name"
    people = read_mapped(source, told).recordings
    assert [person.participant for person in people] == [str(code) for code in codes]
    assert [np.nansum(person.values) for person in people] == frame.groupby("code name")["counts"].sum().tolist()


@pytest.mark.parametrize("starts", APART.values(), ids=APART)
@pytest.mark.parametrize("name", ["wearer", "Worn By", "day_patient", "night nurse", "sleep_lab_subject"])
def test_words_of_wear_and_time_in_its_name_leave_a_column_of_people_one(tmp_path: Path, name: str, starts: tuple[str, str]) -> None:
    assert f"column {name} splits" in _refused(tmp_path, _two(starts, name=name))


def test_rows_of_two_people_that_alternate_are_asked_about(tmp_path: Path) -> None:
    assert "column code name splits" in _refused(tmp_path, _two().sort_values("timestamp", kind="stable"))


@pytest.mark.parametrize("name", ["subjid", "study_id", "Proband-Nr", "USUBJID", "Subject Number", "patient code", "Versuchsperson"])
def test_more_names_of_people_are_known(tmp_path: Path, name: str) -> None:
    _two(name=name).to_csv(tmp_path / "all.csv", index=False)
    assert [person.participant for person in read(tmp_path / "all.csv").recordings] == ["Ann", "Bob"]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("study day", (1, 2)),
        ("weekday", ("Mon", "Wed")),
        ("visit", ("V1", "V2")),
        ("Tag", (1, 2)),
        ("DST", (0, 1)),
        ("battery", (90, 80)),
        ("treatment", ("off", "on")),
        ("charging", (0, 1)),
    ],
)
def test_columns_that_follow_one_persons_time_are_no_people(tmp_path: Path, name: str, codes: tuple) -> None:
    _two(("2024-03-04", "2024-03-06"), codes, name).to_csv(tmp_path / "p1.csv", index=False)
    (recording,) = read(tmp_path / "p1.csv").recordings
    assert recording.participant == "p1" and recording.values.size == 4 * 1440
    assert "splits" in _refused(tmp_path, _two(("2024-03-04", "2024-03-04"), codes, name))


def test_days_counted_by_a_column_of_any_name_are_one_persons(tmp_path: Path) -> None:
    frame = _two(("2024-03-04", "2024-03-06"))
    frame["giorno"] = frame["timestamp"].dt.day
    frame.drop(columns="code name").to_csv(tmp_path / "p1.csv", index=False)
    assert len(read(tmp_path / "p1.csv").recordings) == 1


def test_people_without_any_column_that_tells_them_are_refused_where_their_times_show_it(tmp_path: Path) -> None:
    said = {"same times": "2,880 of 5,760 rows repeat an earlier time", "earlier": "go back by a whole recording in line 2882"}
    for starts, sentence in said.items():
        assert sentence in _refused(tmp_path, _two(APART[starts]).drop(columns="code name"))


def test_the_same_rows_twice_and_days_in_another_order_are_one_persons(tmp_path: Path) -> None:
    once = _rows("x", "2024-03-04").drop(columns="code name")
    days = pd.concat([_rows("x", f"2024-03-{day:02d}", days=1).drop(columns="code name") for day in (7, 6, 5, 4)])
    for frame, rows in ((pd.concat([once, once]), 2880), (days, 4 * 1440), (days[::-1], 4 * 1440)):
        frame.to_csv(tmp_path / "p1.csv", index=False)
        (recording,) = read(tmp_path / "p1.csv").recordings
        assert recording.values.size == rows and recording.notes


def test_a_named_person_with_two_peoples_rows_is_refused_by_the_column_that_tells_them_apart(tmp_path: Path) -> None:
    frame = pd.concat([_two(name="site").assign(id=1), _rows("Ulm", "2024-03-04", "site").assign(id=2)])
    frame.to_csv(tmp_path / "all.csv", index=False)
    reading = read(tmp_path / "all.csv")
    assert [person.participant for person in reading.recordings] == ["2"]
    assert "rows of 1 have different values at the same times" in reading.refused[0].reason and "site" in reading.refused[0].reason
    reason = _refused(tmp_path, _two(APART["later"]).assign(studyid="TRIAL"))
    assert "code name splits" in reason and "the column studyid names only one person" in reason


def test_a_counter_of_rows_is_no_column_of_people(tmp_path: Path) -> None:
    frame = _rows("A7", "2024-03-04", "subject id").assign(number=range(2880))
    frame.to_csv(tmp_path / "p1.csv", index=False)
    assert [person.participant for person in read(tmp_path / "p1.csv").recordings] == ["A7"]
    frame.drop(columns="subject id").to_csv(tmp_path / "p1.csv", index=False)
    assert [person.participant for person in read(tmp_path / "p1.csv").recordings] == ["p1"]


def test_codes_that_a_spreadsheet_shortened_are_refused_and_say_so(tmp_path: Path) -> None:
    for code in ("1.23457E+11", "1,23457E+11", "1E+15"):
        _two(("2024-03-04", "2024-03-20"), (code, "A7"), "subject").to_csv(tmp_path / "all.csv", index=False)
        reading = read(tmp_path / "all.csv")
        assert [person.participant for person in reading.recordings] == ["A7"] and "shortened by a spreadsheet" in reading.refused[0].reason


def _names(reading: Reading) -> list[str]:
    return [person.participant for person in reading.recordings]


def test_whole_numbers_that_became_fractions_are_codes_without_their_point(tmp_path: Path) -> None:
    frame = _two(codes=(100234.0, 100235.0), name="subject")
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_csv(tmp_path / "a.csv", index=False)
    wide = pd.DataFrame(np.ones((2, 120)), columns=[f"minute_{i}" for i in range(120)]).assign(id=[100234.0, 100235.0])
    wide.to_parquet(tmp_path / "w.parquet")
    np.savez(tmp_path / "a.npz", values=np.ones((2, 120), np.float32), participants=np.array([100234.0, 100235.0]))
    for name in ("a.parquet", "a.csv", "w.parquet", "a.npz"):
        assert _names(read(tmp_path / name)) == ["100234", "100235"], name
    _two(codes=("1.0", "1.1"), name="subject").to_csv(tmp_path / "a.csv", index=False)
    assert _names(read(tmp_path / "a.csv")) == ["1.0", "1.1"]


def test_who_said_that_a_column_means_nothing_is_believed_but_not_against_the_times(tmp_path: Path) -> None:
    _two(APART["later"]).to_csv(tmp_path / "all.csv", index=False)
    told = replace(guess(file_source(tmp_path / "all.csv")).mapping, participant=None)
    assert _names(read_mapped(file_source(tmp_path / "all.csv"), told)) == ["all"]
    _two().to_csv(tmp_path / "all.csv", index=False)
    with pytest.raises(RecordingError, match="column code name splits"):
        read_mapped(file_source(tmp_path / "all.csv"), told)


def _wide(minutes: int, **facts: list) -> pd.DataFrame:
    many = len(next(iter(facts.values())))
    values = np.random.default_rng(0).integers(0, 90, (many, minutes))
    return pd.concat([pd.DataFrame(facts), pd.DataFrame(values, columns=[f"minute_{i}" for i in range(minutes)])], axis=1)


@pytest.mark.parametrize(
    ("name", "codes"),
    [("Kuerzel", ["AB1", "CD2", "EF3"]), ("Zahl", [101, 102, 105]), ("who is it", ["Ann", "Bob", "Cy"]), ("nr", ["007", "008", "009"])],
)
def test_a_wide_table_whose_people_an_unknown_column_names_is_asked_about(tmp_path: Path, name: str, codes: list) -> None:
    reason = _refused(tmp_path, _wide(300, **{name: codes}))
    assert f"{name} seems to: {codes[0]}, {codes[1]}, {codes[2]}" in reason and "participant" in reason


@pytest.mark.parametrize(
    "facts",
    [
        {"age": [31.5, 40.0, 28.0]},
        {"group": ["a", "a", "b"]},
        {"begin": ["2024-03-04", "2024-03-05", "2024-03-06"]},
        {"group": ["x", "x", "x"], "score": [3, 5, 9]},
        {"visit": ["V1", "V2", "V3"]},
        {"from": ["4 Mar 2024", "5 Mar 2024", "6 Mar 2024"]},
    ],
)
def test_other_facts_beside_the_minutes_name_nobody(tmp_path: Path, facts: dict) -> None:
    _wide(300, **facts).to_csv(tmp_path / "a.csv", index=False)
    assert _names(read(tmp_path / "a.csv")) == ["a-1", "a-2", "a-3"]


def test_days_of_several_people_under_an_unknown_column_are_never_one_persons(tmp_path: Path) -> None:
    dates = [f"2024-03-{day:02d}" for day in range(4, 12)]
    reason = _refused(tmp_path, _wide(1440, Kuerzel=["AB"] * 4 + ["CD"] * 4, date=dates))
    assert "Kuerzel seems to: AB, CD" in reason
    one = _wide(1440, date=dates, daytype=["weekday"] * 5 + ["weekend"] * 2 + ["weekday"], worn_minutes=[1440] * 4 + [1300] * 4)
    one.to_csv(tmp_path / "one.csv", index=False)
    assert _names(read(tmp_path / "one.csv")) == ["one"]
