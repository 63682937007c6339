from __future__ import annotations

import re
from datetime import datetime

import numpy as np
import plotly.graph_objects as go
import pytest

from pat_core.figures import cohort_spread, config, day_bars, mean_day, prediction_dot, training_curves
from pat_core.figures.charts.learning import apart
from pat_core.figures.charts.person_and_cohort import stacked
from pat_core.figures.palette import DARK, LIGHT, figures, signed
from pat_core.figures.sheet.day_chart import add_key
from pat_core.records import Interval
from tests.figures.made import attribution, week

METRICS = [
    (e, n, v) for e in range(1, 6) for n, v in (("train_loss", 1 / e), ("validation_loss", 1.2 / e), ("validation_auc", 0.5 + e % 4 / 10))
]


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_numbers_are_written_with_sensible_figures_and_a_true_minus():
    assert [figures(1234.5, 3), figures(0.01234), figures(0.0), signed(-0.5), signed(2.0)] == ["1,234", "0.012", "0", "\u22120.50", "+2.0"]
    assert [figures(4.24e-10), figures(-3.0e-8, 1)] == ["4.2 \u00d7 10\u207b\u00b9\u2070", "\u22123 \u00d7 10\u207b\u2078"]
    assert figures(2.5e-5) == "0.000025"


def test_a_prediction_is_a_sentence_a_dot_and_an_interval():
    figure, caption = prediction_dot(Interval(0.31, 0.19, 0.44, 62), 0.4, group="condition group")
    assert caption.startswith("Among 100 people scored like this one, about 31 were in the condition group (95 % interval 19 to 44")
    assert "40 of 100" in caption
    assert "about 1 was in the group" in prediction_dot(Interval(0.01, 0.0, 0.1, 62), group="group")[1]
    assert named(figure, "people like this one").x[0] == pytest.approx(31) and list(named(figure, "interval").x) == pytest.approx([19, 44])
    assert "indicator" not in figure.to_json()


def test_a_percentage_given_as_a_share_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        prediction_dot(Interval(31, 19, 44))


def test_the_kept_epoch_is_the_one_the_training_says_and_unmarked_where_it_says_none():
    figure, caption = training_curves(METRICS, 4)
    assert "weights of epoch 4 were kept, with a validation AUC of 0.500" in caption and figure.layout.shapes[0].x0 == 4
    unmarked, silent = training_curves(METRICS)
    assert not unmarked.layout.shapes and "kept" not in silent


def test_folds_are_thin_unlabelled_lines_behind_the_kept_model():
    names = ("fold 1 validation AUC", "fold 2 validation AUC", "validation AUC")
    figure, caption = training_curves([(epoch, name, 0.5 + epoch / 10) for name in names for epoch in (1, 2, 3)])
    assert [trace.name for trace in figure.data] == list(names) and at_ends(figure) == ["validation"]
    assert [trace.line.width for trace in figure.data[:3]] == [1, 1, 2.2] and figure.data[0].opacity < 1
    assert caption == "Training up to epoch 3: validation AUC, 2 folds as thin lines."


def test_while_only_folds_have_run_the_latest_is_named():
    figure, caption = training_curves([(epoch, f"fold {fold} train loss", 1 / epoch) for fold in (1, 2) for epoch in (1, 2)])
    assert at_ends(figure) == ["fold 2 training"]
    assert "2 folds as thin lines" in caption


def test_names_at_the_ends_of_lines_keep_apart_by_the_height_of_their_letters():
    last = {"train loss": 0.512, "validation loss": 0.511, "validation loss on hidden minutes": 0.515}
    figure, _ = training_curves([(1, name, 2.0) for name in last] + [(9, name, value) for name, value in last.items()])
    height = (figure.layout.height - figure.layout.margin.t - figure.layout.margin.b) / (1.1 * (2.0 - 0.511))
    drawn = [label.y * height + label.yshift for label in figure.layout.annotations]
    assert at_ends(figure) == ["validation", "training", "hidden minutes"] and min(np.diff(drawn)) >= 14 - 1e-6
    assert apart([0.0, 50.0], 14) == [0.0, 50.0] and apart([0.0, 4.0, 30.0], 14) == [-5.0, 9.0, 30.0]


def at_ends(figure) -> list[str]:
    """What stands at the ends of lines, from the lowest up."""
    return [label.text for label in figure.layout.annotations if label.xanchor == "left"]


def test_a_run_without_figures_has_a_sentence_instead_of_a_curve():
    figure, caption = training_curves([])
    assert "not reported" in caption and not figure.data and figure.layout.annotations[0].text


