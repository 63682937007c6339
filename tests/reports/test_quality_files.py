"""The quality of a cohort as a file: every figure is that of the week's own report, and what is not known is empty."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, MIMS, Period, Week
from pat_core.reports.quality_files import write_quality
from pat_core.wear import QualitySettings
from pat_core.weeks import quality_report, report
from pat_core.workflows.week.week_marks import add_mark, marks_file, undo_mark

START = datetime(2024, 3, 25, 8)


def week(person: str, values: np.ndarray, unit: str = COUNTS, start: datetime | None = START) -> Week:
    return Week(person, 0, values, start, start is not None, unit, None, "start", report(values, unit), notes=("A gap was filled.",))


@pytest.fixture
def people(workspace, twenty_four) -> Workspace:
    values = twenty_four.weeks[:3].copy()
    values[0, 1440:2880] = 0
    values[1, 100:160] = np.nan
    values[2, 9000:] = 7
    workspace.create_cohort("c", [week(f"p{number}", one) for number, one in enumerate(values)], {})
    return workspace


@pytest.mark.parametrize("name", ["q.csv", "q.parquet"])
def test_every_figure_is_that_of_the_weeks_report(people, tmp_path, name):
    add_mark(people, "c", ("p1", 0), Period(150, 300, "exclude"), who="Ada", why="diary")
    settings = QualitySettings(hours_a_day=12, days_needed=6)
    done = write_quality(people, "c", tmp_path / name, settings)
    table = pd.read_csv(tmp_path / name, keep_default_na=False) if name.endswith("csv") else pd.read_parquet(tmp_path / name)
    made = [quality_report(people.week("c", who), settings) for who in table["participant"]]
    assert table["valid_days"].tolist() == [one.valid_days for one in made]
    assert (table["enough_days"] == "yes").tolist() == [one.enough for one in made] and done.enough == sum(one.enough for one in made)
    for number in range(7):
        np.testing.assert_allclose(table[f"worn_h_day{number + 1}"], [one.days[number].hours_worn for one in made])
    assert table["told"].tolist() == [" ".join(one.sentences) for one in made]
    assert (table["left_out_min"][1], table["missing_min"][1], table["marks"].tolist()) == (150, 50, [0, 1, 0])
    assert table["flat_tail_min"].tolist() == [0, 0, 1080] and table["not_worn_min"][0] >= 1440
    assert set(table["mended"]) == {"A gap was filled."} and table["start"][0] == "2024-03-25 08:00"
    assert set(table["setting_hours_a_day"]) == {12} and set(table["setting_days_needed"]) == {6}


def test_where_nothing_tells_of_wear_valid_days_are_empty_and_never_counted_as_enough(workspace, twenty_four, tmp_path):
    workspace.create_cohort("m", [week("p", twenty_four.weeks[0] / 50, MIMS, None)], {})
    done = write_quality(workspace, "m", tmp_path / "q.csv")
    table = pd.read_csv(tmp_path / "q.csv")
    assert (done.weeks, done.enough, done.not_known) == (1, 0, 1)
    assert table[["valid_days", "enough_days", "worn_h_day1", "not_worn_min", "start"]].isna().all(axis=None)


def test_marks_of_a_whole_cohort_stand_in_one_table_with_what_was_taken_back(people, workspace):
    first = add_mark(people, "c", ("p2", 0), Period(60, 120, "non-wear"), who="Ada", why="swimming")
    add_mark(people, "c", ("p0", 0), Period(0, 30, "rest"), who="Grace", why="diary")
    undo_mark(people, first.id, who="Grace", why="it was the bath")
    table = marks_file(people, "c")
    assert table["participant"].tolist() == ["p2", "p0"], "oldest first"
    assert table.loc[0, ["from", "until", "kind", "who", "why"]].tolist() == [
        "2024-03-25 09:00",
        "2024-03-25 10:00",
        "non-wear",
        "Ada",
        "swimming",
    ]
    assert table[["in_force", "undone_by", "undone_why"]].values.tolist() == [["no", "Grace", "it was the bath"], ["yes", "", ""]]
    assert marks_file(people, "c").to_csv(index=False).count("\n") == 3


def test_a_cohort_without_marks_has_a_table_of_headers_and_an_unknown_date_no_clock(workspace, twenty_four):
    workspace.create_cohort("u", [week("p", twenty_four.weeks[0], start=None)], {})
    assert marks_file(workspace, "u").empty and "participant" in marks_file(workspace, "u")
    add_mark(workspace, "u", ("p", 0), Period(0, 30, "rest"), who="Ada", why="diary")
    assert marks_file(workspace, "u")[["from", "until"]].values.tolist() == [["", ""]]
