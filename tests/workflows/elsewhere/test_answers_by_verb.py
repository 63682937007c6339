"""`predict` and `by-clock` with `--on PLACE` in a terminal: nothing leaves unasked, and what comes home is what is made here."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.jobs.launchers.place_book import Place, keep_place
from tests.commands import COMMAND, ROOT, answer, called, refusal
from tests.workflows.elsewhere.made import LONGEST, with_model

PLACE = ("--on", "next door")
PREDICT = ("predict", "--model", "tiny", "--cohort", "people", "--standardizer", "cohort")
CLOCK = ("by-clock", "--model", "tiny", "--cohort", "people", "--standardizer", "cohort", "--label", "group", "--positive", "late")


@pytest.fixture
def away(twenty_four, tmp_path) -> Workspace:
    space = with_model(tmp_path, twenty_four, "away")
    keep_place(space, Place("next door", "process", folder=str(tmp_path / "there")))
    return space


@pytest.fixture
def here(twenty_four, tmp_path) -> Workspace:
    return with_model(tmp_path, twenty_four, "here")


def test_a_cohort_is_predicted_at_a_place_as_it_is_here(away, here, tmp_path):
    out, expected = tmp_path / "there.answers.csv", tmp_path / "here.answers.csv"
    asked = called(*PREDICT, *PLACE, "--out", out, workspace=away.folder)
    assert asked.returncode == 2 and "24 people, as numbers" in asked.stdout and "--yes" in asked.stdout, asked.stderr
    assert not out.exists() and not (tmp_path / "there").exists() and away.jobs() == ()
    assert answer(*PREDICT, *PLACE, "--yes", "--out", out, workspace=away.folder)["weeks"] == 24
    answer(*PREDICT, "--out", expected, workspace=here.folder)
    made, wanted = pd.read_csv(out), pd.read_csv(expected)
    np.testing.assert_allclose(made.pop("logit"), wanted.pop("logit"), atol=1e-6)
    numbers = list(wanted.select_dtypes("number"))
    np.testing.assert_allclose(made[numbers], wanted[numbers], atol=1e-6)
    pd.testing.assert_frame_equal(made.drop(columns=numbers), wanted.drop(columns=numbers))
    again = called(*PREDICT, *PLACE, "--out", tmp_path / "again.csv", workspace=away.folder)
    assert again.returncode == 0 and (tmp_path / "again.csv").read_bytes() == out.read_bytes(), again.stderr
    assert [(job.kind, job.state) for job in away.jobs()] == [("predict", "done")]


def test_what_the_terminal_was_closed_on_is_found_and_followed_again(away, tmp_path):
    words = [*PREDICT, *PLACE, "--out", str(tmp_path / "out.csv"), "--workspace", str(away.folder)]
    process = subprocess.Popen([*COMMAND, *words, "--yes"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    job = running(away)
    with held(tmp_path / "there"):
        time.sleep(1.0)  # longer than whoever starts a job looks whether it lives
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=LONGEST)[1]
    assert process.returncode == 1 and "The work goes on" in said and f"jobs cancel {job}" in said
    assert not (tmp_path / "out.csv").exists()
    done = called(*PREDICT, *PLACE, "--out", tmp_path / "out.csv", workspace=away.folder)  # nothing is sent, so nothing is asked
    assert done.returncode == 0 and len(pd.read_csv(tmp_path / "out.csv")) == 24, done.stderr
    assert [(one.id, one.state) for one in away.jobs()] == [(job, "done")]


def running(space: Workspace) -> str:
    """The id of the only job, once it is at work."""
    until = time.monotonic() + LONGEST
    while not (known := space.jobs()) or known[0].state != "running":
        assert time.monotonic() < until, known
        time.sleep(0.02)
    return known[0].id


@contextmanager
def held(place: Path) -> Iterator[None]:
    """Whoever works at this place stands still meanwhile, so that the work is not done before it is looked at."""
    until = time.monotonic() + LONGEST
    while not (workers := _workers(place)):
        assert time.monotonic() < until, "nobody is at work"
        time.sleep(0.02)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def _workers(place: Path) -> list[int]:
    commands = {int(entry.name): _command(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    return [pid for pid, words in commands.items() if b"--parcel" in words and any(word.startswith(bytes(place)) for word in words)]


def _command(entry: Path) -> list[bytes]:
    try:
        return (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:  # it ended just now
        return []


def test_groups_are_laid_on_the_clock_at_a_place_as_they_are_here(away, here, tmp_path):
    out = tmp_path / "out.csv"
    asked = called(*CLOCK, *PLACE, "--out", out, workspace=away.folder)
    assert asked.returncode == 2 and "24 people, as numbers" in asked.stdout and not (tmp_path / "there").exists(), asked.stderr
    made = answer(*CLOCK, *PLACE, "--yes", "--out", out, workspace=away.folder)
    (job,) = away.jobs()
    assert (job.kind, job.state) == ("by_clock", "done") and jobs.errand_of(away, job.id).place == "next door"
    wanted = answer(*CLOCK, workspace=here.folder)
    assert sum(made["people"]) == 24 and made["people"] == wanted["people"] and made["positive"] == "late"
    columns = ("cases", "controls", "difference", "p", "share")
    difference = [[row[name] - other[name] for name in columns] for row, other in zip(made["table"], wanted["table"], strict=True)]
    np.testing.assert_allclose(difference, 0, atol=1e-5)
    assert len(pd.read_csv(out)) == len(made["table"]) == 48 and max(abs(row["difference"]) for row in made["table"]) > 1e-3
    assert "windows of 30 minutes" in " ".join(made["words"]) and any("mean hides" in caution for caution in made["cautions"])
    assert answer(*CLOCK, *PLACE, workspace=away.folder)["table"] == made["table"] and len(away.jobs()) == 1


def test_a_job_finds_a_weight_file_that_was_named_from_another_folder(away, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("predict", "--model", "away.safetensors", *PREDICT[3:], "--out", Path("out.csv"))
    assert answer(*words, *PLACE, "--yes", workspace=away.folder)["weeks"] == 24
    assert away.jobs()[0].spec["model"] == str(tmp_path / "away.safetensors")


def test_what_runs_here_alone_or_names_no_group_is_refused_in_words(away, tmp_path):
    wrong = {
        ("predict", "--model", "tiny", "--weeks", "w.npy", "--out", "o.csv", *PLACE): "those of a .npy file are read on this computer",
        (*PREDICT, "--out", "o.npz", "--internals", *PLACE): "--internals are read on this computer",
        (*PREDICT, "--out", "o.csv", "--yes"): "--yes goes with --on",
        (*CLOCK, "--yes"): "--yes goes with --on",
    }
    for words, sentence in wrong.items():
        done = called(*words, workspace=away.folder)
        assert (done.returncode, sentence in done.stderr) == (2, True), (words, done.stderr)
    assert "Give --label COLUMN" in refusal(*CLOCK[:7], workspace=away.folder)
    assert "makes the group" in refusal(*CLOCK[:9], workspace=away.folder)
    assert "Nobody in people has group = 'tall'" in refusal(*CLOCK[:-1], "tall", *PLACE, workspace=away.folder)
    assert "No place is called 'moon'" in refusal(*PREDICT, "--out", tmp_path / "o.csv", "--on", "moon", workspace=away.folder)
    assert away.jobs() == ()
