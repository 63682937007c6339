"""Models of earlier versions named the people of their test: codes take their place, in every file and record, once."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import suppress
from dataclasses import replace

import pytest

from pat_core.cohorts import Workspace
from pat_core.cohorts.database_values import to_json
from pat_core.cohorts.stores import participant_codes
from pat_core.cohorts.stores.participant_codes import DONE
from pat_core.errors import WeightsError
from pat_core.reports.model_tables import card_text, model_file
from pat_core.weights import load, random_model, save
from pat_core.weights.safetensors_file import card_in, with_card
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.model_entries import add_model, demo_model, models, resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.people.demo import MODEL, ensure_demo
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import label_table, weeks_file
from tests.workflows.runs import BRIEF

PEOPLE = tuple(f"Zoé-{number:02}" for number in range(23)) + ("0123456789abcdef0123456789abcdef",)
"""The last one looks like a code, and is a name all the same."""


def named_in(folder) -> list[str]:
    """Model files and records that name somebody; tables of the workspace itself know its people."""
    found = []
    for path in [*folder.glob("models/*/*"), *folder.glob("runs/*/*.safetensors")]:
        if any(who in path.read_bytes().decode("utf-8", "replace") for who in PEOPLE):
            found.append(path.name)
    with sqlite3.connect(folder / "workspace.sqlite3") as connection:
        said = connection.execute("SELECT 'card', card FROM models UNION ALL SELECT 'result', result FROM runs").fetchall()
    connection.close()
    return found + [what for what, text in said if text and any(who in text for who in PEOPLE)]


@pytest.fixture(scope="module")
def old(tmp_path_factory, twenty_four):
    """A workspace as an earlier version left it: people stand in the model's file, its card and the run's result."""
    folder = tmp_path_factory.mktemp("old")
    space = Workspace(folder / "workspace")
    made = replace(twenty_four, participants=PEOPLE)
    files = weeks_file(folder / "people.npz", made), label_table(folder / "groups.csv", made)
    import_recordings(space, [files[0]], "people", labels=files[1])
    run = run_finetune(space, BRIEF)
    predict_cohort(space, resolve(space, run.name), "people")
    who = dict(zip(space.codes("people", PEOPLE), PEOPLE, strict=True))
    info = space.model(run.name)
    card = card_in(info.path.read_bytes(), "model")
    card["test"]["people"] = [who[code] for code in card["test"]["people"]]
    content = with_card(info.path.read_bytes(), card, "model")
    sha256 = participant_codes.hashlib.sha256(content).hexdigest()
    for path in (info.path, run.folder / "best.safetensors"):
        path.write_bytes(content)
    result = {**run.result, "test": card["test"], "model_sha256": sha256}
    with space.writing() as connection:
        connection.execute("UPDATE models SET sha256 = ?, card = ?", (sha256, to_json({**info.card, "test": card["test"]})))
        connection.execute("UPDATE predictions SET model_sha256 = ?", (sha256,))
        connection.execute("UPDATE runs SET result = ?", (to_json(result),))
        connection.execute("DELETE FROM settings WHERE key = ?", (DONE,))
    return space.folder


@pytest.fixture
def folder(old, tmp_path):
    return shutil.copytree(old, tmp_path / "workspace")


def test_opening_a_workspace_puts_codes_in_place_of_people_everywhere(folder):
    assert set(named_in(folder)) == {"model.safetensors", "best.safetensors", "card", "result"}
    space = Workspace(folder)
    assert named_in(folder) == []
    info, run = space.model(BRIEF.name), space.run(BRIEF.name)
    model = resolve(space, info.name)
    assert model.sha256 == info.sha256 == run.result["model_sha256"] == load(run.folder / "best.safetensors").sha256
    assert model.card["test"] == run.result["test"] == load(info.path).card["test"]
    assert set(model.card["test"]["people"]) == set(space.codes("people", seen(space, model, "people").tested))
    assert len(space.predictions(info.sha256, "people", "model")) == 24, "what was predicted is kept"
    assert [entry.origin for entry in models(space) if entry.reference == info.name] == ["fine-tuned"]
    assert info.path.stat().st_mode & 0o777 == 0o600 and len(list(info.path.parent.iterdir())) == 1
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.safetensors")}
    Workspace(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.safetensors")} == before, "once done it is not done again"
    assert model_file(space, next(one for one in models(space) if one.reference == info.name)) == info.path.read_bytes()
    assert not any(who in card_text(next(one for one in models(space) if one.reference == info.name)) for who in PEOPLE)


@pytest.mark.parametrize("calls", range(1, 7))
def test_a_kill_at_any_step_leaves_a_model_that_works_and_the_next_opening_goes_on(folder, monkeypatch, calls):
    steps = []

    def killed(*args, **kwargs):
        steps.append(args)
        if len(steps) == calls:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    for where, name in (
        (participant_codes, "open_private"),
        (participant_codes, "to_json"),
        (participant_codes.Path, "unlink"),
        (participant_codes, "replacing"),
    ):
        real = getattr(where, name)
        steps.clear()
        with monkeypatch.context() as patched:
            patched.setattr(where, name, killed)
            with suppress(KeyboardInterrupt):
                Workspace(folder)
        with sqlite3.connect(folder / "workspace.sqlite3") as connection:
            ((identity, file, sha256),) = connection.execute("SELECT id, file, sha256 FROM models").fetchall()
        connection.close()
        assert load(folder / "models" / identity / file).sha256 == sha256
    space = Workspace(folder)
    assert named_in(folder) == [] and len(space.predictions(space.model(BRIEF.name).sha256, "people", "model")) == 24


def test_a_model_that_still_names_people_is_not_given_out(folder):
    space = Workspace(folder, read_only=True)
    (entry,) = [one for one in models(space) if one.reference == BRIEF.name]
    with pytest.raises(WeightsError, match="names people of its test"):
        model_file(space, entry)
    assert not any(who in card_text(entry) for who in PEOPLE)


def test_a_file_from_elsewhere_that_names_people_is_kept_with_codes(tmp_path):
    space = Workspace(tmp_path / "workspace")
    card = {"name": "x", "cohort_id": "abcdef012345", "test": {"people": ["Ada Byron", "p02"], "logits": [0.1, 0.2], "labels": [0, 1]}}
    path = tmp_path / "brought.safetensors"
    save(path, random_model("small").network, has_head=True, standardizer=None, card=card, name="x", origin="fine-tuned")
    info = add_model(space, path)
    kept = load(info.path)
    assert all(re.fullmatch("[0-9a-f]{32}", code) for code in kept.card["test"]["people"]) and kept.sha256 == info.sha256
    assert not any(b"Ada" in one.read_bytes() for one in space.folder.rglob("*") if one.is_file()) and b"Ada" in path.read_bytes()
    assert os.listdir(space.folder / "models") == [info.path.parent.name], "no copy is left over"


def test_the_model_that_ships_with_the_program_stays_what_it_is(tmp_path):
    space = Workspace(tmp_path / "workspace")
    ensure_demo(space)
    with space.writing() as connection:
        connection.execute("DELETE FROM settings WHERE key = ?", (DONE,))
    Workspace(space.folder)
    assert space.model(MODEL).path.read_bytes() == demo_model().read_bytes()
    assert resolve(space, MODEL).card["test"]["people"][0].startswith("sim-")
