"""What commas, points, blanks and apostrophes in numbers mean, told by the whole column; the same in every reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapped_table import read_mapped
from pat_core.recordings.mapping.mapping_record import MappingError
from pat_core.recordings.mapping.unknown_table import why_unknown
from pat_core.recordings.reading import read
from pat_core.recordings.source import file_source
from pat_core.recordings.tables import columns, numbers
from pat_core.recordings.tables.coded_text import coded
from pat_core.recordings.tables.people_table import read_labels

COUNTS = np.array([0, 6, 87, 999, 1000, 1234, 12345, 7, 2000, 0] * 12)
"""Whole numbers on both sides of a thousand, 1000 and 2000 among them."""
GROUPED = {"comma": ",", "point": ".", "apostrophe": "'", "blank": " ", "no-break": "\u00a0", "narrow": "\u202f", "thin": "\u2009"}


def _grouped(values: np.ndarray, sign: str) -> list[str]:
    return [f"{value:,}".replace(",", sign) for value in values.tolist()]


def _settled(cells: list[str], usual: numbers.Usual | None = None) -> list[float]:
    values, text, _ = numbers.numbers_of(coded(pd.Series(cells, dtype="str")), np.arange(2, len(cells) + 2), "counts", usual)
    assert not text.any()
    return values.tolist()


def _long(path: Path, cells: list[str], separator: str = ";", **more: object) -> Path:
    stamps = pd.date_range("2024-03-04", periods=len(cells), freq="60s")
    pd.DataFrame({"timestamp": stamps, "counts": cells, **more}).to_csv(path, sep=separator, index=False)
    return path


@pytest.mark.parametrize(("cells", "values"), [
    (["1,234", "87", "12,345"], [1234, 87, 12345]), (["1.234", "87"], [1234, 87]), (["1.234,5", "1.234"], [1234.5, 1234]),
    (["1,234.5", "1,234"], [1234.5, 1234]), (["1,234,567", "1,234"], [1234567, 1234]), (["12,34,567", "1,234"], [1234567, 1234]),
    (["12,5", "1,234"], [12.5, 1.234]), (["0,123", "1,234"], [0.123, 1.234]), (["1234,5", "1,234"], [1234.5, 1.234]),
    (["1.2345", "1.234", "5"], [1.2345, 1.234, 5]), (["12,5", "1.234"], [12.5, 1234]), (["12.5", "1,234"], [12.5, 1234]),
    (["1'234.5", "2\u2019345"], [1234.5, 2345]), (["1 234,5", "2\u00a0345", "3\u202f456"], [1234.5, 2345, 3456]),
    (["1.5E+03", "2,5e-1", "+3", "\u22124", ",5", "6."], [1500, 0.25, 3, -4, 0.5, 6]), (["2.5", "3,25"], [2.5, 3.25]),
])  # fmt: skip
def test_signs_mean_what_the_whole_column_tells(cells: list[str], values: list[float]) -> None:
    assert _settled(cells) == values and _settled(cells[::-1]) == values[::-1]


@pytest.mark.parametrize(("cells", "said"), [
    (["1,234", "2,345"], "1,234 in line 2 is 1234 or 1.234"), (["1.234"], "1.234 in line 2 is 1234 or 1.234"),
    (["0", "1,234"], "two ways"), (["1234", "1,234"], "two ways"), (["5", "1,234", "1.234"], "two ways"), (["1'234", "1,234"], "two ways"),
    (["1,234", "12,5", "1,234,567"], "12,5 in line 3 and 1,234,567 in line 4"), (["7", *["1,234"] * 60, "0,5"], "0,5 in line 63"),
])  # fmt: skip
def test_what_can_be_read_both_ways_or_contradicts_itself_is_refused_by_name(cells: list[str], said: str) -> None:
    with pytest.raises(RecordingError, match="column counts") as caught:
        _settled(cells)
    assert said in str(caught.value) and "Write" in str(caught.value)


@pytest.mark.parametrize(("usual", "values"), [("whole", [1234]), ("fractions", [1.234]), (".", [1234]), (",", [1.234])])
def test_what_is_known_of_a_column_beforehand_decides_where_its_cells_do_not(usual: numbers.Usual, values: list[float]) -> None:
    assert _settled(["1,234"], usual) == values and _settled(["1,234", "12.5"], usual) == [1234, 12.5]


def test_cells_in_lists_are_read_as_those_of_columns_are() -> None:
    generator = np.random.default_rng(1)
    for cells in (
        COUNTS.astype(str).tolist(),
        [f"{x:.4f}" for x in generator.random(50)],
        ["1.0", "2.0", ""],
        ["1.234", "5", "NA", "-"],
        ["1e5", "inf", "foo"],
        [*_grouped(COUNTS, "."), " 7", '"8"'],
        ["", "12,5"],
        ["12.25", "1.5", ""],
    ):
        one, other = numbers.parse_cells(cells), numbers.parse(pd.Series(cells, dtype="str"))
        assert np.array_equal(one["value"], other["value"], equal_nan=True)
        assert np.array_equal(one["kind"] == numbers.TEXT, other["kind"] == numbers.TEXT)


@pytest.mark.parametrize("sign", GROUPED.values(), ids=GROUPED)
def test_a_long_table_with_thousands_signs_is_the_one_without_and_says_so(tmp_path: Path, sign: str) -> None:
    (recording,) = read(_long(tmp_path / "a.csv", _grouped(COUNTS, sign))).recordings
    assert np.array_equal(recording.values, COUNTS) and recording.unit == "counts/min"
    assert any("thousands separators" in note and "line 6 (1000)" in note for note in recording.notes)


def test_quoted_thousands_between_commas_decide_over_all_people_and_pieces(tmp_path: Path) -> None:
    cells = _grouped(np.concatenate([COUNTS, COUNTS[4:7].repeat(40)]), ",")
    path = _long(tmp_path / "a.csv", cells, ",", subject=["A"] * 120 + ["B"] * 120)
    first, second = read(path).recordings
    assert np.array_equal(first.values, COUNTS) and np.array_equal(second.values, COUNTS[4:7].repeat(40))


def test_a_long_table_of_open_numbers_alone_is_refused_and_its_columns_can_be_told(tmp_path: Path) -> None:
    path = _long(tmp_path / "a.csv", ["1,234", "2,345"] * 60)
    (refusal,) = read(path).refused
    assert "counts can be read in two ways: 1,234 in line 2" in refusal.reason
    assert "separates thousands or decimals" in why_unknown(file_source(path))
    told = guess(file_source(path))
    assert "decimal" in told.unsure
    for decimal, first in ((".", 1234), (",", 1.234)):
        (recording,) = read_mapped(file_source(path), type(told.mapping)(**vars(told.mapping) | {"decimal": decimal})).recordings
        assert recording.values[0] == np.float32(first)


def test_the_mapping_takes_the_decimal_sign_from_the_whole_file_and_refuses_the_other(tmp_path: Path) -> None:
    path = _long(tmp_path / "a.csv", [*["5"] * 600, "1.234", "7"])
    told = guess(file_source(path)).mapping
    assert told.decimal == "," and read_mapped(file_source(path), told).recordings[0].values[600] == 1234
    with pytest.raises(MappingError, match="Choose the comma") as caught:
        read_mapped(file_source(path), type(told)(**vars(told) | {"decimal": "."}))
    assert caught.value.field == "decimal"


@pytest.mark.parametrize("sign", [",", ".", "'", "\u00a0"])
def test_a_wide_table_decides_by_the_rows_of_all_people(tmp_path: Path, sign: str) -> None:
    rows = [[f"p{i}", "12,5", *_grouped(values, sign)] for i, values in enumerate((COUNTS[4:7].repeat(40), COUNTS))]
    frame = pd.DataFrame(rows, columns=["id", "score", *(f"minute_{i}" for i in range(120))])
    frame.to_csv(tmp_path / "a.csv", sep=";", index=False)
    first, second = read(tmp_path / "a.csv").recordings
    assert np.array_equal(first.values, COUNTS[4:7].repeat(40)) and np.array_equal(second.values, COUNTS)
    assert first.labels["score"] == 12.5 and "thousands separators" in first.notes[0]
    frame[:1].to_csv(tmp_path / "b.csv", sep=";", index=False)
    reading = read(tmp_path / "b.csv")
    assert reading.recordings if sign in "'\u00a0" else "two ways" in reading.refused[0].reason


@pytest.mark.parametrize("sign", [",", "."])
def test_fitbit_minutes_and_rows_of_devices_read_thousands_too(tmp_path: Path, sign: str) -> None:
    cells = _grouped(COUNTS, sign)
    stamps = pd.date_range("2016-04-12", periods=120, freq="60s").strftime("%m/%d/%Y %I:%M:%S %p")
    pd.DataFrame({"Id": 1, "ActivityMinute": stamps, "Steps": cells}).to_csv(tmp_path / "f.csv", index=False)
    assert np.array_equal(read(tmp_path / "f.csv").recordings[0].values, COUNTS)
    clock = pd.date_range("2024-03-04", periods=120, freq="60s").strftime("%d/%m/%Y %H:%M:%S")
    rows = "\n".join(f"{time};{cell}" for time, cell in zip(clock, cells, strict=True))
    (tmp_path / "a.txt").write_text(f"+-+-+-+ Condor Instruments Report +-+-+-+\nSUBJECT_NAME : P7\nINTERVAL : 60\nDATE/TIME;PIM\n{rows}\n")
    (recording,) = read(tmp_path / "a.txt").recordings
    assert np.array_equal(recording.values, COUNTS) and any("thousands separators" in note for note in recording.notes)


def test_labels_with_decimal_commas_are_numbers_and_lists_of_answers_stay_words(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(
        'participant;score;income;answers;rate;city\na;12,5;1.234;1,3;1,234;Ulm\nb;7;987;2;2,345;"12,5"\nc;8,25;.;1,2,3;3,456;-\n'
    )
    table = read_labels(tmp_path / "labels.csv")
    assert table["a"] == {"score": 12.5, "income": 1234.0, "answers": "1,3", "rate": "1,234", "city": "Ulm"}
    assert table["b"] == {"score": 7.0, "income": 987.0, "answers": 2.0, "rate": "2,345", "city": "12,5"}
    assert table["c"] == {"score": 8.25, "income": None, "answers": "1,2,3", "rate": "3,456", "city": None}
    assert columns.label("12,5") == 12.5 and columns.label("1,234") == "1,234" and columns.label("1'234") == 1234


def test_a_long_tables_labels_have_decimal_commas(tmp_path: Path) -> None:
    path = _long(tmp_path / "a.csv", ["5"] * 120, age="34,5")
    assert dict(read(path).recordings[0].labels) == {"age": 34.5}


def test_a_mapped_table_with_a_broken_cell_keeps_the_others_numbers(tmp_path: Path) -> None:
    path = _long(tmp_path / "a.csv", ["1,234", "0,5", "broken", *["2,345"] * 117], who=["A"] * 3 + ["B"] * 117)
    told = guess(file_source(path)).mapping
    reading = read_mapped(file_source(path), type(told)(**vars(told) | {"participant": "who"}), Silent())
    assert reading.recordings[0].values[0] == np.float32(2.345) and "broken" not in str(reading.recordings)
    assert "line 4" in reading.refused[0].reason


def test_a_number_as_text_is_never_taken_for_another(tmp_path: Path) -> None:
    assert [numbers.unmistakable(value) for value in (1.234, 12.5, 87.0, 1234.567)] == ["1.2340", "12.5", "87.0", "1234.567"]
    stamps = pd.date_range("2024-03-04", periods=120, freq="60s")
    pd.DataFrame({"timestamp": stamps, "mg": [1.234, 5] * 60}).to_excel(tmp_path / "a.xlsx", index=False)
    assert read(tmp_path / "a.xlsx").recordings[0].values[0] == np.float32(1.234)


@pytest.mark.parametrize("dash", ["-", " -   "])
def test_dashes_for_zeros_are_not_taken_for_missing_minutes(tmp_path, dash):
    rows = [f'2024-03-04 {minute // 60:02}:{minute % 60:02},"{{}}"' for minute in range(1440)]
    zeros = [row.format(dash if minute % 2 else f" {minute + 1:,} ") for minute, row in enumerate(rows)]
    (tmp_path / "a.csv").write_text("\n".join(["timestamp,counts", *zeros]) + "\n")
    reading = read(tmp_path / "a.csv")
    assert not reading.recordings and "720 of 1,440 rows and never 0" in reading.refused[0].reason
    missing = [row.format("-" if minute % 20 == 1 else minute) for minute, row in enumerate(rows)]
    (tmp_path / "b.csv").write_text("\n".join(["timestamp,counts", *missing]) + "\n")
    (recording,) = read(tmp_path / "b.csv").recordings
    assert np.isnan(recording.values).sum() == 72


def test_the_apostrophe_of_windows_stands_between_thousands(tmp_path):
    rows = [f"2024-03-04 00:{minute:02};{700 + 100 * minute:,}".replace(",", "\u2019") for minute in range(60)]
    (tmp_path / "a.csv").write_bytes("\n".join(["timestamp;counts", *rows]).encode("cp1252"))
    (recording,) = read(tmp_path / "a.csv").recordings
    assert recording.values.tolist() == [700 + 100 * minute for minute in range(60)]
