"""ActiLife databases: epochs come back as they were written, and a database made to do harm does none."""

from __future__ import annotations

import sqlite3
import zipfile
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.devices import agd
from pat_core.recordings.devices.agd import FORMAT
from pat_core.recordings.source import Source, file_source
from pat_core.records import COUNTS
from pat_core.wear import to_minutes
from tests.recordings.devices.device_files import read_one
from tests.shared import shared_file

START = datetime(2019, 4, 15, 15, 0)
DATA = "CREATE TABLE data (dataTimestamp INTEGER, axis1 REAL, axis2 REAL)"


def _ticks(when: datetime) -> int:
    return int((when - datetime(1, 1, 1)) / timedelta(microseconds=1)) * 10


def _agd(path: Path, counts: list, epoch: int = 60, rows: list | None = None, schema: str = DATA, **settings: str) -> Path:
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute(schema)
        database.execute("CREATE TABLE settings (settingID INTEGER PRIMARY KEY, settingName VARCHAR(64), settingValue VARCHAR(8192))")
        facts = {"epochlength": str(epoch), "devicename": "wGT3XBT", "subjectname": "P7", "deviceserial": "MOS0001", **settings}
        database.executemany("INSERT INTO settings (settingName, settingValue) VALUES (?, ?)", facts.items())
        if rows is None:
            rows = [(_ticks(START + timedelta(seconds=epoch * i)), value, 1.0) for i, value in enumerate(counts)]
        database.executemany("INSERT INTO data VALUES (?, ?, ?)", rows)
    database.close()
    return path


_read = partial(read_one, FORMAT)


@pytest.mark.parametrize("epoch", [1, 5, 10, 15, 30, 60])
def test_what_was_written_is_read_for_every_epoch_length(tmp_path: Path, epoch: int) -> None:
    counts = [float(i * 7 % 101) for i in range(50)]
    recording = _read(_agd(tmp_path / "a.agd", counts, epoch, limb="Wrist", side="Left", sex="Female"))
    assert recording.values.tolist() == counts and recording.epoch_seconds == epoch and recording.start == START
    assert (recording.unit, recording.device, recording.placement) == (COUNTS, "ActiGraph wGT3XBT", "left wrist")
    assert (recording.participant, recording.labels["serial"], recording.labels["sex"]) == ("P7", "MOS0001", "Female")


@pytest.mark.parametrize("subject", ["", "wGT3XBT"])
def test_a_wearer_without_a_name_of_their_own_is_called_after_the_file(tmp_path: Path, subject: str) -> None:
    assert _read(_agd(tmp_path / "woman-3.agd", [1.0, 2.0], subjectname=subject)).participant == "woman-3"


def test_gaps_stay_empty_and_are_told(tmp_path: Path) -> None:
    rows = [(_ticks(START + timedelta(minutes=i)), float(i), 0.0) for i in (0, 1, 2, 5, 6, 6)]
    recording = _read(_agd(tmp_path / "a.agd", [], rows=rows, epochcount="7"))
    assert np.array_equal(recording.values, [0, 1, 2, np.nan, np.nan, 5, 6], equal_nan=True)
    gaps, repeated, promised = recording.notes
    assert gaps.startswith("2 of 7 epochs") and "1 row repeats" in repeated and "announce 7 epochs" in promised


def test_a_member_of_a_zip_is_read_like_a_file(tmp_path: Path) -> None:
    path = _agd(tmp_path / "a.agd", [3.0, 4.0])
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "a.agd")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        source = Source("a.zip: a.agd", "a.agd", path.stat().st_size, lambda: archive.open("a.agd"))
        (recording,) = FORMAT.read(source, Silent()).recordings
    assert recording.values.tolist() == [3, 4]


def _schema(path: Path, *statements: str) -> Path:
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    return path


SETTINGS = "CREATE TABLE settings (settingName, settingValue)"
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS dataTimestamp, i AS axis1 FROM n"


@pytest.mark.parametrize(("statements", "word"), [
    ((f"CREATE VIEW data AS {ENDLESS}", SETTINGS), "computed"),
    (("CREATE VIRTUAL TABLE data USING fts5(dataTimestamp, axis1)", SETTINGS), "computed"),
    (("CREATE TABLE data (dataTimestamp, axis1 AS (hex(zeroblob(100000000))))", SETTINGS), "computed"),
    ((DATA, "CREATE VIEW settings AS SELECT load_extension('x') AS settingName, 1 AS settingValue"), "computed"),
    (("CREATE TABLE other (x)",), "the tables here are other"),
    (("CREATE TABLE data (dataTimestamp, lux)", SETTINGS, "INSERT INTO settings VALUES ('epochlength', '60')"), "axis1"),
    ((DATA, SETTINGS), "empty"),
    ((DATA, "CREATE TABLE settings (a, b)"), "settingName"),
])  # fmt: skip
def test_a_schema_that_is_not_two_plain_tables_is_refused(tmp_path: Path, statements: tuple[str, ...], word: str) -> None:
    path = _schema(tmp_path / "a.agd", *statements)
    before = path.read_bytes()
    with pytest.raises(RecordingError, match=word):
        FORMAT.read(file_source(path), Silent())
    assert path.read_bytes() == before


