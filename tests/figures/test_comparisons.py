"""Agreement, cohort by clock, scoreboard, concepts."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from pat_core.errors import ExplanationError
from pat_core.explain.by_clock import ClockAttribution, ClockBand
from pat_core.explain.judging.agreement import Agreement, PairAgreement
from pat_core.figures import Score, agreement_strip, clock_bands, concept_dots, scoreboard_dots
from pat_core.figures.charts.scoreboard_dots import target_places
from pat_core.figures.palette import DARK, LIGHT, between, contrast

TITLES = {"rollout": "Attention rollout", "authors": "Authors' attention map", "integrated_gradients": "Integrated gradients"}
COMPARED = Agreement(
    (PairAgreement("rollout", "integrated_gradients", 0.25), PairAgreement("authors", "integrated_gradients", 0.8)),
    (("rollout", "authors"),),
    ("shapley_day",),
    560,
    28,
    0.05,
    "",
)


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def band(middle: float, bins: int = 48) -> ClockBand:
    mean = np.full(bins, middle)
    return ClockBand(mean, mean - 0.1, mean + 0.1)


def clock(found: list[int], over: str = "day", bin: int = 30) -> ClockAttribution:
    bins = (1440 if over == "day" else 10080) // bin
    passed = np.zeros(bins, bool)
    passed[found] = True
    starts = np.arange(bins) * bin
    parts = band(0.3, bins), band(0.1, bins), band(0.2, bins)
    return ClockAttribution(over, bin, starts, *parts, np.ones(bins), np.ones(bins), passed, (16, 24), 1000, 1000, 0, 0.05, "")


def test_every_pair_stands_once_with_its_number_and_the_colours_begin_at_no_overlap():
    figure, caption = agreement_strip(COMPARED, TITLES)
    drawn = figure.data[0]
    z = np.asarray(drawn.z, float)
    assert np.isfinite(z).sum() == 2 and (drawn.zmin, drawn.zmax) == (0.0, 1.0)
    assert drawn.colorscale[0][1] == LIGHT.background
    assert sorted(note.text for note in figure.layout.annotations) == ["25", "80", "equal"]
    assert drawn.colorbar.tickvals[0] == 0.05 and "chance" in drawn.colorbar.ticktext[0]
    assert "Attention rollout and Integrated gradients 25 %" in caption and "no evidence" in caption
    assert "Too coarse to compare: shapley_day." in caption


@pytest.mark.parametrize("theme, colours", [("light", LIGHT), ("dark", DARK)])
def test_every_number_of_the_agreement_can_be_read_on_its_cell(theme, colours):
    for overlap in np.linspace(0, 1, 51):
        compared = replace(COMPARED, pairs=(PairAgreement("rollout", "authors", float(overlap)),), left_out=())
        figure, _ = agreement_strip(compared, TITLES, theme=theme)
        (note,) = figure.layout.annotations
        assert contrast(note.font.color, between(colours.background, colours.activity, overlap)) >= 4.5, overlap


def test_pairs_that_are_equal_by_algebra_alone_can_still_be_drawn():
    figure, caption = agreement_strip(replace(COMPARED, pairs=()), TITLES, theme="dark")
    assert [note.text for note in figure.layout.annotations] == ["equal"] and figure.layout.paper_bgcolor == DARK.background
    assert "Two random orders" not in caption


def test_maps_of_which_no_two_compare_are_refused_in_a_sentence():
    with pytest.raises(ExplanationError, match="No two of these maps"):
        agreement_strip(replace(COMPARED, pairs=(), left_out=()), TITLES)


def test_windows_that_pass_the_control_are_marked_and_told():
    figure, caption = clock_bands(clock([16, 17, 30]), names=("case", "control"))
    marks = named(figure, "differs")
    assert [value for value in marks.x if value is not None] == [8.0, 9.0, 15.0, 15.5]
    assert set(value for value in marks.y if value is not None).pop() < 0.1, "under the difference and its band"
    assert "from 08:00 to 09:00 (+0.20, 100 %), from 15:00 to 15:30 (+0.20, 100 %)." in caption
    assert "in logits per 30 minutes, and its share" in caption and "very small" not in caption
    none, words = clock_bands(clock([]))
    assert not any(trace.name == "differs" for trace in none.data) and "No window differs" in words


def test_a_difference_that_is_found_but_very_small_is_told_and_marked_apart():
    made = clock([10, 16, 17])
    made.difference.mean[10], made.difference.mean[17] = -0.014, 0.0151  # 5 % of the largest mean of a group, 0.3, are 0.015
    figure, caption = clock_bands(made, names=("case", "control"))
    assert [value for value in named(figure, "differs").x if value is not None] == [8.0, 9.0]
    thin = named(figure, "differs, very small")
    assert [value for value in thin.x if value is not None] == [5.0, 5.5] and thin.line.width < named(figure, "differs").line.width
    assert "very small (under 5 % of the largest mean of either group, 0.30 logits): from 05:00 to 05:30" in caption
    assert "(\u22120.014, 7.0 %)" in caption and "thin where very small" in str(figure.layout.annotations)
    made.differs[16:18] = False
    assert "at a false discovery rate of 5 %, but every difference is very small" in clock_bands(made)[1]


def test_bands_are_steps_around_the_mean_and_zero_is_in_sight():
    figure, _ = clock_bands(clock([3]), names=("case", "control"))
    for name, middle in (("case", 0.3), ("control", 0.1), ("difference", 0.2)):
        line = named(figure, name)
        assert np.allclose(line.y, middle) and line.line.shape == "hv" and len(line.x) == 49
        assert np.allclose(np.subtract(named(figure, f"{name}, upper edge").y, named(figure, f"{name}, band").y), 0.2)
    assert [shape.y0 for shape in figure.layout.shapes] == [0, 0]
    assert named(figure, "case").line.dash != named(figure, "control").line.dash, "told by more than colour"


def test_one_group_has_no_difference_and_no_second_panel():
    alone = replace(clock([]), controls=None, difference=None, differs=None, p=None, adjusted=None, people=(16, 0))
    figure, caption = clock_bands(alone, names=("case", ""), theme="dark")
    assert {trace.name for trace in figure.data} == {"case", "case, band", "case, upper edge"} and "difference" not in caption
    assert "yaxis2" not in figure.layout.to_plotly_json()


def test_a_clock_over_the_week_names_weekdays():
    _, caption = clock_bands(clock([48], over="week"))
    assert "from Tue, 00:00 to 00:30" in caption


def test_met_and_missed_are_told_by_shape_and_words():
    rows = [
        Score("A", 0.93, 0.9, 0.95, 210, ".90", True),
        Score("B", 0.6, 0.5, 0.7, 210, "5 x chance (0.75)", False),
        Score("C", 0.7, 0.6, 0.8, 210),
    ]
    figure, caption = scoreboard_dots(rows, "AUPRC", chance=0.025)
    shapes = {trace.name: trace.marker.symbol for trace in figure.data if trace.mode == "markers"}
    assert len(set(shapes.values())) == 3 and set(shapes) == {"meets the target", "misses the target", "no target"}
    words = " ".join(note.text for note in figure.layout.annotations)
    assert "<b>met</b>" in words and "<b>missed</b>" in words and "chance" in words
    assert "A 0.93 (0.90 to 0.95, n = 210), meets the target (.90)" in caption
    low, high = figure.layout.xaxis.range
    assert low < 0.025 and high > 0.95, "targets, chance and intervals are all in sight"


def test_each_row_has_its_own_target_and_a_row_without_one_has_none():
    figure, _ = scoreboard_dots([Score("A", 1, 0.8, 1.2, 9, ".9 to 1.1", True), Score("B", 0.5, 0.5, 0.5)], "slope")
    ticks = named(figure, "target")
    assert list(ticks.x) == [0.9, 0.9, None, 1.1, 1.1, None] and min(y for y in ticks.y if y is not None) > 0.5
    assert not any(trace.name == "target" for trace in scoreboard_dots([Score("B", 0.5, 0.5, 0.5)], "slope")[0].data)


@pytest.mark.parametrize(
    "words, places",
    [
        (".90", (0.9,)),
        (".99, every miss flagged", (0.99,)),
        ("5 x chance (0.125)", (0.125,)),
        (".68 and 5 x chance (0.640)", (0.68,)),
        (".9 to 1.1", (0.9, 1.1)),
        ("10 x random", (10.0,)),
        ("+.15", (0.15,)),
        ("1e-6", (1e-6,)),
        ("", ()),
    ],
)
def test_a_target_in_words_has_its_place_on_the_axis(words, places):
    assert target_places(words) == places


def test_a_dot_is_full_only_where_it_beats_random_directions_and_the_axis_is_symmetric():
    answers = [("Late wake", np.array([1.0, 0.5, 2.0]), np.array([0.99, 0.4, 0.96])), ("Nights", np.array([-0.1, 0.0, 0.2]), np.zeros(3))]
    figure, caption = concept_dots(answers, people=("a", "b", "c"))
    full, empty = named(figure, "Late wake: stronger than 95 % of random"), named(figure, "Late wake: within random directions")
    assert list(full.x) == [1.0, 2.0] and list(empty.x) == [0.5] and full.marker.symbol != empty.marker.symbol
    assert [row[0] for row in full.customdata] == ["a", "c"]
    low, high = figure.layout.xaxis.range
    assert low == -high and high > 2
    assert not [shape for shape in figure.layout.shapes if shape.type == "rect"], "one band over all people would contradict the dots"
    assert "step of length 1" in caption and "step of length 1" in figure.layout.xaxis.title.text
    assert "the same person's response" in caption
    assert "rises for 100 %" in caption and "raises the score" in " ".join(note.text for note in figure.layout.annotations)


@pytest.mark.parametrize("theme, colours", [("light", LIGHT), ("dark", DARK)])
def test_every_comparison_is_drawn_in_its_theme_without_forbidden_words(theme, colours):
    drawn = [
        agreement_strip(COMPARED, TITLES, theme=theme),
        clock_bands(clock([1]), theme=theme),
        scoreboard_dots([Score("A", 0.5, 0.4, 0.6)], "AUPRC", theme=theme),
        concept_dots([("Late wake", np.ones(2), np.ones(2))], theme=theme),
    ]
    for figure, caption in drawn:
        assert figure.layout.paper_bgcolor == colours.background and caption
        assert not any(word in caption.lower() for word in ("because", "caused by", "diagnosis", "risk"))


def test_names_and_figures_of_the_scoreboard_leave_room_for_the_dots_on_a_phone():
    rows = [Score("Days, shared out (Shapley), mean week", 0.52, 0.51, 0.54, 30), Score("A", 1.0, 0.9, 1.1, 5, ".9 to 1.1", False)]
    figure, _ = scoreboard_dots(rows, "localization, AUROC")
    names = [line for name in figure.layout.yaxis.ticktext for line in name.split("<br>")]
    beside = [line for note in figure.layout.annotations for line in re.sub("<(?!br).*?>", "", note.text).split("<br>")]
    assert max(map(len, names)) <= 22 and max(map(len, beside)) <= 16
    assert 5.8 * 22 + figure.layout.margin.r < 0.7 * 370
