"""Transport files in blocks: numbers and text as an independent library wrote them, whatever the block, from a file or a zip."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.nhanes import TransportFile, read_table, transport_file, transport_files
from pat_core.recordings.reading import read
from pat_core.recordings.tables import xpt
from tests.nhanes.made import paxmin, paxraw, write, zipped
from tests.shared import shared_file


def blocks(content: bytes, names=None, rows=None) -> dict[str, np.ndarray]:
    stream = io.BytesIO(content)
    parts = list(xpt.read_blocks(stream, xpt.read_layout(stream), names, rows))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@pytest.fixture(scope="module")
def minute_file(tmp_path_factory) -> Path:
    return write(paxmin(62161, 500), tmp_path_factory.mktemp("xpt") / "PAXMIN_G.xpt")


@pytest.mark.parametrize("rows", [None, 1, 7, 333, 10**6])
def test_numbers_and_text_come_back_whatever_the_block(minute_file, rows):
    found = blocks(minute_file.read_bytes(), rows=rows)
    expected = paxmin(62161, 500)
    assert list(found) == list(expected.columns)
    for name, column in expected.items():
        got = np.char.decode(np.char.strip(found[name])) if found[name].dtype.kind == "S" else found[name]
        assert np.array_equal(got, column.to_numpy(got.dtype)), name


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-(2**40), 2**40), st.text("abcXYZ 059", max_size=9)), min_size=1, max_size=30), st.integers(1, 40))
def test_any_table_comes_back_row_by_row(tmp_path_factory, rows, at_once):
    frame = pd.DataFrame({"N": [float(number) for number, _ in rows], "T": ["x" + text for _, text in rows], "M": 0.5})
    content = write(frame, tmp_path_factory.mktemp("any") / "a.xpt").read_bytes()
    found = blocks(content, rows=at_once)
    assert np.array_equal(found["N"], frame.N) and np.all(found["M"] == 0.5)
    assert [cell.decode().rstrip() for cell in found["T"]] == [text.rstrip() for text in frame["T"]]


def test_missing_codes_negative_numbers_and_zeros_are_told_apart():
    cells = np.array(
        [[0] * 8, [0x2E] + [0] * 7, [0x41] + [0] * 7, [0x41, 0x10] + [0] * 6, [0xC1, 0x18] + [0] * 6, [0x40] + [0] * 7], np.uint8
    )
    assert np.array_equal(xpt.ibm_floats(cells), [0, np.nan, np.nan, 1, -1.5, 0], equal_nan=True)


def test_a_header_that_claims_a_huge_row_is_refused_before_memory_is_taken(minute_file):
    content = bytearray(minute_file.read_bytes())
    content[8 * 80 + 84 : 8 * 80 + 88] = struct.pack(">i", 2**31 - 1)
    with pytest.raises(RecordingError, match="claims rows of 2,147,483,"):
        blocks(bytes(content))


def test_files_are_found_by_table_in_folders_and_zips_and_a_plain_one_is_preferred(tmp_path, minute_file):
    content = minute_file.read_bytes()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "demo_c.XPT").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "anything.zip", "w") as archive:
        archive.writestr("folder/paxraw_c.xpt", content)
        archive.writestr("folder/demo_c.xpt", content[:100])
        archive.writestr("readme.txt", "x")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 nothing")
    found = transport_files(tmp_path)
    assert set(found) == {"DEMO_C", "PAXRAW_C"}
    assert found["DEMO_C"].path.name == "demo_c.XPT" and found["PAXRAW_C"].member == "folder/paxraw_c.xpt"
    with found["PAXRAW_C"].open() as stream:
        assert stream.read() == content
    assert found["PAXRAW_C"].size == len(content)


def test_no_folder_and_a_zip_without_its_table_are_said(tmp_path):
    with pytest.raises(RecordingError, match="expected at .*nowhere"):
        transport_files(tmp_path / "nowhere")
    path = zipped(write(paxmin(1, 5), tmp_path / "OTHER.xpt"))
    with pytest.raises(RecordingError, match="should hold paxraw_c.xpt"):
        transport_file(path, "PAXRAW_C")


def test_a_table_without_its_column_or_broken_off_names_the_file(tmp_path, minute_file):
    file = transport_file(minute_file, "PAXMIN_G")
    with pytest.raises(RecordingError, match="PAXMIN_G.xpt cannot be read. RIDAGEYR should be among"):
        read_table(file, ("SEQN", "RIDAGEYR"))
    short = tmp_path / "short.xpt"
    short.write_bytes(minute_file.read_bytes()[:-800])
    with pytest.raises(RecordingError, match="short.xpt cannot be read.*ends inside a row"):
        read_table(TransportFile(short, 1000), ("SEQN",))


def test_a_zip_whose_bytes_changed_is_called_damaged(tmp_path, minute_file):
    path = tmp_path / "PAXMIN_G.xpt"
    path.write_bytes(minute_file.read_bytes())
    path = zipped(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="damaged"):
        read_table(transport_file(path, "PAXMIN_G"), ("SEQN",))


def test_an_import_of_a_large_paxmin_names_the_command_that_reads_it(minute_file, monkeypatch):
    monkeypatch.setattr("pat_core.recordings.studies.nhanes_files.MOST_MIN_BYTES", minute_file.stat().st_size - 1)
    (refusal,) = read(minute_file).refused
    assert "pat_core nhanes" in refusal.reason


@pytest.mark.parametrize("made", [paxraw, paxmin])
def test_people_whose_rows_stand_in_several_places_are_not_read_by_half(tmp_path, made):
    one, other = made(5, 2000), made(6, 2000)
    reading = read(write([one[:900], other, one[900:]], tmp_path / "PAX.xpt"))
    (refusal,) = reading.refused
    assert not reading.recordings and refusal.reason.startswith("Rows sorted by SEQN were expected; those of 5 are in several places")
    assert "pat_core nhanes" in refusal.reason
    assert [found.participant for found in read(write([one, other], tmp_path / "PAX.xpt")).recordings] == ["5", "6"]


@pytest.mark.shared
def test_every_cell_of_the_real_demographics_is_as_an_independent_reader_has_it():
    path = shared_file("data/DEMO_C.XPT")
    frame, _ = pyreadstat.read_xport(str(path))
    found = blocks(path.read_bytes())
    assert list(found) == list(frame.columns) and len(frame) == 10122
    for name, column in frame.items():
        assert np.array_equal(found[name], column.to_numpy(float), equal_nan=True), name
