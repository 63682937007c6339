"""ActiGraph .gt3x files, written here and real."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from pat_core.errors import Cancelled, RecordingError
from pat_core.progress import Silent
from pat_core.recordings.raw import GT3X, counts, read_raw
from pat_core.recordings.raw import gt3x as reader
from pat_core.recordings.raw.stream import Hold, Pauses, runs
from pat_core.records import COUNTS, MG
from tests.recordings.raw import writers as w
from tests.shared import shared_file


def read(data: bytes, **settings):
    (recording,) = read_raw(w.source(data, "p1.gt3x"), **settings).recordings
    return recording


def samples(data: bytes) -> np.ndarray:
    with reader.opened(w.source(data, "p1.gt3x"), Silent()) as file:
        return np.concatenate([blocks.xyz for blocks in file.blocks])


@pytest.mark.parametrize("rate", [30, 40, 50, 60, 80, 100])
@pytest.mark.parametrize("one", [w.wide_second, w.packed_second])
def test_samples_come_back_as_written_by_either_kind_of_record(rate: int, one) -> None:
    raw = w.steps(rate * 7)
    data = w.gt3x(w.seconds(raw, rate, one=one), rate, **{"Acceleration Scale": "341"})
    assert np.allclose(samples(data), np.round(raw / 341, 3), atol=1e-6)


def test_minutes_are_counts_of_the_vertical_axis_from_the_first_whole_minute() -> None:
    raw = w.steps(30 * 200, spread=200)
    recording = read(w.gt3x(w.seconds(raw, 30, w.SECONDS + 50)))
    expected = counts(np.round(raw / 256, 3), 30)[100:1900, 1].reshape(3, 600).sum(axis=1)
    assert np.array_equal(recording.values, expected) and recording.start == datetime(2024, 3, 1, 10, 1)
    assert (recording.unit, recording.epoch_seconds, recording.device, recording.participant) == (COUNTS, 60, "ActiGraph Link", "p1")
    assert recording.labels == {"axis": "Axis1 (vertical)", "serial": "TAS1"} and "vertical" in recording.notes[0]


def test_the_three_measures_are_asked_for_by_name() -> None:
    data = w.gt3x(w.seconds(w.steps(30 * 120, spread=200), 30))
    vertical, magnitude, beyond = (read(data, measure=name) for name in ("vertical counts", "vector magnitude counts", "enmo"))
    assert np.all(magnitude.values > vertical.values) and (magnitude.unit, beyond.unit) == (COUNTS, MG)
    assert np.all(beyond.values > 0) and "not counts" in beyond.notes[0]
    with pytest.raises(RecordingError, match="steps"):
        read(data, measure="steps")


def asleep(raw: np.ndarray, at: int, length: int, event: bool = True) -> list[bytes]:
    """Seconds with a pause of `length` before second `at`; the second before the pause lies still."""
    raw = raw.copy()
    raw[30 * (at - 1) : 30 * at] = raw[30 * (at - 1)]
    said = [w.record(3, w.SECONDS + at, b"\x08"), w.record(3, w.SECONDS + at + length, b"\x09")] if event else []
    return [*w.seconds(raw[: 30 * at], 30), *said, *w.seconds(raw[30 * at :], 30, w.SECONDS + at + length)]


@pytest.mark.parametrize("event", [True, False])
def test_idle_sleep_is_no_movement_and_is_said(event: bool) -> None:
    recording = read(w.gt3x(asleep(w.steps(30 * 240, spread=200), 120, 3600, event)))
    assert recording.values.size == 64 and np.all(recording.values[3:61] == 0) and recording.values[[0, 1, 62, 63]].min() > 0
    assert any("Idle sleep" in note and "1 time, 60 min" in note for note in recording.notes)


@pytest.mark.parametrize("length", [59, 119, 200, 600])
def test_a_held_pause_gives_the_counts_of_its_last_reading_written_out(length: int) -> None:
    raw = w.steps(30 * 240, spread=200)
    held = asleep(raw, 120, length)
    raw[30 * 119 : 30 * 120] = raw[30 * 119]
    written = np.concatenate((raw[:3600], np.repeat(raw[3599:3600], 30 * length, axis=0), raw[3600:]))
    expected = counts(np.round(written / 256, 3), 30)
    minutes = expected.shape[0] // 600
    made = read(w.gt3x(held), measure="vector magnitude counts")
    sums = expected[: minutes * 600].reshape(minutes, 600, 3).sum(axis=1)
    assert np.allclose(made.values[:minutes], np.sqrt((sums**2).sum(axis=1)))


def test_a_pause_after_movement_or_a_plug_is_missing_and_said() -> None:
    raw = w.steps(30 * 240, spread=200)
    moving = [*w.seconds(raw[:3600], 30), *w.seconds(raw[3600:], 30, w.SECONDS + 3720)]
    plugged = asleep(raw, 120, 3600)
    plugged.insert(121, w.record(26, w.SECONDS + 130, b"Z"))
    for log in (moving, plugged):
        recording = read(w.gt3x(log))
        assert np.isnan(recording.values[2:62]).all() and np.isfinite(recording.values[[0, 1, 62, 63]]).all()
        assert any("missing minutes" in note and "60 min from 2024-03-01 10:02:00" in note for note in recording.notes)


def test_a_clock_in_utc_is_moved_by_the_files_own_offset_and_said() -> None:
    log = [w.record(6, w.SECONDS, b'{"UsedUtc":true,"UtcOffset":"-05:00:00"}'), *w.seconds(w.steps(3600), 30)]
    recording = read(w.gt3x(log, TimeZone="-05:00:00"))
    assert recording.labels["utc_offset"] == "-05:00" and read(w.gt3x(log[1:], TimeZone="5:30")).labels["utc_offset"] == "+05:30"
    assert recording.start == datetime(2024, 3, 1, 5) and any("UTC" in note for note in recording.notes)
    unknown = read(w.gt3x(log))
    assert unknown.start == w.START and any("names no time zone" in note for note in unknown.notes)
    assert not any("UTC" in note for note in read(w.gt3x(log[1:], TimeZone="-05:00:00")).notes)


def test_the_devices_own_wear_sensor_is_kept_and_decides_nothing() -> None:
    state = [w.record(13, w.SECONDS + at, struct.pack("<HHBB", 1, 1, worn, 0)) for at, worn in ((0, 1), (90, 0), (200, 1))]
    recording = read(w.gt3x([*state, *w.seconds(w.steps(30 * 300, spread=200), 30)]))
    assert recording.worn.tolist() == [True, True, False, True, True] and np.isfinite(recording.values).all()
    assert read(w.gt3x(w.seconds(w.steps(3600), 30))).worn is None


def test_where_it_was_worn_is_read_and_a_wrist_is_warned_of() -> None:
    log = w.seconds(w.steps(3600), 30)
    wrist, hip = read(w.gt3x(log, Limb="Wrist", Side="Left")), read(w.gt3x(log, Limb="Waist"))
    assert (wrist.placement, hip.placement) == ("left wrist", "waist")
    assert any("left wrist" in note for note in wrist.notes) and not any("worn at" in note for note in hip.notes)


def test_a_damaged_second_is_left_out_and_counted() -> None:
    log = w.seconds(w.steps(30 * 180, spread=200), 30)
    bad = bytearray(log[70])
    bad[50] ^= 4
    log[70] = bytes(bad)
    recording = read(w.gt3x([*log[:90], b"\x00" * 9, *log[90:120], b"\x1e\x07noise", *log[120:]]))
    assert recording.values.size == 3 and np.isfinite(recording.values).all()
    said = " ".join(recording.notes)
    assert "1 record of log.bin left out: wrong checksum" in said and "7 bytes of log.bin skipped" in said
    assert "Short pauses (1, 1 s in all" in said


def test_a_log_that_breaks_off_is_read_up_to_the_break() -> None:
    log = b"".join(w.seconds(w.steps(30 * 180), 30))
    recording = read(w.gt3x(log[: 130 * 189 + 40]))
    assert recording.values.size == 2 and any("log.bin is incomplete" in note for note in recording.notes)


@pytest.mark.parametrize(("data", "word"), [
    (lambda log: w.gt3x(log, **{"Sample Rate": ""}), "sample rate"), (lambda log: w.gt3x(log, **{"Sample Rate": "1e9"}), "30 to 100"),
    (lambda log: w.gt3x(log, **{"Sample Rate": "nan"}), "sample rate"), (lambda log: w.gt3x(b""), "not one second"),
    (lambda log: w.gt3x(log, **{"Acceleration Scale": "", "Serial Number": "XYZ"}), "how large 1 g is"),
    (lambda log: w.gt3x(log[:30]), "no whole clock minute"), (lambda log: w.gt3x(log)[:-30], "cannot be unpacked"),
    (lambda log: w.gt3x(b"\x1e" * 100000), "not one second"), (lambda log: w.gt3x(bytes(100000)), "not one second"),
    (lambda log: w.gt3x([w.wide_second(w.SECONDS, w.steps(30)), w.wide_second(4_000_000_000, w.steps(30))]), "400 days"),
    (lambda log: w.gt3x([*log, *log[:-1], *log[:-1]]), "ran back"),
    (lambda log: w.gt3x(log[::-1]), "ran back"),
], ids=range(12))  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(data, word: str) -> None:
    with pytest.raises(RecordingError, match=word):
        read(data(w.seconds(w.steps(30 * 120), 30)))


def test_a_log_that_unfolds_beyond_reason_is_refused_unread(monkeypatch) -> None:
    monkeypatch.setattr("pat_core.recordings.source.BOMB_BYTES", 100_000)
    with pytest.raises(RecordingError, match="would unpack"):
        read(w.gt3x(bytes(1_000_000)))


def test_noise_and_every_cut_are_refusals_or_recordings_and_never_another_error() -> None:
    whole = w.gt3x(w.seconds(w.steps(30 * 70), 30))
    rng = np.random.default_rng(1)
    for i in range(60):
        changed = bytearray(whole)
        for at in rng.integers(0, len(whole), 1 + i % 5):
            changed[at] ^= int(rng.integers(1, 256))
        for data in (bytes(changed), whole[: int(rng.integers(4, len(whole)))]):
            try:
                assert read(data).values.size
            except RecordingError as error:
                assert str(error).endswith((".", "…"))


def test_other_zips_and_files_are_not_taken_for_recordings() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", "x")
    assert GT3X.recognises(w.gt3x(b""), "any name") and not GT3X.recognises(out.getvalue(), "a.zip")
    assert not GT3X.recognises(b"PK\x03\x04", "a.gt3x") and not GT3X.recognises(b"", "a.gt3x")
    with pytest.raises(RecordingError, match="none of them"):
        read(out.getvalue())


def test_a_reader_who_cancels_is_obeyed() -> None:
    class Stop(Silent):
        def at(self, fraction: float, message: str) -> None:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        read_raw(w.source(w.gt3x(w.seconds(w.steps(30 * 2000), 30)), "a.gt3x"), Stop())


@pytest.mark.shared
def test_a_real_file_agrees_with_the_counts_the_device_made_itself() -> None:
    """epoch.bin holds the firmware's own counts of every minute, and its own judgement of wear."""
    path = shared_file("data/devices/actigraph_13h.gt3x")
    (recording,) = read_raw(w.file_of(path)).recordings
    with zipfile.ZipFile(path) as archive:
        log, own = archive.read("log.bin"), archive.read("epoch.bin")
    device = {time: (y, worn) for _, _, time, _, _, y, _, _, _, worn, _ in struct.iter_unpack("<BBIHHHHBBBB", own)}
    first = 1557142740
    assert recording.start == datetime(1970, 1, 1) + timedelta(seconds=first - 5 * 3600) == datetime(2019, 5, 6, 6, 39)
    assert recording.values.size == 815 and np.isfinite(recording.values).all()
    theirs = np.array([device[first + 60 * i][0] for i in range(815 - 1)])
    assert np.corrcoef(theirs, recording.values[:-1])[0, 1] > 0.997
    assert recording.values[:-1].sum() == pytest.approx(theirs.sum(), rel=0.02)
    assert recording.worn.all() and all(device[first + 60 * i][1] == 1 for i in range(814))
    at, seconds = 0, []
    while at + 9 <= len(log):
        kind, time, size = struct.unpack_from("<BIH", log, at + 1)
        seconds += [time] if (kind, size) == (26, 180) else []
        at += 9 + size
    with reader.opened(w.file_of(path), Silent()) as file:
        pauses = Pauses()
        laid = list(runs(file.blocks, file.rate, pauses))
    lengths = [part.end - (part.start if isinstance(part, Hold) else part.times[0]) for part in laid]
    assert sum(lengths) == pytest.approx(seconds[-1] + 1 - seconds[0])
    assert pauses.samples == len(seconds) * 30 == 810270
    assert (pauses.held, pauses.missing, pauses.bridged) == (int((np.diff(seconds) > 1).sum()), 0, 0)
    assert any("492 times, 6 h 5 min" in n for n in recording.notes)


@pytest.mark.shared
def test_a_real_file_inside_a_zip_reads_the_same(tmp_path) -> None:
    path = shared_file("data/devices/actigraph_13h.gt3x")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(path, "a.gt3x")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        inside = replace(w.file_of(path), opener=lambda: archive.open("a.gt3x"))
        (packed,) = read_raw(inside).recordings
    assert np.array_equal(packed.values, read_raw(w.file_of(path)).recordings[0].values)
