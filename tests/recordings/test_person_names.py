"""Names of a table find the recordings they mean, never one that somebody else could mean as well."""

from __future__ import annotations

import unicodedata

import pytest

from pat_core.recordings.person_names import match, without_appended


@pytest.mark.parametrize(
    ("name", "recording"),
    [
        ("12", "0012"),
        ("0012", "12"),
        ("12.0", "0012"),
        ("12.00", "12"),
        ("12,0", "12"),
        ("100234", "100234.0"),
        ("S1", "S001"),
        ("Zo\u00eb", unicodedata.normalize("NFD", "Zo\u00eb")),
        (" S01 ", "S01"),
        ("s01", "S01"),
        ("STUDY_041", "STUDY_041 (2024-03-04)60sec"),
        ("41", "0041 (2024-03-04)60sec"),
        ("S01", "S01_60sec"),
        ("S01", "S01.agd"),
        ("S01.csv", "S01"),
        ("S01", "S01-2024-03-04"),
        ("S01", "S01_20240304_10s_epochs"),
        ("S01", "S01 60s epoch"),
        ("S01", "S01_left wrist_2024-03-04 10-00-00"),
        ("E004", "E004_3_14_2024_9_00_00_AM_New_Analysis"),
        ("S01", "S01 (1)"),
        ("S01", "S01RAW"),
        ("S01", "S01 (2024-03-04)60secDataTable"),
    ],
)
def test_a_name_finds_its_recording_in_another_way_of_writing(name, recording):
    made = match([name], ["S99", recording, "T7"])
    assert made.pairs == {name: recording}
    assert made.notes() == (f"Labels were matched to recordings under another spelling of the name: {name} is {recording}.",)


@pytest.mark.parametrize(
    ("names", "there"),
    [
        (["12"], ["0012", "012"]),
        (["12.0", "0012"], ["12.00"]),
        (["s01"], ["S01", "S001"]),
        (["S01"], ["S01 (2024-03-04)60sec", "S01 (2024-04-04)60sec"]),
        (["a01", "A01"], ["a1"]),
    ],
)
def test_where_two_could_be_meant_neither_is_joined_and_it_is_said(names, there):
    made = match(names, there)
    doubtful = [name for name in names if name not in made.pairs]
    assert doubtful and all(name in made.doubtful for name in doubtful)
    assert "all match" in made.why(doubtful[0])


def test_a_name_written_alike_is_found_whatever_else_is_near_it():
    assert match(["12", "0012"], ["12", "0012", "12.0"]).pairs == {"12": "12", "0012": "0012"}
    only = match(["12", "0012"], ["12"])
    assert only.pairs == {"12": "12"} and "12, 0012 in the table all match 12" in only.why("0012")


def test_a_name_that_is_not_found_gets_the_nearest_that_nobody_has():
    made = match(["STUDY-0012", "STUDY-0013"], ["STUDY_0112", "STUDY-0013", "X"])
    assert made.why("STUDY-0012") == "The label table names this person, but no recording of theirs was found. Did you mean STUDY_0112?"
    assert match(["nobody"], ["0012"]).why("nobody").endswith("no recording of theirs was found.")


@pytest.mark.parametrize("name", ["Sunday", "2024-03-04", "60sec", "raw", "Wright", "Data7", "S01", "partner", "P_hippo"])
def test_what_is_no_appendage_stays(name):
    assert without_appended(name) == name


@pytest.mark.parametrize(("name", "there", "found"), [
    ("'12", "12", True), ("A\u20131", "A-1", True), ("S01", "S01 - Kopie", True), ("S01", "Kopie von S01", True),
    ("S01", "S01_MOS2D12345678", True), ("S01", "S01_left wrist_012345_2024-03-04 10-00-00", True), ("S01", "S01 04Mar2024", True),
    ("A_1", "A-1", False), ("Zoe", "Zo\u00eb", False), ("S01", "MOS2D12345678_S01", False), ("S01", "sub-S01_ses-1_physio", False),
    ("S01", "S01_baseline", False), ("S1", "ID S01", False), ("S01", "01", False), ("1", "P01", False),
])  # fmt: skip
def test_a_name_inside_a_longer_one_is_found_or_hinted_at(name, there, found):
    made = match([name], [there, "X77"])
    assert made.pairs == ({name: there} if found else {})
    assert found or made.missing[name] == (there,)


def test_a_name_is_no_hint_at_one_that_only_begins_alike():
    assert "S011x" not in match(["S01"], ["S011x", "S02", "other"]).missing["S01"][:1]
