"""Flat runs, non-wear and minutes out of shorter epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.records import COUNTS, MG, UNKNOWN_UNIT, Recording
from pat_core.wear import longest_flat_run, nonwear, to_minutes
from pat_core.wear.nonwear import Choi, Troiano
from tests.shared import shared_file


def _counted_flat_run(values: list[float]) -> tuple[int, int]:
    best = (0, 0)
    for start in range(len(values)):
        end = start
        while end < len(values) and values[end] == values[start]:
            end += 1
        if end - start > best[0]:
            best = (end - start, start)
    return best


@given(st.lists(st.sampled_from([0.0, 1.0, 2.5, float("nan")]), max_size=40))
@settings(max_examples=200, deadline=None)
def test_the_longest_flat_run_is_the_one_found_by_counting(values: list[float]) -> None:
    assert longest_flat_run(np.array(values, np.float32)) == _counted_flat_run(values)


def test_ninety_zero_minutes_are_nonwear_and_eighty_nine_are_not() -> None:
    worn = np.full(20, 50.0)
    assert nonwear(np.concatenate([worn, np.zeros(90), worn])).sum() == 90
    assert nonwear(np.concatenate([worn, np.zeros(89), worn])).sum() == 0


@pytest.mark.parametrize(
    ("before", "spike", "after", "expected"),
    [(30, 2, 60, 92), (30, 2, 58, 90), (30, 2, 57, 0), (29, 2, 61, 0), (30, 3, 60, 0), (100, 3, 100, 200), (60, 1, 29, 0)],
)
def test_a_short_spike_is_bridged_only_between_thirty_zero_minutes(before: int, spike: int, after: int, expected: int) -> None:
    worn = np.full(5, 9.0)
    assert nonwear(np.concatenate([worn, np.zeros(before), np.ones(spike), np.zeros(after), worn])).sum() == expected


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 120)), max_size=12))
@settings(max_examples=100, deadline=None)
def test_nonwear_reads_the_same_backwards(pieces: list[tuple[int, int]]) -> None:
    values = np.concatenate([np.zeros(0), *(np.full(length, value) for value, length in pieces)])
    assert np.array_equal(nonwear(values)[::-1], nonwear(values[::-1]))


def test_missing_minutes_are_never_nonwear() -> None:
    values = np.zeros(200)
    values[95:97] = np.nan
    mask = nonwear(values)
    assert not mask[95:97].any() and mask.sum() == 198


@pytest.mark.parametrize(
    ("before", "spike", "after", "expected"),
    [(30, [100, 100], 28, 60), (30, [101], 60, 60), (1, [1, 1], 57, 60), (30, [1, 1, 1], 40, 0), (59, [101], 59, 0), (30, [1, 1], 27, 0)],
)
def test_troiano_bridges_up_to_two_minutes_of_at_most_a_hundred_counts(before: int, spike: list[int], after: int, expected: int) -> None:
    worn = np.full(5, 900.0)
    assert nonwear(np.concatenate([worn, np.zeros(before), spike, np.zeros(after), worn]), Troiano()).sum() == expected


def test_troiano_counts_spikes_one_by_one_or_all_together() -> None:
    values = np.concatenate([np.full(3, 900.0), np.zeros(70), [1, 1], np.zeros(20), [1], np.zeros(70), np.full(3, 900.0)])
    assert nonwear(values, Troiano()).sum() == 163
    assert nonwear(values, Troiano(consecutive=False)).sum() == 92 + 70


def _walked_troiano(values: np.ndarray, rule: Troiano) -> np.ndarray:
    """Minute by minute: a period grows until too many minutes are above zero or one is above the stop, and ends with its last zero."""
    mask, now = np.zeros(values.size, bool), 0
    while now < values.size:
        last, above = now, 0
        for minute in range(now, values.size if values[now] == 0 else now):
            if values[minute] == 0:
                last, above = minute + 1, 0 if rule.consecutive else above
                continue
            above += 1
            if above > rule.spike or values[minute] > rule.stop:
                break
        if last - now >= rule.window:
            mask[now:last] = True
        now = last if last - now >= rule.window else now + 1
    return mask & ~np.isnan(values)


@given(st.lists(st.tuples(st.sampled_from([0, 0, 20, 200, np.nan]), st.integers(1, 9)), max_size=25), st.booleans(), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_troiano_marks_the_periods_found_by_walking_through_the_minutes(pieces: list, consecutive: bool, spike: int) -> None:
    values = np.concatenate([np.zeros(0), *(np.full(length, value) for value, length in pieces)])
    rule = Troiano(12, spike, 100, consecutive)
    assert np.array_equal(nonwear(values, rule), _walked_troiano(values, rule))


def _periods_agree(name: str, rule_of: Callable[[Any], Choi | Troiano], settings_of: list[str]) -> int:
    """Settings under which the maker's periods are ours, minute for minute; fails at the first that are not."""
    minutes = pd.read_csv(shared_file("data/devices/actigraph_day.reference.10sec60sec.csv"))
    periods = pd.read_csv(shared_file(f"data/devices/actigraph_day.reference.{name}-periods.csv"))
    assert not periods.use_magnitude.any()
    compared = 0
    for chosen, table in periods.groupby(settings_of):
        expected = np.zeros(len(minutes), bool)
        for row in table[~table.wear].itertuples():
            expected |= ((minutes.timestamp >= row.period_start) & (minutes.timestamp < row.period_end)).to_numpy()
        assert expected.any() and np.array_equal(nonwear(minutes.axis1.to_numpy(float), rule_of(chosen)), expected), chosen
        compared += 1
    return compared


