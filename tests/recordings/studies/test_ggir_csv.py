"""GGIR's epoch tables: part 2 in g with R's timestamps, part 5 in mg with seconds since 1970."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.source import file_source
from pat_core.recordings.studies.ggir_csv import FORMAT
from pat_core.records import MG
from pat_core.wear import to_minutes
from tests.recordings.devices.device_files import read_one

START = datetime(2017, 5, 5, 23, 59)


def _part2(path: Path, values: list, epoch: int = 5, separator: str = ",", metric: str = "ENMO", extra: str = "anglez") -> Path:
    rows = [f'"timestamp"{separator}"{extra}"{separator}"{metric}"']
    for i, value in enumerate(values):
        when = START + timedelta(seconds=epoch * i)
        rows.append(separator.join((f'"{when:%Y-%m-%dT%H:%M:%S}+0200"', "-12.4", str(value))))
    path.write_text("\n".join(rows) + "\n")
    return path


def _part5(path: Path, values: list, epoch: int = 5, separator: str = ",", invalid: tuple = ()) -> Path:
    first = int((START - datetime(1970, 1, 1)).total_seconds())
    rows = ["timenum,ACC,SleepPeriodTime,invalidepoch,guider,window,class_id,invalid_fullwindow"]
    rows += [f"{first + epoch * i},{value},0,{int(i in invalid)},2,1,4,0.5" for i, value in enumerate(values)]
    path.write_text("\n".join(rows).replace(",", separator) + "\n")
    return path


_read = partial(read_one, FORMAT)


@pytest.mark.parametrize("epoch", [1, 5, 15, 30, 60])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("metric", ["ENMO", "LFENMO", "BFEN", "MAD"])
def test_part_2_comes_from_g_to_mg_on_its_own_clock(tmp_path: Path, epoch: int, separator: str, metric: str) -> None:
    values = [round(0.0125 * (i % 40), 4) for i in range(130)]
    recording = _read(_part2(tmp_path / "a.csv", values, epoch, separator, metric))
    assert np.allclose(recording.values, np.array(values) * 1000, rtol=1e-6) and recording.start == START
    assert (recording.epoch_seconds, recording.unit, recording.participant, recording.worn) == (epoch, MG, "a", None)
    assert "multiplied by 1000" in recording.notes[0] and len(recording.notes) == 1


@pytest.mark.parametrize("epoch", [1, 5, 60])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_part_5_is_in_mg_and_its_clock_is_said_to_be_utc(tmp_path: Path, epoch: int, separator: str) -> None:
    values = [12.5 * (i % 40) for i in range(130)]
    recording = _read(_part5(tmp_path / "a.csv", values, epoch, separator, invalid=(3, 4)))
    assert recording.values.tolist() == values and recording.start == START and recording.epoch_seconds == epoch
    assert np.flatnonzero(~recording.worn).tolist() == [3, 4] and recording.zone is None
    assert "UTC" in recording.notes[0] and "2 epochs that GGIR calls invalid" in recording.notes[1]


def test_minutes_are_the_mean_of_their_epochs(tmp_path: Path) -> None:
    recording = _read(_part5(tmp_path / "a.csv", [float(i) for i in range(24)]))
    assert to_minutes(recording).values.tolist() == [5.5, 17.5]


def test_numbers_too_large_for_g_are_mg_already_and_it_is_said(tmp_path: Path) -> None:
    recording = _read(_part2(tmp_path / "a.csv", [20.5, 40.25, 8.0]))
    assert recording.values.tolist() == [20.5, 40.25, 8] and "read as mg" in recording.notes[0]
    assert _read(_part2(tmp_path / "b.csv", [0.5, 0.25, 8.0], metric="ENMO_mg")).values.tolist() == [0.5, 0.25, 8]


def test_days_that_were_left_out_are_gaps_and_keep_their_place(tmp_path: Path) -> None:
    path = _part5(tmp_path / "a.csv", [1.0] * 60)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:21] + lines[41:]))
    recording = _read(path)
    assert recording.values.size == 60 and np.isnan(recording.values[20:40]).all() and recording.worn.all()
    assert recording.notes[0].startswith("20 of 60 epochs")


def test_a_non_wear_score_counts_from_two_still_axes_on(tmp_path: Path) -> None:
    scores = [0, 1, 2, 3, 1, 0]
    rows = [f"2017-05-05T10:{i:02}:00+0200,1,0.1,{score}" for i, score in enumerate(scores)]
    (tmp_path / "a.csv").write_text("\n".join(["timestamp,anglez,ENMO,nonwearscore", *rows]))
    recording = _read(tmp_path / "a.csv")
    assert recording.worn.tolist() == [True, True, False, False, True, True]
    assert recording.notes[-1].startswith("2 epochs with a GGIR non-wear score of 2 or 3") and "other days" not in recording.notes[-1]


@pytest.mark.parametrize("block", [1, 3, 1000])
def test_offsets_are_told_over_all_blocks_and_refused_where_some_rows_have_none(tmp_path: Path, monkeypatch, block: int) -> None:
    monkeypatch.setattr("pat_core.recordings.tables.report_table.BLOCK", block)
    changed = [f"2017-10-29T0{1 + i}:59:30+0{2 - i}00,1,0.1\n2017-10-29T0{2 + i}:00:00+0{2 - i}00,1,0.1" for i in range(2)]
    (tmp_path / "a.csv").write_text("\n".join(["timestamp,anglez,ENMO", *changed]))
    assert any("+02:00, +01:00" in note for note in _read(tmp_path / "a.csv").notes)
    without = [f"2017-10-29T03:{i:02}:00,1,0.1" for i in range(6)]
    (tmp_path / "b.csv").write_text("\n".join(["timestamp,anglez,ENMO", *changed, *without]))
    with pytest.raises(RecordingError, match="offset from UTC"):
        _read(tmp_path / "b.csv")


def test_a_clock_that_was_changed_keeps_its_wall_time_and_is_told(tmp_path: Path) -> None:
    rows = ["timestamp,anglez,ENMO", *(f"2017-10-29T02:{i:02}:00+0200,1,0.1" for i in range(60))]
    rows += [f"2017-10-29T{2 + i // 60:02}:{i % 60:02}:00+0100,1,0.2" for i in range(90)]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    recording = _read(tmp_path / "a.csv")
    assert recording.start == datetime(2017, 10, 29, 2) and np.allclose(recording.values, [100] * 60 + [200] * 30)
    assert any("+02:00, +01:00" in note for note in recording.notes) and recording.labels["repeated_minutes"] == 60


def test_offsets_in_some_rows_only_are_refused_in_a_sentence(tmp_path: Path) -> None:
    rows = [f"2017-10-29T02:{i:02}:00{'+0200' if i in (1, 2) else ''},1,0.1" for i in range(5)]
    (tmp_path / "a.csv").write_text("\n".join(["timestamp,anglez,ENMO", *rows]))
    with pytest.raises(RecordingError, match="line"):
        _read(tmp_path / "a.csv")


def test_a_table_of_several_people_gives_each_their_own_and_refuses_one_alone(tmp_path: Path) -> None:
    rows = ["ID,timestamp,anglez,ENMO"]
    rows += [f"{who},2017-05-05T10:0{i}:00+0200,1.0,{0.25 * (i + 1)}" for i in range(5) for who in ("007", "8")]
    rows += [f"9,2017-05-05T1{i}:00:00+0200,1.0,0.5" for i in range(4)]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    reading = FORMAT.read(file_source(tmp_path / "a.csv"), Silent())
    assert [r.participant for r in reading.recordings] == ["007", "8"]
    assert all(r.values.tolist() == [250, 500, 750, 1000, 1250] for r in reading.recordings)
    assert reading.refused[0].what == "a.csv: 9" and "one value a minute" in reading.refused[0].reason


@pytest.mark.parametrize(("first", "second", "taken"), [
    ("timestamp,anglez,ENMO", "2017-05-05 10:00:00,1,0.1", True), ("timenum,ACC,class_id", "1493971200,20,3", True),
    ("timestamp,ENMO", "2017-05-05T10:00:00+0200,0.1", True), ("timestamp,ENMO", "2017-05-05 10:00:00,0.1", False),
    ("timestamp,activity", "2017-05-05 10:00:00,3", False), ("timestamp,Axis1,anglez", "2017-05-05 10:00:00,3,1", False),
    ("time,acc,light", "2017-05-05 10:00:00,3,1", False),
])  # fmt: skip
def test_tables_are_known_by_their_columns(first: str, second: str, taken: bool) -> None:
    assert FORMAT.recognises(f"{first}\n{second}\n".encode(), "a.csv") is taken


@pytest.mark.parametrize(("old", "new", "word"), [
    ("0.2\n", "high\n", "line 4"), ("T23:59:05+0200", "T25:59:05+0200", "line 3"), ("2017-05-05T23:59:05", "0000-05-05T23:59:05", "1900"),
    ("0.2\n", "-0.2\n", "line 4"),
    ("0.2\n", "0.2,9\n", "line 4"), ("-12.4,0.2", '"-12.4,0.2', "line 4"),
])  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, old: str, new: str, word: str) -> None:
    path = _part2(tmp_path / "a.csv", [0.3, 0.1, 0.2, 0.4])
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(RecordingError, match=f"(?i){word}"):
        _read(path)


@pytest.mark.parametrize("number", ["-5", "1e300", "nan", "soon", "9" * 40])
def test_seconds_since_1970_that_are_no_time_are_refused(tmp_path: Path, number: str) -> None:
    path = _part5(tmp_path / "a.csv", [1.0, 2.0, 3.0])
    first, second, *rest = path.read_text().splitlines()
    path.write_text("\n".join((first, rest[0], number + second[second.index(",") :], rest[1])))
    with pytest.raises(RecordingError, match="(?i)line 3"):
        _read(path)


@pytest.mark.parametrize("epoch", [300, 7])
def test_epochs_that_make_no_minutes_are_refused(tmp_path: Path, epoch: int) -> None:
    with pytest.raises(RecordingError, match="one value a minute"):
        _read(_part5(tmp_path / "a.csv", [1.0] * 5, epoch))


def test_every_cut_and_noise_end_in_a_sentence_or_in_what_stands_before(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, 70_000).astype(np.uint8).tobytes()
    for whole in (_part2(tmp_path / "a.csv", [0.1] * 50).read_bytes(), _part5(tmp_path / "a.csv", [1.0] * 50).read_bytes()):
        for content in [whole[:length] for length in range(0, len(whole), 47)] + [whole + noise, noise]:
            (tmp_path / "b.csv").write_bytes(content)
            try:
                (recording,) = FORMAT.read(file_source(tmp_path / "b.csv"), Silent()).recordings
            except RecordingError:
                continue
            assert recording.values.size <= 50
