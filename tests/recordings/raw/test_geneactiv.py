"""GENEActiv .bin files, written here and real."""

from __future__ import annotations

from datetime import datetime, timedelta

import actfast
import numpy as np
import pytest

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.raw import GENEACTIV, counts, enmo, geneactiv, read_raw
from pat_core.recordings.raw.stream import Blocks, RawFile
from pat_core.records import COUNTS, MG
from tests.recordings.raw import writers as w
from tests.shared import shared_file


def read(data: bytes, **settings):
    (recording,) = read_raw(w.source(data, "p1.bin"), **settings).recordings
    return recording


def pages(data: bytes) -> tuple[Blocks, RawFile]:
    with geneactiv.opened(w.source(data, "p1.bin"), Silent()) as file:
        parts = list(file.blocks)
    return Blocks(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("starts", "counts", "xyz", "held"))), file


@pytest.mark.parametrize("rate", [10, 20, 30, 40, 50, 60, 75, 85.7, 100])
def test_samples_and_times_come_back_as_written(rate: float) -> None:
    raw = w.steps(300 * 12, spread=300)
    made, file = pages(w.geneactiv(raw, rate))
    assert np.allclose(made.xyz, w.in_g(raw), atol=1e-6) and made.counts.tolist() == [300] * 12 and file.rate == rate
    assert np.abs(made.starts - w.SECONDS - np.arange(12) * 300 / rate).max() <= 0.001 and file.notes == []


@pytest.mark.parametrize("rate", [30, 40, 50, 60, 85.7, 100])
def test_a_wrist_recording_is_enmo_by_default_and_counts_when_asked(rate: float) -> None:
    raw = w.steps(300 * round(rate), spread=100)
    minutes, data, g = 5, w.geneactiv(raw, rate), w.in_g(raw)
    mg, vm = read(data), read(data, measure="vector magnitude counts")
    each = [g[round(i * 60 * rate) : round((i + 1) * 60 * rate)] for i in range(minutes)]
    assert mg.values == pytest.approx([enmo(part).mean() for part in each], rel=0.01) and mg.values.size == minutes
    tenths = counts(g, rate)[:3000].reshape(-1, 600, 3).sum(axis=1) if rate != 85.7 else None
    assert vm.values.size == minutes and (tenths is None or vm.values == pytest.approx(np.sqrt((tenths**2).sum(axis=1)), rel=0.05))
    assert (mg.unit, vm.unit, mg.device, mg.placement) == (MG, COUNTS, "GENEActiv", "left wrist")
    assert mg.start == w.START and mg.labels["serial"] == "012967" and "not counts" in mg.notes[0]


def test_a_lost_page_is_bridged_and_many_are_a_gap() -> None:
    raw = w.steps(300 * 100)
    bridged, gap = read(w.geneactiv(raw, lost=[30])), read(w.geneactiv(raw, lost=range(40, 60)))
    assert np.isfinite(bridged.values).all() and any("Short pauses (1, 3 s" in note for note in bridged.notes)
    assert np.isnan(gap.values).tolist() == [False, False, True, False, False]
    assert any("60 s from 2024-03-01 10:02:00" in note for note in gap.notes)


def test_damaged_pages_are_left_out_and_counted() -> None:
    text = w.geneactiv(w.steps(300 * 60)).decode()
    parts = text.split("Recorded Data")
    parts[5] = parts[5].replace("Page Time:2024-03", "Page Time:2024-33")
    parts[20] = parts[20][:-200] + "\r\n"
    parts[40] = parts[40].replace("F", "G")
    parts[45] = parts[45][:-200] + " " * 198 + "0\r\n"
    parts[50] = parts[50].replace("Frequency:100.0", "Frequency:50.0")
    notes = read("Recorded Data".join(parts).encode()).notes
    assert any("5 of 60 pages of 300 samples left out" in note for note in notes)
    assert any("Short pauses (5, 15 s" in note for note in notes)


