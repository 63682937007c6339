"""Oxford accelerometer time series, plain and gzipped."""

from __future__ import annotations

import gzip
import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.recordings.gzipped import unfolded
from pat_core.recordings.source import file_source
from pat_core.recordings.studies.oxford_timeseries import FORMAT
from pat_core.records import MG
from pat_core.wear.nonwear import to_minutes
from tests.recordings.devices.device_files import START, oxford_header, oxford_rows, read_one, refusal

QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
VALUES = st.lists(st.floats(0, 2000, width=32), min_size=2, max_size=60)


def _file(folder: Path, content: bytes, packed: bool = False) -> Path:
    path = folder / ("p1-timeSeries.csv.gz" if packed else "p1-timeSeries.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


@given(values=VALUES, epoch=st.sampled_from([1, 5, 10, 15, 30, 60]), packed=st.booleans(), rows=st.booleans(), data=st.data())
@QUICK
def test_both_forms_read_back_plain_and_packed(tmp_path: Path, values, epoch, packed, rows, data) -> None:
    imputed = data.draw(st.sets(st.integers(0, len(values) - 1)))
    content = (oxford_rows if rows else oxford_header)(values, epoch, tuple(imputed))
    recording = read_one(FORMAT, _file(tmp_path, content, packed))
    assert np.array_equal(recording.values, np.array(values, np.float32))
    assert (recording.participant, recording.unit, recording.epoch_seconds, recording.start) == ("p1", MG, epoch, START)
    assert recording.worn is not None and set(np.flatnonzero(~recording.worn)) == imputed
    assert any("imputed" in note for note in recording.notes) == bool(imputed)
    assert recording.zone == ("Europe/London" if rows else None)


def test_a_header_form_without_imputed_says_nothing_of_wear(tmp_path: Path) -> None:
    assert read_one(FORMAT, _file(tmp_path, oxford_header([1.5, 2.5]))).worn is None


def test_half_minutes_of_mg_are_averaged(tmp_path: Path) -> None:
    assert to_minutes(read_one(FORMAT, _file(tmp_path, oxford_header([10, 20, 30, 50])))).values.tolist() == [15, 40]


def test_rows_that_the_header_announces_and_that_are_not_there_are_said(tmp_path: Path) -> None:
    (note,) = read_one(FORMAT, _file(tmp_path, oxford_header([1] * 10, rows_cut=4))).notes
    assert "announces 10 epochs" in note and "holds 6" in note


@pytest.mark.parametrize(("begin", "after", "place"), [
    (datetime(2024, 3, 30, 12), timedelta(hours=1), "Europe/London"), (datetime(2024, 10, 26, 12), timedelta(hours=-1), "Europe/London"),
    (datetime(2024, 6, 1, 12), timedelta(0), "Europe/London"), (datetime(2024, 11, 2, 12), timedelta(hours=-1), "America/New_York"),
    (datetime(2024, 3, 9, 12), timedelta(hours=1), "America/Port-au-Prince"),
])  # fmt: skip
def test_elapsed_rows_over_a_change_of_the_clock_lie_on_the_wall_clock(
    tmp_path: Path, begin: datetime, after: timedelta, place: str
) -> None:
    values = np.ones(4 * 1440)
    values[2 * 1440] = 900
    last = begin + timedelta(minutes=values.size - 1)
    ends = tuple(f"{wall:%Y-%m-%d %H:%M:%S}.439000{wall.replace(tzinfo=ZoneInfo(place)):%z} [{place}]" for wall in (begin, last + after))
    recording = read_one(FORMAT, _file(tmp_path, oxford_header(values.tolist(), 60, ends=ends)))
    spike = recording.start + timedelta(minutes=int(np.nanargmax(recording.values)))
    assert (recording.start, recording.zone, spike) == (begin, place, begin + timedelta(hours=48) + after)
    assert recording.values.size == values.size + after // timedelta(minutes=1)
    assert not any("announces" in note for note in recording.notes)
    assert any("Clocks in" in note for note in recording.notes) == bool(after)


def test_a_place_that_is_none_is_said_and_times_of_utc_are_marked(tmp_path: Path) -> None:
    written = f"{START}+0000"
    for place, words in (("[BST]", "“BST”"), ("[UTC]", "stay in UTC"), ("", "stay in UTC")):
        recording = read_one(FORMAT, _file(tmp_path, oxford_header([1, 2], ends=(f"{written} {place}", f"{START}+0000 {place}"))))
        assert recording.zone is None and recording.in_utc and any(words in note for note in recording.notes)
    assert not read_one(FORMAT, _file(tmp_path, oxford_header([1, 2]))).in_utc


def test_the_hour_that_a_clock_leaves_out_is_a_gap_and_the_change_is_said(tmp_path: Path) -> None:
    clocks = ("00:59:00.0+0000", "00:59:30.0+0000", "02:00:00.0+0100", "02:00:30.0+0100")
    content = oxford_rows([1, 2, 3, 4], times=[f"2019-03-31 {clock} [Europe/London]" for clock in clocks])
    recording = read_one(FORMAT, _file(tmp_path, content))
    assert recording.values.size == 124 and recording.values[[0, 1, -2, -1]].tolist() == [1, 2, 3, 4]
    assert any("+00:00, +01:00" in note for note in recording.notes)


def test_utc_is_no_place_and_said(tmp_path: Path) -> None:
    content = oxford_rows([1, 2]).replace(b"Europe/London", b"UTC")
    recording = read_one(FORMAT, _file(tmp_path, content))
    assert recording.zone is None and recording.start == START and "UTC" in recording.notes[-1]


@pytest.mark.parametrize(("content", "words"), [
    (oxford_header([1, 2], 120), "2 minutes"), (oxford_header([1, 2], 7), "7 seconds"), (oxford_rows([1, 2, 3], 120), "2 min"),
    (oxford_header([1, -2]), "line 3"), (oxford_header([1, "inf"]), "line 3"), (oxford_rows([1, "x"]), "line 3"),
    (oxford_header([1])[:-3], "not one whole row"), (b"time,acc,imputed\n", "no rows"),
    (oxford_header([1, 2]).replace(b"2019-03-04", b"2019-19-04"), "not dates"),
    (oxford_rows([1, 2]).replace(b"21:58:30", b"21:98:30"), "line 3"),
    (b"acc\n1\n", "sampleRate"),
])  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_does_not_fit_says_where(tmp_path: Path, content: bytes, words: str, packed: bool) -> None:
    assert words in refusal(FORMAT, _file(tmp_path, content, packed))


def test_a_long_header_line_does_not_hang(tmp_path: Path) -> None:
    hostile = b"a - 2019-03-04 21:58:00" * 2500
    assert not FORMAT.recognises(10 * hostile, "a.csv")  # would take hours of a pattern that looks back from everywhere
    assert "first line" in refusal(FORMAT, _file(tmp_path, hostile))


def test_plain_tables_are_left_to_the_table_reader() -> None:
    assert not FORMAT.recognises(b"time,acc\n2019-03-04 21:58:00,5\n", "a.csv")
    assert not FORMAT.recognises(gzip.compress(b"participant,timestamp,activity\n"), "a.csv.gz")
    assert not FORMAT.recognises(b"\x1f\x8b\x08" + b"noise" * 50, "a.csv.gz")


@given(parts=st.lists(st.binary(max_size=3000), min_size=1, max_size=5), padding=st.integers(0, 600))
@QUICK
def test_every_member_of_a_gzip_is_unfolded(tmp_path: Path, parts: list[bytes], padding: int) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(b"".join(gzip.compress(part) for part in parts) + bytes(padding))
    inner = unfolded(file_source(path))
    with inner.open() as stream:
        assert stream.read() == b"".join(parts)
    assert inner.filename == "a.csv"


@given(cut=st.floats(0.01, 0.99))
@QUICK
def test_a_gzip_that_breaks_off_is_a_sentence(tmp_path: Path, cut: float) -> None:
    packed = gzip.compress(oxford_header(list(range(500))))
    path = tmp_path / "a.csv.gz"
    path.write_bytes(packed[: max(3, int(len(packed) * cut))])
    assert "is incomplete" in refusal(FORMAT, path)


def test_a_gzip_with_a_wrong_checksum_is_a_sentence(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(oxford_header(list(range(500)))))
    packed[-6] ^= 0xFF
    path = tmp_path / "a.csv.gz"
    path.write_bytes(packed)
    assert "damaged" in refusal(FORMAT, path)


def test_a_gzip_bomb_is_stopped_before_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    row = b"1.5," + b" " * 60_000 + b"\n"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b"acceleration (mg) - 2019-03-04 21:58:00 - 2019-03-24 21:58:00 - sampleRate = 30 seconds,imputed\n")
        for _ in range(50):
            stream.write(row * 100)
    assert path.stat().st_size < 5_000_000
    tracemalloc.start()
    try:
        assert "which no recording does" in refusal(FORMAT, path)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_a_small_limit_holds_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"x" * 1000))
    with unfolded(file_source(path), 1000).open() as stream:
        assert len(stream.read()) == 1000
    with pytest.raises(RecordingError, match="unpacks to more"):
        unfolded(file_source(path), 999)