@pytest.mark.shared
def test_choi_agrees_with_the_periods_that_the_maker_found() -> None:
    names = ["min_period_len", "min_window_len", "spike_tolerance"]
    assert _periods_agree("Choi", lambda chosen: Choi(*map(int, chosen)), names) == 3


@pytest.mark.shared
def test_troiano_agrees_with_the_periods_that_the_maker_found() -> None:
    names = ["min_period_len", "spike_tolerance", "spike_stoplevel", "endat_nnz_seq"]
    rule = lambda chosen: Troiano(int(chosen[0]), int(chosen[1]), float(chosen[2]), bool(chosen[3]))  # noqa: E731
    assert _periods_agree("Troiano", rule, names) == 6


def _recording(values: list[float], epoch: int, unit: str = COUNTS, start: datetime | None = None) -> Recording:
    return Recording("a", np.array(values, np.float32), start, epoch, unit)


def test_counts_of_shorter_epochs_are_summed_and_mg_averaged() -> None:
    assert to_minutes(_recording([1, 2, 3, 4], 30)).values.tolist() == [3, 7]
    assert to_minutes(_recording([1, 2, 3, 4], 30, MG)).values.tolist() == [1.5, 3.5]


def test_minutes_are_clock_minutes_and_unfinished_ones_are_left_out() -> None:
    made = to_minutes(_recording([1, 2, 3, 4, 5, 6], 20, start=datetime(2024, 1, 1, 10, 0, 40)))
    assert made.values.tolist() == [9] and made.start == datetime(2024, 1, 1, 10, 1) and made.epoch_seconds == 60


def test_a_minute_with_a_missing_epoch_is_missing() -> None:
    assert np.isnan(to_minutes(_recording([1, np.nan, 3, 4], 30)).values).tolist() == [True, False]


def test_a_minute_is_worn_where_every_epoch_is_and_a_note_says_what_was_done() -> None:
    shorter = replace(_recording([1, 2, 3, 4, 5], 30), worn=np.array([True, True, True, False, True]), notes=("before",))
    made = to_minutes(shorter)
    assert made.worn.tolist() == [True, False] and made.notes[0] == "before" and "30 seconds were summed" in made.notes[1]
    assert "averaged" in to_minutes(_recording([1, 2], 30, MG)).notes[0] and to_minutes(_recording([1, 2], 60)).notes == ()


@pytest.mark.parametrize("epoch", [120, 45, 7])
def test_epochs_that_do_not_divide_a_minute_are_refused(epoch: int) -> None:
    with pytest.raises(RecordingError, match="one value a minute"):
        to_minutes(_recording([1, 2], epoch))


def test_shorter_epochs_of_unknown_unit_are_refused() -> None:
    with pytest.raises(RecordingError, match="unit"):
        to_minutes(replace(_recording([1, 2], 30), unit=UNKNOWN_UNIT))


@given(st.sampled_from([5, 10, 15, 20, 30]), st.integers(0, 59), st.integers(1, 300))
@settings(max_examples=150, deadline=None)
def test_an_epoch_counts_to_the_clock_minute_in_which_it_begins(epoch: int, second: int, epochs: int) -> None:
    start = datetime(2024, 1, 5, 8, 30, second)
    made = to_minutes(Recording("p", np.arange(epochs, dtype=np.float32), start, epoch, COUNTS))
    begins = [start + timedelta(seconds=epoch * i) for i in range(epochs)]
    whole = {}
    for i, begin in enumerate(begins):
        whole.setdefault(begin.replace(second=0), []).append(i)
    whole = {minute: sum(which) for minute, which in whole.items() if len(which) == 60 // epoch}
    assert made.values.tolist() == list(whole.values()) and (not whole or made.start == min(whole))
    assert ("after the even time" in made.notes[0]) == (second % epoch != 0)
