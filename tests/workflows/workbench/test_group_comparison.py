"""Groups compared: nobody twice, corrections over all tests that were made, and files that say what was done."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import WorkspaceError
from pat_core.figures.people.group_panels import group_panel
from pat_core.reports.people.group_files import comparison_zip, p_words, pairs_in_words
from pat_core.workflows.workbench.everyone_table import PeopleTable
from pat_core.workflows.workbench.group_comparison import MOST_GROUPS, compare_groups, groups_by_column, groups_by_filters
from pat_core.workflows.workbench.people_columns import PeopleColumn
from pat_core.workflows.workbench.people_conditions import Condition

COLUMNS = {
    column.key: column
    for column in (
        PeopleColumn("participant", "Participant", "Person", "text"),
        PeopleColumn("label:sex", "sex", "Labels", "text"),
        PeopleColumn("steps", "Steps", "Rhythm"),
        PeopleColumn("noise", "Noise", "Rhythm"),
        PeopleColumn("bedtime", "Bedtime", "Sleep", "clock", opens=12),
    )
}


@pytest.fixture(scope="module")
def table() -> PeopleTable:
    """Forty women who take a thousand steps more than forty men, twelve others, and one of whom nothing is known."""
    rng, sex = np.random.default_rng(1), ["f"] * 40 + ["m"] * 40 + ["d"] * 9 + [""]
    steps = np.array([5000.0 * (one == "f") + 4000 * (one != "f") for one in sex]) + rng.normal(0, 300, 90)
    frame = pd.DataFrame({"participant": [f"p{n:02d}" for n in range(90)], "label:sex": sex, "steps": steps})
    return PeopleTable(frame.assign(noise=rng.normal(size=90), bedtime=rng.normal(11, 1, 90)).astype({"label:sex": object}), COLUMNS)


def test_each_pair_is_tested_on_each_figure_and_corrected_for_all_of_them(table):
    done = compare_groups(table, groups_by_column(table, "label:sex"), ["steps", "noise", "bedtime"], "sex")
    assert dict(done.sizes) == {"f": 40, "m": 40, "d": 9} and len(done.figures) == 3 and done.tests == 3, "nine people are too few to test"
    (steps, _, _), pairs = done.figures[0].pairs, [pair for figure in done.figures for pair in figure.pairs]
    assert (steps.first, steps.second) == ("f", "m") and steps.difference.higher.value > 0.95 and steps.stands_out
    assert steps.stepwise == pytest.approx(3 * steps.difference.p) and sum(pair.stands_out for pair in pairs) == 1
    assert "3 Mann-Whitney tests, one value a person; 1 of them at most 0.05 after correction for 3" in done.words
    assert any("6 of 9 comparisons not tested: a group of fewer than 10 people" in note for note in done.notes)
    assert "1 person is in none of these groups." in done.notes


def test_nobody_is_compared_with_themselves_and_each_recording_counts_once(table):
    filters = {
        "first": [Condition("steps", high=4600)],
        "women": [Condition("label:sex", values=("f",))],
        "gone": [Condition("label:bmi", 1)],
    }
    groups = groups_by_filters(table, filters)
    both = int((groups["first"] & groups["women"]).sum())
    done = compare_groups(table, groups, ["noise"], "kept filters", copies=["p00", "p01"])
    assert set(groups) == {"first", "women"} and both > 0 and done.sizes["women"] == 40 - both - 2
    assert any(f"{both} p" in note and "in more than one of these groups" in note for note in done.notes)
    assert any(note.startswith("2 names are left out") for note in done.notes)
    one = groups_by_filters(table, {"women": filters["women"]})
    assert set(one) == {"women", "everyone else"} and (one["women"] ^ one["everyone else"]).all()


def test_what_makes_no_groups_is_refused(table):
    for groups in ({"f": np.ones(90, bool)}, {str(n): np.zeros(90, bool) for n in range(MOST_GROUPS + 1)}):
        with pytest.raises(WorkspaceError, match="Expected two to 6 groups"):
            compare_groups(table, groups, ["noise"], "sex")
    alone = table.only([0, 1, 2])
    with pytest.raises(WorkspaceError, match="fewer than two values"):
        groups_by_column(alone, "label:sex")
    with pytest.raises(WorkspaceError, match="No kept filter can be used"):
        groups_by_filters(table, {"gone": [Condition("label:bmi", 1)]})


def test_the_tables_and_the_zip_say_what_was_compared(table):
    done = compare_groups(table, groups_by_column(table, "label:sex"), ["bedtime", "steps"], "sex")
    shown = pairs_in_words(done)
    assert shown.iloc[0]["Figure"] == "Steps" and shown.iloc[0]["p"] == "< 0.001" and "f (40)" in shown.iloc[0]["Group"]
    assert shown.iloc[-1]["Higher of 100 (95 %)"].startswith("not tested") and p_words(0.0432) == "0.043" and p_words(0.2) == "0.20"
    with zipfile.ZipFile(io.BytesIO(comparison_zip(done, {"cohort": "c", "filter": ""}))) as archive:
        assert set(archive.namelist()) == {"groups.csv", "tests.csv", "groups.svg", "groups.png", "about.json"}
        groups, tests = (pd.read_csv(archive.open(f"{name}.csv")) for name in ("groups", "tests"))
        about = json.loads(archive.read("about.json"))
        assert b"<svg" in archive.read("groups.svg")
    assert len(groups) == 6 and len(tests) == 6 and groups["median"][0][2] == ":" and set(tests["tests"]) == {2}
    assert about["cohort"] == "c" and about["tests"] == 2 and "filter" not in about and about["people"] == {"f": 40, "m": 40, "d": 9}


def test_a_panel_draws_each_group_and_its_caption_says_the_medians(table):
    done = compare_groups(table, groups_by_column(table, "label:sex"), ["bedtime"], "sex")
    figure = done.figures[0]
    chart, caption = group_panel("Bedtime", figure.grid, figure.groups, opens=12)
    assert caption.startswith("Bedtime: f 2") and caption.count(" people") == 3 and len(chart.to_dict()["layer"]) >= 9
    empty = compare_groups(table, groups_by_column(table, "label:sex"), ["noise"], "sex").figures[0]
    assert group_panel("x", np.zeros(96), [], opens=None)[0].to_dict() and empty.column.key == "noise"
