"""The oldest .gt3x (activity.bin): the maker's own example, files packed here digit by digit, and the newer kind of the same movement."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.raw import GT3X, counts, read_raw
from pat_core.recordings.raw import gt3x as reader
from pat_core.records import COUNTS
from tests.recordings.raw import writers as w


def read(data: bytes, **settings):
    (recording,) = read_raw(w.source(data, "p1.gt3x"), **settings).recordings
    return recording


def samples(data: bytes) -> np.ndarray:
    with reader.opened(w.source(data, "p1.gt3x"), Silent()) as file:
        return np.concatenate([blocks.xyz for blocks in file.blocks])


def test_the_makers_example_gives_the_makers_numbers() -> None:
    """Three samples, the last nibble unused; a second of one sample each."""
    data = w.oldest_of(bytes.fromhex("006008EBD007009EBF007008EBF0"), rate=1, light=3)
    assert samples(data) == pytest.approx(np.array([[0.023, 0.018, -0.947], [0.026, 0.021, -0.941], [0.023, 0.021, -0.941]]))


@pytest.mark.parametrize("rate", [30, 40, 50, 60, 70, 80, 90, 100])
@pytest.mark.parametrize("seconds", [7, 8])
def test_samples_come_back_as_packed(rate: int, seconds: int) -> None:
    raw = np.clip(w.steps(rate * seconds, spread=400), -2048, 2047)
    assert np.allclose(samples(w.oldest(raw, rate)), np.round(raw / 341, 3), atol=1e-6)


def test_a_scale_that_the_file_names_is_used() -> None:
    raw = w.steps(30 * 7)
    assert np.allclose(samples(w.oldest(raw, **{"Acceleration Scale": "256.0"})), np.round(raw / 256, 3), atol=1e-6)


@pytest.mark.parametrize("at_once", [2, 7, 600, 1800])
def test_minutes_are_those_of_the_newer_kind_of_the_same_movement(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr("pat_core.recordings.raw.gt3x_oldest.SECONDS_AT_ONCE", at_once)
    raw = w.steps(30 * 300, spread=200, gravity=341)
    old = read(w.oldest(raw))
    new = read(w.gt3x(w.seconds(raw, 30), **{"Acceleration Scale": "341"}))
    assert np.array_equal(old.values, new.values) and old.start == new.start == w.START and old.values.size == 5
    assert np.array_equal(old.values, counts(np.round(raw / 341, 3), 30)[:3000, 1].reshape(5, 600).sum(axis=1))
    assert (old.unit, old.labels) == (COUNTS, {"axis": "Axis1 (vertical)", "serial": "NEO1C16110020"})
    assert any("oldest kind" in note and "have no times" in note for note in old.notes)


def test_the_start_is_any_second_and_minutes_are_those_of_the_clock() -> None:
    recording = read(w.oldest(w.steps(30 * 200, spread=200, gravity=341), start=datetime(2012, 3, 29, 23, 59, 10)))
    assert recording.start == datetime(2012, 3, 30) and recording.values.size == 2


@pytest.mark.parametrize("blank", [b"\x00", b"\xff"])
def test_what_was_never_written_is_missing_and_said(blank: bytes) -> None:
    raw = w.steps(30 * 240, spread=200, gravity=341)
    filled = w.packed(raw) + blank * (135 * 600)
    recording = read(w.oldest_of(filled, light=840))
    assert recording.values.size == 4 and any("600 seconds of activity.bin were never written" in note for note in recording.notes)


def test_another_length_of_the_light_is_said() -> None:
    raw = w.steps(30 * 240, gravity=341)
    assert any("lux.bin holds 900 seconds, activity.bin 240" in note for note in read(w.oldest(raw, light=900)).notes)
    assert not any("lux.bin" in note for note in read(w.oldest(raw)).notes)


@pytest.mark.parametrize(("data", "word"), [
    (lambda raw: w.oldest(raw, **{"Start Date": "0"}), "start as ticks"),
    (lambda raw: w.oldest(raw, **{"Start Date": ""}), "start as ticks"),
    (lambda raw: w.oldest(raw, **{"Sample Rate": "0"}), "30 to 100"), (lambda raw: w.oldest(raw[:20]), "does not hold one second"),
    (lambda raw: w.oldest_of(bytes(50_000)), "does not hold one second"), (lambda raw: w.oldest(raw[:900]), "no whole clock minute"),
    (lambda raw: w.oldest(raw, **{"Start Date": "9" * 30}), "start as ticks"), (lambda raw: w.oldest(raw)[:-200], "cannot be unpacked"),
], ids=range(8))  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(data, word: str) -> None:
    content = data(w.steps(30 * 120, gravity=341))
    assert GT3X.recognises(content, "p1.gt3x")
    with pytest.raises(RecordingError, match=word):
        read(content)
