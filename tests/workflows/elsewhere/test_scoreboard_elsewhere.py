"""A scoreboard that is measured at another place has the rows of one that is measured here, and nothing of anybody leaves for it."""

from __future__ import annotations

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.jobs.packing import leaving, leaving_words
from pat_core.progress import Silent
from pat_core.training.pace.pace_asked import Pace
from pat_core.workflows.elsewhere.scoreboard_elsewhere import SCOREBOARD_ELSEWHERE
from pat_core.workflows.elsewhere.time_to_explain import scoring
from pat_core.workflows.explanations.scoreboard_run import (
    PASSES,
    RANDOM_PASSES,
    SCOREBOARD,
    RowFile,
    ScoreboardRequest,
    folder_of,
    kept_boards,
    run_scoreboard,
)
from tests.workflows.elsewhere.made import ended

ASKED = ScoreboardRequest(("small",), ("presence",), 1, 1, 0, ("rollout", "gradient"), 40, 1)


@pytest.fixture
def both(tmp_path) -> tuple[Workspace, Workspace]:
    """(here, away): the second has a place."""
    here, away = Workspace(tmp_path / "here"), Workspace(tmp_path / "away")
    keep_place(away, Place("next door", "process", folder=str(tmp_path / "there")))
    return here, away


def test_rows_measured_elsewhere_are_those_of_here(both):
    here, away = both
    job = ended(away, SCOREBOARD.launch(away, ASKED, "Measure", on="next door"))
    assert job.error is None, jobs.log_tail(away, job.id)
    run_scoreboard(here, ASKED, Silent())
    (planted,) = ASKED.cells
    ours, theirs = (RowFile(folder_of(space, ASKED) / f"{planted.name}.jsonl").rows for space in both)
    assert [row.pop("key") for row in theirs] == [row.pop("key") for row in ours] and len(ours) == 4
    for row, other in zip(theirs, ours, strict=True):
        row.pop("seconds", None), other.pop("seconds", None)
        assert row == pytest.approx(other, abs=1e-4)
    assert kept_boards(away)[ASKED]["rows"] and "unknown name" not in jobs.log_tail(away, job.id)
    assert {path.name for path in folder_of(away, ASKED).iterdir()} == {
        "board.json",
        f"{planted.name}.jsonl",
        f"{planted.name}.safetensors",
    }


def test_nothing_leaves_but_settings(both):
    with leaving(both[1], SCOREBOARD_ELSEWHERE, ASKED) as parcel:
        assert parcel.files == () and parcel.people == 0 and set(parcel.asked) == {"request", "seed"}
        assert leaving_words(parcel, "next door")[0].startswith("Nothing but settings goes to next door: no people;")


def test_the_time_to_expect_is_that_of_the_trainings_and_the_maps():
    asked = ScoreboardRequest(("small", "medium"), ("none", "brief"), 3, 10, 1, ("integrated_gradients",), 100, 2)
    expected = scoring(asked)
    assert [(one.activity, one.config.size) for one in expected.asked] == [
        ("learn", "small"), ("explain", "small"), ("learn", "medium"), ("explain", "medium")
    ]  # fmt: skip
    paces = [Pace("cpu", 0.0, 1.0), Pace("cpu", 0.1, 0.0), Pace("cpu", 0.0, 2.0), Pace("cpu", 0.2, 0.0)]
    passes = 9 * PASSES["integrated_gradients"][0] + PASSES["integrated_gradients"][1] + RANDOM_PASSES
    assert expected.time(paces).seconds == pytest.approx(6 * (3.0 * 200 + 0.3 * passes)) and not expected.time(paces).at_most
