"""Names in figures are text: whatever a person, a label or a group is called, Plotly draws exactly that."""

from __future__ import annotations

import html

import numpy as np
import pytest

from pat_core.explain.by_clock import ClockAttribution, ClockBand
from pat_core.figures import Layers, clock_bands, cohort_spread, concept_dots, prediction_dot, week_sheet, week_timeline
from pat_core.figures.palette import plain
from pat_core.records import Interval
from tests.figures.made import attribution, week

HOSTILE = (
    '<a href="https://elsewhere.example">here</a>', '<img src="https://elsewhere.example/x.png">', "<b>bold</b>", "a<br>b",
    "%{customdata[9]}", "%{x}", "&lt;b&gt;", "$x^2$", "<sup>2</sup>", '<span style="color:red">red</span>', "A & B",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_plotly_gets_a_text_that_reads_as_the_name_and_holds_no_markup(name):
    shown = plain(name)
    assert html.unescape(shown) == name
    assert not set(shown) & set("<>{$")


def test_long_names_are_cut_and_lines_are_joined():
    assert plain("a\nb\tc") == "a b c"
    assert len(plain("x" * 500)) == 80 and plain("x" * 500).endswith("…")


def test_ordinary_names_stay_as_they_are():
    assert [plain(name) for name in ("sim-0002", "O'Brien", "late wake: planted", "50 %")] == [
        "sim-0002",
        "O'Brien",
        "late wake: planted",
        "50 %",
    ]


def _figures(name: str):
    """Every figure that takes a name from outside, with this name."""
    one = attribution()
    yield week_sheet(week(), Layers([one, one], labels=[name, name], marks=np.arange(len(week().values)) < 60, marks_label=name))
    yield week_timeline(week(), Layers([one], labels=[name]))
    band = ClockBand(np.zeros(48), np.zeros(48) - 1, np.zeros(48) + 1)
    none = np.zeros(48, bool)
    clock = ClockAttribution(
        "day", 30, np.arange(0, 1440, 30), band, band, band, np.ones(48), np.ones(48), none, (3, 3), 9, 9, 0, 0.05, "nothing"
    )
    yield clock_bands(clock, names=(name, name))
    yield concept_dots([(name, np.array([0.1]), np.array([0.5]))], people=[name])
    yield cohort_spread(1.0, [1.0, 2.0], name, name)
    yield prediction_dot(Interval(0.7, 0.6, 0.8, 10), 0.5, group=name)


@pytest.mark.parametrize("name", HOSTILE[:6])
def test_no_figure_hands_a_name_on_as_markup(name):
    for figure, caption in _figures(name):
        assert name not in _drawn(figure)
        assert isinstance(caption, str)


def _drawn(figure) -> str:
    """All words of a figure but its own key of the view, which is not drawn."""
    figure.layout.uirevision = None
    return str(figure.to_plotly_json())
