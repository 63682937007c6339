"""`nights` on the command line: files are written, and what is to be known of them is said."""

from __future__ import annotations

import pandas as pd

from pat_core.__main__ import parser
from pat_core.cohorts import Workspace
from pat_core.commands import verbs_weeks
from pat_core.progress import Silent
from pat_core.rhythms import SLEEP_SCORES
from pat_core.workflows.people.simulated_people import store_simulated


def test_nights_and_weeks_of_a_cohort_are_written_and_the_score_is_said(simulated, tmp_path):
    space = Workspace()
    store_simulated(space, "people", simulated)
    words = ["nights", "--cohort", "people", "--out", str(tmp_path / "n.csv"), "--weeks-out", str(tmp_path / "w.csv"), "--score", "sadeh"]
    chosen = parser().parse_args(words)
    told = chosen.run(chosen, Silent())
    nights, weeks = pd.read_csv(tmp_path / "n.csv"), pd.read_csv(tmp_path / "w.csv")
    assert told.plain["nights"] == len(nights) > 200 and told.plain["weeks"] == len(weeks) == 60
    assert f"{len(nights)} nights written to" in told.text and all("Sadeh" in said or "No night" in said for said in told.cautions)
    assert set(nights["algorithm"]) == {"Sadeh"} and nights["participant"].nunique() > 50


def test_the_scores_offered_are_those_of_the_engine():
    assert set(verbs_weeks.SCORES) == set(SLEEP_SCORES)
