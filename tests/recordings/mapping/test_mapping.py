"""Tables whose columns nobody knows: guessed, read as said, and what is said kept as JSON."""

from __future__ import annotations

import dataclasses
import gzip
import io
import zipfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import PatError, RecordingError
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapped_table import MappedReader, first_rows, read_mapped
from pat_core.recordings.mapping.mapping_record import Mapping, MappingError, fingerprint, from_json, problems, to_json
from pat_core.recordings.mapping.text_table import Shape, fits, fitting
from pat_core.recordings.mapping.unknown_table import why_unknown
from pat_core.recordings.reading import read
from pat_core.recordings.source import Source
from pat_core.records import COUNTS, MG, UNKNOWN_UNIT

START = "2024-03-05 10:00:00"
FORMS = {"year": "%Y-%m-%d %H:%M:%S", "day": "%d/%m/%Y %H:%M:%S", "month": "%m/%d/%Y %H:%M:%S", "named": "%d %b %Y %H:%M:%S"}


def source(text: str | bytes, name: str = "ward.csv") -> Source:
    content = text.encode() if isinstance(text, str) else text
    return Source(name, name, len(content), lambda: io.BytesIO(content))


def table(minutes: int = 2000, step: int = 60, form: str = "%Y-%m-%d %H:%M:%S", **more: object) -> pd.DataFrame:
    stamps = pd.date_range(START, periods=minutes, freq=f"{step}s")
    return pd.DataFrame({"Zeitpunkt": stamps.strftime(form), "Bewegung": np.arange(minutes) % 251, **more})


def text(frame: pd.DataFrame, **how: object) -> str:
    return frame.to_csv(index=False, **how)


def test_a_last_time_that_is_cut_is_left_out_and_said_not_read_as_another_day() -> None:
    written = text(table(120))
    mapping = dataclasses.replace(guess(source(written)).mapping, unit=COUNTS)
    (whole,) = read_mapped(source(written), mapping).recordings
    (cut,) = read_mapped(source(written.rstrip().rsplit("\n", 1)[0] + "\n2024-03-05 1"), mapping).recordings
    assert cut.values.tolist() == whole.values.tolist()[:-1] and cut.start == whole.start
    assert any("last line (121) ends in the middle" in note for note in cut.notes)


