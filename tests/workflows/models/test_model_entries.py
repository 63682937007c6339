"""The list of models, and a name that stands for exactly one of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pat_core.errors import WeightsError, WorkspaceError
from pat_core.weights import CATALOGUE
from pat_core.workflows.models.model_entries import add_model, models, resolve
from tests.weights.keras_files import lively, write_keras


def test_every_model_in_the_list_says_where_it_comes_from_and_whether_it_is_here(trained):
    entries = {entry.reference: entry for entry in models(trained[0])}
    assert set(CATALOGUE) <= set(entries) and not any(entries[name].present for name in CATALOGUE)
    assert entries["late risers"].origin == "fine-tuned" and entries["late risers"].has_head and list(entries)[0] == "late risers"
    assert entries["pat-s-simulated"].origin == "bundled" and not entries["pat-s-simulated"].has_head
    assert all(
        "nothing they show is a finding" in entry.card["first_line"]
        for entry in entries.values()
        if entry.origin == "random" and not entry.baseline
    )
    assert all(entry.present == (entry.sha256 is not None) for entry in entries.values() if entry.origin != "random")


def test_every_card_says_whether_there_is_a_standardizer_and_whether_the_encoder_learned(trained, workspace, tmp_path):
    cards = {entry.reference: entry.card for entry in models(trained[0])}
    told = {name: (card["has_standardizer"], card["encoder_trained"]) for name, card in cards.items()}
    assert told["late risers"] == told["pat-s-simulated"] == (True, True)
    assert {told[name] for name in CATALOGUE} == {(False, True)}
    assert {flags for name, flags in told.items() if name.startswith("random-")} == {(False, False)}
    path = write_keras(tmp_path / "old.h5", lively("small"))
    workspace.add_model(path, "old", origin="own", size="small", has_head=False, card={})
    for learned in (True, False):
        assert next(entry.card for entry in models(workspace) if entry.reference == "old")["encoder_trained"] is learned
        workspace.model("old").path.write_text("damaged")


@pytest.mark.parametrize("reference", ["late risers", "pat-s-simulated", "random-small", "random-medium-conv-seed3"])
def test_a_model_that_is_here_can_be_read_under_its_name(trained, reference):
    model = resolve(trained[0], reference)
    assert model.has_head == (reference == "late risers")
    assert np.isfinite(next(model.network.parameters()).detach().numpy()).all()


@pytest.mark.parametrize("reference", ["late riser", "random-tiny", "random-smallx", "/nowhere/model.h5", ""])
def test_an_unknown_name_never_falls_back_to_another_model(trained, reference):
    with pytest.raises(WeightsError, match="late risers"):
        resolve(trained[0], reference)


@pytest.mark.parametrize("seed", ["4294967296", "9" * 23, "9" * 5000])
def test_a_seed_that_no_generator_takes_is_refused_in_a_sentence(workspace, seed):
    with pytest.raises(WeightsError, match="a seed from 0 to 4294967295"):
        resolve(workspace, f"random-small-seed{seed}")


def test_zeros_before_a_seed_change_nothing(workspace):
    one, other = (resolve(workspace, f"random-small-seed{seed}").sha256 for seed in ("3", "0" * 12 + "3"))
    assert one == other


@pytest.mark.parametrize("reference", list(CATALOGUE))
def test_published_weights_that_are_not_here_are_refused_with_the_way_to_get_them(trained, reference):
    with pytest.raises(WeightsError, match=f"models download {reference}"):
        resolve(trained[0], reference)


def test_an_added_file_is_copied_and_reads_the_same(workspace, tmp_path):
    network = lively("small", seed=3)
    info = add_model(workspace, write_keras(tmp_path / "mine.h5", network, "finetuned_full"))
    (tmp_path / "mine.h5").unlink()
    assert (info.name, info.origin, info.size, info.has_head) == ("mine", "own", "small", True)
    read = resolve(workspace, "mine").network.state_dict()
    for name, value in network.state_dict().items():
        np.testing.assert_array_equal(read[name].numpy(), value.numpy())


def test_two_models_never_share_a_name(workspace, tmp_path):
    first = add_model(workspace, write_keras(tmp_path / "mine.h5", lively("small")))
    with pytest.raises(WorkspaceError, match="mine"):
        add_model(workspace, write_keras(tmp_path / "other.h5", lively("small", seed=1)), "mine")
    assert workspace.model("mine").sha256 == first.sha256


@pytest.mark.parametrize(
    "name", ["pat-s-simulated", "PAT-S_29k", "random-small", "random-tiny", "random-huge-conv-seed3", "pyproject.toml"]
)
def test_an_added_model_never_takes_a_name_that_stands_for_something_else(workspace, tmp_path, monkeypatch, name):
    monkeypatch.chdir(Path(__file__).resolve().parents[3])
    with pytest.raises(WorkspaceError, match=f"'{name}' already stands for"):
        add_model(workspace, write_keras(tmp_path / "mine.h5", lively("small")), name)
    assert workspace.models() == ()


@pytest.mark.parametrize("name", ["PAT-S_21k", "PAT-S_29k", "pat s 29k", "PAT\u2011S\u201129k", "\uff30AT-S_29K", "PAT-S-Simulated"])
def test_a_file_brought_by_hand_bears_no_published_or_bundled_name_nor_one_that_looks_like_it(workspace, tmp_path, name):
    path = write_keras(tmp_path / "PAT-S_29k_weights.h5", lively("small"))
    with pytest.raises(WorkspaceError, match="already stands for"):
        add_model(workspace, path, name)


def test_a_reference_stands_for_one_model_also_where_an_older_workspace_holds_a_reserved_name(workspace, tmp_path):
    path = write_keras(tmp_path / "mine.h5", lively("small"))
    for name in ("random-small", "pat-s-simulated"):
        workspace.add_model(path, name, origin="own", size="small", has_head=False)
    entries = models(workspace)
    assert len({entry.reference for entry in entries}) == len(entries)
    assert all(entry.sha256 == resolve(workspace, entry.reference).sha256 for entry in entries if entry.sha256)


def test_a_name_that_could_be_no_path_is_refused_like_any_unknown_one(workspace):
    for reference in ("~nobody at all/model.h5", "a\0b"):
        with pytest.raises(WeightsError, match="No model or file"):
            resolve(workspace, reference)


def test_a_file_that_is_no_model_is_refused_and_not_kept(workspace, tmp_path):
    (tmp_path / "table.h5").write_text("participant,group\n")
    with pytest.raises(WeightsError, match="table.h5"):
        add_model(workspace, tmp_path / "table.h5")
    assert workspace.models() == ()
