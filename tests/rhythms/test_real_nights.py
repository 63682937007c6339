"""Rhythm figures and nights of real recordings, against figures found by others. The files are no part of this project.

As in tests/recordings/devices/test_real_samples.py they are fetched only where PAT_SAMPLES is set. What Actiware made of two of them
(sleep or wake for each epoch, rest and sleep intervals) stands in the same exports.
"""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from pat_core.progress import Silent
from pat_core.recordings.devices.actiware_csv import FORMAT as ACTIWARE
from pat_core.recordings.devices.actiwatch_awd import FORMAT as AWD
from pat_core.recordings.source import Format, file_source
from pat_core.records import Recording
from pat_core.rhythms import Device, cole_kripke, figures, nights, oakley
from pat_core.wear import to_minutes
from tests.recordings.devices.test_real_samples import samples  # noqa: F401  (a fixture)

pytestmark = pytest.mark.network

DAY = 1440
REFERENCE_WEEKS = {
    "example_01.AWD": (".57194", ".79204", "11.181", "00:07", "298.277", "07:47", ".92774", "170.76", "158.53", "14:03"),
    "example_02.AWD": (".67390", ".68333", "7.281", "01:03", "394.275", "09:02", ".96374", "223.91", "218.65", "13:57"),
    "example_03.AWD": (".35580", ".38853", "5.696", "02:24", "396.756", "09:36", ".97169", "225.25", "233.92", "15:01"),
    "example_04.AWD": (".14413", ".49776", "3.169", "01:38", "65.479", "07:06", ".90767", "44.00", "26.17", "13:05"),
    "example_05.AWD": (".73411", ".70062", "2.478", "00:19", "254.972", "09:17", ".98075", "130.30", "151.44", "14:18"),
}
"""IS, IV, L5 and its start, M10 and its start, RA, mesor, amplitude, acrophase of the first seven days from midnight to midnight."""


def as_minutes(form: Format, path: Path) -> Recording:
    (recording,) = form.read(file_source(path), Silent()).recordings
    return to_minutes(recording)


def clock(minutes: float) -> str:
    return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}"


@pytest.mark.parametrize("name", REFERENCE_WEEKS)
def test_the_reference_weeks_have_their_figures_to_every_printed_digit(samples: Path, name: str) -> None:  # noqa: F811
    recording = as_minutes(AWD, samples / name)
    skip = -(recording.start.hour * 60 + recording.start.minute) % DAY
    week = figures(recording.values[skip : skip + 7 * DAY])
    printed = (
        f"{week.interdaily_stability:.5f}"[1:],
        f"{week.intradaily_variability:.5f}"[1:],
        f"{week.l5:.3f}",
        clock(week.l5_start),
        f"{week.m10:.3f}",
        clock(week.m10_start),
        f"{week.relative_amplitude:.5f}"[1:],
        f"{week.mesor:.2f}",
        f"{week.amplitude:.2f}",
        clock(week.acrophase),
    )
    assert printed == REFERENCE_WEEKS[name]


class Export:
    """An Actiware export: the recording as minutes, and what Actiware made of it."""

    def __init__(self, path: Path, rest: str, sleep: str, dates: tuple[int, int, int, int], table: str) -> None:
        self.recording = as_minutes(ACTIWARE, path)
        with path.open(newline="", encoding="utf-8-sig") as file:
            self.rows = list(csv.reader(file))
        self.rests, self.sleeps = (
            [self._interval(row, dates) for row in self.rows if row[:1] == [kind] and row[1].isdigit()] for kind in (rest, sleep)
        )
        header = max(number for number, row in enumerate(self.rows) if row[:1] == [table])
        self.names, self.epochs = self.rows[header], [row for row in self.rows[header + 1 :] if row and row[0].isdigit()]

    def _interval(self, row: list[str], dates: tuple[int, int, int, int]) -> tuple[datetime, datetime]:
        first, end = (f"{row[dates[place]]} {row[dates[place + 1]]}" for place in (0, 2))
        return datetime.strptime(first, "%d/%m/%Y %H:%M:%S"), datetime.strptime(end, "%d/%m/%Y %H:%M:%S")


@pytest.fixture(scope="module")
def minutes(samples: Path) -> Export:  # noqa: F811
    return Export(samples / "test_sample.csv", "REPOS", "SOMMEIL", (2, 4, 5, 7), "Ligne")


@pytest.fixture(scope="module")
def half_minutes(samples: Path) -> Export:  # noqa: F811
    return Export(samples / "test_sample_rpx_eng.csv", "REST", "SLEEP", (2, 3, 4, 5), "Line")


def counts(recording: Recording) -> np.ndarray:
    return recording.values.astype(float)


def test_oakley_agrees_with_every_epoch_that_actiware_scored(minutes: Export) -> None:
    column = minutes.names.index("Sommeil/Éveil")
    scored = np.array([{"0": 1.0, "1": 0.0}.get(row[column], np.nan) for row in minutes.epochs])
    known = np.isfinite(scored)
    assert known.sum() == 11_552 and scored.size == minutes.recording.values.size
    assert np.array_equal(oakley(counts(minutes.recording))[known], scored[known] == 1)


def test_sleep_begins_and_ends_where_actiware_has_it_in_the_same_rest_intervals(minutes: Export) -> None:
    report = nights(
        counts(minutes.recording), minutes.recording.start, minutes.recording.unit, device=Device("Actiwatch 2"), rests=minutes.rests
    )
    assert len(report.nights) == len(minutes.sleeps) == 6
    for night, (onset, last) in zip(report.nights, minutes.sleeps, strict=True):
        assert night.onset == onset
        assert (night.offset - last).total_seconds() == 60  # Actiware prints the start of the last minute


def test_rest_intervals_lie_near_those_of_actiware(minutes: Export, half_minutes: Export) -> None:
    beds, rises = [], []
    for export in (minutes, half_minutes):
        report = nights(counts(export.recording), export.recording.start, export.recording.unit, device=Device("Actiwatch 2"))
        for bedtime, rise in export.rests:
            night = max(report.nights, key=lambda one: min(one.rise, rise) - max(one.bedtime, bedtime))  # noqa: B023
            beds.append(abs((night.bedtime - bedtime).total_seconds()) / 60)
            rises.append(abs((night.rise - rise).total_seconds()) / 60)
    assert len(beds) == 13 and np.median(beds) <= 1 and np.median(rises) <= 1
    assert np.sum(np.array(beds) <= 15) >= 9 and np.sum(np.array(rises) <= 15) >= 11


def test_cole_kripke_takes_most_of_an_actiwatch_s_day_for_sleep_and_oakley_does_not(samples: Path) -> None:  # noqa: F811
    recording = as_minutes(AWD, samples / "example_01.AWD")
    assert cole_kripke(counts(recording)).mean() * 24 > 16 and oakley(counts(recording)).mean() * 24 < 13