@pytest.mark.parametrize(("change", "word"), [
    ({"rows": [("soon", 1.0, 0)]}, "Row 1"), ({"rows": [(_ticks(START), "x", 0)]}, "Row 1"), ({"rows": [(1, 1.0, 0)]}, "\\.NET ticks"),
    ({"rows": [(None, 1.0, 0)]}, "Row 1"), ({"rows": [(2**62, 1.0, 0)]}, "\\.NET ticks"), ({"epoch": 300}, "one value a minute"),
    ({"epoch": 7}, "one value a minute"), ({"epochlength": "soon"}, "epochlength"), ({"epochlength": "9" * 30}, "epochlength"),
    ({"epochlength": "10"}, "10 s long, but its rows are 60 s apart"), ({"rows": [(_ticks(START), b"x" * 2_000_000, 0)]}, "damaged"),
])  # fmt: skip
def test_settings_and_rows_that_make_no_sense_are_refused_with_their_place(tmp_path: Path, change: dict, word: str) -> None:
    path = _agd(tmp_path / "a.agd", [1.0, 2.0, 3.0], **change)
    with pytest.raises(RecordingError, match=word):
        FORMAT.read(file_source(path), Silent())


def test_a_database_may_work_for_less_than_five_seconds_and_longer_only_for_its_size(tmp_path: Path, monkeypatch) -> None:
    path = _agd(tmp_path / "a.agd", [1.0] * 30_000)
    assert agd._longest(path) < 5
    with path.open("r+b") as file:
        file.truncate(150 * 1024**2)
    # Three million rows, the most that are read, take some 150 MB; a slow machine reads a tenth of a million in a second.
    assert agd._longest(path) > 30
    monkeypatch.setattr(agd, "_SECONDS", 0.0)
    monkeypatch.setattr(agd, "_BYTES_A_SECOND", 1024**4)
    with pytest.raises(RecordingError, match="took more than 0 s"):
        FORMAT.read(file_source(_agd(tmp_path / "b.agd", [1.0] * 30_000)), Silent())


def test_every_cut_of_a_database_is_a_sentence(tmp_path: Path) -> None:
    whole = _agd(tmp_path / "a.agd", [1.0] * 2000).read_bytes()
    for length in range(0, len(whole), 3001):
        (tmp_path / "b.agd").write_bytes(whole[:length])
        with pytest.raises(RecordingError):
            FORMAT.read(file_source(tmp_path / "b.agd"), Silent())


def test_changed_bytes_never_end_in_anything_but_a_recording_or_a_sentence(tmp_path: Path) -> None:
    whole = np.frombuffer(_agd(tmp_path / "a.agd", [1.0] * 200).read_bytes(), np.uint8)
    rng = np.random.default_rng(0)
    outcomes = set()
    for _ in range(60):
        changed = whole.copy()
        changed[rng.integers(100, changed.size, 40)] = rng.integers(0, 256, 40)
        (tmp_path / "b.agd").write_bytes(changed.tobytes())
        try:
            FORMAT.read(file_source(tmp_path / "b.agd"), Silent())
            outcomes.add("read")
        except RecordingError:
            outcomes.add("refused")
    assert "refused" in outcomes


def test_other_files_under_this_ending_are_not_taken() -> None:
    noise = np.random.default_rng(1).integers(0, 256, 4096).astype(np.uint8).tobytes()
    assert not FORMAT.recognises(noise, "a.agd") and not FORMAT.recognises(b"timestamp,axis1\n", "a.agd")


@pytest.mark.shared
def test_a_real_day_sums_to_the_minutes_of_its_reference() -> None:
    recording = _read(shared_file("data/devices/actigraph_day.agd"))
    reference = pd.read_csv(shared_file("data/devices/actigraph_day.reference.10sec60sec.csv"))
    minutes = to_minutes(recording)
    assert recording.epoch_seconds == 10 and recording.values.size == 8999 and minutes.values.size == 1499
    # The last of the reference's 1,500 minutes has only 5 epochs, so it is left out here.
    assert np.array_equal(minutes.values, reference.axis1[:1499]) and minutes.start == datetime(2012, 6, 27, 10, 54)
    assert (recording.participant, recording.placement, recording.labels["age"]) == ("actigraph_day", "left ankle", 43.0)
