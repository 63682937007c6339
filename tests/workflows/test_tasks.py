"""Every kind of work is known to the worker, under the words and in the form in which jobs of before are stored."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.jobs import supervise
from pat_core.training import FinetuneSettings, PretrainSettings
from pat_core.workflows.read.cohort_import import ImportRequest
from pat_core.workflows.tasks import TASKS
from tests.workflows.made import weeks_file

TASK_OF = {task.kind: task for task in TASKS}
CLOCKS = {"zone": "Europe/Berlin", "clock": "wall", "over_change": "cut"}
STORED = {
    "finetune": {"name": "late", "cohort": "people", "label": "group", "positive": "late", "model": "pat-s-simulated", "negative": None,
                 "weeks": "first", "settings": json.loads(json.dumps(vars(FinetuneSettings())))},
    "pretrain": {"name": "own", "cohort": "people", "size": "small", "embedding": "linear", "patch": 18, "heads": 6, "blocks": 1,
                 "weeks": "first", "unfit": "leave out", "settings": json.loads(json.dumps(vars(PretrainSettings()))), "beside": [],
                 "task": "pretrain"},
    "import": {"paths": ["/data/ward.csv"], "cohort": "ward", "labels": None, "alignment": "start", "incoming": None, "note": "Import 1",
               "mappings": [], "clocks": CLOCKS, "device": "", "placement": "wrist", "days": 7},
    "predict": {"model": "own", "sha256": "a" * 64, "cohort": "people", "cohort_id": "1", "standardizer": "model"},
    "embed": {"model": "own", "sha256": "a" * 64, "cohort": "people", "cohort_id": "1", "standardizer": "model"},
    "download": {"name": "PAT-S_29k"},
    "by_clock": {"model": "own", "sha256": "a" * 64, "cohort": "people", "cohort_id": "1", "whose": "model", "label": "group",
                 "cases": "late", "controls": None, "over": "day", "bin": 30},
    "concepts": {"model": "own", "sha256": None, "cohort": "people", "cohort_id": "1", "whose": "cohort"},
    "evaluate": {"model": "own", "cohort": "people", "label": "group", "positive": "late", "negative": None, "weeks": "all",
                 "standardizer": None, "against": None, "by": "sex", "seed": 0},
    "compare": {"name": "people, late", "cohort": "people", "groups": [{"label": "group", "positive": "late", "negative": None}],
                "models": ["pat-s-simulated", "lstm"], "styles": ["full"], "sizes": [50, 0], "seeds": 3, "test": 0, "weeks": "first",
                "settings": json.loads(json.dumps(vars(FinetuneSettings("full")))), "paper": False},
    "compare_encoders": {"first": "own", "second": "pat-s-simulated", "cohort": "people", "label": "group", "positive": "late",
                         "negative": None, "folds": 5, "repeats": 1, "seed": 0, "mask_ratio": 0.9, "device": "auto"},
    "scoreboard": {"sizes": ["small"], "tasks": ["presence"], "models": 1, "weeks": 30, "deep": 1, "methods": ["gradient"], "people": 300,
                   "epochs": 4},
    "pace": {"place": "next door", "asked": [
        {"activity": "learn", "network": {"size": "small", "patch": 18, "heads": 6, "blocks": 1, "embedding": "linear"}, "minutes": 10080,
         "batch": 16, "device": "auto", "mask_ratio": 0.0},
        {"activity": "learn", "network": "cnn_1d", "minutes": 10080, "batch": 64, "device": "cpu", "mask_ratio": 0.0}],
        "record": "0123456789abcdef"},
}  # fmt: skip
"""Kind -> what a job of it asks, as it has been stored since each kind was released."""
SHORTEST = {"import": {"paths": ["/data/ward.csv"], "cohort": "ward"}, "predict": {"model": "own", "cohort": "people"}}
"""The least that earlier versions stored."""


def test_kinds_and_lanes_are_those_under_which_jobs_are_stored():
    lanes = {"finetune": "compute", "pretrain": "compute", "import": "files",
             "predict": "compute", "download": "network", "by_clock": "compute",
             "concepts": "compute", "evaluate": "compute", "compare": "compute", "scoreboard": "compute",
             "compare_encoders": "compute", "pace": "compute", "people_figures": "compute", "embed": "compute"}  # fmt: skip
    assert {task.kind: task.lane for task in TASKS} == lanes and len(TASKS) == len(lanes)


@pytest.mark.parametrize("kind", STORED)
def test_what_jobs_of_before_ask_is_read_and_stored_again_as_it_was(kind):
    request = TASK_OF[kind].request.from_spec(STORED[kind])
    assert json.dumps(request.as_spec()) == json.dumps(STORED[kind])


@pytest.mark.parametrize("kind", SHORTEST)
def test_what_earlier_versions_did_not_ask_takes_its_default(kind):
    spec = TASK_OF[kind].request.from_spec(SHORTEST[kind]).as_spec()
    assert SHORTEST[kind].items() <= spec.items() and set(spec) == set(STORED[kind])


def test_a_job_of_before_is_done_and_keeps_the_report_that_it_kept_before(simulated, tmp_path):
    workspace = Workspace()
    file = weeks_file(tmp_path / "people.npz", simulated, slice(0, 3))
    job = workspace.add_job("import", "Import ward", {"paths": [str(file)], "cohort": "ward", "labels": None, "alignment": "start"})
    done = jobs.run_job(workspace, job, TASKS)
    report = {"people": 3, "weeks": 3, "refused": [], "notes": done.result["notes"], "over": [], "clock": "", "alike": []}
    assert done.state == "done" and done.result == report and list(done.result) == list(report)


def test_a_task_stores_its_request_and_waits_in_its_lane(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs.launcher, "start_waiting", lambda *_: None)
    workspace = Workspace()
    request = ImportRequest((str(tmp_path),), "ward", note="n")
    job = workspace.job(TASK_OF["import"].launch(workspace, request, "Import ward"))
    assert (job.kind, job.title, job.lane, job.state, job.waiting) == ("import", "Import ward", "files", "queued", True)
    assert ImportRequest.from_spec(job.spec) == request and supervise.cancel(workspace, job.id).state == "cancelled"
    assert replace(request, cohort="b").as_spec()["cohort"] == "b"
