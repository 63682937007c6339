"""Counts and ENMO against closed forms; in pieces as from the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import freqz

from pat_core.recordings.raw import counts, enmo
from pat_core.recordings.raw.counts import CAP, DEAD_BAND, GAIN, INPUT, OUTPUT, CountMinutes, CountStream, EnmoMinutes, MinuteSums
from pat_core.recordings.raw.stream import Hold, Run

RATES = (25, 30, 40, 50, 60, 70, 80, 85.7, 90, 100)


def sine(hertz: float, size: float, rate: float, seconds: float = 120) -> np.ndarray:
    wave = size * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)
    return np.stack([np.zeros_like(wave), 1 + wave, np.zeros_like(wave)], axis=1)


def expected_tenths(hertz: float, size: float, seconds: float = 120) -> np.ndarray:
    """What the published steps make of a sine that has passed the filter: its amplitude and phase are the filter's response."""
    _, response = freqz(INPUT, OUTPUT, [hertz], fs=30)
    at = np.arange(round(seconds * 30)) / 30
    size_there = np.abs(GAIN * size * np.imag(response[0] * np.exp(2j * np.pi * hertz * at)))
    kept = np.floor(np.where(size_there < DEAD_BAND, 0, np.minimum(size_there, CAP)))
    return np.floor(kept.reshape(-1, 3).mean(axis=1))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("gravity", [(0, 0, 0), (0, -1, 0), (0.6, 0, -0.8), (1, 0, 0)])
def test_silence_and_gravity_alone_give_no_counts(rate: float, gravity: tuple[float, float, float]) -> None:
    assert not counts(np.repeat([gravity], round(rate * 60), axis=0).astype(float), rate).any()


@pytest.mark.parametrize(("hertz", "size"), [(0.4, 0.5), (0.8, 0.3), (0.8, 1.0), (1.3, 2.0)])
def test_a_sine_in_the_pass_band_gives_the_counts_of_the_filters_response(hertz: float, size: float) -> None:
    made = counts(sine(hertz, size, 30), 30)
    # Ten seconds for the start to die away; a rounded milli-g may move a floor by one.
    assert np.abs(made[100:, 1] - expected_tenths(hertz, size)[100:]).max() <= 1
    assert made[100:, 1].sum() == pytest.approx(expected_tenths(hertz, size)[100:].sum(), rel=0.002)
    assert not made[:, [0, 2]].any()


@pytest.mark.parametrize("rate", RATES)
def test_the_same_movement_gives_the_same_counts_at_every_sampling_rate(rate: float) -> None:
    made = counts(sine(0.8, 0.5, rate), rate)
    assert made.shape == (pytest.approx(1200, abs=1), 3)
    assert made[100:1100, 1].sum() == pytest.approx(expected_tenths(0.8, 0.5)[100:1100].sum(), rel=0.01)


def test_fast_vibration_hardly_counts_and_a_blow_counts_no_more_than_the_cap() -> None:
    inside, outside = (counts(sine(hertz, 0.5, 30), 30)[100:, 1].sum() for hertz in (0.8, 9.0))
    assert outside < inside / 50
    assert counts(sine(0.8, 50, 30), 30).max() == CAP


def test_movement_below_the_dead_band_is_silence() -> None:
    _, response = freqz(INPUT, OUTPUT, [0.8], fs=30)
    edge = DEAD_BAND / (GAIN * abs(response[0]))
    assert not counts(sine(0.8, 0.95 * edge, 30), 30)[100:].any()
    assert counts(sine(0.8, 1.3 * edge, 30), 30)[100:].any()


