"""Sensitivity strips, maps coarser than a bin, and what strips are flagged with."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from pat_core.figures import Layers, common_scales, week_sheet, week_timeline
from pat_core.figures.palette import DARK, LIGHT
from pat_core.figures.sheet import sheet_frame
from pat_core.figures.sheet.lanes import day_lanes
from pat_core.figures.sheet.strips import binned_mean, binned_sum
from pat_core.records import Attribution
from tests.figures.made import MINUTES, attention, attribution, week
from tests.figures.test_week_sheet import heatmaps, lane_rows

FLAG = "The gap of this map is wider than the 1 % that we hold to."


def sensitivity() -> Attribution:
    values = np.random.default_rng(4).gamma(2, 0.5, MINUTES)
    return Attribution("gradient", "sensitivity", (values / values.mean()).astype(np.float32), 18)


def hours(delta: float = 2.0, gap: float = 0.7) -> Attribution:
    values = np.repeat(np.random.default_rng(5).normal(0, 4e-3, MINUTES // 60), 60).astype(np.float32)
    return Attribution("occlusion_hour", "attribution", values, 18, delta, gap, resolution=60)


@pytest.mark.parametrize("draw", [week_sheet, week_timeline])
def test_sensitivity_starts_at_zero_on_the_background_with_its_mean_marked(draw):
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        (drawn,) = heatmaps(draw(week(), Layers([sensitivity()]), theme=name)[0])
        assert drawn.zmin == 0 and drawn.zmax >= 2 and drawn.colorscale[0][1] == colours.background
        assert drawn.colorbar.tickvals[1] == 1 and "mean" in drawn.colorbar.ticktext[1]


def test_a_sensitivity_bin_is_the_mean_of_its_minutes():
    assert binned_mean(np.array([[1.0, 2, 3, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan]])).tolist()[0][0] == 2.0
    made, strip = week(), sensitivity()
    (drawn,) = heatmaps(week_sheet(made, Layers([strip]))[0])
    assert np.array_equal(lane_rows(drawn), binned_mean(day_lanes(made).take(strip.values)).astype(float), equal_nan=True)


def test_sensitivity_has_no_sign_and_says_so():
    figure, caption = week_sheet(week(), Layers([sensitivity()]))
    assert "has no sign" in caption and "within this week only" in caption
    assert not any(trace.name == "signed line" for trace in figure.data)


def test_a_map_by_the_hour_keeps_its_sum_and_says_what_shares_a_value():
    strip = hours()
    figure, caption = week_sheet(week(), Layers([strip]))
    assert np.nansum(lane_rows(heatmaps(figure)[0])) == pytest.approx(float(strip.values.sum(dtype=float)), abs=1e-5)
    assert "Each hour has one value." in caption
    assert "Its values sum to +2.7 logits, while the score changed by +2.0 logits." in caption


def test_strips_that_are_compared_with_different_things_say_with_what():
    path = replace(attribution(), settings={"baseline": "non-wear"})
    parts = replace(hours(), settings={"replacement": "mean week"})
    names = ["Integrated gradients", "Hours replaced"]
    figure, caption = week_sheet(week(), Layers([path, parts], labels=names))
    notes = " ".join(note.text.replace("<br>", " ") for note in figure.layout.annotations)
    assert "Compared: Integrated gradients with non-wear; Hours replaced with the mean week" in notes
    assert "(Integrated gradients, compared with non-wear)" in caption and "(Hours replaced, compared with the mean week)" in caption
    assert "Not all attributions have the same baseline" in caption
    same, words = week_sheet(week(), Layers([replace(path, settings={"baseline": "mean week"}), parts], labels=names))
    assert "Compared:" not in same.to_json() and "Not all" not in words
    other = replace(path, settings={"baseline": "another person", "baseline_of": "P2"})
    named, told = week_sheet(week(), Layers([other, parts], labels=["against P2", "against the mean week"]))
    assert "Compared:" not in named.to_json() and "against P2, compared" not in told


def test_what_a_strip_is_flagged_with_comes_first_in_the_caption_and_is_seen_in_the_figure():
    flagged = replace(attribution(), flag=FLAG)
    for draw in (week_sheet, week_timeline):
        figure, caption = draw(week(), Layers([attention(), flagged, flagged]))
        assert caption.startswith(FLAG) and caption.count(FLAG) == 1
        notes = [note.text.replace("<br>", " ") for note in figure.layout.annotations]
        assert sum(FLAG in note for note in notes) == 1
        bare, _ = draw(week(), Layers([attention(), attribution(), attribution()]))
        assert figure.layout.margin.t > bare.layout.margin.t, "it has room of its own"


def test_three_kinds_of_strip_have_three_bars_that_do_not_share_a_place():
    figure, _ = week_sheet(week(), Layers([attribution(), attention(), sensitivity()]))
    places = [(drawn.colorbar.x, drawn.colorbar.y) for drawn in heatmaps(figure)]
    assert len({y for _, y in places}) == 3 and {x for x, _ in places} == {0.5}, "one under another, for windows of any width"
    assert [sheet_frame.places(1), sheet_frame.places(2)] == [[(0.5, 0)], [(0.5, 1), (0.5, 0)]] and sheet_frame.places(0) == []


def test_no_line_of_the_key_is_wider_than_a_phone():
    made = replace(attribution(), flag="Integrated gradients: the gap of this map is larger than the tolerance that was asked for. " * 2)
    figure, _ = week_sheet(week(), Layers([made, attention(), sensitivity()], sleep=np.ones(10080, bool), nonwear=np.ones(10080, bool)))
    lines = [line for note in figure.layout.annotations for line in re.sub(r"<(?!br)[^>]*>", "", note.text).split("<br>")]
    assert max(len(line.replace("&nbsp;", " ")) for line in lines) <= 64


def test_two_people_on_one_scale_have_the_same_ends_and_the_wider_of_both():
    weak, strong = attribution(), replace(attribution(), values=attribution().values * 100)
    lower = replace(week(), values=week().values / 2)
    scales = common_scales([(week(), [weak, attention()], None), (lower, [strong, attention()], None)])
    sheets = [week_sheet(week(), Layers([weak, attention()], **scales))[0], week_sheet(lower, Layers([strong, attention()], **scales))[0]]
    assert [[(drawn.zmin, drawn.zmax) for drawn in heatmaps(sheet)] for sheet in sheets[:1] * 2] == [
        [(drawn.zmin, drawn.zmax) for drawn in heatmaps(sheet)] for sheet in sheets
    ]
    sums = np.abs(binned_sum(day_lanes(week()).take(strong.values)))
    assert scales["attribution_limit"] == pytest.approx(np.nanpercentile(sums, 99)) and scales["peak"] == 9000


def test_the_strips_of_a_timeline_are_taller_than_those_of_a_lane_among_seven():
    heights = []
    for draw in (week_sheet, week_timeline):
        (drawn,) = heatmaps(draw(week(), Layers([attention()]))[0])
        heights.append(drawn.y[-1] - drawn.y[-2])
    assert heights[1] > 1.5 * heights[0]
