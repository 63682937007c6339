"""A file may not vouch for itself: what an added model says of its origin, its test and whom it learned from is a claim."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import WeightsError, WorkspaceError
from pat_core.records import COUNTS
from pat_core.weights import random_model, save
from pat_core.weights.model_downloads import _record
from pat_core.weights.provenance_claims import SEEN_2013, UNKNOWN_ORIGIN
from pat_core.workflows.models.cautions import model_cautions
from pat_core.workflows.models.model_entries import add_model, bundled_files, download_model, models, resolve
from pat_core.workflows.models.predictions import predict_logits
from pat_core.workflows.people.demo import demo_folder
from tests.lively import lively
from tests.weights.keras_files import write_keras

FORGED = {
    "name": "PAT-S_29k", "first_line": "Published small encoder.", "simulated": False, "provenance": "verified by its authors",
    "pretrained_on": "NHANES 2003-2004", "participants": 29307, "licence": "CC BY 4.0", "started_from": "PAT-S_21k", "cohort": "Clinic",
    "test": {"auc": {"value": 0.99, "low": 0.98, "high": 1.0, "n": 5000}, "logits": [1.0], "labels": [1], "how": "held-out people"},
    "label": "diagnosis", "positive": "ill", "negative": "well", "prevalence": 0.3, "unit": COUNTS, "ours": True, "encoder_trained": True,
    "tested_on_simulated": False, "people": 5000, "style": "full", "cohort_id": "abc", "cohorts_seen": ["def"],
}  # fmt: skip
ORIGINS = ("published", "bundled", "fine-tuned", "own", "random")


def forged(path, origin="published", has_head=True, **changes):
    card = {**FORGED, **changes}
    save(path, random_model("small", seed=7).network, has_head=has_head, standardizer=None, card=card, name=card["name"], origin=origin)
    return path


def entry_of(space, reference):
    return next(entry for entry in models(space) if entry.reference == reference)


@pytest.fixture
def space(tmp_path) -> Workspace:
    return Workspace(tmp_path / "space")


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("way", ["added", "as a path"])
def test_an_edited_file_is_an_added_one_by_every_way_in(space, tmp_path, origin, way):
    path = forged(tmp_path / "brought.safetensors", origin)
    if way == "added":
        info = add_model(space, path)
        assert (info.name, info.origin) == ("brought", "own") and entry_of(space, "brought").origin == "own"
    model = resolve(space, "brought" if way == "added" else str(path))
    assert (model.name, model.origin) == ("brought", "own")
    assert not {"test", "pretrained_on", "participants", "started_from", "cohort", "cohort_id", "style", "ours"} & set(model.card)
    assert "verified" not in model.card["provenance"] and "simulated" not in model.card
    assert UNKNOWN_ORIGIN in [one.message for one in model_cautions(model, None, "cohort")][0]


def test_what_the_file_says_stands_as_a_claim_and_its_head_keeps_its_meaning(space, tmp_path):
    add_model(space, forged(tmp_path / "brought.safetensors"))
    card = entry_of(space, "brought").card
    claims = dict(card["claims"])
    assert claims["How it is known"] == "verified by its authors" and claims["Test"] == "AUC 0.99 (0.98 to 1.00) on 5000 people"
    assert (card["label"], card["positive"], card["prevalence"], card["unit"]) == ("diagnosis", "ill", 0.3, COUNTS)
    assert card["cohorts_seen"] == ["def", "abc"], "whoever is among them is told so"


ALIKE = ["\u0420\u0410\u0422-S_29k", "\u03a1\u0391\u03a4-S_29k", "PAT-\u0405_29k", "PAT-S_29\u043a", "PAT\u2011S\u200b 29K", "Random-Small"]
"""Cyrillic and Greek capitals, a Cyrillic letter, dashes and signs of no width, capitals."""


@pytest.mark.parametrize("name", ALIKE)
def test_a_name_that_only_looks_like_a_reserved_one_is_reserved_too(space, tmp_path, name):
    with pytest.raises(WorkspaceError, match="already stands for"):
        add_model(space, forged(tmp_path / "brought.safetensors"), name)


@pytest.mark.parametrize("name", ["CLINIC", "cl\u0456nic", "\uff43linic", "clin\u200bic", "Clinic"])
def test_two_models_never_look_alike(space, tmp_path, name):
    path = forged(tmp_path / "brought.safetensors")
    add_model(space, path, "clinic")
    with pytest.raises(WorkspaceError, match="looks like that of the model 'clinic'"):
        add_model(space, path, name)


@pytest.mark.parametrize("name", ["\u200b", "\u00ad\u2060", "a\u202eb", "x\u2066y", "\u0301"])
def test_names_that_cannot_be_seen_or_turn_what_follows_are_refused(space, tmp_path, name):
    with pytest.raises(WorkspaceError, match="invisible|unprintable"):
        add_model(space, forged(tmp_path / "brought.safetensors"), name)


@pytest.mark.parametrize("name", ["Исследование", "мир", "دراسة\u200cما", "研究", "Étude É", "👩\u200d🔬"])
def test_names_of_other_alphabets_are_names(space, tmp_path, name):
    assert add_model(space, forged(tmp_path / "brought.safetensors"), name).origin == "own"


def test_a_model_whose_score_is_no_number_is_refused(space, tmp_path):
    network = random_model("small").network
    for values in network.state_dict().values():
        values.fill_(1e30)
    path = tmp_path / "large.safetensors"
    save(path, network, has_head=True, standardizer=None, card={}, name="large", origin="own")
    with pytest.raises(WeightsError, match="scores that are not numbers"):
        predict_logits(resolve(space, str(path)), np.zeros((1, 10080), np.float32))


@pytest.mark.parametrize("name", ["PAT-S_29k", "pat-s-simulated", "PAT-L_21k"])
def test_a_file_called_like_a_published_or_bundled_model_does_not_take_its_place(space, tmp_path, name):
    path = forged(tmp_path / f"{name}.safetensors")
    with pytest.raises(WorkspaceError, match="already stands for"):
        add_model(space, path)
    assert entry_of(space, name).origin in ("published", "bundled")
    assert add_model(space, path, "another").origin == "own"


@pytest.mark.parametrize(
    "said",
    [
        {"name": "PAT-M_29k"}, {"started_from": "PAT-S_29k"}, {"pretrained_on": "NHANES 2011-12 and 2013-14"}, {"participants": 29307},
        {"note": "after pat-l 29k"}, {"warning": "seen NHANES 2013-2014"}, {"first_line": "29,307 people"},
    ],
)  # fmt: skip
def test_a_file_that_says_that_it_comes_from_a_29k_encoder_keeps_the_leakage_warning(space, tmp_path, said):
    plain = {"name": "x", "started_from": "", "participants": 9, "pretrained_on": "", "first_line": ""}
    add_model(space, forged(tmp_path / "quiet.safetensors", **plain))
    add_model(space, forged(tmp_path / "brought.safetensors", **plain | said))
    assert SEEN_2013 in entry_of(space, "brought").card["warning"] and SEEN_2013 not in entry_of(space, "quiet").card["warning"]


def test_what_speaks_against_a_model_is_kept(space, tmp_path):
    path = forged(tmp_path / "brought.safetensors", simulated=True, warning="Do not use it for children.")
    add_model(space, path)
    card = entry_of(space, "brought").card
    assert card["simulated"] and "Its file warns: Do not use it for children." in card["warning"]


ODD = {"deep": [[[1]]]}


@pytest.mark.parametrize("value", [None, True, -1, 1e308, "x" * 100_000, [], ["a", 1, None], ODD, {"auc": {"value": "a"}}, {"auc": None}])
def test_fields_of_any_kind_and_length_are_cut_or_left_out(space, tmp_path, value):
    changes = dict.fromkeys({*FORGED, "warning", "note", "device", "citation"} - {"name"}, value)
    card = resolve(space, str(forged(tmp_path / "brought.safetensors", **changes))).card
    assert len(json.dumps(card)) < 12_000
    assert all(len(title) < 40 and len(words) <= 500 for title, words in card["claims"])
    assert isinstance(card["warning"], str) and card.get("prevalence", 0.5) == pytest.approx(0.5, abs=0.5)


def test_a_keras_file_that_is_called_like_a_published_one_is_added_with_its_warning(space, tmp_path):
    path = write_keras(tmp_path / "PAT-S_29k_weights.h5", lively("small"))
    _record(resolve(space, str(path)).sha256, path, "https://www.dropbox.com/")  # a record beside it is part of what was brought
    info = add_model(space, path)
    assert (info.name, info.origin) == ("PAT-S_29k_weights", "own") and SEEN_2013 in info.card["warning"]
    with pytest.raises(WeightsError, match="models download PAT-S_29k"):
        resolve(space, "PAT-S_29k")


def test_bytes_that_were_fetched_here_are_known_again_by_their_hash(space, tmp_path):
    folder = space.folder / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    path = write_keras(folder / "PAT-S_29k_weights.h5", lively("small"))
    _record(resolve(space, str(path)).sha256, path, "https://www.dropbox.com/")
    info = download_model(space, "PAT-S_29k")
    assert (info.name, info.origin) == ("PAT-S_29k", "published") and info.card["provenance"].startswith("downloaded from")
    again = shutil.copy(path, tmp_path / "mine.h5")
    assert add_model(space, again).origin == "published" and resolve(space, str(again)).origin == "published"


def test_a_bundled_file_is_known_by_its_hash_and_one_changed_byte_makes_it_an_added_one(space, tmp_path):
    content = bundled_files()[0].read_bytes()
    (tmp_path / "same.safetensors").write_bytes(content)
    (tmp_path / "other.safetensors").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert add_model(space, tmp_path / "same.safetensors").origin == "bundled"
    other = add_model(space, tmp_path / "other.safetensors")
    assert other.origin == "own" and other.card["simulated"]


def test_the_shipped_model_that_is_exported_and_added_again_keeps_its_test(space, tmp_path):
    exported = shutil.copy(demo_folder() / "model.safetensors", tmp_path / "exported.safetensors")
    info = add_model(space, exported)
    assert info.origin == "fine-tuned" and info.card["test"]["auc"]
    assert resolve(space, str(exported)).card["test"]["auc"]


def test_models_that_an_older_version_believed_are_judged_again(space, tmp_path):
    path = forged(tmp_path / "old.safetensors")
    for name, origin in (("PAT-S_29k", "published"), ("clinic", "fine-tuned"), ("shown", "bundled")):
        space.add_model(path, name, origin=origin, size="small", has_head=True, card=FORGED | {"ours": None})
        entry = entry_of(space, name)
        assert entry.origin == "own" and UNKNOWN_ORIGIN in entry.card["warning"] and "test" not in entry.card
        assert resolve(space, name).origin == "own" and resolve(space, name).name == name


def test_a_kept_model_whose_file_was_changed_or_swapped_on_the_disk_is_refused_and_the_others_go_on(space, tmp_path):
    one = add_model(space, forged(tmp_path / "one.safetensors"))
    two = add_model(space, forged(tmp_path / "two.safetensors", label="another"))
    shutil.copy(two.path, one.path)
    with pytest.raises(WeightsError, match="changed on the disk"):
        resolve(space, "one")
    assert resolve(space, "two").sha256 == two.sha256 and {"one", "two"} <= {entry.reference for entry in models(space)}
