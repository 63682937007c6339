"""Files of every format inside a gzip: what stands in them is read as from the plain file, and nothing said of them is untrue."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pat_core.progress import Silent
from pat_core.recordings.format_registry import read_source
from pat_core.recordings.gzipped import unfolded
from pat_core.recordings.reading import read
from pat_core.recordings.source import Source, file_source
from tests.recordings.fuzz_seeds import every_format

FORMATS = [seeds for seeds in every_format() if seeds.name not in ("zip", "gzip")]


def _source(content: bytes, filename: str) -> Source:
    return Source(filename, filename, len(content), lambda: io.BufferedReader(io.BytesIO(content)))


@pytest.mark.parametrize("seeds", FORMATS, ids=lambda seeds: f"{seeds.name} {seeds.pack.__name__}")
def test_every_format_is_read_packed_as_it_is_read_plain(seeds) -> None:
    for content in map(seeds.pack, seeds.contents):
        plain = read_source(_source(content, seeds.filename), Silent())
        packed = read_source(_source(gzip.compress(content), f"{seeds.filename}.gz"), Silent())
        assert plain.recordings and [refused.reason for refused in packed.refused] == [refused.reason for refused in plain.refused]
        for one, other in zip(plain.recordings, packed.recordings, strict=True):
            assert np.array_equal(one.values, other.values, equal_nan=True)
            assert (one.participant, one.start, one.unit, one.notes) == (other.participant, other.start, other.unit, other.notes)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(parts=st.lists(st.integers(0, 200_000), min_size=1, max_size=4))
def test_the_size_is_that_of_what_comes_out(tmp_path: Path, parts: list[int]) -> None:
    path = tmp_path / "a.bin.gz"
    path.write_bytes(b"".join(gzip.compress(bytes(part), 1) for part in parts))
    inner = unfolded(file_source(path))
    assert inner.size == sum(parts)
    with inner.seekable() as stream:
        stream.seek(0, io.SEEK_END)
        assert stream.tell() == sum(parts)


def test_an_array_that_breaks_off_is_told_by_its_true_length(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.zeros(2000, np.float32))
    (tmp_path / "a.npy.gz").write_bytes(gzip.compress(stream.getvalue()[:-400]))
    (refused,) = read(tmp_path / "a.npy.gz").refused
    assert f"has only {len(stream.getvalue()) - 400} bytes" in refused.reason


def test_a_packed_parquet_is_judged_by_what_it_is_unpacked_not_by_its_packed_bytes(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("pat_core.recordings.source.BOMB_BYTES", 1024**2)
    frame = pd.DataFrame({f"scale {i}": np.zeros(20_000) for i in range(55)}).assign(
        timestamp=pd.date_range("2024-01-01", periods=20_000, freq="60s"), counts=5.0
    )
    stream = io.BytesIO()
    frame.to_parquet(stream, compression=None, use_dictionary=False)
    packed = gzip.compress(stream.getvalue(), 6)
    assert 100 * len(packed) < 8 * frame.size, "by these it would be too much"
    monkeypatch.setattr("pat_core.recordings.gzipped.is_bomb", lambda unfolded, packed: False)
    (tmp_path / "a.parquet.gz").write_bytes(packed)
    (recording,) = read(tmp_path / "a.parquet.gz").recordings
    assert recording.values.tolist() == [5.0] * 20_000


@pytest.mark.parametrize("held", [100, 40 * 1024**2])
def test_a_member_of_a_zip_seeks_in_a_copy_and_the_file_itself_is_not_copied(tmp_path: Path, held: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bin", bytes(held))
    with zipfile.ZipFile(path) as archive:
        member = Source("a.zip: a.bin", "a.bin", held, lambda: archive.open("a.bin"))
        with member.seekable() as stream:
            stream.seek(held - 10)
            assert stream.read() == bytes(10)
    with file_source(path).seekable() as stream:
        assert isinstance(stream, io.BufferedReader) and stream.name == str(path)
