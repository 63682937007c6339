"""The picture of wear: a lane a day, every minute one thing, hours that are those of the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.figures import Layers, wear_days, week_sheet, week_timeline
from pat_core.figures.charts.wear_days import _shown
from pat_core.records import Period, Week
from pat_core.weeks import apply_marks, not_worn, quality_report, report

MINUTES = 10_080


@pytest.fixture(scope="module")
def week() -> Week:
    """Off for five hours, without a value for three, left out for two, with a quiet stretch within rest."""
    values = np.random.default_rng(0).integers(1, 900, MINUTES).astype(np.float32)
    values[600:900] = 0
    values[3000:3180] = np.nan
    values[7000:7400] = np.where(np.arange(400) % 10 == 0, 10, 0)
    values[7100:7200] = 0
    whole = Week("p1", 0, values, datetime(2024, 3, 4, 9, 30), True, "counts/min", None, "start", report(values, "counts/min"))
    return apply_marks(whole, (Period(5000, 5120, "exclude"),))


def test_every_minute_is_one_thing(week):
    shown = _shown(quality_report(week), MINUTES)
    assert (sum(mask.astype(int) for mask in shown.values()) == 1).all()
    minutes = {name: int(mask.sum()) for name, mask in shown.items()}
    assert (minutes["not worn"], minutes["no data"], minutes["left out by hand"]) == (300, 180, 120) and minutes["quiet sleep"] > 100


def test_the_hours_beside_the_lanes_are_those_of_the_report(week):
    made = quality_report(week)
    figure, caption = wear_days(week, made)
    hours = [note.text for note in figure.layout.annotations if "h worn" in note.text]
    assert hours == [f"{day.hours_worn:.1f} h worn" for day in made.days]
    assert all(f"{day.hours_worn:.1f}" in caption for day in made.days) and "p1, week 1" in caption


def test_a_day_of_too_little_wear_bears_a_mark(week):
    values = week.values.copy()
    values[:1000] = 0
    off = replace(week, values=values, marks=())
    figure, caption = wear_days(off, quality_report(off))
    assert [("✗" in note.text) for note in figure.layout.annotations if "h worn" in note.text] == [True] + [False] * 6
    assert "6 of 7 days" in caption
    assert "✗" in figure.layout.annotations[-1].text, "the key does not say what the mark means"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_only_what_there_is_is_drawn_and_in_the_key(week, theme):
    figure, _ = wear_days(week, quality_report(week), theme=theme)
    names = {trace.name for trace in figure.data}
    assert names == {"worn", "not worn", "no data", "quiet sleep", "left out by hand", "hover"}
    clean = np.random.default_rng(0).integers(1, 900, MINUTES).astype(np.float32)
    plain = replace(week, values=clean, marks=(), start=None)
    figure, _ = wear_days(plain, quality_report(plain), theme=theme)
    assert {trace.name for trace in figure.data} == {"worn", "hover"} and "✗" not in figure.layout.annotations[-1].text
    assert list(figure.layout.yaxis.ticktext) == [f"Day {day}" for day in range(1, 8)]


def test_minutes_marked_as_not_worn_are_drawn_as_such_though_they_have_no_value(week):
    marked = apply_marks(week, (Period(8000, 8120, "non-wear"),))
    figure, caption = week_sheet(marked, Layers([], nonwear=not_worn(marked), sleep=None))
    assert {"not worn", "no data"} <= {trace.name for trace in figure.data}
    said = next(row[2] for trace in figure.data if trace.name == "hover" for row in trace.customdata if row[0] >= 8010)
    assert said == "not worn"


def test_where_nothing_tells_of_wear_no_minute_is_called_worn_and_no_hours_are(week):
    mg = replace(week, unit="mg", marks=(), worn=None)
    report = quality_report(mg)
    figure, caption = wear_days(mg, report)
    assert "worn" not in {trace.name for trace in figure.data} and "wear not known" in {trace.name for trace in figure.data}
    assert (
        [note.text for note in figure.layout.annotations][:7] == ["\u2013"] * 7
        and "is unknown when the device was worn" in caption
        and "h worn" not in caption
    )


def test_marks_by_hand_are_brackets_that_begin_and_end_with_them(week):
    marks = (Period(700, 760, "rest"), Period(8000, 8120, "exclude"))
    marked = apply_marks(replace(week, marks=()), marks)
    for draw in (week_sheet, week_timeline):
        figure, caption = draw(marked)
        (brackets,) = (trace for trace in figure.data if trace.name == "by hand")
        assert len(brackets.x) == 2 * 5 and len(set(brackets.x[:2])) == 1 and brackets.y[0] < brackets.y[1]
        assert any("Marked by hand" in note.text for note in figure.layout.annotations)
        assert caption.count("marked by hand: rest, ") == 1 and "; left out, " in caption
        said = {row[0]: row[2] for trace in figure.data if trace.name == "hover" for row in trace.customdata}
        assert said[710].endswith("; marked by hand as rest") and "marked" not in said[800]
    assert "by hand" not in {trace.name for trace in week_sheet(replace(week, marks=()))[0].data}
