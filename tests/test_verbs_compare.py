"""`compare` in a terminal: what it prints, what it writes, and what it refuses."""

from __future__ import annotations

import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.workflows.people.simulated_people import store_simulated
from tests.commands import answer, called

ASKED = ("compare", "--cohort", "people", "--label", "late wake", "--positive", "planted", "--models", "wavelet_logistic", "--seeds", 1)


def test_a_table_is_printed_and_written_and_costs_nothing_more_afterwards(simulated, tmp_path):
    space = tmp_path / "workspace"
    store_simulated(Workspace(space), "people", simulated)
    before = called(*ASKED, "--sizes", 30, "all", "--cost", workspace=space)
    assert before.stdout == "6 trainings are to be done. About a minute at the most on this computer (cpu).\n", before.stderr
    plain = answer(*ASKED, "--sizes", 30, "all", "--out", tmp_path / "out", workspace=space)
    assert [row["Model"] for row in plain["table"]][-1] == "Wavelets, logistic regression" and len(plain["trainings"]) == 6
    assert len(pd.read_csv(tmp_path / "out" / "table.csv")) == 3 and len(pd.read_csv(tmp_path / "out" / "trainings.csv")) == 6
    done = called(*ASKED, "--sizes", 30, "all", "--cost", workspace=space)
    assert done.returncode == 0 and done.stdout == "Every training of this comparison is done: 6.\n"


def test_what_does_not_go_together_is_refused(tmp_path):
    wrong = {
        ("compare", "--cohort", "c", "--paper", "--label", "x"): "--paper says itself",
        ("compare", "--cohort", "c"): "needs --label",
        (*ASKED, "--sizes", "many"): "`all`; got 'many'",
    }
    for words, sentence in wrong.items():
        done = called(*words, workspace=tmp_path)
        assert done.returncode == 2 and sentence in done.stderr


def test_encoders_are_compared_at_a_place_once_what_would_leave_is_confirmed(simulated, tmp_path):
    space = Workspace(tmp_path / "workspace")
    store_simulated(space, "people", simulated)
    keep_place(space, Place("next door", "process", folder=str(tmp_path / "there")))
    asked = ("compare-encoders", "pat-s-simulated", "pat-s-lifelike", "--cohort", "people", "--label", "late wake", "--positive", "planted")
    done = called(*asked, "--on", "next door", workspace=space.folder)
    assert done.returncode == 2 and "people, as numbers" in done.stdout and "encoder-1.safetensors" in done.stdout, done.stderr
    assert space.jobs() == () and not (tmp_path / "there").exists()
    assert "--yes goes with --on" in called(*asked, "--yes", workspace=space.folder).stderr
