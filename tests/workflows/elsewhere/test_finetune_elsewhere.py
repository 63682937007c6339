"""A run whose training is done at another place is the run that it would have been here: the same weights, tables and figures."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled
from pat_core.jobs import log_tail
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.jobs.packing import leaving, leaving_words
from pat_core.training import FinetuneSettings
from pat_core.training.device import threads, threads_of
from pat_core.workflows.elsewhere.finetune_elsewhere import FINETUNE_ELSEWHERE
from pat_core.workflows.elsewhere.week_files import PEOPLE, WEEKS, read_people, read_weeks, task_facts, write_people, write_weeks
from pat_core.workflows.learn.finetune_run import FINETUNE, run_finetune, start_finetune
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.week.labelled_weeks import labelled_weeks
from tests.workflows.elsewhere.made import ended, with_people
from tests.workflows.made import REQUEST, Told

FOLDS = replace(REQUEST, name="in folds", settings=FinetuneSettings("full", recipe="paper", folds=2, max_epochs=4, patience=4))
TABLES = ("curves.csv", "folds.csv", "split.json", "test.csv")
OF_THE_WORKSPACE = ("people",)
"""Of a run's test: codes of people, which every workspace makes with a secret of its own."""


class CancelInFold(Told):
    """The run is stopped in its first fold."""

    def metric(self, step: int, values) -> None:
        raise Cancelled("stop")


@pytest.fixture(scope="module")
def away(tmp_path_factory, twenty_four) -> tuple[Workspace, Place]:
    folder = tmp_path_factory.mktemp("away")
    workspace, place = with_people(folder, twenty_four), Place("next door", "process", folder=str(folder / "there"))
    keep_place(workspace, place)
    return workspace, place


def test_the_outcome_is_that_of_a_run_here(trained, away, tmp_path):
    (here, run), (workspace, place) = trained, away
    made, job = start_finetune(workspace, REQUEST, on=place.name)
    told = set()
    assert ended(workspace, job.id, lambda now: told.add(now.message)).error is None
    assert any("(next door, process" in message for message in told)
    there = workspace.run(made.name)
    ours, theirs = (resolve(one, REQUEST.name).network.state_dict() for one in (here, workspace))
    assert max(float((ours[name] - theirs[name]).abs().max()) for name in ours) <= 1e-5
    for table in TABLES:
        assert (run.folder / table).read_text() == (there.folder / table).read_text(), table
    assert {key for key in run.result if run.result[key] != there.result[key]} <= {"test", "model_sha256"}
    assert {key for key in run.result["test"] if run.result["test"][key] != there.result["test"][key]} <= set(OF_THE_WORKSPACE)
    assert workspace.metrics(job.id) and not (workspace.folder / "jobs" / f"{job.id}.parcel").exists()
    assert list((workspace.folder.parent / "there" / "parcels").iterdir()) == [], "what is home is not kept there"


def test_a_run_that_goes_on_elsewhere_keeps_the_threads_that_it_was_begun_with(away, twenty_four, tmp_path):
    (workspace, place), here = away, with_people(tmp_path, twenty_four)
    with threads(3), pytest.raises(Cancelled):
        run_finetune(workspace, FOLDS, CancelInFold())
    job = FINETUNE.launch(workspace, FOLDS, "Go on", on=place.name)
    assert ended(workspace, job).error is None, log_tail(workspace, job)
    assert threads_of(workspace.run(FOLDS.name).folder) == 3
    for count, same in ((3, True), (1, False)):
        request = replace(FOLDS, name=f"on {count}")
        with threads(count):
            run_finetune(here, request)
        ours, theirs = resolve(here, request.name).network.state_dict(), resolve(workspace, FOLDS.name).network.state_dict()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours) == same, count


def test_what_leaves_names_nobody_and_says_what_it_is(away):
    workspace, _ = away
    with leaving(workspace, FINETUNE_ELSEWHERE, replace(REQUEST, name="never begun")) as parcel:
        content = b"".join(path.read_bytes() for path in parcel.path.rglob("*") if path.is_file())
        words = "\n".join(leaving_words(parcel, "next door"))
    assert not any(person.participant.encode() in content for person in workspace.people("people"))
    for word in (b"late", b"early", b"group", b"2024", b"people.npz\x00", workspace.cohort("people").id.encode()):
        assert word not in content, word
    assert "24 people, as numbers" in words and all(file.sha256 in words and file.holds in words for file in parcel.files)
    assert [run.name for run in workspace.runs() if run.name == "never begun"] == [], "to look at what leaves records nothing"


def test_weeks_of_a_parcel_are_those_that_a_run_here_reads(away, tmp_path):
    workspace, _ = away
    data, _ = labelled_weeks(workspace, REQUEST)
    data = replace(data, same={str(data.people[3]): str(data.people[1]), str(data.people[1]): str(data.people[1])})
    write_weeks(tmp_path / WEEKS, data.weeks)
    write_people(tmp_path / PEOPLE, data)
    back = read_people(tmp_path, json.loads(json.dumps(task_facts(data))))
    np.testing.assert_array_equal(back.weeks[:], data.weeks[:])
    for name in ("targets", "indices", "begins", "lengths", "strata"):
        np.testing.assert_array_equal(getattr(back, name)(), getattr(data, name)(), err_msg=name)
    ranks = [np.unique(one.units(), return_inverse=True)[1] for one in (back, data)]
    np.testing.assert_array_equal(*ranks)
    assert back.counts() == data.counts() and set(map(len, back.people)) == {7}


def test_weeks_of_several_lengths_come_back_as_they_were(tmp_path):
    rows = [np.arange(length, dtype=np.float32) for length in (1440, 2880, 1440)]

    class Rows:
        shape, lengths = (3, 2880), np.array([1440, 2880, 1440])

        def __getitem__(self, row):
            return rows[row]

    write_weeks(tmp_path / WEEKS, Rows())
    back = read_weeks(tmp_path / WEEKS, Rows.lengths)
    assert all((back[number] == row).all() for number, row in enumerate(rows))