@pytest.mark.parametrize("order", list(FORMS))
@pytest.mark.parametrize("step", [1, 15, 30, 60])
def test_what_was_written_comes_back_in_every_order_of_date_and_epoch(order: str, step: int) -> None:
    minutes = {1: 10_000, 15: 10_000, 30: 40_000, 60: 15_000}[step]  # of the last two more than nine days, which tell the order
    frame = table(minutes, step, FORMS[order])
    guessed = guess(source(text(frame))).mapping
    assert (guessed.time, guessed.activity, guessed.order) == (
        "Zeitpunkt",
        "Bewegung",
        order if minutes * step > 9 * 86400 else guessed.order,
    )
    mapping = dataclasses.replace(guessed, unit=COUNTS, order=order)
    (recording,) = read_mapped(source(text(frame)), mapping).recordings
    per = 60 // step
    expected = frame["Bewegung"].to_numpy()[: minutes // per * per].reshape(-1, per).sum(axis=1)
    np.testing.assert_array_equal(recording.values, expected)
    assert recording.start == datetime(2024, 3, 5, 10) and recording.participant == "ward"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("above", [0, 3])
def test_lines_above_separators_and_encodings_are_found(encoding: str, separator: str, above: int) -> None:
    frame = table().rename(columns={"Zeitpunkt": "Zeitpünkt"})
    content = (f"Gerät{separator}drei\n\nSerie\n" if above else "") + text(frame, sep=separator)
    given = source(content.encode(encoding))
    mapping = guess(given).mapping
    assert (mapping.separator, mapping.skip, mapping.header, mapping.time) == (separator, above, True, "Zeitpünkt")
    np.testing.assert_array_equal(read_mapped(given, mapping).recordings[0].values, frame["Bewegung"])


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("above", [0, 3])
def test_lines_that_end_as_on_an_old_mac_are_lines(above: int, header: bool) -> None:
    frame = table()
    content = ("Gerät;drei\n\nSerie\n" if above else "") + text(frame, header=header)
    given = source(content.replace("\r\n", "\n").replace("\n", "\r").encode())
    mapping = guess(given).mapping
    assert (mapping.skip, mapping.header) == (above, header)
    np.testing.assert_array_equal(read_mapped(given, mapping).recordings[0].values, frame["Bewegung"])


def test_a_table_without_a_header_has_numbered_columns_and_loses_no_row() -> None:
    frame = table()
    given = source(text(frame, header=False))
    mapping = guess(given).mapping
    assert mapping.columns == ("column 1", "column 2") and not mapping.header
    np.testing.assert_array_equal(read_mapped(given, mapping).recordings[0].values, frame["Bewegung"])
    packed = source(gzip.compress(text(frame, header=False).encode()), "ward.csv.gz")
    assert guess(packed).mapping == mapping and read_mapped(packed, mapping).recordings[0].values.size == 2000


@pytest.mark.parametrize(("order", "scale"), [("seconds", 1), ("milliseconds", 1000)])
def test_times_counted_from_1970_are_utc_and_brought_to_the_wall_clock_of_a_zone(order: str, scale: int) -> None:
    frame = table()
    frame["Zeitpunkt"] = pd.date_range(START, periods=2000, freq="min").astype("datetime64[s]").astype(np.int64) * scale
    guessed = guess(source(text(frame))).mapping
    assert (guessed.order, guessed.runs) == (order, "utc")
    (plain,) = read_mapped(source(text(frame)), guessed).recordings
    assert plain.start == datetime(2024, 3, 5, 10) and any("UTC" in note for note in plain.notes)
    (moved,) = read_mapped(source(text(frame)), dataclasses.replace(guessed, zone="Australia/Adelaide")).recordings
    assert moved.start == datetime(2024, 3, 5, 20, 30) and moved.zone == "Australia/Adelaide"


def test_date_and_clock_apart_people_decimal_commas_and_worn_marks_are_understood() -> None:
    stamps = pd.date_range(START, periods=300, freq="min")
    frames = [
        pd.DataFrame(
            {
                "Proband": who,
                "Datum": stamps.strftime("%d.%m.%Y"),
                "Uhrzeit": stamps.strftime("%H:%M:%S"),
                "Bewegung": [f"{value},5" for value in range(300)],
                "Getragen": (np.arange(300) >= 60).astype(int),
                "site": "north",
            }
        )
        for who in ("007", "008")
    ]
    given = source(text(pd.concat(frames), sep=";"))
    mapping = guess(given).mapping
    taken = (mapping.participant, mapping.time, mapping.clock, mapping.activity, mapping.worn)
    assert taken == ("Proband", "Datum", "Uhrzeit", "Bewegung", "Getragen") and mapping.decimal == ","
    first, second = read_mapped(given, mapping).recordings
    assert (first.participant, second.participant) == ("007", "008") and first.labels == {"site": "north"}
    np.testing.assert_array_equal(first.values, np.arange(300) + 0.5)
    np.testing.assert_array_equal(second.worn, np.arange(300) >= 60)
    turned = read_mapped(given, dataclasses.replace(mapping, worn_says="not worn")).recordings[0]
    np.testing.assert_array_equal(turned.worn, np.arange(300) < 60)
    assert first_rows(given, mapping, 1) == [("007", datetime(2024, 3, 5, 10), 0.5, False)]


def test_a_column_named_nonwear_marks_what_was_not_worn() -> None:
    assert guess(source(text(table(nonwear=0)))).mapping.worn_says == "not worn"


def test_every_guess_of_a_column_has_its_reason_and_what_nothing_decides_is_said() -> None:
    guessed = guess(source(text(table(120, form=FORMS["day"], Proband="P1"))))
    assert {"time", "activity", "participant", "order", "unit", "zone"} <= {field for field, why in guessed.reasons.items() if why}
    assert set(guessed.unsure) == {"order", "unit"} and "Nothing shows" in guessed.reasons["order"]


def test_among_nameless_numbers_counters_and_constants_are_no_activity() -> None:
    frame = table().rename(columns={"Bewegung": "q"}).assign(row=np.arange(2000), level=3, temp=-1.5)
    assert guess(source(text(frame))).mapping.activity == "q"


def test_the_order_that_is_said_decides_and_one_that_the_dates_contradict_is_refused() -> None:
    ambiguous = source(text(table(120, form=FORMS["day"])))
    mapping = guess(ambiguous).mapping
    months = {"day": 3, "month": 5}
    for order, month in months.items():
        assert read_mapped(ambiguous, dataclasses.replace(mapping, order=order)).recordings[0].start.month == month
    decided = source(text(table(30_000, form=FORMS["day"])))
    with pytest.raises(MappingError, match="day first") as caught:
        read_mapped(decided, dataclasses.replace(mapping, order="month"))
    assert caught.value.field == "order"


@pytest.mark.parametrize(("change", "field"), [
    ({"time": ""}, "time"), ({"activity": "gone"}, "activity"), ({"activity": "Zeitpunkt"}, "activity"), ({"zone": "Mars"}, "zone"),
    ({"runs": "steady"}, "runs"), ({"order": "seconds"}, "runs"), ({"order": "month", "runs": "wall"}, "order"),
    ({"time": "word"}, "time"), ({"activity": "word"}, "activity"), ({"activity": "dezimal"}, "decimal"),
])  # fmt: skip
def test_a_field_that_does_not_fit_is_named_with_a_sentence(change: dict[str, object], field: str) -> None:
    given = source(text(table(word="2 words", dezimal="1,5")))
    mapping = (
        dataclasses.replace(guess(given).mapping, activity="Bewegung", decimal=".", **change)
        if "activity" not in change
        else (dataclasses.replace(guess(given).mapping, decimal=".", **change))
    )
    with pytest.raises(MappingError) as caught:
        read_mapped(given, mapping if change != {"time": "word"} else dataclasses.replace(mapping, order="named"))
    assert caught.value.field == field and str(caught.value).endswith(".")


def test_thousands_signs_are_understood_with_either_decimal_sign() -> None:
    frame = table(100).assign(Bewegung=["1.234,5"] * 100)
    given = source(text(frame, sep=";"))
    assert (read_mapped(given, guess(given).mapping).recordings[0].values == 1234.5).all()
    given = source(text(frame.assign(Bewegung="1,234.5"), sep=";"))
    assert (read_mapped(given, guess(given).mapping).recordings[0].values == 1234.5).all()


def test_gaps_stay_missing_and_a_line_at_the_end_that_is_no_row_is_noted() -> None:
    frame = table(100).drop(index=range(40, 50))
    given = source(text(frame) + "End of recording,\n")
    (recording,) = read_mapped(given, guess(given).mapping).recordings
    assert np.flatnonzero(np.isnan(recording.values)).tolist() == list(range(40, 50))
    assert any("line 92" in note for note in recording.notes)


def test_one_person_with_words_among_their_numbers_is_refused_by_the_columns_own_name_and_the_others_come_in() -> None:
    frame = pd.concat([table(100, Proband=who) for who in "ABC"], ignore_index=True).astype({"Bewegung": object})
    frame.loc[150, "Bewegung"] = "broken"
    given = source("Gerät\n" + text(frame))
    reading = read_mapped(given, guess(given).mapping)
    assert [recording.participant for recording in reading.recordings] == ["A", "C"]
    assert "The column Bewegung" in reading.refused[0].reason and "line 153" in reading.refused[0].reason


def test_the_unit_that_is_said_holds_whatever_other_columns_are_called() -> None:
    frame = table(200, 30).rename(columns={"Bewegung": "x"}).assign(activity=-1, minute=5, unit="steps", id="q")
    given = source(text(frame))
    mapping = Mapping(tuple(frame.columns), "Zeitpunkt", "x", unit=MG)
    (recording,) = read_mapped(given, mapping).recordings
    assert (recording.unit, recording.participant) == (MG, "ward") and recording.values[0] == 0.5


def test_a_fingerprint_is_of_the_columns_and_not_of_their_order_and_differs_for_other_columns() -> None:
    assert fingerprint(["A", "b "]) == fingerprint(["B", "a"]) != fingerprint(["a", "b", "c"])
    assert fingerprint(["a,b"]) != fingerprint(["a", "b"])


def test_the_next_file_is_read_alike_though_its_columns_stand_in_another_order() -> None:
    mapping = guess(source(text(table()))).mapping
    turned = source(text(table(500)[["Bewegung", "Zeitpunkt"]]), "next.csv")
    assert fits(turned, mapping)
    assert read_mapped(turned, mapping).recordings[0].values.size == 500
    for other in (text(table(more=1)), "", "\x00\x01", "Zeitpunkt,Bewegung\n", text(table()[["Zeitpunkt"]])):
        assert not fits(source(other), mapping)


def test_a_mapping_survives_json_and_a_damaged_one_is_refused_in_a_sentence() -> None:
    whole = to_json(guess(source(text(table()))).mapping)
    assert from_json(whole) == guess(source(text(table()))).mapping
    damaged = [None, [], "x", {}, whole | {"more": 1}, {key: whole[key] for key in list(whole)[1:]}]
    changes = {
        "columns": [[], "ab", [1], None],
        "time": [None, 3, "gone"],
        "activity": ["", "Zeitpunkt"],
        "clock": [5],
        "unit": ["furlong", []],
        "order": ["x", 1],
        "zone": ["Mars", ""],
        "runs": [None],
        "worn_says": ["maybe"],
        "separator": [".", ""],
        "decimal": [";"],
        "skip": [-1, 1001, True, 1.5],
        "header": [1, "yes", None],
    }
    damaged += [whole | {field: value} for field, values in changes.items() for value in values]
    for value in damaged:
        with pytest.raises(RecordingError, match=r"cannot be used: .*\."):
            from_json(value)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\xff" * 999, b"one line", b"a,b\n", b'"', b"\xff\xfea", b"1,2\n" * 50, b"a,a\n1,2\n1,3\n"]
)
def test_files_that_are_no_such_table_are_refused_in_a_sentence(content: bytes) -> None:
    mapping = Mapping(("a", "b"), "a", "b")
    for attempt in (lambda: guess(source(content)), lambda: read_mapped(source(content), mapping)):
        try:
            attempt()
        except PatError as error:
            assert str(error).endswith(".")
    assert why_unknown(source(content)) is None


