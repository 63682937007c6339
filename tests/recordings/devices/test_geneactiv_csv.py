"""GENEActiv epoch exports, made here from samples, against what those samples are worth."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from pat_core.progress import Silent
from pat_core.recordings.devices.geneactiv_csv import FORMAT
from pat_core.recordings.raw import TEXT, geneactiv
from pat_core.recordings.reading import read
from pat_core.records import MG, UNKNOWN_UNIT
from tests.recordings.devices.device_files import read_one, refusal, source
from tests.recordings.raw import text_writers as t
from tests.recordings.raw import writers as w
from tests.shared import shared_file

START = datetime(2024, 3, 1, 10)


def exported(
    xyz: np.ndarray,
    rate: float = 50,
    epoch: int = 60,
    ends: bool = True,
    frequency: str | None = "50 Hz",
    separator: str = ",",
    columns: int = 12,
    names: str = "",
    decimal: str = ".",
    more: dict[str, str] | None = None,
) -> bytes:
    """What the PC software makes of (n, 3) g: means, a sum, deviations. ends: the times are the ends of epochs, as in its manual."""
    size = int(rate * epoch)
    parts = xyz[: xyz.shape[0] // size * size].reshape(-1, size, 3)
    sums = np.abs(np.sqrt((parts**2).sum(axis=2)) - 1).sum(axis=1)
    rows = []
    for i, (part, total) in enumerate(zip(parts, sums, strict=True)):
        time = START + timedelta(seconds=(i + ends) * epoch)
        mean, deviation = ([f"{value:.4f}" for value in values] for values in (part.mean(axis=0), part.std(axis=0)))
        shown = [cell.replace(".", decimal) for cell in (*mean, "41", "0", "23.1", f"{total:.4f}", *deviation, "70")]
        rows.append(separator.join([f"{time:%Y-%m-%d %H:%M:%S}:000", *shown][:columns]))
    head = t.preamble(frequency, w.SECONDS, more, separator).decode()
    return (head + (names + "\r\n" if names else "") + "\r\n".join(rows) + "\r\n").encode()


def moved(seconds: int, rate: int = 50) -> np.ndarray:
    return w.steps(rate * seconds, spread=60) / 256


def distance(xyz: np.ndarray, rate: int = 50) -> np.ndarray:
    """(minutes,) mean of | |a| - 1 g | in mg."""
    return 1000 * np.abs(np.sqrt((xyz**2).sum(axis=1)) - 1).reshape(-1, 60 * rate).mean(axis=1)


def _path(folder: Path, content: bytes) -> Path:
    (folder / "p1.csv").write_bytes(content)
    return folder / "p1.csv"


@pytest.mark.parametrize("epoch", [1, 5, 10, 15, 30, 60])
@pytest.mark.parametrize("ends", [True, False])
def test_sums_become_the_mean_distance_from_gravity_in_mg(tmp_path: Path, epoch: int, ends: bool) -> None:
    xyz = moved(600)
    (recording,) = read(_path(tmp_path, exported(xyz, epoch=epoch, ends=ends))).recordings
    assert np.allclose(recording.values, distance(xyz), rtol=1e-3) and recording.unit == MG and recording.epoch_seconds == 60
    assert recording.start == START and any("ends of epochs" in note for note in recording.notes) == ends
    assert any(f"divided by its {50 * epoch} samples" in note for note in recording.notes)
    assert (recording.device, recording.placement, recording.participant) == ("GENEActiv", "left wrist", "p1")
    assert recording.labels == {"serial": "068006", "utc_offset": "+01:00", "subject code": "4001"}


@pytest.mark.parametrize("epoch", [5, 60])
def test_without_a_frequency_the_sum_stays_a_sum_of_unknown_unit(tmp_path: Path, epoch: int) -> None:
    xyz = moved(300)
    (recording,) = read(_path(tmp_path, exported(xyz, epoch=epoch, frequency=None))).recordings
    assert recording.unit == UNKNOWN_UNIT and np.allclose(recording.values, distance(xyz) * 3, rtol=1e-3)
    assert any("gives no measurement frequency" in note for note in recording.notes)


@pytest.mark.parametrize("how", [
    {"separator": ";"}, {"separator": ";", "decimal": ","}, {"separator": "\t"}, {"columns": 8}, {"columns": 11},
    {"names": "timestamp,xm,ym,zm,lightm,button,tempm,SVMgs,sdx,sdy,sdz,peak lux"},
    {"names": "Time,Mean x,Mean y,Mean z,Mean lux,Sum button,Mean temp,Sum of vector magnitudes,x sd,y sd,z sd,Peak lux"},
    {"more": {"Device Type": "GENEActiv           "}}, {"more": {"Device Type": ""}},
    {"more": {"Start Time": "2024-03-01 09:00:00:000"}}, {"more": {"Start Time": ""}},
])  # fmt: skip
def test_other_locales_names_and_fewer_columns_read_the_same(tmp_path: Path, how: dict) -> None:
    xyz = moved(300)
    recording = read_one(FORMAT, _path(tmp_path, exported(xyz, **how)))
    assert np.allclose(recording.values, distance(xyz), rtol=1e-3) and recording.start == START and recording.unit == MG


@pytest.mark.parametrize("written", [b",", b".000,", b".5,", b":499,"])
def test_times_with_other_thousandths_or_none_are_read(tmp_path: Path, written: bytes) -> None:
    recording = read_one(FORMAT, _path(tmp_path, exported(moved(300)).replace(b":000,", written)))
    assert recording.values.size == 5 and recording.start == START


def test_a_pause_is_missing_and_said(tmp_path: Path) -> None:
    rows = exported(moved(600)).split(b"\r\n")
    del rows[103:105]
    recording = read_one(FORMAT, _path(tmp_path, b"\r\n".join(rows)))
    assert np.flatnonzero(np.isnan(recording.values)).tolist() == [3, 4] and any("2 of 10 epochs" in note for note in recording.notes)


@pytest.mark.parametrize(("change", "word"), [
    (lambda content: exported(moved(300), columns=7), "not movement"), (lambda content: content.replace(b",41,", b",41,5,"), "have 13"),
    (lambda content: exported(moved(1200), epoch=300), "one value a minute"),
    (lambda content: content.replace(b"23.1,", b"23.1,-"), "0 or more"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, change, word: str) -> None:
    said = refusal(FORMAT, _path(tmp_path, change(exported(moved(600)))))
    assert word in said and said.endswith(".")


def test_one_unreadable_time_moves_nothing(tmp_path: Path) -> None:
    xyz = moved(1200)
    recording = read_one(FORMAT, _path(tmp_path, exported(xyz).replace(b"10:09:00:000", b"later")))
    assert np.allclose(recording.values, distance(xyz), rtol=1e-3) and any("line 109" in note for note in recording.notes)


def test_samples_and_epochs_are_told_apart(tmp_path: Path) -> None:
    xyz = moved(120)
    epochs, samples = exported(xyz, epoch=1), t.geneactiv(w.SECONDS + np.arange(6000) / 50, xyz, 50)
    assert FORMAT.recognises(epochs[:65536], "a.csv") and not TEXT.recognises(epochs[:65536], "a.csv")
    assert TEXT.recognises(samples[:65536], "a.csv") and not FORMAT.recognises(samples[:65536], "a.csv")


@pytest.mark.shared
def test_epochs_of_a_real_recording_are_worth_its_samples(tmp_path: Path) -> None:
    """The real file holds 4,800 samples: epochs made of them are held against the samples of the .bin, which are read apart."""
    path = shared_file("data/devices/geneactiv.bin")
    with geneactiv.opened(source(path), Silent()) as file:
        xyz = np.concatenate([blocks.xyz for blocks in file.blocks]).astype(np.float64)
    recording = read_one(FORMAT, _path(tmp_path, exported(xyz, 80, 1, frequency="80 Hz")))
    mean = 1000 * np.abs(np.sqrt((xyz[: xyz.shape[0] // 80 * 80] ** 2).sum(axis=1)) - 1).reshape(-1, 80).mean(axis=1)
    assert np.allclose(recording.values, mean, atol=0.01) and recording.epoch_seconds == 1
