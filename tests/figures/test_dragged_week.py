"""What the browser is given of a week that is dragged over, and what is read of what it sends back."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest

from pat_core.figures.lessons.dragged_week import day_changed, dragged_cover, dragged_query, hidden_of, queries_of

COUNTS = np.linspace(0, 900, 560)


def test_queries_are_spread_over_the_whole_week_and_full_colour_is_the_strongest_share():
    assert queries_of(168, 560)[:4].tolist() == [0, 3, 6, 10] and queries_of(7, 560).tolist() == [80 * day for day in range(7)]
    weights = np.full((168, 560), 1 / 560)
    weights[38] = 0
    weights[38, 100:120] = 0.05
    plain, caption = dragged_query(COUNTS, weights, 38)
    sent = np.frombuffer(b64decode(plain["weights"]), np.uint8).reshape(168, 560)
    assert sent[38, 110] == 255 and sent[38, 0] == 0 and len(set(sent[0].tolist())) == 1 and 0 < sent[0, 0] < 255
    assert plain["perDay"] == 80 and "Tue 13:48" in caption and plain["label"] == caption
    assert min(plain["activity"]) == 0 and max(plain["activity"]) == 100


def test_what_is_hidden_comes_back_as_it_was_sent_and_anything_else_changes_nothing():
    hidden = np.zeros(560, bool)
    hidden[120:130] = True
    plain, _caption = dragged_cover(COUNTS, hidden, theme="dark")
    assert plain["cursor"] == 120 and plain["names"][120] == "Tue 12:00"
    assert hidden_of(plain["hidden"], np.zeros(560, bool)).tolist() == hidden.tolist()
    for sent in ("101", None, 7, "x" * 559):
        assert hidden_of(sent, hidden) is hidden


@pytest.mark.parametrize(("patch", "day"), [(0, "Mon"), (79, "Mon"), (80, "Tue"), (559, "Sun")])
def test_the_day_of_a_change_is_that_of_its_first_patch(patch, day):
    before, after = np.zeros(560, bool), np.zeros(560, bool)
    after[patch] = True
    assert day_changed(after, before) == day and day_changed(before, before) is None
