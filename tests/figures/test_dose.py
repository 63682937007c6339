"""The dose curve: what is drawn is what was given, and what is not given is not drawn."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.figures.charts.dose_curve import DoseLine, dose_curve, far_stretches

DOSES = (-60, 0, 60, 120)
WORDS = {"labels": ["earlier", "as recorded", "later", "much later"], "ticks": ["−1 h", "0", "", "+2 h"], "title": "later or earlier"}
CHANGES = np.array([-0.5, 0.0, 1.5, 2.0])


def trace(figure, name: str):
    return next(one for one in figure.data if one.name == name)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_change_at_every_dose_is_drawn_with_its_sign_and_the_chosen_one_pointed_at(theme):
    figure, caption = dose_curve(DoseLine(DOSES, CHANGES, **WORDS), chosen=60, theme=theme)
    assert list(trace(figure, "change of the logit").y) == CHANGES.tolist()
    assert (trace(figure, "chosen").x, trace(figure, "chosen").y) == ((60,), (1.5,))
    assert "between −0.50 logits (earlier) and +2.0 logits (much later)" in caption and "not an effect on the person" in caption
    assert figure.layout.xaxis.ticktext == ("−1 h", "0", "+2 h"), "a dose without a tick stays without"
    assert "yaxis2" not in figure.layout, "no second panel where nobody is compared with"


def test_doses_unlike_the_people_are_shaded_to_halfway_and_named():
    nearer = np.array([0.2, 0.5, 0.95, 1.0])
    figure, caption = dose_curve(DoseLine(DOSES, CHANGES, nearer=nearer, **WORDS, distances=np.array([8.0, 9.0, 12.34, 20.0])))
    assert trace(figure, "people who are nearer").customdata[2][1] == " (distance 12.3)"
    shades = [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"]
    assert shades == [(30, 120)] == far_stretches(DOSES, 100 * nearer)
    assert "Each shaded dose (later, much later) lies farther out than 95 %" in caption
    assert list(trace(figure, "people who are nearer").y) == pytest.approx([20, 50, 95, 100])


def test_words_over_the_panels_fit_a_phone_and_lie_on_lines_of_their_own():
    far, usual = (dose_curve(DoseLine(DOSES, CHANGES, nearer=np.full(len(DOSES), share), **WORDS))[0] for share in (1.0, 0.5))
    over = [note for note in far.layout.annotations if note.xanchor == "left"]
    assert all(len(line) <= 50 for note in over for line in note.text.split("<br>"))
    assert len({(note.y, note.yshift) for note in over}) == len(over) == 3
    assert far.layout.height - usual.layout.height == far.layout.margin.t - usual.layout.margin.t == 16


def test_where_no_dose_is_unlike_them_nothing_is_shaded():
    figure, caption = dose_curve(DoseLine(DOSES, CHANGES, nearer=np.full(4, 0.3), **WORDS))
    assert not [shape for shape in figure.layout.shapes if shape.type == "rect"] and "No dose lies farther" in caption


def test_a_refused_dose_has_a_cross_and_no_value():
    changes = np.array([-0.5, 0.0, np.nan, np.nan])
    figure, caption = dose_curve(DoseLine(DOSES, changes, **WORDS, refused=np.isnan(changes)), chosen=60)
    assert list(trace(figure, "refused").x) == [60, 120] and "Crosses mark 2 doses" in caption
    assert "chosen" not in [one.name for one in figure.data]
    assert trace(figure, "change of the logit").customdata[2][1] == "not given"


def test_a_tiny_change_is_not_blown_up_to_the_size_of_a_large_one():
    figure, _ = dose_curve(DoseLine(DOSES, CHANGES / 1000, **WORDS))
    low, high = figure.layout.yaxis.range
    assert low <= -0.1 and high >= 0.1