def test_a_file_that_breaks_off_says_how_many_pages_there_should_be() -> None:
    whole = w.geneactiv(w.steps(300 * 60))
    recording = read(whole[: len(whole) * 3 // 4])
    assert recording.values.size == 2
    assert any("announces 60 pages, the file holds" in note for note in recording.notes)
    assert any("1 of" in note and "damaged or incomplete" in note for note in recording.notes)


def _changed(**facts: str) -> bytes:
    rate = facts.pop("rate", "100 Hz")
    return (w.bin_header(rate, 60, **facts) + "".join(w.bin_page(3 * i, w.steps(300)) for i in range(30))).encode()


@pytest.mark.parametrize(("data", "word"), [
    (lambda: _changed(rate=""), "Measurement Frequency"), (lambda: _changed(rate="999999999 Hz"), "10 to 100 were expected"),
    (lambda: _changed(**{"x gain": ""}), "x gain"), (lambda: _changed(**{"y gain": "0"}), "gain of 0"),
    (lambda: _changed(rate="50 Hz"), "30 of 30 pages"), (lambda: w.bin_header().encode(), "no whole clock minute"),
    (lambda: _changed()[:3000], "no whole clock minute"),
    (lambda: w.bin_header().encode() + w.bin_page(0, w.steps(300)).encode() + w.bin_page(5e7, w.steps(300)).encode(), "400 days"),
    (lambda: (w.bin_header() + "".join(w.bin_page(-3 * i, w.steps(300)) for i in range(60))).encode(), "ran back"),
    (lambda: b"Device Identity\r\nGENEActiv\r\n" + np.random.default_rng(0).bytes(200_000), "Measurement Frequency"),
    (lambda: b"Device Identity\r\nGENEActiv\r\n" + b"A" * 3_000_000, "Measurement Frequency"),
], ids=range(11))  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(data, word: str) -> None:
    with pytest.raises(RecordingError, match=word):
        read(data())


def test_noise_and_every_cut_are_refusals_or_recordings_and_never_another_error() -> None:
    whole, rng = w.geneactiv(w.steps(300 * 25)), np.random.default_rng(1)
    for i in range(60):
        changed = bytearray(whole)
        for at in rng.integers(40, len(whole) if i % 2 else 1200, 1 + i % 9):
            changed[at] = int(rng.integers(0, 256))
        for data in (bytes(changed), whole[: int(rng.integers(200, len(whole)))]):
            try:
                assert read(data).values.size
            except RecordingError as error:
                assert str(error).endswith(".")


def test_other_files_are_not_taken_for_recordings() -> None:
    assert GENEACTIV.recognises(w.geneactiv(w.steps(300)), "any name")
    assert not GENEACTIV.recognises(b"Device Identity,value\n", "a.bin") and not GENEACTIV.recognises(bytes(100), "a.bin")


@pytest.mark.shared
def test_a_real_file_agrees_with_its_own_pages_and_with_another_reader() -> None:
    path = shared_file("data/devices/geneactiv.bin")
    data = path.read_bytes()
    made, file = pages(data)
    assert made.counts.size == data.count(b"Recorded Data") - 1 == 16 and file.rate == 85.7
    assert (file.serial, file.utc_offset) == ("012967", "+01:00")
    assert datetime(1970, 1, 1) + timedelta(seconds=float(made.starts[0])) == datetime(2013, 5, 30, 10, 12, 54, 500000)
    assert np.allclose(np.diff(made.starts), 3.5)
    other = actfast.read(str(path))["timeseries"]["high_frequency"]
    assert np.allclose(made.xyz, other["acceleration"][: made.xyz.shape[0]], atol=1e-6)
    # The file ends inside its seventeenth page: 56 seconds, and no whole clock minute.
    with pytest.raises(RecordingError, match="56 s at 85.7 Hz.*no whole clock minute.*1 of 17 pages.*222048 pages, the file holds 17"):
        read(data)
