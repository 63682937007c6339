"""Codes for missing values are missing and said, never activity; columns that tell when a device was worn are used and said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapped_table import read_mapped
from pat_core.recordings.reading import read
from pat_core.recordings.source import file_source
from pat_core.recordings.tables.missing_and_worn import without_codes
from pat_core.wear import wear_of
from pat_core.wear.wear_rules import QualitySettings

MINUTES = 2880


def _activity(seed: int = 0) -> np.ndarray:
    moving = np.random.default_rng(seed).integers(0, 3000, MINUTES)
    return (moving * (np.arange(MINUTES) % 1440 > 420)).astype(np.float32)


def _table(path: Path, cells: object, **more: object) -> Path:
    stamps = pd.date_range("2024-03-04", periods=MINUTES, freq="60s")
    pd.DataFrame({"timestamp": stamps, "counts": cells, **more}).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("code", [99999, 999999, 9999999, 888888, 32767, 65535, 2147483647, -1, -9, -99, -999, -32768, 500000])
def test_a_code_is_missing_and_said(tmp_path: Path, code: int) -> None:
    cells = _activity().astype(np.int64)
    cells[600:900] = code
    (recording,) = read(_table(tmp_path / "a.csv", cells)).recordings
    assert np.flatnonzero(np.isnan(recording.values)).tolist() == list(range(600, 900))
    assert any(f"300 epochs hold {code}" in note and "missing" in note for note in recording.notes)
    assert not wear_of(recording.values, QualitySettings()).worn[600:900].any()


def test_a_code_that_stands_alone_and_two_codes_are_missing_too() -> None:
    values = _activity()
    values[[600, 700]] = 999999, 88888
    mended, notes = without_codes(values)
    assert np.flatnonzero(np.isnan(mended)).tolist() == [600, 700] and len(notes) == 2


def test_two_codes_side_by_side_are_missing_and_two_spikes_are_not() -> None:
    values = _activity()
    values[600:610], values[700:720] = 999998, 999999
    mended, notes = without_codes(values)
    assert np.isnan(mended).sum() == 30 and len(notes) == 2 and "999998" in notes[1]
    values = _activity()
    values[[600, 700]] = 24000, 25000
    assert without_codes(values)[1] == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda x: np.minimum(x * 20, 32767),
        lambda x: np.where(x > 2900, 9999, x),
        lambda x: np.where(x == x.max(), 25000, x),
        lambda x: np.where(x > 0, 500, 0),
        lambda x: np.zeros_like(x),
        lambda x: np.full_like(x, 999999),
        lambda x: x / 3000,
    ],
    ids=["ceiling of 16 bits", "within reach", "one spike", "one value", "zeros", "all alike", "fractions"],
)
def test_ceilings_spikes_and_plain_weeks_are_left_as_they_are(change) -> None:
    values = change(_activity()).astype(np.float32)
    mended, notes = without_codes(values)
    assert np.array_equal(mended, values) and notes == ()


def test_standardized_values_are_still_refused(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=MINUTES)
    assert "never negative" in read(_table(tmp_path / "a.csv", values)).refused[0].reason


@pytest.mark.parametrize("word", [".", "-", "--", "n.a.", "#N/A", "missing", "*", "NaN"])
def test_words_and_signs_for_no_value_are_missing(tmp_path: Path, word: str) -> None:
    cells = _activity().astype(int).astype(str).tolist()
    cells[600:900] = [word] * 300
    (recording,) = read(_table(tmp_path / "a.csv", cells)).recordings
    assert np.flatnonzero(np.isnan(recording.values)).tolist() == list(range(600, 900))
    if word not in ("#N/A", "NaN"):  # those are empty cells to pandas
        assert any("300 cells of the column counts" in note and "line 602" in note for note in recording.notes)


@pytest.mark.parametrize(("name", "off", "on"), [
    ("nonwear", 1, 0), ("non_wear", "True", "False"), ("Non-Wear flag", "yes", "no"), ("offwrist", 1.0, 0.0), ("off-wrist status", 1, ""),
    ("wear", 0, 1), ("worn", "FALSE", "TRUE"), ("is_worn", "n", "y"), ("wearing", "no", "yes"), ("wear status", "nonwear", "wear"),
    ("wear", "off-wrist", "on wrist"), ("nonwear", "non-wear", "worn"), ("Wear Time", "NW", "W"),
])  # fmt: skip
def test_marks_of_wear_are_used_as_the_devices_own_and_said(tmp_path: Path, name: str, off: object, on: object) -> None:
    cells = _activity().astype(int)
    cells[600:900] = 0
    marks = pd.Series([on] * MINUTES, dtype=object)
    marks[600:900] = off
    (recording,) = read(_table(tmp_path / "a.csv", cells, **{name: marks})).recordings
    assert np.flatnonzero(~recording.worn).tolist() == list(range(600, 900))
    assert f"By {name} the device was not worn in 300 of 2,880 epochs; these count as non-wear." in recording.notes
    assert name not in recording.labels


def test_marks_that_say_nothing_clear_or_cannot_be_right_are_said(tmp_path: Path) -> None:
    cells, marks = _activity().astype(int), np.arange(MINUTES) % 1440 > 420
    (recording,) = read(_table(tmp_path / "a.csv", cells, wear=np.arange(MINUTES) % 3)).recordings
    assert recording.worn is None and any("holds “2”" in note and "not used" in note for note in recording.notes)
    (recording,) = read(_table(tmp_path / "a.csv", cells, nonwear=marks.astype(int))).recordings
    assert recording.worn is None and any("may be reversed" in note for note in recording.notes)
    (recording,) = read(_table(tmp_path / "a.csv", cells, nonwear=(np.arange(MINUTES) // 300 == 2).astype(int))).recordings
    assert (~recording.worn).sum() == 300 and any("It moved more then" in note for note in recording.notes)


def test_marks_follow_each_person_and_a_mapping_without_them_leaves_them_out(tmp_path: Path) -> None:
    half = MINUTES // 2
    marks = np.zeros(MINUTES, int)
    marks[[10, half + 20]] = 1
    stamps = pd.date_range("2024-03-04", periods=half, freq="60s")
    frame = pd.DataFrame({"subject": ["A"] * half + ["B"] * half, "timestamp": [*stamps, *stamps], "counts": _activity().astype(int)})
    frame.assign(nonwear=marks).to_csv(tmp_path / "a.csv", index=False)
    assert [np.flatnonzero(~person.worn).tolist() for person in read(tmp_path / "a.csv").recordings] == [[10], [20]]
    told = guess(file_source(tmp_path / "a.csv")).mapping
    assert told.worn == "nonwear" and told.worn_says == "not worn"
    left = read_mapped(file_source(tmp_path / "a.csv"), type(told)(**vars(told) | {"worn": None})).recordings
    assert all(person.worn is None for person in left)


WORN = {
    "choi_nonwear": (1, 0),
    "nonwear_choi": ("TRUE", "FALSE"),
    "NW": (1, 0),
    "Off-Wrist Status": (1, 0),
    "watch_off": ("yes", "no"),
    "status": ("non-wear", "wear"),
    "Status": ("NW", "W"),
    "flag": ("nonwear", "ok"),
    "comment": ("watch off", ""),
    "worn": ("", 1),
    "getragen": ("nein", "ja"),
    "nicht getragen": ("ja", "nein"),
    "porté": ("non", "oui"),
    "non_porté": (1, 0),
    "usado": ("no", "sí"),
    "indossato": ("no", "sì"),
    "gedragen": ("nee", "ja"),
    "buren": ("nej", "ja"),
    "device_on": (0, 1),
    "wear_detected": (0, 1),
}
DOUBTFUL = {
    "valid": (0, 1),
    "invalidepoch": (1, 0),
    "choi": (1, 0),
    "mask": (0, 1),
    "excluded": (1, 0),
    "artefact": (1, 0),
    "imputed": (1, 0),
    "Interval Status": ("EXCLUDED", "ACTIVE"),
    "PAXPREDM": (3, 1),
    "wear_pct": (0, 100),
    "nonwear_score": (3, 0),
    "capsense": (0, 1),
}


@pytest.mark.parametrize("name", [*WORN, *DOUBTFUL])
def test_marks_of_wear_by_other_names_and_words_are_used_or_said(tmp_path: Path, name: str) -> None:
    off, on = (WORN | DOUBTFUL)[name]
    there = np.arange(MINUTES)
    away = (there >= 600) & (there < 900)
    (recording,) = read(_table(tmp_path / "a.csv", np.where(away, 0, _activity()), **{name: np.where(away, str(off), str(on))})).recordings
    if name in WORN:
        assert np.array_equal(recording.worn, ~away)
    else:
        assert recording.worn is None
    assert any(name in note for note in recording.notes)


@pytest.mark.parametrize(
    ("name", "cells"),
    [("wearer", "S1"), ("wearable", "Watch 3"), ("status", "ok"), ("comment", "slept badly"), ("valid", 1), ("site", "NW")],
)
def test_columns_that_only_sound_alike_are_left_alone(tmp_path: Path, name: str, cells: object) -> None:
    (recording,) = read(_table(tmp_path / "a.csv", _activity(), **{name: cells})).recordings
    assert recording.worn is None and recording.notes == ()
