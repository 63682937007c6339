"""The time axis: even runs, short and long pauses, idle sleep, clocks that drift or run back."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.errors import RecordingError
from pat_core.recordings.raw.stream import Blocks, Hold, Pauses, Run, runs


def blocks(starts: list[float], count: int = 10, held: tuple[int, ...] = ()) -> Blocks:
    xyz = np.arange(len(starts) * count * 3, dtype=np.float32).reshape(-1, 3)
    return Blocks(np.array(starts, float), np.full(len(starts), count), xyz, np.isin(np.arange(len(starts)), held))


def laid(*parts: Blocks, rate: float = 10.0) -> tuple[list[Run | Hold], Pauses]:
    pauses = Pauses()
    return list(runs(iter(parts), rate, pauses)), pauses


def test_even_blocks_are_one_axis_however_they_come() -> None:
    whole, pauses = laid(blocks([600, 601, 602, 603]))
    each, _ = laid(
        *(
            Blocks(b.starts[i : i + 1], b.counts[:1], b.xyz[10 * i : 10 * i + 10], b.held[:1])
            for b in [blocks([600, 601, 602, 603])]
            for i in range(4)
        )
    )
    for made in (whole, each):
        assert np.allclose(np.concatenate([run.times for run in made]), np.arange(40) / 10)
        assert np.array_equal(np.concatenate([run.xyz for run in made]), blocks([0, 1, 2, 3]).xyz)
        assert [run.fresh for run in made] == [True] + [False] * (len(made) - 1) and made[-1].end == pytest.approx(4)
    assert pauses.origin == 600 and (pauses.missing, pauses.bridged, pauses.held, pauses.repeated) == (0, 0, 0, 0)


def test_a_sensor_that_runs_slow_keeps_the_devices_clock() -> None:
    made, pauses = laid(blocks([0, 1.03, 2.06, 3.09]))
    times = np.concatenate([run.times for run in made])
    assert times[10] == pytest.approx(1.03) and times[15] == pytest.approx(1.03 + 0.515) and pauses.bridged == 0


def test_one_lost_block_is_bridged_and_said() -> None:
    made, pauses = laid(blocks([0, 1, 3, 4]))
    assert not any(run.fresh for run in made[1:]) and (pauses.bridged, pauses.bridged_seconds) == (1, 1)
    assert not any(((run.times >= 2) & (run.times < 3)).any() for run in made)


def test_a_longer_pause_is_a_gap_after_which_filters_start_anew() -> None:
    made, pauses = laid(blocks([60, 61, 100, 101]))
    assert [run.fresh for run in made] == [True, True, False] and made[1].times[0] == 40
    assert (pauses.missing, pauses.missing_seconds, pauses.longest, pauses.longest_from) == (1, 38, 38, 2)


@pytest.mark.parametrize("length", [1, 30, 120, 121, 3600, 864000])
def test_idle_sleep_holds_the_last_reading_without_a_hole(length: int) -> None:
    made, pauses = laid(blocks([0, 1, 2 + length, 3 + length], held=(2,)))
    last, end = blocks([0, 1]).xyz[-1], 0.0
    for part in made:
        start = part.start if isinstance(part, Hold) else part.times[0]
        assert start == pytest.approx(end)
        end = part.end
    quiet = made[1:-2] if length > 120 else made[1:-1]
    assert end == 4 + length and (pauses.held, pauses.held_seconds, pauses.missing) == (1, length, 0)
    assert all(np.array_equal(np.unique(np.atleast_2d(part.xyz), axis=0), last[None]) for part in quiet if part.end <= 2 + length)
    assert sum(run.times.size for run in made if isinstance(run, Run)) <= 40 + 1200


def test_samples_with_times_that_were_there_already_are_dropped_and_counted() -> None:
    made, pauses = laid(blocks([0, 1, 2, 1, 2, 3]))
    times = np.concatenate([run.times for run in made])
    assert np.all(np.diff(times) > 0) and times.size == 40 and pauses.repeated == 20


def test_a_clock_that_leaps_over_a_year_is_refused() -> None:
    with pytest.raises(RecordingError, match="400 days.*clock was probably lost"):
        laid(blocks([0, 1, 5e7, 5e7 + 1], held=(2,)))
