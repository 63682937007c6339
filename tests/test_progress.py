"""How long work takes from now on, by its pace."""

from __future__ import annotations

import pytest

from pages.components.shared.phrases import left_words
from pat_core.progress import seconds_left


@pytest.mark.parametrize(
    ("first", "now", "left"),
    [
        ((0, 0.0), (10, 0.5), 10.0),
        ((100, 0.5), (110, 0.75), 10.0),  # went on from a checkpoint: its pace counts, not what was done before
        ((0, 0.0), (10, 1.0), 0.0),
        ((0, 0.2), (10, 0.2), None),
        ((0, 0.2), (10, 0.1), None),  # an end that moved away
        ((0, 0.0), (1, 0.5), None),
    ],
)
def test_time_left_is_told_by_the_pace_since_it_was_first_seen(first, now, left):
    assert seconds_left(first, now) == (None if left is None else pytest.approx(left))


def test_a_forecast_is_said_in_round_numbers():
    said = [left_words(seconds) for seconds in (0, 9.9, 14, 44, 89, 95, 200, 5399, 5401)]
    assert said == [
        "A few seconds",
        "A few seconds",
        "About 10 s",
        "About 40 s",
        "About 90 s",
        "About 2 min",
        "About 3 min",
        "About 90 min",
        "About 2 h",
    ]
