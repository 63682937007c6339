"""Every format whose times are UTC and that names no place says so in one way, and is brought to a place's clock in one way."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from pat_core.recordings.clock import zones
from pat_core.recordings.clock.zones import UTC_NOTE
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapped_table import read_mapped
from pat_core.recordings.reading import read
from pat_core.recordings.source import Source
from pat_core.records import Recording
from tests.recordings.devices import device_files as files
from tests.recordings.fuzz_seeds import long_table
from tests.recordings.raw import writers as raw
from tests.recordings.studies.test_ggir_csv import _part2, _part5
from tests.recordings.wearables.test_garmin import _epochs

VALUES = list(range(1, 131))


def _text(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _garmin(folder: Path) -> Path:
    epochs = [{key: value for key, value in epoch.items() if key != "startTimeOffsetInSeconds"} for epoch in _epochs(VALUES)]
    return _text(folder / "a.json", json.dumps({"epochs": epochs}).encode())


def _gt3x(folder: Path) -> Path:
    said = raw.record(6, raw.SECONDS, b'{"UsedUtc":true}')
    return _text(folder / "p1.gt3x", raw.gt3x([said, said, *raw.seconds(raw.steps(30 * 130), 30)]))


def _timestamps_since_1970(folder: Path) -> Path:
    lines = _part5(folder / "p5.csv", VALUES, 60).read_text()
    return _text(folder / "a.csv", lines.replace("timenum", "timestamp").encode())


def _long_utc(folder: Path) -> Path:
    frame = long_table(130)
    frame["timestamp"] = frame.timestamp.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    frame.to_csv(folder / "a.csv", index=False)
    return folder / "a.csv"


UTC_ENDS = ("2024-03-05 10:00:00+0000 [UTC]", "2024-03-05 12:09:00+0000 [UTC]")
UTC_FILES: dict[str, Callable[[Path], Path]] = {
    "long table": _long_utc,
    "GGIR, seconds since 1970": lambda folder: _part5(folder / "a.csv", VALUES, 60),
    "GGIR, seconds called timestamps": _timestamps_since_1970,
    "Garmin": _garmin,
    "gt3x": _gt3x,
    "Daqtometer": lambda folder: _text(folder / "a.csv", files.daqtometer(VALUES, 60)),
    "Oxford, header": lambda folder: _text(folder / "a.csv", files.oxford_header(VALUES, 60, ends=UTC_ENDS)),
    "Oxford, rows": lambda folder: _text(folder / "a.csv", files.oxford_rows(VALUES, 60).replace(b"Europe/London", b"UTC")),
}  # fmt: skip


def _converted(recording: Recording) -> None:
    assert recording.in_utc and recording.zone is None and recording.notes.count(UTC_NOTE) == 1
    moved = zones.on_wall_clock(recording, "Asia/Kolkata", "utc")
    assert moved.start == recording.start + timedelta(hours=5, minutes=30) and moved.zone == "Asia/Kolkata"
    assert not moved.in_utc and UTC_NOTE not in moved.notes and np.array_equal(moved.values, recording.values, equal_nan=True)


@pytest.mark.parametrize("name", UTC_FILES)
def test_times_in_utc_are_marked_said_once_and_brought_to_a_place(tmp_path: Path, name: str) -> None:
    (recording,) = read(UTC_FILES[name](tmp_path)).recordings
    _converted(recording)


def test_times_that_a_mapping_calls_utc_are_marked_too() -> None:
    frame = long_table(130)
    frame["timestamp"] = frame.timestamp.astype("datetime64[s]").astype(np.int64)
    content = frame.to_csv(index=False).encode()
    given = Source("a.csv", "a.csv", len(content), lambda: io.BytesIO(content))
    (recording,) = read_mapped(given, guess(given).mapping).recordings
    _converted(recording)


def test_a_wall_clock_is_not_marked(tmp_path: Path) -> None:
    long_table(130).to_csv(tmp_path / "a.csv", index=False)
    local = _part2(tmp_path / "b.csv", [0.01 * value for value in VALUES])
    for path in (tmp_path / "a.csv", local, _text(tmp_path / "p1.gt3x", raw.gt3x(raw.seconds(raw.steps(30 * 130), 30)))):
        (recording,) = read(path).recordings
        assert not recording.in_utc and UTC_NOTE not in recording.notes
