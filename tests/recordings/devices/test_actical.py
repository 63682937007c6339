"""Actical exports: a header of several lines, elapsed seconds, and clocks that show minutes only."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.devices.actical import FORMAT
from pat_core.recordings.source import file_source
from pat_core.records import COUNTS
from tests.recordings.devices.device_files import read_one
from tests.shared import shared_file

START = datetime(2021, 5, 27, 23, 50)


def _actical(
    path: Path, counts: list, epoch: int = 60, date: str = "%d-%b-%y", clock: str = "%H:%M", separator: str = ",", ending: str = ""
) -> Path:
    head = [
        "Actical List Export File  (Version 03.00),,,,",
        "Filename:,,,,",
        "------ Subject and Device Settings ------,,,,",
        "Identity:,P-17,,,",
        "Age:,34,years,,",
        "Gender:,Unknown,,,",
        "Start Date:,27-May-21,(Thu),,",
        "Start Time:,23:50,,,",
        "Device Serial Number:,B11,,,",
        "Device Location:,WRIST,,,",
        "------ Epoch-by-Epoch Data ------,,,,",
        "Epoch#,Day#,Elapsed,Date,Time,Activity,Steps,Activity,Event Marker",
        ",,Seconds,,,Counts,,Intensity,Button Presses",
        ",,,,,,,(1=sedentary),(1=pressed)",
        ",,,,,,,(2=light),",
    ]
    rows = []
    for i, count in enumerate(counts):
        when = START + timedelta(seconds=epoch * i)
        rows.append(f"{i},{when.day - 26},{epoch * (i + 1)},{when.strftime(date)},{when.strftime(clock)},{count},3,1,0")
    path.write_bytes(("\r\n".join([*head, *rows]).replace(",", separator) + ending).encode())
    return path


_read = partial(read_one, FORMAT)


@pytest.mark.parametrize("epoch", [1, 2, 15, 30, 60])
@pytest.mark.parametrize(("date", "clock"), [("%d-%b-%y", "%H:%M"), ("%d-%b-%Y", "%H:%M:%S"), ("%Y-%m-%d", "%H:%M:%S")])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_was_written_is_read(tmp_path: Path, epoch: int, date: str, clock: str, separator: str) -> None:
    counts = [i * 13 % 97 for i in range(90)]
    recording = _read(_actical(tmp_path / "a.csv", counts, epoch, date, clock, separator))
    assert recording.values.tolist() == counts and recording.epoch_seconds == epoch and recording.start == START
    assert (recording.participant, recording.unit, recording.placement) == ("P-17", COUNTS, "wrist")
    assert recording.labels == {"serial": "B11", "age": 34.0} and recording.notes == ()


def test_missing_counts_are_missing_and_gaps_are_told(tmp_path: Path) -> None:
    path = _actical(tmp_path / "a.csv", [1, "NaN", 3, 4, 5, 6])
    path.write_text("\n".join(line for line in path.read_text().splitlines() if not line.startswith("3,")))
    recording = _read(path)
    assert np.array_equal(recording.values, [1, np.nan, 3, np.nan, 5, 6], equal_nan=True) and recording.notes[0].startswith("1 of 6 epochs")


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("23:58", "22:58", "line 24"),
        (",39,3", ",many,3", "line 19"),
        ("240,27-May-21", "soon,27-May-21", "line 19"),
        ("Counts", "Kilos", "Activity Counts"),
        ("Epoch#", "Row", "Epoch#"),
        ("27-May-21,23:58", "27-Foo-21,23:58", "line 24"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, old: str, new: str, word: str) -> None:
    path = _actical(tmp_path / "a.csv", [i * 13 for i in range(9)])
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new).encode())
    with pytest.raises(RecordingError, match=word):
        _read(path)


@pytest.mark.parametrize("wrong", ["27-May-21,22:53", "27-Foo-21,23:53", "28-May-21,23:53"])
def test_one_wrong_time_between_others_moves_nothing(tmp_path: Path, wrong: str) -> None:
    path = _actical(tmp_path / "a.csv", [i * 13 for i in range(9)])
    path.write_bytes(path.read_bytes().decode().replace("27-May-21,23:53", wrong).encode())
    recording = _read(path)
    assert recording.values.tolist() == [i * 13 for i in range(9)] and recording.start == START and "line 19" in recording.notes[0]


def test_words_below_date_and_time_do_no_harm(tmp_path: Path) -> None:
    path = _actical(tmp_path / "a.csv", [1, 2, 3])
    path.write_text(path.read_text().replace(",,Seconds,,,Counts", ",,Seconds,local,clock,Counts"))
    assert _read(path).values.tolist() == [1, 2, 3]


@pytest.mark.parametrize("epoch", [300, 7])
def test_epochs_that_make_no_minutes_are_refused(tmp_path: Path, epoch: int) -> None:
    with pytest.raises(RecordingError, match="one value a minute"):
        _read(_actical(tmp_path / "a.csv", [1] * 9, epoch))


def test_every_cut_is_a_sentence_or_what_stands_before_it(tmp_path: Path) -> None:
    whole = _actical(tmp_path / "a.csv", list(range(40))).read_bytes()
    for length in range(1, len(whole), 53):
        (tmp_path / "b.csv").write_bytes(whole[:length])
        try:
            recordings = FORMAT.read(file_source(tmp_path / "b.csv"), Silent()).recordings
        except RecordingError:
            continue
        assert recordings[0].values.size <= 40, length


def test_noise_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"Actical Export" + np.random.default_rng(0).integers(0, 256, 90_000).astype(np.uint8).tobytes())
    with pytest.raises(RecordingError):
        FORMAT.read(file_source(tmp_path / "a.csv"), Silent())


@pytest.mark.shared
def test_a_real_export_is_read_row_for_row() -> None:
    path = shared_file("data/devices/actical.csv")
    expected = pd.read_csv(path, skiprows=31, header=None, skip_blank_lines=False)
    recording = _read(path)
    assert np.array_equal(recording.values, expected[5]) and recording.values.size == 501 and recording.epoch_seconds == 60
    assert recording.start == datetime(2021, 5, 13) and recording.labels["serial"] == "B11FFFF" and recording.notes == ()