@pytest.mark.parametrize(("rate", "expected"), [
    (30, [[19546, 14236, 4200], [19656, 14328, 4200]]), (40, [[19628, 14242, 4128], [19740, 14346, 4128]]),
    (50, [[19520, 14300, 4140], [19620, 14412, 4140]]), (60, [[19546, 14236, 4200], [19656, 14328, 4200]]),
    (70, [[19584, 14288, 4194], [19692, 14388, 4194]]), (80, [[19574, 14273, 4176], [19680, 14376, 4176]]),
    (90, [[19546, 14236, 4200], [19656, 14328, 4200]]), (100, [[19591, 14249, 4200], [19704, 14346, 4200]]),
])  # fmt: skip
def test_two_minutes_give_the_counts_of_the_makers_own_program(rate: int, expected: list[list[int]]) -> None:
    """Numbers that the maker's published program gave for this signal; a last bit of a sine may move a floor or two."""
    at, turn = np.arange(rate * 120) / rate, 2 * np.pi
    mixed = 0.9 * np.sin(turn * 0.7 * at) + 0.4 * np.sin(turn * 7.3 * at)
    walking = 1 + 0.7 * np.sin(turn * 1.1 * at) + 0.3 * np.sin(turn * 2.3 * at + 1)
    swelling = 1.5 * np.sin(turn * 3.1 * at) * np.sin(turn * 0.05 * at)
    made = counts(np.stack([mixed, walking, swelling], axis=1), rate).reshape(2, 600, 3).sum(axis=1)
    assert np.abs(made - expected).max() <= 4


def test_samples_count_as_rounded_to_a_milli_g() -> None:
    xyz = np.random.default_rng(0).normal(0, 0.3, (30 * 600, 3))
    assert np.array_equal(counts(xyz, 30), counts(np.round(xyz, 3), 30))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(RATES), st.lists(st.integers(1, 400), min_size=1, max_size=8), st.integers(0, 5))
def test_a_recording_in_pieces_gives_the_counts_of_the_whole(rate: float, lengths: list[int], seed: int) -> None:
    samples = sum(lengths)
    xyz, times = np.random.default_rng(seed).normal(0, 1, (samples, 3)), np.arange(samples) / rate
    stream, cuts, parts = CountStream(rate), np.cumsum([0, *lengths]), []
    for first, last in zip(cuts[:-1], cuts[1:], strict=True):
        at, part = stream.feed(Run(times[first:last], xyz[first:last], times[last - 1] + 1 / rate, first == 0))
        assert at == sum(map(len, parts))
        parts.append(part)
    assert np.array_equal(np.concatenate(parts), counts(xyz, rate))


def test_minutes_are_the_sums_of_their_tenths() -> None:
    xyz = np.random.default_rng(3).normal(0, 1, (30 * 300, 3))
    minutes = CountMinutes(30)
    minutes.run(Run(np.arange(9000) / 30, xyz, 300.0, True))
    first, sums = minutes.finished()
    assert first == 0 and np.array_equal(sums, counts(xyz, 30).reshape(5, 600, 3).sum(axis=1))


def test_a_run_that_begins_between_tenths_starts_at_the_next_one() -> None:
    xyz = sine(0.8, 0.5, 100)
    first, tenths = CountStream(100).feed(Run(7.234 + np.arange(xyz.shape[0]) / 100, xyz, 127.234, True))
    assert first == 73 and tenths.shape[0] in (1198, 1199)


@given(st.floats(-8, 8), st.floats(-8, 8), st.floats(-8, 8))
def test_enmo_is_what_the_vector_has_beyond_one_g(x: float, y: float, z: float) -> None:
    assert enmo(np.array([[x, y, z]]))[0] == pytest.approx(max(np.linalg.norm([x, y, z]) - 1, 0) * 1000, abs=1e-6)


def test_enmo_of_a_minute_is_the_mean_of_its_samples_and_a_held_reading_weighs_its_time() -> None:
    minutes = EnmoMinutes(50)
    strong, weak = np.tile([0, 1.6, 0], (1500, 1)), np.tile([0, 0.5, 0], (1500, 1))
    minutes.run(Run(np.arange(3000) / 50, np.concatenate((strong, weak)), 60.0, True))
    minutes.run(Run(60 + np.arange(1500) / 50, strong, 90.0, False))
    minutes.hold(Hold(90.0, 240.0, np.array([0, 1.2, 0])))
    first, values = minutes.finished()
    assert first == 0 and values[:, 0] == pytest.approx([300, 400, 200, 200])


def test_a_minute_counts_where_fifty_seven_seconds_of_it_were_measured() -> None:
    sums = MinuteSums(1)
    for start, end in ((2.9, 60), (60, 116.9), (123.1, 180), (180, 240)):
        sums.cover(start, end)
    first, values = sums.finished()
    assert first == 0 and np.isnan(values[:, 0]).tolist() == [False, True, True, False]
