"""Axivity .cwa files, written here and real."""

from __future__ import annotations

from datetime import datetime, timedelta

import actfast
import numpy as np
import pytest

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.raw import CWA, counts, cwa, enmo, read_raw
from pat_core.recordings.raw.stream import Blocks
from pat_core.records import COUNTS, MG
from tests.recordings.raw import writers as w
from tests.shared import shared_file


def read(data: bytes, **settings):
    (recording,) = read_raw(w.source(data, "p1.cwa"), **settings).recordings
    return recording


def blocks(data: bytes) -> Blocks:
    with cwa.opened(w.source(data, "p1.cwa"), Silent()) as file:
        parts = list(file.blocks)
    return Blocks(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("starts", "counts", "xyz", "held")))


def small(samples: int, seed: int = 0) -> np.ndarray:
    return np.clip(w.steps(samples, seed), -512, 511)


@pytest.mark.parametrize("fine", [True, False])
@pytest.mark.parametrize("rate", [12.5, 25.0, 50.0, 100.0, 200.0])
def test_samples_and_times_come_back_as_written(rate: float, fine: bool) -> None:
    raw = small(120 * 20)
    made = blocks(w.cwa(raw, rate, fine=fine))
    assert np.allclose(made.xyz, raw / 256) and made.counts.tolist() == [120] * 20
    # The finest a stamp can say: 1/32768 s, and a whole sample where the number of the sample carries the fraction.
    assert np.abs(made.starts - w.SECONDS - np.arange(20) * 120 / rate).max() < (0.51 if not fine else 1.01) / rate


def test_each_way_of_laying_out_samples_is_read() -> None:
    head, wide, six = w.cwa_header(), small(80) * 4, np.random.default_rng(1).integers(-2000, 2000, (40, 6))
    assert np.allclose(blocks(head + w.cwa_block(0, wide.astype("<i2").tobytes(), 80, 0x32)).xyz, wide / 256)
    finer = blocks(head + w.cwa_block(0, wide.astype("<i2").tobytes(), 80, 0x32, light=3 << 13))
    assert np.allclose(finer.xyz, wide / 2048)
    both = blocks(head + w.cwa_block(0, six.astype("<i2").tobytes(), 40, 0x62, light=2 << 13))
    assert np.allclose(both.xyz, six[:, 3:] / 1024)
    scaled = (2 << 30 | 300 | 1023 << 10 | 512 << 20).to_bytes(4, "little")
    assert np.allclose(blocks(head + w.cwa_block(0, scaled, 1)).xyz, np.array([[300, -1, -512]]) * 4 / 256)


def test_a_wrist_recording_is_enmo_by_default_and_counts_when_asked() -> None:
    raw = small(100 * 60 * 4)
    mg, vm = read(w.cwa(raw)), read(w.cwa(raw), measure="vector magnitude counts")
    assert mg.values == pytest.approx(enmo(raw / 256).reshape(4, 6000).mean(axis=1), rel=0.01) and mg.values.size == 4
    tenths = counts(raw / 256, 100).reshape(4, 600, 3).sum(axis=1)
    assert vm.values == pytest.approx(np.sqrt((tenths**2).sum(axis=1)), rel=0.05)
    assert (mg.unit, vm.unit, mg.start, mg.device) == (MG, COUNTS, w.START, "Axivity AX3")
    assert (mg.placement, mg.labels["serial"], mg.zone) == ("left wrist", "39434", None)
    assert any("usually worn on the wrist" in note for note in mg.notes) and vm.labels["axis"] == "vector magnitude"
    with pytest.raises(RecordingError, match="which axis is vertical"):
        read(w.cwa(raw), measure="vertical counts")


