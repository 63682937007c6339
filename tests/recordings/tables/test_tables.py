"""Long and wide tables as text and Parquet, and NumPy arrays."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import RecordingError
from pat_core.recordings.reading import read
from pat_core.recordings.tables.people_table import read_labels
from pat_core.records import COUNTS, MG, MIMS, UNKNOWN_UNIT, Reading


def _stamps(count: int, start: str = "2024-03-05 10:00:00", step: str = "60s") -> pd.DatetimeIndex:
    return pd.date_range(start, periods=count, freq=step)


def _long(people: int = 2, minutes: int = 120) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"participant": f"00{i + 1}", "timestamp": _stamps(minutes), "activity": np.arange(minutes) + i, "sex": "mf"[i]})
        for i in range(people)
    ]
    return pd.concat(frames, ignore_index=True)


def _reason(reading: Reading) -> str:
    assert not reading.recordings and len(reading.refused) == 1, reading
    return reading.refused[0].reason


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_a_long_table_reads_in_every_separator_and_encoding(tmp_path: Path, separator: str, encoding: str) -> None:
    _long().assign(place="Århus").to_csv(tmp_path / "a.csv", sep=separator, encoding=encoding, index=False)
    first, second = read(tmp_path / "a.csv").recordings
    assert (first.participant, second.participant) == ("001", "002")
    assert first.values.dtype == np.float32 and np.array_equal(second.values, np.arange(120) + 1)
    assert first.start == datetime(2024, 3, 5, 10) and first.unit == COUNTS
    assert dict(first.labels) == {"sex": "m", "place": "Århus"}


def test_a_file_is_latin_1_even_if_its_first_accent_comes_late(tmp_path: Path) -> None:
    frame = _long(1, 8000)
    frame.loc[7999, "sex"] = "é"
    frame.to_csv(tmp_path / "a.csv", index=False, encoding="latin-1")
    assert read(tmp_path / "a.csv").recordings[0].values.size == 8000


def test_without_a_participant_column_the_file_names_the_person(tmp_path: Path) -> None:
    _long(1)[["timestamp", "activity"]].to_csv(tmp_path / "night_7.csv", index=False)
    assert read(tmp_path / "night_7.csv").recordings[0].participant == "night_7"


def test_parquet_long_gives_what_the_text_gives(tmp_path: Path) -> None:
    _long().to_parquet(tmp_path / "a.parquet")
    _long().to_csv(tmp_path / "a.csv", index=False)
    for one, other in zip(read(tmp_path / "a.parquet").recordings, read(tmp_path / "a.csv").recordings, strict=True):
        assert one.participant == other.participant and one.start == other.start and one.labels == other.labels
        assert np.array_equal(one.values, other.values)


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("activity", COUNTS),
        ("Axis1", COUNTS),
        ("vector magnitude", COUNTS),
        ("MIMS_UNIT", MIMS),
        ("ENMO_mg", MG),
        ("steps", "steps/min"),
        ("ENMO", UNKNOWN_UNIT),
        ("value", UNKNOWN_UNIT),
    ],
)
def test_the_unit_is_what_the_column_says(tmp_path: Path, column: str, unit: str) -> None:
    pd.DataFrame({"Time Stamp": _stamps(90), column: np.arange(90)}).to_csv(tmp_path / "a.csv", index=False)
    assert read(tmp_path / "a.csv").recordings[0].unit == unit


def test_an_activity_column_of_fractions_has_no_known_unit_but_a_unit_column_tells(tmp_path: Path) -> None:
    frame = pd.DataFrame({"timestamp": _stamps(90), "activity": np.arange(90) / 2})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.assign(unit="MIMS/min", device="watch").to_csv(tmp_path / "b.csv", index=False)
    assert read(tmp_path / "a.csv").recordings[0].unit == UNKNOWN_UNIT
    told = read(tmp_path / "b.csv").recordings[0]
    assert (told.unit, told.device, dict(told.labels)) == (MIMS, "watch", {})


def test_gaps_become_missing_disorder_is_sorted_and_the_first_of_two_is_kept(tmp_path: Path) -> None:
    stamps = _stamps(100)
    frame = pd.DataFrame({"timestamp": stamps, "activity": np.arange(100)}).drop(index=range(40, 50))
    again = pd.DataFrame({"timestamp": stamps[5:6], "activity": [999]})
    pd.concat([frame.iloc[::-1], again]).to_csv(tmp_path / "a.csv", index=False)
    recording = read(tmp_path / "a.csv").recordings[0]
    assert recording.start == stamps[0] and recording.values.size == 100
    assert np.flatnonzero(np.isnan(recording.values)).tolist() == list(range(40, 50))
    assert recording.values[5] == 5 and recording.labels["repeated_minutes"] == 1


@pytest.mark.parametrize(
    "form",
    [
        "%d/%m/%Y %H:%M",
        "%m/%d/%Y %H:%M:%S",
        "%d.%m.%Y %H:%M",
        "%Y/%m/%d %H:%M",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%d %H:%M:%S+02:00",
        "%d-%b-%y %H:%M",
        "%m/%d/%Y %I:%M %p",
    ],
)
def test_times_keep_their_wall_clock_in_every_form(tmp_path: Path, form: str) -> None:
    stamps = _stamps(3 * 1440, "2024-02-28 13:45:00")
    pd.DataFrame({"timestamp": stamps.strftime(form), "activity": 1}).to_csv(tmp_path / "a.csv", index=False)
    recording = read(tmp_path / "a.csv").recordings[0]
    assert recording.start == datetime(2024, 2, 28, 13, 45) and recording.values.size == 3 * 1440


def test_day_and_month_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    pd.DataFrame({"timestamp": _stamps(90, "2024-02-01").strftime("%d/%m/%Y %H:%M"), "activity": 1}).to_csv(tmp_path / "a.csv", index=False)
    assert "day/month" in _reason(read(tmp_path / "a.csv"))


def test_date_and_time_in_two_columns_are_one_stamp(tmp_path: Path) -> None:
    stamps = _stamps(90)
    frame = pd.DataFrame({"Date": stamps.strftime("%Y-%m-%d"), "Time": stamps.strftime("%H:%M:%S"), "counts": 3})
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert read(tmp_path / "a.csv").recordings[0].start == stamps[0]


def test_a_minute_counter_gives_minutes_without_a_clock(tmp_path: Path) -> None:
    pd.DataFrame({"id": "x", "minute": np.arange(70), "counts": 3}).to_csv(tmp_path / "a.csv", index=False)
    recording = read(tmp_path / "a.csv").recordings[0]
    assert recording.start is None and recording.values.size == 70


def test_decimal_commas_are_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"timestamp": _stamps(90), "mims": np.arange(90) + 0.5})
    frame.to_csv(tmp_path / "a.csv", sep=";", decimal=",", index=False)
    assert np.array_equal(read(tmp_path / "a.csv").recordings[0].values, np.arange(90, dtype=np.float32) + 0.5)


def test_half_minute_counts_are_summed_and_five_minutes_refused(tmp_path: Path) -> None:
    pd.DataFrame({"timestamp": _stamps(120, step="30s"), "counts": 2}).to_csv(tmp_path / "a.csv", index=False)
    assert read(tmp_path / "a.csv").recordings[0].values.tolist() == [4.0] * 60
    pd.DataFrame({"timestamp": _stamps(120, step="300s"), "counts": 2}).to_csv(tmp_path / "b.csv", index=False)
    assert "one value a minute" in _reason(read(tmp_path / "b.csv")) and "5 min" in _reason(read(tmp_path / "b.csv"))


def test_one_persons_bad_rows_cost_that_person_only_and_name_the_line(tmp_path: Path) -> None:
    frame = _long().astype({"activity": object})
    frame.loc[130, "activity"] = "oops"
    frame.to_csv(tmp_path / "a.csv", index=False)
    reading = read(tmp_path / "a.csv")
    assert [r.participant for r in reading.recordings] == ["001"]
    assert "002" in reading.refused[0].what and "line 132" in reading.refused[0].reason


def test_negative_activity_is_refused_and_infinite_activity_is_missing(tmp_path: Path) -> None:
    frame = _long().astype({"activity": float})
    frame.loc[3, "activity"] = -4
    frame.loc[125, "activity"] = np.inf
    frame.to_csv(tmp_path / "a.csv", index=False)
    reading = read(tmp_path / "a.csv")
    assert "never negative" in reading.refused[0].reason and "epoch 4" in reading.refused[0].reason
    assert np.isnan(reading.recordings[0].values[5])


def test_a_jump_of_years_is_refused_in_a_sentence(tmp_path: Path) -> None:
    frame = _long(1)
    frame["timestamp"] = frame.timestamp.astype(str)
    frame.loc[119, "timestamp"] = "2044-03-05 10:00:00"
    frame[["timestamp", "activity"]].to_csv(tmp_path / "a.csv", index=False)
    assert "line 121, 2044-03-05 10:00:00, is more than a day" in _reason(read(tmp_path / "a.csv"))
    frame.loc[110:, "timestamp"] = pd.date_range("2044-03-05 10:00", periods=10, freq="min").astype(str)
    frame[["timestamp", "activity"]].to_csv(tmp_path / "a.csv", index=False)
    assert "400 days" in _reason(read(tmp_path / "a.csv"))


@pytest.mark.parametrize(("text", "word"), [
    ("timestamp,activity\n", "not one row"), ("a,b\n1,2\n", "Expected one row an epoch"),
    ("timestamp,activity\n2024-01-01 00:00,1\n1,2,3\n", "Line 3"),
    ("timestamp,activity\nyesterday,1\n", "no readable time"), ("timestamp,activity\n1700000000,1\n", "plain numbers"),
    ("timestamp,activity\n2024-01-01 00:00,\n", "no value"), ("hello", "Expected one row an epoch"),
])  # fmt: skip
def test_a_table_that_does_not_fit_says_why(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    assert word in _reason(read(tmp_path / "a.csv"))


def _wide(people: int = 3, minutes: int = 100) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 500, (people, minutes)).astype(np.float32)


@pytest.mark.parametrize("names", ["minute_{}", "{}", "m{:05d}", "activity {}"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_wide_table_reads_by_its_numbered_columns(tmp_path: Path, names: str, form: str) -> None:
    values = _wide()
    frame = pd.DataFrame(values, columns=[names.format(i) for i in range(100)])
    frame.insert(0, "ID", ["007", "b", "c"])
    frame["age"] = [30, 40, None]
    path = tmp_path / f"a.{form}"
    frame.to_csv(path, index=False) if form == "csv" else frame.to_parquet(path)
    recordings = read(path).recordings
    assert [r.participant for r in recordings] == ["007", "b", "c"] and np.array_equal(np.stack([r.values for r in recordings]), values)
    assert [r.labels["age"] for r in recordings] == [30.0, 40.0, None]
    assert recordings[0].unit == (COUNTS if "activity" in names else UNKNOWN_UNIT) and recordings[0].start is None


@pytest.mark.parametrize("with_id", [True, False])
def test_a_wide_table_reads_without_a_header(tmp_path: Path, with_id: bool) -> None:
    frame = pd.DataFrame(_wide())
    if with_id:
        frame.insert(0, "who", ["x", "y", "z"])
    frame.to_csv(tmp_path / "a.csv", index=False, header=False)
    recordings = read(tmp_path / "a.csv").recordings
    assert [r.participant for r in recordings] == (["x", "y", "z"] if with_id else ["a-1", "a-2", "a-3"])
    assert np.array_equal(np.stack([r.values for r in recordings]), _wide())


def test_wide_columns_are_put_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame(_wide(), columns=[f"m{i}" for i in range(100)]).iloc[:, ::-1]
    frame.insert(0, "id", ["x", "y", "z"])
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert np.array_equal(read(tmp_path / "a.csv").recordings[1].values, _wide()[1])


def test_wide_columns_named_by_times_give_the_start(tmp_path: Path) -> None:
    frame = pd.DataFrame(_wide(), columns=_stamps(100).strftime("%Y-%m-%d %H:%M"))
    frame.insert(0, "id", ["x", "y", "z"])
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert read(tmp_path / "a.csv").recordings[2].start == _stamps(1)[0]


def test_in_a_wide_table_one_bad_row_costs_one_person(tmp_path: Path) -> None:
    frame = pd.DataFrame(_wide(), columns=[f"m{i}" for i in range(100)]).astype(object)
    frame.insert(0, "id", ["x", "y", "z"])
    frame.insert(1, "start", ["2024-01-01 08:00", "", "never"])
    frame.loc[1, "m3"], frame.loc[1, "m4"] = "", "NA"
    frame.loc[0, "m5"] = "word"
    frame.to_csv(tmp_path / "a.csv", index=False)
    reading = read(tmp_path / "a.csv")
    assert [r.participant for r in reading.recordings] == ["y"] and np.isnan(reading.recordings[0].values[3:5]).all()
    assert "Line 2, column 8" in reading.refused[0].reason and "Line 4" in reading.refused[1].reason


def test_whole_weeks_in_columns_are_read_from_text_and_parquet(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 4000, (20, 10080))
    rows = "\n".join(f"p{i}," + ",".join(map(str, row)) for i, row in enumerate(values.tolist()))
    (tmp_path / "a.csv").write_text("id," + ",".join(f"minute_{i}" for i in range(10080)) + "\n" + rows)
    frame = pd.DataFrame(values, columns=[f"minute_{i}" for i in range(10080)])
    frame.insert(0, "id", [f"p{i}" for i in range(20)])
    frame.to_parquet(tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        recordings = read(tmp_path / name).recordings
        assert [one.participant for one in recordings] == [f"p{i}" for i in range(20)]
        assert all(np.array_equal(one.values, row) for one, row in zip(recordings, values, strict=True))


def test_arrays_read_with_their_people_start_unit_and_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", _wide())
    np.save(tmp_path / "b.npy", _wide()[0].astype(np.int32))
    people = np.array(["x", "y", "z"])
    np.savez(tmp_path / "c.npz", weeks=_wide(), participants=people, start="2024-01-01T10:00", unit="MIMS", age=[1, 2, 3])
    assert [r.participant for r in read(tmp_path / "a.npy").recordings] == ["a-1", "a-2", "a-3"]
    assert np.array_equal(read(tmp_path / "b.npy").recordings[0].values, _wide()[0])
    last = read(tmp_path / "c.npz").recordings[2]
    assert (last.participant, last.start, last.unit, dict(last.labels)) == ("z", datetime(2024, 1, 1, 10), MIMS, {"age": 3.0})


def test_arrays_of_objects_are_never_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "b.npz", weeks=np.array([{"a": 1}], dtype=object))
    assert "objects" in _reason(read(tmp_path / "a.npy")) and "objects" in _reason(read(tmp_path / "b.npz"))


@pytest.mark.parametrize(
    ("array", "word"),
    [
        (np.zeros((2, 3, 4)), "shape"),
        (np.zeros((10080, 2)), "shape"),
        (np.array(["a"] * 99), "Numbers"),
        (np.zeros(99, complex), "Numbers"),
        (np.full(99, np.nan), "no value"),
    ],
)
def test_arrays_that_are_no_minutes_say_why(tmp_path: Path, array: np.ndarray, word: str) -> None:
    np.save(tmp_path / "a.npy", array)
    assert word in _reason(read(tmp_path / "a.npy"))


def test_an_array_that_breaks_off_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", _wide())
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:700])
    assert "incomplete" in _reason(read(tmp_path / "a.npy"))


@pytest.mark.parametrize("header", ["participant", "Subject ID", "SEQN", "number", "person", "record_id", "code"])
def test_a_table_of_people_is_joined_by_the_column_that_is_named_so(tmp_path: Path, header: str) -> None:
    (tmp_path / "a.csv").write_text(f"group,{header}\nill,007\nwell,008\n")
    assert read_labels(tmp_path / "a.csv") == {"007": {"group": "ill"}, "008": {"group": "well"}}


def test_a_table_of_people_without_such_a_column_is_refused_and_its_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("group,age\nill,30\nwell,31\n")
    with pytest.raises(RecordingError, match="(?s)called participant.*columns found are 'group', 'age'"):
        read_labels(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text(",".join(f"item{i}" for i in range(40)) + "\n" + ",".join("1" * 40) + "\n")
    with pytest.raises(RecordingError, match="'item11' and 28 more"):
        read_labels(tmp_path / "b.csv")


@pytest.mark.parametrize("endless", [np.inf, 1e300, 6e36])
def test_endless_numbers_are_missing_and_counted(tmp_path: Path, endless: float) -> None:
    frame = _long(1).astype({"activity": float})
    expected = frame.activity.to_numpy(np.float32)
    frame.loc[[7, 30], "activity"] = endless
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        (recording,) = read(tmp_path / name).recordings
        assert np.flatnonzero(np.isnan(recording.values)).tolist() == [7, 30]
        assert np.array_equal(np.delete(recording.values, [7, 30]), np.delete(expected, [7, 30]))
        assert [note for note in recording.notes if note.startswith("2 values are infinite") and "epoch 8:" in note]


@pytest.mark.parametrize("endless", [-np.inf, -1e300])
def test_endless_negative_numbers_are_refused_like_any_negative(tmp_path: Path, endless: float) -> None:
    frame = _long(1).astype({"activity": float})
    frame.loc[7, "activity"] = endless
    frame.to_csv(tmp_path / "a.csv", index=False)
    (refused,) = read(tmp_path / "a.csv").refused
    assert "never negative" in refused.reason and "epoch 8 is -inf" in refused.reason


def test_a_recording_of_endless_numbers_alone_says_so(tmp_path: Path) -> None:
    _long(1).astype({"activity": float}).assign(activity=np.inf).to_csv(tmp_path / "a.csv", index=False)
    (refused,) = read(tmp_path / "a.csv").refused
    assert "infinite number" in refused.reason


@pytest.mark.parametrize(("index", "time"), [
    (lambda frame: frame.set_axis(np.r_[0:50, 0:70]), "timestamp"), (lambda frame: frame[frame.index != 3], "datetime"),
    (lambda frame: frame.set_index("timestamp"), "timestamp"), (lambda frame: frame.set_index("timestamp").rename_axis(None), "timestamp"),
    (lambda frame: frame.set_index(["participant", "timestamp"]), "timestamp"),
])  # fmt: skip
def test_numbers_of_rows_in_a_parquet_are_no_column_and_a_named_index_is(tmp_path: Path, index, time: str) -> None:
    frame = _long(1)
    whole = index(frame.assign(timestamp=pd.to_datetime(frame.timestamp)))
    whole.rename(columns={"timestamp": time}).to_parquet(tmp_path / "a.parquet")
    reading = read(tmp_path / "a.parquet")
    assert reading.refused == () and np.isfinite(reading.recordings[0].values).sum() == len(whole)


@pytest.mark.parametrize("lines", ["\r\n\r\n", "\n", " \n\n"])
def test_a_table_of_people_of_empty_lines_says_so(tmp_path: Path, lines: str) -> None:
    path = tmp_path / "who.csv"
    path.write_text(lines)
    with pytest.raises(RecordingError, match="only empty lines|no rows"):
        read_labels(path)
