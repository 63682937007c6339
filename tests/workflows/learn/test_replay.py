"""A run's replay file makes the same numbers again, also where the people have other names; a locked plan is printed with the result."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pat_core.cohorts import Workspace
from pat_core.commands.verbs_training import _run_words
from pat_core.errors import TrainingError
from pat_core.reports.run_words import facts
from pat_core.workflows.learn.analysis_plan import plan_hash
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.learn.replay import REPLAY, read_replay, reproduce
from tests.workflows.made import REQUEST
from tests.workflows.runs import BRIEF, with_people

FOLDED = replace(BRIEF, settings=replace(BRIEF.settings, folds=3), plan="Primary figure: AUC by person.")


@pytest.fixture(scope="module")
def done(tmp_path_factory, twenty_four):
    folder = tmp_path_factory.mktemp("replay")
    space = with_people(Workspace(folder / "workspace"), twenty_four, folder)
    return space, run_finetune(space, FOLDED)


def test_a_run_is_made_again_to_the_last_bit(done):
    space, run = done
    again = reproduce(space, run.folder / REPLAY)
    assert again.exact and again.weeks == 24 and again.words.startswith("All 24 answers") and again.notes == ()
    then, now = again.figures["AUC"]
    assert then == now == run.result["test"]["auc"]["value"]


def test_elsewhere_the_people_are_known_by_their_weeks_and_nobody_is_named(done, twenty_four, tmp_path):
    _, run = done
    text = (run.folder / REPLAY).read_text()
    assert not any(name in text for name in twenty_four.participants)
    order = np.random.default_rng(0).permutation(24)
    named = tuple(f"X{at}" for at in range(24))
    other = replace(twenty_four, participants=named, weeks=twenty_four.weeks[order], positive=twenty_four.positive[order])
    there = with_people(Workspace(tmp_path / "there"), other, tmp_path)
    assert reproduce(there, run.folder / REPLAY).same


def test_other_weeks_labels_or_files_are_refused_in_a_sentence(done, twenty_four, tmp_path):
    _, run = done
    fewer = replace(
        twenty_four, participants=twenty_four.participants[:20], weeks=twenty_four.weeks[:20], positive=twenty_four.positive[:20]
    )
    space = with_people(Workspace(tmp_path / "fewer"), fewer, tmp_path)
    with pytest.raises(TrainingError, match="4 are not among those"):
        reproduce(space, run.folder / REPLAY)
    (tmp_path / "other").mkdir()
    turned = with_people(Workspace(tmp_path / "turned"), replace(twenty_four, positive=~twenty_four.positive), tmp_path / "other")
    with pytest.raises(TrainingError, match="24 of 24 weeks have another label"):
        reproduce(turned, run.folder / REPLAY)
    for text in ("", "{}", '{"format": "else", "version": 1}', "[1]"):
        (tmp_path / "no.json").write_text(text)
        with pytest.raises(TrainingError, match="is no replay of a run"):
            read_replay(tmp_path / "no.json")
    with pytest.raises(TrainingError, match="cannot be read"):
        read_replay(tmp_path / "nowhere.json")


def test_the_folds_say_who_trained_validated_and_tested_in_each(done):
    _, run = done
    folds = pd.read_csv(run.folder / "folds.csv")
    assert len(folds) == 24 and list(folds)[2:] == ["repeat 1, fold 1", "repeat 1, fold 2", "repeat 1, fold 3", "model"]
    assert ((folds.iloc[:, 2:5] == "test").sum(axis=1) == 1).all() and set(folds["model"]) == {"train", "validation"}


def test_a_plan_is_locked_with_the_request_and_printed_with_the_result(done):
    space, run = done
    plan = run.result["plan"]
    assert plan["sha256"] == plan_hash(FOLDED) == json.loads(json.dumps(space.model(run.name).card["plan"]))["sha256"]
    said = dict(facts(space, run))["Analysis plan"]
    assert plan["sha256"] in said and said.endswith("Primary figure: AUC by person.") and "before the test was opened" in said
    assert plan["sha256"] in _run_words(space, run).text, "the command prints it too"
    assert plan_hash(replace(FOLDED, name="another")) == plan["sha256"]
    for other in (
        replace(FOLDED, plan=FOLDED.plan + "!"),
        replace(FOLDED, label="x"),
        replace(FOLDED, settings=replace(FOLDED.settings, seed=3)),
    ):
        assert plan_hash(other) != plan["sha256"]
    assert plan_hash(REQUEST) == "" and "plan" not in REQUEST.as_spec()
