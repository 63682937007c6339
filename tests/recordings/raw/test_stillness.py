"""Non-wear from the acceleration: closed forms of the rule of van Hees et al., pauses, idle sleep, and real files."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.progress import Silent
from pat_core.recordings.raw import gt3x, read_raw
from pat_core.recordings.raw.stillness import TOO_SHORT, StillBlocks
from pat_core.recordings.raw.stream import Hold, Pauses, Run, runs
from pat_core.wear.wear_rules import QualitySettings, wear_of
from tests.recordings.raw import writers as w
from tests.recordings.raw.test_gt3x import asleep
from tests.shared import shared_file

RATE, BLOCK = 4.0, 15


def part(minutes: float, spread: float, seed: int = 0) -> np.ndarray:
    """(samples, 3) g of a device at rest with so much noise."""
    return np.random.default_rng(seed).normal(0, spread, (round(minutes * 60 * RATE), 3)) + [0, -1, 0]


def laid(*parts: tuple[float, np.ndarray]) -> StillBlocks:
    """Parts with the minute in which each begins."""
    blocks = StillBlocks(RATE)
    for minute, xyz in parts:
        times = 60 * minute + np.arange(xyz.shape[0]) / RATE
        blocks.run(Run(times, xyz.astype(np.float32), float(times[-1] + 1 / RATE), True))
    return blocks


def alternating(size: float, spike: float = 0.0, axes: int = 3) -> np.ndarray:
    """Two hours of +size, -size, ... g on so many axes, which has the standard deviation `size`, with one spike in each block; the other
    axes move."""
    xyz = part(120, 0.2)
    xyz[:, :axes] = np.tile([[size], [-size]], (xyz.shape[0] // 2, axes))
    xyz[:: round(BLOCK * 60 * RATE), :axes] += spike
    return xyz


@pytest.mark.parametrize("still", [4, 5, 9, 96])
@pytest.mark.parametrize("before", [0, 1, 7])
def test_a_still_stretch_of_whole_blocks_is_found_to_the_block(still: int, before: int) -> None:
    lengths = (before, still, 6)
    xyz = np.concatenate([part(BLOCK * n, spread, n) for n, spread in zip(lengths, (0.2, 0.003, 0.2), strict=True)])
    expected = np.repeat([True, False, True], BLOCK * np.array(lengths))
    assert np.array_equal(laid((0, xyz)).worn(0, expected.size), expected)


def test_less_than_an_hour_at_rest_is_worn_and_so_is_movement() -> None:
    for xyz in (part(300, 0.02), np.concatenate((part(60, 0.2), part(45, 0.003), part(60, 0.2)))):
        assert laid((0, xyz)).worn(0, xyz.shape[0] // 240).all()


@pytest.mark.parametrize(
    ("size", "spike", "worn"),
    [(0.0129, 0, False), (0.0131, 0, True), (0.0001, 0.0498, False), (0.0001, 0.0502, True), (0.0129, 0.06, True)],
)
def test_an_axis_is_still_just_under_thirteen_of_deviation_and_fifty_of_range(size: float, spike: float, worn: bool) -> None:
    assert (laid((0, alternating(size, spike))).worn(0, 120) == worn).all()


@pytest.mark.parametrize(("axes", "worn"), [(1, True), (2, False), (3, False)])
def test_two_of_three_axes_decide(axes: int, worn: bool) -> None:
    assert (laid((0, alternating(0.001, 0, axes))).worn(0, 120) == worn).all()


def test_a_gap_is_not_taken_for_non_wear_and_stillness_around_it_is_found() -> None:
    blocks = laid((0, part(120, 0.003)), (240, part(120, 0.003)), (360, part(60, 0.2)))
    assert np.array_equal(blocks.worn(0, 420), np.repeat([False, True, False, True], [120, 120, 120, 60]))
    assert laid((0, part(40, 0.003)), (340, part(40, 0.003))).worn(0, 380) is None and laid((0, part(50, 0.003))).worn(0, 50) is None


def test_a_held_reading_is_still_for_as_long_as_it_lasts() -> None:
    blocks = laid((0, part(60, 0.2)))
    blocks.hold(Hold(3600.0, 3600.0 + 3 * 3600, np.array([0, -1, 0], np.float32)))
    moving = part(60, 0.2)
    blocks.run(Run(4 * 3600 + np.arange(moving.shape[0]) / RATE, moving, 5 * 3600.0, True))
    assert np.array_equal(blocks.worn(0, 300), np.repeat([True, False, True], [60, 180, 60]))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=8), st.integers(0, 59))
def test_a_recording_in_pieces_gives_what_the_whole_gives(lengths: list[int], first: int) -> None:
    xyz = np.concatenate((part(90, 0.2), part(75, 0.003), part(60, 0.2)))
    cuts = [0, *(cut for cut in np.cumsum(lengths).tolist() if cut < xyz.shape[0]), xyz.shape[0]]
    pieces = [(start / RATE / 60, xyz[start:end]) for start, end in zip(cuts[:-1], cuts[1:], strict=True)]
    assert np.array_equal(laid(*pieces).worn(first, 160), laid((0, xyz)).worn(first, 160))


def test_what_is_kept_follows_the_days_and_not_the_samples() -> None:
    blocks = laid((0, part(60, 0.2)))
    blocks.hold(Hold(7200.0, 400 * 86400.0, np.zeros(3)))
    assert sum(array.nbytes for array in vars(blocks).values() if isinstance(array, np.ndarray)) < 10e6


def _said(recording) -> list[str]:
    return [note for note in recording.notes if "van Hees" in note]


def test_a_wrist_recording_says_when_it_was_not_worn_and_by_which_rule() -> None:
    rate = 12.5
    hour = round(3600 * rate)
    raw = np.concatenate((w.steps(hour, 1), w.steps(2 * hour, 2, 0.4), w.steps(hour, 3)))
    (recording,) = read_raw(w.source(w.cwa(np.clip(raw, -512, 511), rate), "p1.cwa")).recordings
    assert np.flatnonzero(~recording.worn).tolist() == list(range(60, 180)) and recording.worn.shape == recording.values.shape
    (note,) = _said(recording)
    assert f"Of {recording.values.size} minutes, 120 count as not worn" in note
    wear = wear_of(recording.values, QualitySettings(), recording.worn, recording.unit)
    assert wear.known and [(period.first, period.end) for period in wear.off] == [(60, 180)]


@pytest.mark.parametrize("hours", [2, 6])
def test_idle_sleep_of_hours_is_not_worn_and_a_gap_as_long_is_missing(hours: int) -> None:
    raw = w.steps(30 * 60 * 60, spread=200)
    later = w.seconds(raw[54000:], 30, w.SECONDS + 1800 + 3600 * hours)
    slept, lost = asleep(raw, 1800, 3600 * hours), [*w.seconds(raw[:54000], 30), *later]
    (held,), (gap,) = (read_raw(w.source(w.gt3x(log), "p1.gt3x")).recordings for log in (slept, lost))
    assert np.array_equal(held.worn, np.repeat([True, False, True], [30, 60 * hours, 30])) and np.isfinite(held.values).all()
    assert np.isnan(gap.values).sum() == 60 * hours and gap.worn is None and TOO_SHORT in gap.notes


def test_a_sensor_of_the_devices_own_comes_first() -> None:
    log = [w.record(13, w.SECONDS, b"\x01\x00\x01\x00\x01\x00"), *asleep(w.steps(30 * 600), 300, 7200)]
    (recording,) = read_raw(w.source(w.gt3x(log), "p1.gt3x")).recordings
    assert recording.worn.all() and not _said(recording)


@pytest.mark.shared
def test_a_real_day_at_the_hip_is_worn_throughout_as_the_devices_own_sensor_says() -> None:
    source = w.file_of(shared_file("data/devices/actigraph_13h.gt3x"))
    with gt3x.opened(source, Silent()) as file:
        blocks = StillBlocks(file.rate)
        for stretch in runs(file.blocks, file.rate, Pauses()):
            blocks.run(stretch) if isinstance(stretch, Run) else blocks.hold(stretch)
    (recording,) = read_raw(source).recordings
    assert blocks.worn(0, 815).all() and recording.worn.all() and not _said(recording)


@pytest.mark.shared
def test_a_real_file_of_minutes_is_too_short_to_tell() -> None:
    (recording,) = read_raw(w.file_of(shared_file("data/devices/axivity_ax3.cwa"))).recordings
    assert recording.worn is None and TOO_SHORT in recording.notes
