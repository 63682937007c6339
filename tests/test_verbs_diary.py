"""`diary` on the command line: brought, listed, written beside the estimates, taken back; nothing is kept without a name."""

from __future__ import annotations

import pandas as pd
import pytest

from pat_core.__main__ import parser
from pat_core.cohorts import Workspace
from pat_core.commands.verbs_diary import ROLES, wrong_diary
from pat_core.errors import WorkspaceError
from pat_core.progress import Silent
from pat_core.recordings.tables.diary_table import TITLES
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import weeks_file


def run(*words: object):
    chosen = parser().parse_args(["diary", *map(str, words), "--cohort", "people"])
    assert wrong_diary(chosen) is None
    return chosen.run(chosen, Silent())


def test_a_diary_is_brought_listed_written_and_taken_back(simulated, tmp_path):
    space = Workspace()
    import_recordings(space, [weeks_file(tmp_path / "a.npz", simulated, slice(2))], "people")
    who, file, out = simulated.participants[0], tmp_path / "d.csv", tmp_path / "out.csv"
    file.write_text(f"id,night of,up at,down\n{who},2024-01-02,7:00,23:00\n{who},2024-01-03,7:00,\n")
    columns = ("--column", "bed=down", "--column", "rise=up at")
    look = run(file, "--look", *columns)
    assert (look.plain["nights"], look.plain["kept"], space.diaries("people")) == (1, False, ())
    brought = run(file, "--by", "Ada", *columns)
    assert brought.plain["kept"] and brought.plain["date_of"] == "evening" and "Line 3" in brought.text
    (diary,) = space.diaries("people")
    assert diary.id in run().text and run("--out", out).plain["nights"] == 1
    assert pd.read_csv(out)["diary_in_bed"].tolist() == ["2024-01-02 23:00"]
    run("--take-back", diary.id, "--by", "Ada")
    assert "Taken back by Ada" in run().text and space.diary_nights("people") == {}
    with pytest.raises(WorkspaceError, match="no sleep diary"):
        run("--out", out)


def test_a_name_is_needed_and_the_roles_are_those_of_the_reader():
    chosen = parser().parse_args(["diary", "a.csv", "--cohort", "people"])
    assert "--by NAME" in str(wrong_diary(chosen)) and set(ROLES) == set(TITLES)
