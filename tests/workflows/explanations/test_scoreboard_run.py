"""The scoreboard measured as a job: small, and whatever stops it goes on."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from pat_core.cohorts import Workspace, processes
from pat_core.errors import Cancelled, ExplanationError, WorkspaceError
from pat_core.explain.judging.target_table import target_table
from pat_core.jobs import run_job
from pat_core.progress import Silent
from pat_core.settings import ASSETS
from pat_core.weights import load
from pat_core.workflows.explanations.planted_models import Planted
from pat_core.workflows.explanations.scoreboard_run import (
    BOARD,
    FULL,
    LOOK,
    RowFile,
    ScoreboardRequest,
    figures_in,
    folder_of,
    kept_boards,
    measure_model,
    run_scoreboard,
)
from pat_core.workflows.tasks import TASKS

METHODS = ("integrated_gradients", "rollout", "gradient")
SMALLEST = ScoreboardRequest(("small",), ("presence",), 1, 2, 0, ("rollout", "gradient"), 40, 1)


def test_a_small_scoreboard_of_the_demonstrations_model_holds_what_the_large_one_promises(tmp_path):
    rows = RowFile(tmp_path / "rows.jsonl")  # measured once: it takes as long as half a minute
    asked = ScoreboardRequest(("small",), ("absence",), 1, 3, 1, METHODS)
    measure_model(load(ASSETS / "demo" / "model.safetensors"), Planted("small", "absence", 0, 1000, 4), asked, rows, Silent())
    scores = target_table(rows.rows, few=1)["rows"]  # with its intervals, once
    missing_mornings_are_found_far_above_chance_and_better_than_by_the_plain_gradient(rows, scores)
    the_gap_stays_within_a_percent_and_the_map_is_that_of_256_steps(scores)
    taking_out_what_the_map_marks_lowers_the_score_more_than_chance_does(scores)
    assert {row["method"] for row in scores if row["number"] == 9} == set(METHODS), "every method is held against drawn weights"
    a_stopped_run_goes_on_without_measuring_again(rows)


def missing_mornings_are_found_far_above_chance_and_better_than_by_the_plain_gradient(rows, scores):
    found = {(row["method"], row["measure"]): row for row in scores if row["variant"] != "non-wear"}
    planted = found["integrated_gradients", "localization, AUPRC"]
    chance = np.mean([row["chance"] for row in rows.rows if row["what"] == "map"])
    assert planted["value"] > 3 * chance > 0
    assert planted["value"] > found["gradient", "localization, AUPRC"]["value"]


def the_gap_stays_within_a_percent_and_the_map_is_that_of_256_steps(scores):
    found = {row["number"]: row for row in scores if row["number"] in (3, 4)}
    assert found[3]["value"] == 1.0 and found[3]["met"] and found[3]["n"] == 3
    assert found[4]["value"] <= 0.02 and found[4]["met"]


def taking_out_what_the_map_marks_lowers_the_score_more_than_chance_does(scores):
    beyond = {
        row["measure"]: row["value"]
        for row in scores
        if row["measure"].startswith("deleted, 5 % highest, logits") and row["variant"] == "mean week"
    }
    assert {measure.rsplit(", ", 1)[1] for measure in beyond} == {"mean week", "own day"}
    assert beyond["deleted, 5 % highest, logits beyond random, mean week"] > 0.5


def a_stopped_run_goes_on_without_measuring_again(rows):
    text = rows.path.read_text()
    rows.path.write_text(text + '{"key": "half a li')
    again = RowFile(rows.path)
    assert again.rows == rows.rows
    again.once("auc 3", lambda: pytest.fail("measured again"))
    again.once("another", lambda: {"what": "done"})
    assert rows.path.read_text() == f'{text}{{"key": "another", "what": "done"}}\n', "what was written by half is gone"
    again.rows[-1] = {**rows.rows[-1], "version": 0}
    assert again.current() == rows.rows, "maps of an earlier version of a method are measured again, and count for nothing"


class Stops:
    """Cancels once a message begins so, and counts what it heard."""

    def __init__(self, words: str = "never") -> None:
        self.words, self.fractions = words, list[float]()

    def at(self, fraction: float, message: str) -> None:
        self.fractions.append(fraction)
        if self.words in message:
            raise Cancelled("stopped")

    def metric(self, step, values) -> None:
        """There are no curves."""


def test_a_job_that_was_cancelled_goes_on_and_its_board_is_kept():
    space, job_rows = Workspace(), {}
    with pytest.raises(Cancelled):
        run_scoreboard(space, SMALLEST, Stops("Week 2 of 2"))
    (planted,) = SMALLEST.cells
    path = folder_of(space, SMALLEST) / f"{planted.name}.jsonl"
    job_rows = RowFile(path).rows
    assert [row["what"] for row in job_rows] == ["auc", "map", "map"] and not processes.run_alive(path.parent)
    assert kept_boards(space) == {}, "there is no board before all of it is measured"
    job = run_job(space, space.add_job("scoreboard", "Measure", SMALLEST.as_spec()), TASKS)
    assert job.state == "done" and RowFile(path).rows[:3] == job_rows and len(RowFile(path).rows) == 6
    ((request, board),) = kept_boards(space).items()
    assert request == SMALLEST and board["measured"] and board["not measured"] == []
    assert job.result == {"figures": len(board["rows"])} and {row["method"] for row in board["rows"]} == {"rollout", "gradient"}
    assert not (path.parent / "runs").exists()
    heard = Stops()
    assert run_scoreboard(space, SMALLEST, heard)["rows"] == json.loads((path.parent / BOARD).read_text())["rows"]
    assert heard.fractions == [0.0], "what is done is not measured again"


def test_progress_goes_on_from_nothing_to_all():
    heard = Stops()
    run_scoreboard(Workspace(), replace(SMALLEST, weeks=1, methods=("rollout",)), heard)
    assert heard.fractions == sorted(heard.fractions) and heard.fractions[0] >= 0 and heard.fractions[-1] < 1


def test_two_processes_do_not_measure_the_same():
    space = Workspace()
    folder = folder_of(space, SMALLEST)
    folder.mkdir(parents=True)
    processes.claim_run(folder)
    with pytest.raises(WorkspaceError, match="Another process is measuring this scoreboard"):
        run_scoreboard(space, SMALLEST, Silent())


def test_what_was_not_measured_is_named_and_a_damaged_file_is_a_sentence(tmp_path):
    asked = ScoreboardRequest(("small", "medium"), ("none",), 2, 5, methods=("gradient",))
    assert figures_in(tmp_path, asked)["not measured"] == ["none, small (2 of 2 models)", "none, medium (2 of 2 models)"]
    (tmp_path / f"{asked.cells[0].name}.jsonl").write_text('{"key": "a", "what": "map"}\n')
    with pytest.raises(ExplanationError, match="cannot be read"):
        figures_in(tmp_path, asked)
    space = Workspace()
    for name, text in {"a": "no board", "b": '{"rows": []}', "c": json.dumps({"rows": [], "request": {"sizes": ["giant"]}})}.items():
        (space.folder / "scoreboards" / name).mkdir(parents=True)
        (space.folder / "scoreboards" / name / BOARD).write_text(text)
    assert kept_boards(space) == {}


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"sizes": ("giant",)}, "Expected sizes out of small, medium, large; got giant"),
        ({"tasks": ()}, "Expected tasks out of .*; got none"),
        ({"methods": ("rollout", "guess")}, "got guess"),
        ({"weeks": 0}, "1 or more weeks; got 0"),
        ({"people": 5}, "40 or more people"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(wrong, sentence):
    with pytest.raises(ExplanationError, match=sentence):
        replace(LOOK, **wrong)


def test_a_look_is_a_small_part_of_the_whole():
    assert set(LOOK.sizes) < set(FULL.sizes) and set(LOOK.tasks) < set(FULL.tasks) and set(LOOK.methods) < set(FULL.methods)
    assert len(LOOK.cells) == 2 and len(FULL.cells) == 36
