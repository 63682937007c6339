"""The four panels of a rebuilt week, and encoders beside one another: what is drawn where, and words that say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.figures import MaskedWeek, rebuilt_strips, training_curves
from pat_core.figures.charts.encoder_dots import ComparedEncoder, encoder_dots
from pat_core.figures.charts.rebuilt_strips import PANELS, cover_colour
from pat_core.figures.palette import DARK, LIGHT


def masked(patch: int = 360, minutes: int = 10080) -> MaskedWeek:
    rng = np.random.default_rng(0)
    hidden = np.repeat(np.arange(minutes // patch) % 4 > 0, patch)
    z, output = rng.normal(size=(2, len(hidden))).astype(np.float32)
    return MaskedWeek(z, hidden, output, patch, datetime(2024, 5, 1, 15, 30), True, "The week of P1")


def panel(figure, number: int, kind: str) -> np.ndarray:
    return next(np.asarray(trace.z) for trace in figure.data if trace.name == f"{PANELS[number]}: {kind}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_panel_shows_its_minutes_on_one_scale_and_nothing_else(theme):
    week = masked()
    figure, caption = rebuilt_strips(week, theme=theme)
    z, hidden, output = (values.reshape(7, 1440) for values in (week.z, week.hidden, week.output))
    np.testing.assert_allclose(panel(figure, 0, "measured"), z, atol=0.006)
    seen, covered = panel(figure, 1, "measured"), panel(figure, 1, "hidden")
    np.testing.assert_array_equal(np.isnan(seen), hidden)
    np.testing.assert_array_equal(np.isfinite(covered), hidden)
    np.testing.assert_allclose(panel(figure, 2, "rebuilt"), output, atol=0.006)
    both, rebuilt = panel(figure, 3, "measured"), panel(figure, 3, "rebuilt")
    np.testing.assert_allclose(np.where(hidden, rebuilt, both), np.where(hidden, output, z), atol=0.006)
    np.testing.assert_array_equal(np.isnan(rebuilt), ~hidden)
    strips = [trace for trace in figure.data if trace.type == "heatmap" and "hidden" not in trace.name]
    assert len({(trace.zmin, trace.zmax) for trace in strips}) == 1
    assert "21 of 28 patches of 360 minutes covered" in caption and "The week of P1" in caption
    assert list(figure.layout.yaxis.ticktext)[:2] == ["Wed 1 May", "Thu 2 May"] and panel(figure, 0, "measured").shape == (7, 1440)


def test_covered_patches_have_a_colour_that_no_activity_has():
    for colours in (LIGHT, DARK):
        assert cover_colour(colours) not in (colours.background, colours.activity, colours.marker)


def test_a_week_without_a_known_start_counts_days_and_hours():
    figure, _ = rebuilt_strips(replace(masked(), start=None))
    assert figure.layout.yaxis.ticktext[0] == "Day 1" and figure.layout.xaxis.ticksuffix == " h"


def test_minutes_that_no_patch_covers_leave_the_last_strip_open():
    week = masked(patch=700)
    figure, _ = rebuilt_strips(week)
    last = panel(figure, 0, "measured")[-1]
    assert len(week.z) == 9800 and np.isnan(last[9800 - 6 * 1440 :]).all() and np.isfinite(last[: 9800 - 6 * 1440]).all()


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(PatError, match="three times"):
        rebuilt_strips(replace(masked(), output=np.zeros(3)))


def test_the_loss_on_hidden_minutes_is_a_line_of_its_own_name():
    rows = [(step, name, 1 / step) for step in (1, 2) for name in ("train loss", "validation loss", "validation loss on hidden minutes")]
    figure, caption = training_curves(rows)
    assert {label.text for label in figure.layout.annotations} == {"training", "validation", "hidden minutes"}
    assert "validation loss on hidden minutes" in caption


def test_untrained_encoders_stand_at_the_top_and_are_shaded():
    encoders = [ComparedEncoder("own", 0.7, 0.6, 0.8, False), ComparedEncoder("Untrained, as own", 0.6, 0.5, 0.7, True)]
    chart, caption = encoder_dots(encoders)
    plain = chart.to_dict()
    assert plain["spec"]["layer"][0]["encoding"]["y"]["sort"] == ["Untrained, as own", "own"]
    assert "untrained encoders are shaded" in caption and "Highest is own with 0.70" in caption
