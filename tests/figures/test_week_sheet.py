from __future__ import annotations

import colorsys
import json
import re
from dataclasses import replace
from datetime import datetime

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.utils import PlotlyJSONEncoder

from pat_core.errors import ExplanationError
from pat_core.figures import Layers, brushed_minutes, week_sheet, week_timeline
from pat_core.figures.palette import DARK, LIGHT
from pat_core.figures.sheet.day_chart import height_of, min_max_pairs, outline
from pat_core.figures.sheet.lanes import day_lanes
from pat_core.figures.sheet.strips import binned_sum
from tests.figures.made import MINUTES, MISSING, attention, attribution, week

DRAWINGS = [week_sheet, week_timeline]


def heatmaps(figure: go.Figure) -> list[go.Heatmap]:
    return [trace for trace in figure.data if trace.type == "heatmap"]


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def lane_rows(heatmap: go.Heatmap) -> np.ndarray:
    """Rows that hold a strip, top lane first: the rows of NaN between lanes are taken out."""
    z = np.asarray(heatmap.z, float)
    return z[np.isfinite(z).any(axis=1)][::-1]


def test_the_smallest_and_the_largest_of_every_bin_are_kept_in_order():
    values = np.random.default_rng(0).gamma(1, 100, 1003)
    at, kept = min_max_pairs(values)
    assert np.all(np.diff(at) > 0) and np.array_equal(values[at], kept)
    for first in range(0, len(values), 5):
        inside = kept[(at >= first) & (at < first + 5)]
        assert inside.max() == values[first : first + 5].max() and inside.min() == values[first : first + 5].min()


def test_the_height_is_the_square_root_of_the_share_of_the_peak():
    assert height_of(np.array([0.0, 25.0, 100.0, 400.0]), 100.0, 50.0).tolist() == [0.0, 25.0, 50.0, 50.0]


def test_a_gap_is_left_open_between_outlines():
    values = np.array([4.0, 4.0, np.nan, np.nan, 4.0], np.float32)
    columns, tops = outline(values, 10.0, 50.0, 4.0)
    inside = [top for column, top in zip(columns, tops, strict=True) if column == 3]
    assert inside == [] and np.isnan(tops).sum() == 2
    assert [top for top in tops if top == 60.0] != []


@pytest.mark.parametrize("draw", DRAWINGS)
def test_the_highest_minute_reaches_the_top_of_its_lane(draw):
    figure, _ = draw(week(), Layers([attribution(), attention()]))
    heights = [np.nanmax(trace.y) - np.nanmin(trace.y) for trace in figure.data if (trace.name or "").startswith("activity")]
    assert max(heights) == pytest.approx(54 if draw is week_sheet else 150, abs=0.01)


def test_missing_and_unworn_minutes_are_never_drawn_as_zero():
    nonwear = np.zeros(MINUTES, bool)
    nonwear[6000:6200] = True
    made = week(datetime(2025, 5, 7))
    figure, caption = week_timeline(made, Layers(nonwear=nonwear))
    x = np.array(named(figure, "activity 1").x, "datetime64[m]")
    minute = (x - np.datetime64("2025-05-07T00:00")).astype(int)
    for first, end in ((MISSING.start, MISSING.stop), (6000, 6200)):
        assert not ((minute > first) & (minute < end)).any()
    assert "90 minutes without data" in caption and "not worn" in caption
    said = {row[0]: row[2] for row in named(figure, "hover").customdata}
    assert said[3030] == "no data" and said[6100] == "not worn" and said[100].startswith("mean")


def test_no_rest_is_shaded_while_the_device_is_not_worn():
    nonwear = np.arange(MINUTES) < 5000
    caption = week_sheet(week(), Layers(sleep=np.ones(MINUTES, bool), nonwear=nonwear))[1]
    assert f"({(MINUTES - 5000) / 60:.0f} hours in the week)" in caption


def test_one_heatmap_for_each_kind_however_many_strips():
    strips = [attribution(), attention(), attention(), attribution()]
    for draw in DRAWINGS:
        assert [len(heatmaps(draw(week(), Layers(chosen))[0])) for chosen in ([], strips[:1], strips)] == [0, 1, 2]


@pytest.mark.parametrize("patch", [9, 18])
@pytest.mark.parametrize("day_from", ["noon", "midnight"])
def test_attention_is_constant_on_patches_and_true_to_the_values(patch, day_from):
    made, strip = week(), attention(patch)
    figure, _ = week_sheet(made, Layers([strip]), day_from=day_from)
    (heatmap,) = heatmaps(figure)
    assert heatmap.zsmooth is False
    edges = np.array(heatmap.x, "datetime64[m]")
    widths = np.diff(edges).astype(int)
    assert widths[1:-1].min() == patch and widths.sum() == 1440
    laid = day_lanes(made, day_from).take(strip.values)
    assert np.array_equal(np.repeat(lane_rows(heatmap), widths, axis=1), laid.astype(float), equal_nan=True)