@pytest.mark.parametrize("speed", [0.97, 1.0, 1.03])
def test_a_sensor_off_its_nominal_rate_still_fills_the_devices_minutes(speed: float) -> None:
    recording = read(w.cwa(small(round(100 * 300 * speed) // 120 * 120 + 120), speed=speed))
    assert recording.values.size == 5 and np.isfinite(recording.values).all()
    assert not any("pauses" in note.lower() for note in recording.notes)


def test_a_lost_block_is_bridged_and_many_are_a_gap() -> None:
    raw = small(100 * 60 * 6)
    bridged, gap = read(w.cwa(raw, lost=[60])), read(w.cwa(raw, lost=range(100, 150)))
    assert np.isfinite(bridged.values).all() and any("Short pauses (1, 1.2 s in all" in note for note in bridged.notes)
    assert np.isnan(gap.values).tolist() == [False, False, True, False, False, False]
    assert any("missing minutes" in note and "60 s from 2024-03-01 10:02:00" in note for note in gap.notes)


def test_a_block_with_a_wrong_checksum_is_left_out_and_counted() -> None:
    data = bytearray(w.cwa(small(100 * 60 * 3)))
    for block in (5, 6, 90):
        data[1024 + 512 * block + 200] ^= 1
    recording = read(bytes(data))
    assert any("3 damaged blocks of 120 samples" in note for note in recording.notes)
    assert any("Short pauses (2, 3.6 s" in note for note in recording.notes) and recording.values.size == 3


def test_blocks_of_another_rate_are_left_out_and_said_and_unwritten_ones_are_nothing() -> None:
    raw = small(120 * 100)
    data = w.cwa(raw) + w.cwa_block(125, w.packed_120(raw[:120]), 120, rate=50.0) + b"\xff" * 5120
    notes = read(data).notes
    assert any("1 block with another sampling rate" in note for note in notes) and not any("damaged" in note for note in notes)


@pytest.mark.parametrize(("data", "word"), [
    (lambda: w.cwa(small(1200))[:700], "header of 1024 bytes"), (lambda: w.cwa_header(), "correct checksum were expected"),
    (lambda: w.cwa_header() + bytes(51200), "correct checksum were expected"), (lambda: w.cwa(small(1200)), "no whole clock minute"),
    (lambda: w.cwa_header() + w.cwa_block(0, b"", 120, 0x77), "laid out as 0x77"),
    (lambda: w.cwa(small(12000)) + w.cwa_block(5e7, b"", 120), "400 days"),
    (lambda: w.cwa_header() + b"".join(w.cwa_block(-1.2 * i, b"", 120) for i in range(200)), "ran back"),
    (lambda: w.cwa_header() + np.random.default_rng(0).bytes(51200), "correct checksum were expected"),
], ids=range(8))  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(data, word: str) -> None:
    with pytest.raises(RecordingError, match=word):
        read(data())


def test_noise_and_every_cut_are_refusals_or_recordings_and_never_another_error() -> None:
    whole, rng = w.cwa(small(120 * 110)), np.random.default_rng(1)
    for i in range(60):
        changed = bytearray(whole)
        for at in rng.integers(4, len(whole) if i % 2 else 3000, 1 + i % 9):
            changed[at] ^= int(rng.integers(1, 256))
        for data in (bytes(changed), whole[: int(rng.integers(4, len(whole)))]):
            try:
                assert read(data).values.size
            except RecordingError as error:
                assert str(error).endswith(".")
    cut = read(whole[: 1024 + 512 * 105 + 77])
    assert any("ends inside a block, 77 of 512 bytes" in note for note in cut.notes)


def test_other_files_are_not_taken_for_recordings() -> None:
    assert CWA.recognises(w.cwa_header(), "any name") and not CWA.recognises(b"MD,x\n1,2", "a.cwa") and not CWA.recognises(b"", "a.cwa")


@pytest.mark.shared
def test_a_real_file_agrees_with_its_own_blocks_and_with_another_reader() -> None:
    path = shared_file("data/devices/axivity_ax3.cwa")
    data = path.read_bytes()
    made = blocks(data)
    # Counted in the file's bytes: samples a block stand at 28, two bytes.
    written = [int.from_bytes(data[at + 28 : at + 30], "little") for at in range(1024, len(data), 512)]
    assert made.counts.tolist() == written and made.xyz.shape == (17400, 3)
    assert datetime(1970, 1, 1) + timedelta(seconds=float(made.starts[0])) == datetime(2019, 2, 26, 10, 55, 6, 488)
    other = actfast.read(str(path))["timeseries"]["high_frequency"]
    assert np.allclose(made.xyz, other["acceleration"], atol=1e-6)
    firsts = np.concatenate(([0], np.cumsum(made.counts)[:-1]))
    assert np.abs(other["datetime"][firsts] / 1e9 - made.starts).max() < 1e-5
    (recording,) = read_raw(w.file_of(path)).recordings
    assert recording.start == datetime(2019, 2, 26, 10, 56) and recording.values.size == 2 and recording.placement == "right wrist"
    moments = other["datetime"] / 1e9 - made.starts[0] + 6.000488
    expected = [enmo(other["acceleration"][(moments >= 60 * i) & (moments < 60 * i + 60)]).mean() for i in (1, 2)]
    assert recording.values == pytest.approx(expected, rel=2e-3)
    assert not any("pauses" in note.lower() or "damaged" in note for note in recording.notes)


@pytest.mark.shared
def test_a_real_file_with_corrupt_blocks_says_how_many_and_keeps_the_rest() -> None:
    whole, corrupt = (shared_file(f"data/devices/axivity_ax3{name}.cwa").read_bytes() for name in ("", "_corrupt_blocks"))
    bad = [
        at
        for at in range(1024, len(corrupt), 512)
        if sum(int.from_bytes(corrupt[i : i + 2], "little") for i in range(at, at + 512, 2)) & 0xFFFF
    ]
    recording, good = read(corrupt), read(whole)
    assert any(f"{len(bad)} damaged blocks of 120 samples" in note for note in recording.notes) and len(bad) == 6
    assert blocks(corrupt).counts.sum() == 17400 - 120 * len(bad)
    assert recording.start == good.start and recording.values == pytest.approx(good.values, rel=0.01)
    assert recording.values[0] == good.values[0]
