"""Damaged device files: whatever is cut, flipped or mixed up, a reader answers with recordings or with a sentence."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.recordings.devices import actiwatch_awd, condor_txt, daqtometer_csv, motionwatch_mtn, tempatilumi_txt
from pat_core.recordings.source import Format
from pat_core.recordings.studies import mesa_csv, oxford_timeseries
from tests.recordings.devices import device_files as files

VALUES = [(i * 37) % 1000 for i in range(40)]
GOOD = {
    "a.AWD": (actiwatch_awd.FORMAT, files.awd(VALUES, channel=" , 0.00")),
    "condor.txt": (condor_txt.FORMAT, files.condor(VALUES)),
    "a.mtn": (motionwatch_mtn.FORMAT, files.motionwatch(VALUES)),
    "tal.txt": (tempatilumi_txt.FORMAT, files.tempatilumi(VALUES, encoding="latin-1")),
    "dqt.csv": (daqtometer_csv.FORMAT, files.daqtometer(VALUES)),
    "mesa.csv": (mesa_csv.FORMAT, files.mesa(VALUES)),
    "header.csv": (oxford_timeseries.FORMAT, files.oxford_header(VALUES, imputed=(3,))),
    "rows.csv.gz": (oxford_timeseries.FORMAT, gzip.compress(files.oxford_rows(VALUES), mtime=0)),
}
EVERY = pytest.mark.parametrize("name", GOOD)
OFTEN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def _answer(form: Format, path: Path, content: bytes) -> list[np.ndarray]:
    """The values read, none where the file is refused in a sentence; anything else fails the test."""
    path.write_bytes(content)
    try:
        reading = files.read_all(form, path)
    except RecordingError as error:
        assert len(str(error)) > 40 and str(error).endswith("."), str(error)
        return []
    return [recording.values for recording in reading.recordings]


@EVERY
@given(share=st.floats(0, 1))
@OFTEN
def test_a_file_cut_anywhere_gives_its_beginning_or_a_sentence(tmp_path: Path, name: str, share: float) -> None:
    form, content = GOOD[name]
    for values in _answer(form, tmp_path / name, content[: int(share * len(content))]):
        # The last number itself may have been cut, where nothing follows it in its line.
        assert values[:-1].tolist() == VALUES[: max(values.size - 1, 0)]


@EVERY
@given(flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8))
@OFTEN
def test_bytes_changed_anywhere_give_a_recording_or_a_sentence(tmp_path: Path, name: str, flips: list[tuple[float, int]]) -> None:
    form, content = GOOD[name]
    damaged = bytearray(content)
    for share, byte in flips:
        damaged[int(share * len(damaged))] = byte
    for values in _answer(form, tmp_path / name, bytes(damaged)):
        assert np.all(np.isnan(values) | (values >= 0))


@EVERY
@given(lines=st.randoms(use_true_random=False))
@settings(parent=OFTEN, max_examples=20)
def test_lines_in_any_order_give_a_recording_or_a_sentence(tmp_path: Path, name: str, lines) -> None:
    form, content = GOOD[name]
    rows = content.split(b"\n")
    lines.shuffle(rows)
    for values in _answer(form, tmp_path / name, b"\n".join(rows)):
        assert np.all(np.isnan(values) | (values >= 0))


@EVERY
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 5000,
        bytes(np.random.default_rng(0).integers(0, 256, 200_000, dtype=np.uint8)),
        "übergroß\n".encode("utf-16") * 50,
        b"\n" * 10_000,
        b"x" * 200_000,
        b"<" * 5000,
        b"\x1f\x8b\x08" + b"\xff" * 500,
    ],
    ids=["empty", "zeros", "noise", "utf-16", "blank", "one long line", "brackets", "no gzip"],
)
def test_noise_under_the_format_s_ending_is_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    form, _ = GOOD[name]
    assert _answer(form, tmp_path / name, content) == []
    assert not form.recognises(content[:65536], "other.dat")


@EVERY
def test_a_format_knows_its_own_files_and_nobody_else_s(name: str) -> None:
    form, _ = GOOD[name]
    for other, (_, content) in GOOD.items():
        content = gzip.decompress(content) if other.endswith(".gz") else content
        assert form.recognises(content, "anything.dat") == (GOOD[other][0] is form), other


@pytest.mark.parametrize(("form", "content"), [
    (actiwatch_awd.FORMAT, files.awd(VALUES, date="01-Jan-1970")), (condor_txt.FORMAT, files.condor(VALUES).replace(b"2019", b"1970")),
    (motionwatch_mtn.FORMAT, files.motionwatch(VALUES).replace(b"2019", b"1970")),
    (tempatilumi_txt.FORMAT, files.tempatilumi(VALUES).replace(b"2019", b"1970")),
    (daqtometer_csv.FORMAT, files.daqtometer(VALUES).replace(b"2019", b"1970")),
    (oxford_timeseries.FORMAT, files.oxford_rows(VALUES).replace(b"2019", b"1970")),
])  # fmt: skip
def test_the_date_of_a_clock_that_was_never_set_is_not_known(tmp_path: Path, form: Format, content: bytes) -> None:
    path = tmp_path / "a.dat"
    path.write_bytes(content)
    assert not files.read_one(form, path).date_known


@pytest.mark.parametrize("name", ["condor.txt", "tal.txt", "dqt.csv", "mesa.csv", "header.csv"])
def test_texts_in_utf_16_read_the_same(tmp_path: Path, name: str) -> None:
    form, content = GOOD[name]
    (values,) = _answer(form, tmp_path / name, content.decode("latin-1").encode("utf-16"))
    assert values.tolist() == VALUES


@pytest.mark.parametrize("name", ["condor.txt", "tal.txt", "dqt.csv", "mesa.csv"])
def test_a_last_line_cut_in_the_middle_is_left_out_and_said(tmp_path: Path, name: str) -> None:
    form, content = GOOD[name]
    path = tmp_path / name
    path.write_bytes(content.rstrip().removesuffix(b";")[:-12])
    (recording,) = files.read_all(form, path).recordings
    assert recording.values.tolist() == VALUES[:-1] and "The last line" in recording.notes[0]