def test_skipping_all_lines_is_said() -> None:
    with pytest.raises(RecordingError, match="Skip fewer"):
        guess(source("a,b\n1,2\n"), Shape(",", 50, True))


@pytest.mark.parametrize(("frame", "words"), [
    (table(), "no format knows its columns (Zeitpunkt, Bewegung)"),
    (table(120, form=FORMS["day"]).rename(columns={"Zeitpunkt": "time", "Bewegung": "counts"}), "day or the month"),
    (table(30_000, form=FORMS["day"]).rename(columns={"Zeitpunkt": "time", "Bewegung": "counts"}), None),
    (table().rename(columns={"Zeitpunkt": "timestamp", "Bewegung": "activity"}), None),
    (pd.DataFrame({"participant": ["a", "b"], "age": [30, 40]}), None),
])  # fmt: skip
def test_only_tables_with_times_that_no_format_reads_ask_for_a_mapping(frame: pd.DataFrame, words: str | None) -> None:
    why = why_unknown(source(text(frame)))
    assert why is None if words is None else words in why


def test_in_a_folder_or_zip_files_with_these_columns_are_read_by_the_mapping_and_the_rest_by_their_formats(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    (folder / "control").mkdir(parents=True)
    (folder / "control" / "a.csv").write_text(text(table(200)))
    (folder / "b.csv").write_text(text(table(100).rename(columns={"Zeitpunkt": "timestamp", "Bewegung": "activity"})))
    (folder / "participants.csv").write_text("participant,age\na,30\n")
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as packed:
        for path in folder.rglob("*.csv"):
            packed.write(path, path.relative_to(folder))
    mapping = guess(source(text(table()))).mapping
    for place in (folder, tmp_path / "study.zip"):
        reading = read(place, reader=MappedReader([mapping]))
        found = {recording.participant: recording for recording in reading.recordings}
        assert found["a"].values.size == 200 and found["b"].unit == COUNTS and found["a"].unit == UNKNOWN_UNIT
        assert dict(found["a"].labels) == {"group": "control", "age": 30.0} and reading.refused == ()
        assert {recording.participant for recording in read(place).recordings} == {"b"}


def test_files_read_by_a_mapping_keep_the_rules_of_folders_that_all_files_keep(tmp_path: Path) -> None:
    for name in ("a/p1.csv", "b/p1.csv", "p2/p2.csv", "apple_health_export/p3.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text(table(200)))
    mapping = guess(source(text(table()))).mapping
    reading = read(tmp_path, reader=MappedReader([mapping]))
    groups = {recording.participant: recording.labels.get("group") for recording in reading.recordings}
    assert groups == {"p1": "a", "p2": None, "p3": None}
    (twice,) = reading.refused
    assert "a/p1.csv" in twice.reason and "b/p1.csv" in twice.reason


def test_a_damaged_member_of_a_zip_is_refused_alike_by_a_mapping_and_by_its_format(tmp_path: Path) -> None:
    known = table(9000).rename(columns={"Zeitpunkt": "timestamp", "Bewegung": "activity"})
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as packed:
        packed.writestr("mapped.csv", text(table(9000)))
        packed.writestr("known.csv", text(known))
    content = bytearray((tmp_path / "study.zip").read_bytes())
    for last in (text(table(9000))[-30:], text(known)[-30:]):
        content[content.index(last.encode())] ^= 1
    (tmp_path / "study.zip").write_bytes(content)
    reading = read(tmp_path / "study.zip", reader=MappedReader([guess(source(text(table()))).mapping]))
    assert not reading.recordings and len({refusal.reason for refusal in reading.refused}) == 1
    assert [refusal.what for refusal in reading.refused] == ["study.zip: mapped.csv", "study.zip: known.csv"]


def test_a_reader_knows_who_came_by_which_mapping(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text(table(200)))
    (tmp_path / "b.csv").write_text(text(table(100).rename(columns={"Zeitpunkt": "timestamp", "Bewegung": "activity"})))
    mapping = guess(source(text(table()))).mapping
    reader = MappedReader([dataclasses.replace(mapping, skip=1), mapping])
    by = {recording.participant: reader.mapping_of(recording) for recording in read(tmp_path, reader=reader).recordings}
    assert by == {"a": mapping, "b": None}


def test_the_first_mapping_that_fits_is_found_with_one_reading_of_the_beginning() -> None:
    given = guess(source(text(table()))).mapping
    others = [dataclasses.replace(given, **change) for change in ({"activity": "Zeitpunkt"}, {"skip": 2}, {"separator": ";"})]
    found = [dataclasses.replace(given, unit=unit) for unit in (COUNTS, MG)]
    content, opened = text(table()).encode(), []
    counted = Source("w", "w.csv", len(content), lambda: opened.append(1) or io.BytesIO(content))
    assert fitting(counted, [*others, *found, *others * 20]) == found[0]
    once = len(opened)
    assert fitting(counted, others * 20) is None and len(opened) == 2 * once, "opened again for every mapping"
    assert [fits(counted, mapping) for mapping in (*others, *found)] == [False] * 3 + [True] * 2


def test_what_cannot_be_opened_fits_nothing_and_is_no_unknown_table() -> None:
    def broken() -> io.BytesIO:
        raise zipfile.BadZipFile("gone")

    given = Source("w", "w.csv", 9, broken)
    assert not fits(given, guess(source(text(table()))).mapping) and why_unknown(given) is None


def test_a_mapping_without_a_fault_has_no_problems() -> None:
    assert problems(guess(source(text(table()))).mapping) == {}
