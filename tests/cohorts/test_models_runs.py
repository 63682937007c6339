"""Models, predictions, runs and settings."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import WorkspaceError
from pat_core.records import Interval, Prediction
from tests.cohorts.made import three_people


@pytest.fixture
def ws(tmp_path):
    ws = Workspace(tmp_path / "ws")
    ws.create_cohort("c", three_people(), {})
    return ws


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "any name.safetensors"
    path.write_bytes(b"weights" * 1000)
    return path


def add(ws, path, name, **changes):
    return ws.add_model(path, name, **{"origin": "own", "size": "small", "has_head": True, "card": {"n": 3}, **changes})


def test_a_model_is_a_copy_that_outlives_its_source(ws, weights):
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    info = add(ws, weights, "mine", card={"test": {"auc": Interval(0.8, 0.7, 0.9, 40)}})
    weights.unlink()
    assert info.path.is_relative_to(ws.folder) and info.path.suffix == ".safetensors"
    assert hashlib.sha256(info.path.read_bytes()).hexdigest() == sha256 == info.sha256
    assert (info.origin, info.size, info.embedding, info.has_head) == ("own", "small", "linear", True)
    assert info.card["test"]["auc"] == {"value": 0.8, "low": 0.7, "high": 0.9, "n": 40}
    assert ws.models() == (info,) and ws.model("mine") == info


def test_the_same_file_again_changes_nothing_and_another_file_is_refused(ws, weights):
    first = add(ws, weights, "mine")
    assert add(ws, weights, "mine") == first
    weights.write_bytes(b"other")
    with pytest.raises(WorkspaceError, match="already a model"):
        add(ws, weights, "mine")
    with pytest.raises(WorkspaceError, match="cannot be read"):
        add(ws, weights.with_name("absent"), "other")
    assert len(list((ws.folder / "models").iterdir())) == 1


def test_predictions_come_back_and_the_same_rows_are_replaced(ws):
    first = [(0, Prediction("p1", 0, 0.5, 0.62, 0.3, 0.2)), (2, Prediction("p2", 1, -1.0, 0.27, None, None))]
    ws.save_predictions("sha", "c", "model", first)
    assert ws.predictions("sha", "c", "model") == dict(first)
    ws.save_predictions("sha", "c", "model", [(0, Prediction("p1", 0, 2.0, 0.88, None, None))])
    assert ws.predictions("sha", "c", "model")[0].logit == 2.0 and len(ws.predictions("sha", "c", "model")) == 2
    assert ws.predictions("sha", "c", "cohort") == {} and ws.predictions("other", "c", "model") == {}


def test_a_prediction_of_another_person_is_refused_whole(ws):
    good, bad = (0, Prediction("p1", 0, 0.5, 0.6, None, None)), (1, Prediction("p3", 0, 0.5, 0.6, None, None))
    for wrong in (bad, (9, bad[1])):
        with pytest.raises(WorkspaceError, match="Predict again"):
            ws.save_predictions("sha", "c", "model", [good, wrong])
    assert ws.predictions("sha", "c", "model") == {}
    with pytest.raises(WorkspaceError, match="model, cohort"):
        ws.predictions("sha", "c", "mine")


def test_predictions_go_with_their_cohort_and_with_the_last_copy_of_their_model(ws, weights):
    sha256 = add(ws, weights, "one").sha256
    add(ws, weights, "two")
    made = [(0, Prediction("p1", 0, 0.5, 0.6, None, None))]
    ws.save_predictions(sha256, "c", "model", made)
    ws.delete_model("one")
    assert ws.predictions(sha256, "c", "model") == dict(made)
    ws.delete_model("two")
    assert ws.predictions(sha256, "c", "model") == {} and list((ws.folder / "models").iterdir()) == []
    ws.save_predictions(sha256, "c", "model", made)
    ws.delete_cohort("c")
    ws.create_cohort("c", three_people(), {})
    assert ws.predictions(sha256, "c", "model") == {}


def test_a_run_has_a_folder_of_its_own_and_outlives_its_cohort(ws):
    run = ws.create_run("first", "c", {"epochs": 3})
    assert (run.state, run.result, run.config, run.cohort) == ("queued", None, {"epochs": 3}, "c") and run.folder.is_dir()
    (run.folder / "checkpoint").write_text("x")
    done = ws.update_run("first", state="done", result={"auc": 0.7})
    assert (done.state, done.result, done.config) == ("done", {"auc": 0.7}, {"epochs": 3})
    ws.delete_cohort("c")
    assert ws.run("first") == replace(done, cohort_id=None) and (run.folder / "checkpoint").exists()
    ws.delete_run("first")
    assert ws.runs() == () and not run.folder.exists()


def test_what_cannot_be_a_run_is_refused(ws):
    ws.create_run("r", "c", {})
    for name, cohort, said in (("r", "c", "already a run"), ("x", "none", "no cohort"), ("", "c", "name")):
        with pytest.raises(WorkspaceError, match=said):
            ws.create_run(name, cohort, {})
    with pytest.raises(WorkspaceError, match="state of a run"):
        ws.update_run("r", state="finished")
    with pytest.raises(WorkspaceError, match="no run called"):
        ws.update_run("x", state="done")
    with pytest.raises(WorkspaceError, match="plain values"):
        ws.create_run("x", "c", {"f": object()})
    assert len(list((ws.folder / "runs").iterdir())) == 1


def test_a_run_says_what_its_job_says(ws):
    job = ws.add_job("finetune", "t", {})
    ws.create_run("r", "c", {})
    ws.claim_job(job, 1, "1")
    assert ws.update_run("r", job_id=job).state == "running", "the job had begun before its run heard of it"
    with pytest.raises(WorkspaceError, match="Cancel its job first"):
        ws.delete_run("r")
    ws.finish_job(job, "failed", "why")
    assert ws.run("r").state == "failed"
    ws.requeue_job(job)
    assert ws.run("r").state == "queued"
    ws.request_cancel(job)
    assert ws.run("r").state == "cancelled"


def test_a_run_keeps_its_cohort_through_another_name_but_not_through_another_cohort_of_that_name(ws):
    identity = ws.cohort("c").id
    assert ws.create_run("r", "c", {}).cohort_id == identity
    ws.rename_cohort("c", "d")
    assert (ws.run("r").cohort, ws.run("r").cohort_id) == ("d", identity)
    ws.delete_cohort("d")
    ws.create_cohort("d", three_people(), {})
    assert (ws.run("r").cohort, ws.run("r").cohort_id) == ("d", None)


def test_a_run_says_why_it_ended_until_it_is_taken_up_again(ws):
    assert ws.create_run("r", "c", {}).note == ""
    assert ws.update_run("r", state="failed", note="Too few people.").note == "Too few people."
    assert ws.update_run("r", config={"a": 1}).note == "Too few people."
    assert (ws.claim_run("r").state, ws.run("r").note) == ("running", "")


def test_a_run_that_is_taken_is_neither_taken_again_nor_deleted_until_it_is_given_back(ws):
    run = ws.create_run("r", "c", {})
    assert not ws.run_owned(run)
    ws.claim_run("r")
    assert ws.run_owned(run)
    with pytest.raises(WorkspaceError, match="being trained by another process"):
        Workspace(ws.folder).claim_run("r")
    with pytest.raises(WorkspaceError, match="Stop it first"):
        ws.delete_run("r")
    ws.release_run(run)
    ws.claim_run("r")
    ws.release_run(run)
    ws.delete_run("r")
    assert ws.runs() == ()


def test_a_run_that_is_done_is_not_taken(ws):
    run = ws.create_run("r", "c", {})
    ws.update_run("r", state="done", result={"auc": 0.7})
    with pytest.raises(WorkspaceError, match="done already"):
        ws.claim_run("r")
    assert ws.run("r").state == "done" and not ws.run_owned(run)


@pytest.mark.parametrize("left", ["of a process that is gone", "of another process with that pid", "damaged"])
def test_a_run_of_a_killed_process_is_free(ws, left):
    run = ws.create_run("r", "c", {})
    if left == "of a process that is gone":
        claim = "import sys; from pat_core.cohorts import Workspace; Workspace(sys.argv[1]).claim_run('r')"
        subprocess.run([sys.executable, "-c", claim, str(ws.folder)], check=True)
        assert json.loads((run.folder / "owner.json").read_text())["pid"] != os.getpid()
    else:
        text = json.dumps({"pid": os.getpid(), "started": "1x0"}) if left.startswith("of another") else "{"
        (run.folder / "owner.json").write_text(text)
    assert not ws.run_owned(run)
    assert ws.claim_run("r").state == "running" and ws.run_owned(run)


def test_settings_are_remembered_across_openings(ws):
    ws.keep_setting("page", {"cohort": "c", "n": [1, 2]})
    ws.keep_setting("page", {"cohort": "d"})
    assert Workspace(ws.folder).setting("page") == {"cohort": "d"}
    assert ws.setting("never") is None and ws.setting("never", 3) == 3