def test_attribution_bins_sum_to_the_whole_and_the_limits_are_symmetric():
    made, strip = week(), replace(attribution(), values=10 * attribution().values)
    figure, _ = week_sheet(made, Layers([strip]))
    (heatmap,) = heatmaps(figure)
    assert np.nansum(lane_rows(heatmap)) == pytest.approx(float(strip.values.sum(dtype=float)), abs=1e-5)
    sums = np.abs(binned_sum(day_lanes(made).take(strip.values)))
    assert heatmap.zmax == -heatmap.zmin == pytest.approx(np.percentile(sums[np.isfinite(sums)], 99))


def test_a_week_of_weak_attributions_stays_pale_and_its_scale_says_whose_range_it_is():
    weak = replace(attribution(), values=attribution().values * 0.1 / np.abs(attribution().values).sum())
    faint, strong = (
        heatmaps(week_sheet(week(), Layers([strip]))[0])[0] for strip in (weak, replace(attribution(), values=weak.values * 1000))
    )
    assert np.nanmax(np.abs(lane_rows(faint))) < 0.02 * faint.zmax
    assert "smallest scale" in faint.colorbar.title.text and "this week's range" in strong.colorbar.title.text
    assert "one scale" in heatmaps(week_sheet(week(), Layers([weak], attribution_limit=0.5))[0])[0].colorbar.title.text


def test_what_colours_mean_stands_under_the_sheet_in_the_order_of_the_strips_as_do_the_bars():
    for strips, words in (([attention(), attribution()], ["attended", "Raised"]), ([attribution(), attention()], ["Lowered", "attended"])):
        figure, _ = week_sheet(week(), Layers(strips))
        key = next(note.text for note in figure.layout.annotations if "Activity" in note.text)
        assert key.index(words[0]) < key.index(words[1])
        assert [heatmap.name for heatmap in heatmaps(figure)] == [strip.kind for strip in strips]
        places = [heatmap.colorbar.x for heatmap in heatmaps(figure)]
        assert places == sorted(places)
    bare = week_sheet(week())[0].layout.annotations
    assert not any("Raised" in note.text or "attended" in note.text for note in bare)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_planted_evidence_is_marked_in_a_hue_that_no_strip_has(colours):
    def hue(colour: str) -> float:
        return colorsys.rgb_to_hsv(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0]

    taken = [colours.attention[3][1], colours.raises, colours.lowers]
    assert min(abs((hue(colours.marker) - hue(other) + 0.5) % 1 - 0.5) for other in taken) > 0.15


def test_limits_can_be_set_to_compare_people():
    figure, _ = week_sheet(week(), Layers([attribution(), attention()], attribution_limit=0.5, attention_limit=4.0, peak=20000.0))
    assert sorted((trace.zmin, trace.zmax) for trace in heatmaps(figure)) == [(-0.5, 0.5), (0.0, 4.0)]
    heights = [np.nanmax(trace.y) - np.nanmin(trace.y) for trace in figure.data if (trace.name or "").startswith("activity")]
    assert max(heights) == pytest.approx(54 * (9000 / 20000) ** 0.5, abs=0.01)


def test_attention_colours_start_at_zero_and_the_uniform_level_is_marked():
    figure, _ = week_sheet(week(), Layers([attention()]))
    bar = heatmaps(figure)[0]
    assert bar.zmin == 0 and bar.zmax >= 2
    assert bar.colorbar.tickvals[1] == 1 and "uniform" in bar.colorbar.ticktext[1]


def test_no_colour_lies_over_the_activity():
    figure, _ = week_sheet(week(), Layers([attribution(), attention()]))
    for heatmap in heatmaps(figure):
        edges, filled = np.asarray(heatmap.y), np.isfinite(np.asarray(heatmap.z, float)).any(axis=1)
        for trace in figure.data:
            if (trace.name or "").startswith("activity"):
                low, high = np.nanmin(trace.y), np.nanmax(trace.y)
                assert not (filled & (edges[:-1] < high) & (edges[1:] > low)).any()


