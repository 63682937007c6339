"""`evaluate` in a terminal: what it prints, what it writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from pat_core.cohorts import Workspace
from pat_core.workflows.people.demo import COHORT, MODEL, ensure_demo
from tests.commands import answer, called, refusal


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("evaluate") / "workspace"
    ensure_demo(Workspace(folder))
    return folder


def test_a_models_own_test_is_one_word_and_says_that_its_people_are_simulated(space):
    done = called("evaluate", "--model", MODEL, workspace=space)
    assert done.returncode == 0 and "These people are simulated" in done.stderr
    text = done.stdout
    assert "late wake: 48 planted against 72 not planted; held-out people" in text and "AUC" in text and "45 of 48" in text
    assert "Of 1,000 people, 400 of them labelled planted (as among the tested)" in text and "Of 100 people whom it flags, about " in text
    assert "What this many people can show" in text


def test_what_is_written_are_the_people_and_the_figures_that_are_printed(space, tmp_path):
    asked = ("evaluate", "--model", MODEL, "--cohort", COHORT, "--by", "evening sport", "--specificity", 0.9, "--prevalence", 0.08)
    plain = answer(*asked, "--out", tmp_path / "out", workspace=space)
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"evaluation.txt", "evaluation.json", "figures.csv", "predictions.csv", "folds.csv", "groups.csv"}
    table = pd.read_csv(tmp_path / "out" / "predictions.csv")
    assert len(table) == len(plain["predictions"]) == 40 and table["participant"].is_unique
    called_positive = table[table["probability"] >= plain["threshold"]["threshold"]]
    assert called_positive["called"].all() and called_positive["positive"].sum() == plain["threshold"]["figures"]["true_positives"]
    stored = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert stored["request"]["by"] == "evening sport" and stored["model_sha256"] == plain["model_sha256"] and "torch" in stored["versions"]
    assert "predictions" not in stored and "sim-0001" not in json.dumps(stored), "names stand in the tables alone"
    figures = pd.read_csv(tmp_path / "out" / "figures.csv").set_index("figure")
    assert figures.loc["auc", "value"] == plain["figures"]["auc"]["value"] and (figures["people_of_the_group"] == 16).all()
    assert "under 10" not in (tmp_path / "out" / "evaluation.txt").read_text()


def test_what_cannot_be_asked_is_refused(space, tmp_path):
    for words in (("--label", "late wake"), ("--threshold", 0.2, "--specificity", 0.9)):
        assert called("evaluate", "--model", MODEL, *words, workspace=space).returncode == 2
    assert "For 40 % give 0.4" in refusal("evaluate", "--model", MODEL, "--threshold", 40, workspace=space)
    assert "no trained head" in refusal("evaluate", "--model", "pat-s-simulated", "--cohort", COHORT, workspace=space)
    (tmp_path / "file").write_text("")
    assert "is a file" in refusal("evaluate", "--model", MODEL, "--out", tmp_path / "file", workspace=space)
