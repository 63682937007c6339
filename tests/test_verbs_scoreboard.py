"""`scoreboard` in a terminal: what it prints, what it writes, and what it refuses."""

from __future__ import annotations

import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.jobs.launchers.place_book import Place, keep_place
from tests.commands import answer, called, refusal

SMALLEST = ("--tasks", "presence", "--weeks", 2, "--deep", 0, "--methods", "rollout", "--people", 40, "--epochs", 1)


def test_a_board_is_measured_at_a_place_printed_and_written_and_costs_nothing_more_afterwards(tmp_path):
    space = tmp_path / "workspace"
    keep_place(Workspace(space), Place("next door", "process", folder=str(tmp_path / "there")))
    asked = called("scoreboard", *SMALLEST, "--on", "next door", workspace=space)
    assert asked.returncode == 2 and "no people" in asked.stdout and "Nothing was sent" in asked.stdout, asked.stderr
    plain = answer("scoreboard", *SMALLEST, "--on", "next door", "--yes", workspace=space)
    assert {row["method"] for row in plain["rows"]} == {"rollout"} and plain["request"]["sizes"] == ["small"]
    done = called("scoreboard", *SMALLEST, "--out", tmp_path / "board.csv", workspace=space)
    assert (
        done.returncode == 0 and "small; activity planted at night; 1 model of each, trained on 40 people; 2 weeks a model." in done.stdout
    ), done.stderr
    assert "AUC of the models on new people" in done.stdout and "Simulated evidence is clearer than life" in done.stderr
    assert len(pd.read_csv(tmp_path / "board.csv")) == len(plain["rows"])
    assert [job.kind for job in Workspace(space).jobs()] == ["scoreboard"], "what is kept is not measured again"


def test_what_cannot_be_measured_is_refused(tmp_path):
    assert "got guess" in refusal("scoreboard", "--methods", "guess", workspace=tmp_path)
    assert "No place is called 'moon'" in refusal("scoreboard", *SMALLEST, "--on", "moon", workspace=tmp_path)