@pytest.mark.parametrize("draw", DRAWINGS)
def test_an_unknown_start_shows_no_clock_and_no_weekday_anywhere(draw):
    figure, caption = draw(week(None), Layers([attribution(), attention()], windows=[(100, 200)]))
    text = figure.to_json() + caption
    assert not re.search(r"\b\d{1,2}:\d\d\b", text)
    assert not re.search(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", text)
    assert "no clock" in caption and "tickformat" not in figure.to_json()


def test_an_unknown_date_shows_weekdays_but_no_date():
    figure, caption = week_sheet(week(date_known=False), Layers([attribution()]))
    shown = " ".join([*figure.layout.yaxis.ticktext, caption, *(row[1] for row in named(figure, "hover").customdata)])
    assert "Wed" in shown and "May" not in shown and not re.search(r"(Wed|Thu) \d", shown)


def test_the_caption_says_what_colours_mean_by_which_method_and_how_exactly():
    _, caption = week_sheet(week(), Layers([attribution(), attention()]))
    for words in ("Blue lowered the score, red raised it", "integrated gradients", "mean week", "where the model attended", "18 minutes"):
        assert words in caption
    assert "sums to within 0.4 % of the change of the score" in caption
    for banned in ("because", "caused by", "diagnosis", "risk"):
        assert banned not in caption.lower()


def test_a_small_change_of_the_score_has_its_gap_in_logits_and_a_method_without_gap_says_so():
    _, small = week_sheet(week(), Layers([attribution(delta=0.5)]))
    assert "sums to within 0.002 logits of the change of the score" in small
    _, none = week_sheet(week(), Layers([replace(attribution(), delta=None, completeness_gap=None)]))
    assert "does not promise" in none and "sums to within" not in none


def test_both_themes_are_drawn_in_their_own_colours():
    light, dark = (week_sheet(week(), Layers([attribution()]), theme=name)[0] for name in ("light", "dark"))
    assert light.layout.paper_bgcolor == "#ffffff" and dark.layout.paper_bgcolor == "#0e1117"
    for figure in (light, dark):
        assert heatmaps(figure)[0].colorscale[3][1] == figure.layout.paper_bgcolor
    assert named(light, "activity 1").fillcolor != named(dark, "activity 1").fillcolor


@pytest.mark.parametrize("double", [False, True])
def test_the_figure_serialises_small_and_without_webgl(double):
    sleep = np.arange(MINUTES) % 1440 > 960
    figure, _ = week_sheet(week(), Layers([attribution(), attention()], sleep=sleep), double=double)
    text = json.dumps(figure.to_plotly_json(), cls=PlotlyJSONEncoder)
    assert len(text) < 600_000 and "scattergl" not in text
    points = sum(len(trace.x) for trace in figure.data if (trace.name or "").startswith("activity"))
    assert points < 5_000 * (2 if double else 1)


def test_labels_stand_by_the_strips_only_where_strips_could_be_confused():
    one, _ = week_sheet(week(), Layers([attribution(), attention()]))
    two, _ = week_sheet(week(), Layers([attribution(), attribution()], labels=["first", "second"]))
    assert "integrated gradients" in heatmaps(one)[0].colorbar.title.text
    assert [note.text for note in two.layout.annotations].count("second") == 8
    assert "first" not in [note.text for note in one.layout.annotations]


@pytest.mark.parametrize("start", [datetime(2025, 5, 7, 15, 37), None])
def test_a_box_gives_back_the_minutes_it_was_drawn_over(start):
    made = week(start)
    figure, _ = week_sheet(made, Layers([attribution()]))
    hover = named(figure, "hover")
    rows = [index for index, row in enumerate(hover.customdata) if 4400 <= row[0] < 4500]
    height = hover.y[rows[0]]
    found = brushed_minutes(figure, [hover.x[rows[0]], hover.x[rows[-1]]], [height - 8, height + 30])
    assert found == (hover.customdata[rows[0]][0], hover.customdata[rows[-1]][0] + 5)
    if start:
        assert brushed_minutes(figure, ["2000-01-01 13:00:00.5", "2000-01-01 13:30"], [height, height]) is not None
        assert brushed_minutes(figure, ["2000-01-01", "2000-01-01 01:00"], [height, height]) is None


def test_a_strip_of_another_length_is_refused_in_a_sentence():
    short = replace(attention(), values=np.ones(1440, np.float32))
    with pytest.raises(ExplanationError, match="10080 minutes.*1440"):
        week_sheet(week(), Layers([short]))


def test_an_empty_or_constant_week_can_be_drawn():
    for filling in (np.nan, 0.0):
        figure, caption = week_sheet(replace(week(), values=np.full(MINUTES, filling, np.float32)))
        assert len(figure.data) >= 7 and caption
    nothing, _ = week_sheet(week(), Layers([replace(attribution(), values=np.zeros(MINUTES, np.float32))]))
    assert heatmaps(nothing)[0].zmax > 0
