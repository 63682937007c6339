"""ActiLife's .dat files: numbers alone, read by the bits of the mode, held against files laid out here by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from pat_core.recordings.devices.actilife_dat import FORMAT
from pat_core.recordings.reading import read
from pat_core.records import COUNTS
from tests.recordings.devices.device_files import read_one, refusal

NAMES = ("axis1", "axis2", "axis3", "steps", "heart", "lux", "incline")
BITS = {4: "axis2", 8: "axis3", 1: "steps", 2: "heart", 16: "lux", 32: "incline"}
"""Written here from the makers' table, apart from the reader's."""


def dat(
    epochs: int = 90,
    mode: int | None = 0,
    epoch: str = "00:01:00",
    a_line: int = 10,
    start: str = "3/4/2024",
    downloaded: str = "3/14/2024",
    between: str = "",
    end: str = "\r\n",
    device: str = "GT1M",
) -> bytes:
    """Rows of so many numbers; Axis1 is 0, 7, 14, ..., everything else small numbers that differ by channel."""
    held = [name for name in NAMES if name == "axis1" or any(BITS[bit] == name for bit in BITS if mode is not None and mode & bit)]
    channel = {
        "axis1": lambda i: 7 * i % 3000,
        "axis2": lambda i: 900 + i % 50,
        "axis3": lambda i: 800 + i % 40,
        "steps": lambda i: i % 5,
        "heart": lambda i: 60 + i % 9,
        "lux": lambda i: 400 + i,
        "incline": lambda i: i % 4,
    }
    numbers = [channel[name](i) for i in range(epochs) for name in held]
    head = [
        f"--- Data File Created By ActiGraph {device} ActiLife v4.4.1 Firmware v7.2.0 ---",
        "Serial Number: LYN0000000001",
        "Start Time 22:58:00",
        f"Start Date {start}",
        f"Epoch Period (hh:mm:ss) {epoch}",
        "Download Time 09:50:23",
        f"Download Date {downloaded}",
        "Current Memory Address: 983038",
        "Current Battery Voltage: 4.01" + ("" if mode is None else f"     Mode = {mode}"),
        "-" * 50,
    ]
    rows = [between.join(f"{n:6d}" if not between else str(n) for n in numbers[i : i + a_line]) for i in range(0, len(numbers), a_line)]
    return (end.join([*head, *rows]) + end).encode()


def _path(folder: Path, content: bytes, name: str = "p1.dat") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize("mode", [m for m in range(64) if not m & 2])
def test_the_bits_of_the_mode_say_which_numbers_are_the_vertical_axis(tmp_path: Path, mode: int) -> None:
    recording = read_one(FORMAT, _path(tmp_path, dat(mode=mode)))
    assert recording.values.tolist() == [7 * i for i in range(90)]
    assert (recording.start, recording.epoch_seconds, recording.unit) == (datetime(2024, 3, 4, 22, 58), 60, COUNTS)
    assert (recording.participant, recording.device, recording.notes) == ("p1", "ActiGraph GT1M", ())
    assert recording.labels == {"axis": "Axis1 (vertical)", "serial": "LYN0000000001"}


@pytest.mark.parametrize(
    ("how", "name"),
    [
        ({"a_line": 1}, "p1.dat"),
        ({"a_line": 7}, "p1.dat"),
        ({"between": "\t"}, "p1.dat"),
        ({"between": ","}, "p1.dat"),
        ({"end": "\n"}, "p1.dat"),
        ({}, "p1.txt"),
        ({}, "p1.csv"),
        ({"between": "   "}, "p1"),
    ],
)
@pytest.mark.parametrize("mode", [0, 1, 13])
def test_lines_have_no_meaning_and_no_ending_is_needed(tmp_path: Path, how: dict, name: str, mode: int) -> None:
    (recording,) = read(_path(tmp_path, dat(mode=mode, **how), name)).recordings
    assert recording.values.tolist() == [7 * i for i in range(90)] and recording.unit == COUNTS


def test_shorter_epochs_are_summed_to_minutes(tmp_path: Path) -> None:
    (recording,) = read(_path(tmp_path, dat(120, 1, "00:00:15"))).recordings
    assert recording.values.tolist() == [sum(7 * i for i in range(4 * m, 4 * m + 4)) for m in range(30)]


@pytest.mark.parametrize(("start", "downloaded", "day", "said"), [
    ("3/4/2024", "3/14/2024", (2024, 3, 4), False), ("3/4/2024", "14/4/2024", (2024, 4, 3), False),
    ("13/4/2024", "20/4/2024", (2024, 4, 13), False), ("3/4/2024", "8/4/2024", (2024, 3, 4), True),
    ("9/3/2024", "5/4/2024", (2024, 3, 9), False),
    ("4/4/2024", "5/4/2024", (2024, 4, 4), False),
    ("2024-03-04", "2024-03-11", (2024, 3, 4), False),
])  # fmt: skip
def test_day_and_month_are_told_apart_by_start_and_download_or_it_is_said(
    tmp_path: Path, start: str, downloaded: str, day: tuple, said: bool
) -> None:
    recording = read_one(FORMAT, _path(tmp_path, dat(start=start, downloaded=downloaded)))
    assert recording.start.timetuple()[:3] == day
    assert any("whether the day or the month comes first" in note for note in recording.notes) == said


@pytest.mark.parametrize(("content", "word"), [
    (dat(91, mode=0).replace(b"Mode = 0", b"Mode = 1"), "not a whole number of epochs"), (dat(mode=None), "there is none"),
    (dat(mode=0).replace(b"Mode = 0", b"Mode = 99"), "it says 99"), (dat(mode=3), "heart rate was recorded"),
    (dat(mode=0).replace(b"Mode = 0", b"Mode = 1"), "steps would reach"),
    (dat(mode=12).replace(b"Mode = 12", b"Mode = 36"), "inclination would"),
    (dat(epoch="00:05:00"), "one value a minute"), (dat(0), "without a single epoch"), (dat() + b"the end\r\n", "Line 20"),
    (dat() + b"     -5     3\r\n", "Line 20"), (dat(10) + b"9" * 400 + b"\r\n", "more digits"),
    (dat().replace(b"     7    14", b"     7123456"), "Line 12 has a different number"),
    (dat() + b"     1" * 11, "Line 20 has a different number"),
    (dat().replace(b"    70    77", b"    77"), "Line 12 has a different number"), (dat(start="soon"), "lines 3 and 4"),
    (dat().replace(b"Start", b"Begin"), "start and epoch"), (dat().replace(b"Epoch Period", b"Length"), "start and epoch"),
])  # fmt: skip
def test_what_contradicts_the_mode_or_lacks_it_is_refused_in_a_sentence(tmp_path: Path, content: bytes, word: str) -> None:
    said = refusal(FORMAT, _path(tmp_path, content))
    assert word in said and said.endswith(".") and "the end" not in said


def test_rows_of_a_csv_that_hold_several_epochs_are_not_read_as_one(tmp_path: Path) -> None:
    content = dat(mode=0, between=",")
    (refused,) = read(_path(tmp_path, content, "p1.csv")).refused
    assert "10 numbers and no names" in refused.reason


def test_a_week_of_a_gt1m_comes_in_whole(tmp_path: Path) -> None:
    (recording,) = read(_path(tmp_path, dat(10080))).recordings
    assert recording.values.size == 10080 and np.array_equal(recording.values, np.arange(10080) * 7 % 3000)
