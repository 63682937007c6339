"""`quality` and `marks` on the command line: files are written, settings are seen and set, their sources are told."""

from __future__ import annotations

import pandas as pd
import pytest

from pat_core.__main__ import main, parser
from pat_core.cohorts import Workspace
from pat_core.commands import verbs_weeks
from pat_core.progress import Silent
from pat_core.records import Period
from pat_core.wear import SOURCES, QualitySettings, Troiano
from pat_core.workflows.people.simulated_people import store_simulated
from pat_core.workflows.read import worn_days
from pat_core.workflows.read.worn_days import RULES, quality_settings


@pytest.fixture(scope="module")
def space(simulated, tmp_path_factory) -> Workspace:
    space = Workspace(tmp_path_factory.mktemp("quality") / "workspace")
    store_simulated(space, "people", simulated)
    return space


def told(space: Workspace, *words: object):
    chosen = parser().parse_args([*map(str, words), "--workspace", str(space.folder)])
    return chosen.run(chosen, Silent())


def test_the_file_has_a_row_a_week_by_the_settings_of_the_workspace_or_those_given_this_once(space, tmp_path):
    done = told(space, "quality", "--cohort", "people", "--out", tmp_path / "q.csv")
    table = pd.read_csv(tmp_path / "q.csv")
    assert done.plain["weeks"] == len(table) == 60 and "Wear by Choi 2011" in done.text
    assert table["valid_days"].tolist() == worn_days.valid_days(space, "people").tolist()
    given = QualitySettings(Troiano(), trust_flags=False, hours_a_day=23.5, days_needed=3)
    options = ("--hours-a-day", 23.5, "--days-needed", 3, "--rule", "troiano", "--believe-device", "no")
    done = told(space, "quality", "--cohort", "people", "--out", tmp_path / "strict.csv", *options)
    strict = pd.read_csv(tmp_path / "strict.csv")
    assert strict["valid_days"].tolist() == worn_days.valid_days(space, "people", given).tolist() != table["valid_days"].tolist()
    assert set(strict["setting_rule"]) == {"Troiano 2008"} and set(strict["setting_hours_a_day"]) == {23.5}
    assert "23.5 hours of wear; 3 of 7 are needed" in done.text and quality_settings(space) == QualitySettings()
    assert done.plain["enough"] == (strict["valid_days"] >= 3).sum() == (strict["enough_days"] == "yes").sum()


def test_settings_are_kept_for_the_workspace_where_that_is_asked(space, tmp_path):
    done = told(space, "quality", "--cohort", "people", "--out", tmp_path / "q.csv", "--hours-a-day", 12, "--keep")
    try:
        assert quality_settings(space) == QualitySettings(hours_a_day=12.0) and done.plain["kept"]
        assert "12 hours of wear" in told(space, "quality", "--cohort", "people", "--out", tmp_path / "q.csv").text
    finally:
        told(space, "quality", "--cohort", "people", "--out", tmp_path / "q.csv", "--hours-a-day", 10, "--keep")


def test_the_help_tells_every_default_and_where_it_comes_from(capsys):
    with pytest.raises(SystemExit):
        main(["quality", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    for name, option in verbs_weeks.OPTIONS.items():
        assert option in said and verbs_weeks.MEANINGS[name] in said
        assert " ".join(SOURCES[name].split()).replace("- ", "-")[:40] in said.replace("- ", "-")
    assert "Default: 10." in said and "Default: Choi 2011." in said


def test_the_rules_offered_are_those_of_the_engine():
    assert set(verbs_weeks.RULES.values()) == set(RULES)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("quality", "--out", "q.npz"), "ending in .csv or .parquet"),
        (("quality", "--out", "q.csv", "--hours-a-day", "25"), "at most 24 hours"),
        (("quality", "--out", "q.csv", "--days-needed", "0"), "1 to 7 valid days"),
        (("marks", "--out", "m.txt"), "ending in .csv or .parquet"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_written(space, tmp_path, capsys, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    assert main([*words, "--cohort", "people", "--workspace", str(space.folder)]) == 1
    assert said in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_marks_are_listed_and_written_with_who_when_and_why(space, tmp_path):
    assert "Nothing is marked in 'people'" in told(space, "marks", "--cohort", "people").text
    space.add_mark("people", ("sim-0002", 0), Period(60, 120, "exclude"), who="Ada", why="lent to a friend")
    back = space.add_mark("people", ("sim-0003", 0), Period(0, 30, "rest"), who="Grace", why="diary")
    space.undo_mark(back.id, who="Ada", why="another night")
    lines = told(space, "marks", "--cohort", "people").text.splitlines()
    assert lines[0].startswith("sim-0002, week 1: exclude, ") and ", by Ada, " in lines[0] and lines[0].endswith("lent to a friend")
    assert "Taken back by Ada, " in lines[1] and lines[1].endswith("another night")
    done = told(space, "marks", "--cohort", "people", "--out", tmp_path / "marks.csv")
    table = pd.read_csv(tmp_path / "marks.csv", keep_default_na=False)
    assert done.text.startswith("2 marks written") and len(done.plain["marks"]) == 2
    assert table[["participant", "kind", "first_minute", "who", "why", "in_force"]].values.tolist() == [
        ["sim-0002", "exclude", 60, "Ada", "lent to a friend", "yes"],
        ["sim-0003", "rest", 0, "Grace", "diary", "no"],
    ]