@pytest.mark.parametrize("names", [("train loss", "validation AUC"), ("validation AUC",), ("fold 1 validation AUC", "fold 1 train loss")])
def test_the_axis_of_an_auc_goes_from_0_to_1_whatever_was_reached(names):
    figure, _ = training_curves([(epoch, name, 0.9 + epoch / 1000) for name in names for epoch in (1, 2, 3)])
    axis = figure.layout.yaxis2 if len(names) > 1 else figure.layout.yaxis
    assert axis.title.text == "AUC" and tuple(axis.tickvals) == (0, 0.5, 1)
    assert axis.range[0] <= 0 and 1 <= axis.range[1] < 1.05 and axis.range[0] > -0.05


def test_the_mean_day_leaves_missing_minutes_out():
    made = week(datetime(2025, 5, 7))
    figure, _ = mean_day(made, attribution=attribution())
    expected = np.nanmean(made.values.reshape(7, 96, 15), axis=(0, 2))
    assert np.asarray(named(figure, "mean day").y) == pytest.approx(expected, rel=1e-5)
    assert sum(named(figure, "attribution").y) == pytest.approx(float(attribution().values.sum()), abs=1e-4)


def test_the_mean_day_of_an_unknown_start_has_no_clock():
    figure, _ = mean_day(week(None))
    assert not any(":" in tick for tick in figure.layout.xaxis.ticktext)


def test_day_bars_add_up_to_the_whole():
    figure, caption = day_bars(week(), attribution())
    assert sum(figure.data[0].y) == pytest.approx(float(attribution().values.sum()), abs=1e-4) and "by day" in caption


def test_a_person_stands_in_the_cohort_and_a_missing_value_says_so():
    figure, caption = cohort_spread(3.0, [1, 2, 3, 4, np.nan], "Interdaily stability")
    assert named(figure, "this person").x[0] == 3.0 and len(named(figure, "cohort").x) == 4 and "above 50 % of them" in caption
    _, absent = cohort_spread(None, [1, 2], "SRI")
    assert "does not apply" in absent
    undefined, words = cohort_spread(np.nan, [], "M10")
    assert "not defined for this week" in undefined.layout.annotations[0].text and "is not defined for this week" in words


def test_equal_values_are_stacked_apart_within_the_row():
    heights = stacked(np.ones(30))
    assert len(set(heights.round(6))) == 30 and np.abs(heights).max() <= 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_small_chart_has_a_caption_and_its_theme(theme):
    made = [
        prediction_dot(Interval(0.31, 0.19, 0.44), theme=theme),
        training_curves(METRICS, 3, theme=theme),
        mean_day(week(), theme=theme),
        day_bars(week(), attribution(), theme=theme),
        cohort_spread(1.0, [1, 2, 3], "IS", theme=theme),
    ]
    for figure, caption in made:
        assert figure.layout.paper_bgcolor == (LIGHT if theme == "light" else DARK).background
        assert caption.endswith(".") and len(figure.to_json()) < 60_000


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""

    def light(colour: str) -> float:
        parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05

    low, high = sorted((light(one), light(other)))
    return high / low


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_words_can_be_read_on_the_background_and_ramps_start_from_it(colours):
    for colour in (colours.text, colours.muted, colours.marker, colours.lowers, colours.raises):
        assert contrast(colour, colours.background) >= 4.5
    assert colours.attention[0][1] == colours.background and dict(colours.attribution)[0.5] == colours.background
    for ramp in (colours.attention, colours.attribution[3:], colours.attribution[3::-1]):
        steps = [contrast(colour, colours.background) for _, colour in ramp]
        assert all(later > earlier for earlier, later in zip(steps, steps[1:], strict=False))


def test_no_button_sends_a_chart_elsewhere():
    settings = config()
    assert settings["displaylogo"] is False and settings["showSendToCloud"] is False
    assert "sendChartToCloud" in settings["modeBarButtonsToRemove"]


@pytest.mark.parametrize("parts", range(9))
def test_a_key_has_lines_that_fit_a_phone_and_the_figure_grows_by_them(parts):
    figure = go.Figure(layout={"height": 300, "margin": {"b": 60}})
    add_key(figure, [(bool(part % 2), "#000000", "■", f"left out {part}") for part in range(parts)], -30, LIGHT)
    add_key(figure, [(True, "#000000", "■", f"Too few hours {part}") for part in range(parts)], -30, LIGHT)
    lines = [line.replace("&nbsp;", " ") for line in re.sub("<(?!br).*?>", "", figure.layout.annotations[1].text).split("<br>")]
    assert all(len(line) <= 60 for line in lines) and "".join(lines).count("hours") == parts
    more = 16 * sum(len(each.text.split("<br>")) - 1 for each in figure.layout.annotations)
    assert (figure.layout.height, figure.layout.margin.b) == (300 + more, 60 + more)
