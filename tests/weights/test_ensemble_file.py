"""An ensemble in one file: comes back as it went in, shares what it shares, and is refused where it does not hold together."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.numpy import load as load_arrays

from pat_core.errors import WeightsError
from pat_core.models.ensemble import Ensemble, between
from pat_core.records import COUNTS, Standardizer
from pat_core.weights import load, save
from pat_core.weights.parameter_shapes import parameters
from pat_core.weights.safetensors_file import header_of, with_header
from tests.lively import lively

MINUTES = 1440


def standardizer(seed: int) -> Standardizer:
    rng = np.random.default_rng(seed)
    return Standardizer(rng.normal(size=MINUTES).astype(np.float32), rng.gamma(9.0, size=MINUTES).astype(np.float32), 20, "people", COUNTS)


def ensemble(shared: bool) -> tuple[Ensemble, Standardizer]:
    members, reference = [lively(seed=seed) for seed in (1, 2, 3)], standardizer(9)
    for member in members[1:] if shared else ():
        member.encoder = members[0].encoder
    return Ensemble(members, *between(reference, [standardizer(seed) for seed in (4, 5, 6)])).eval(), reference


def stored(path, shared: bool) -> Ensemble:
    network, reference = ensemble(shared)
    save(path, network, has_head=True, standardizer=reference, card={"members": 3}, name="three", origin="own")
    return network


@pytest.mark.parametrize("shared", [True, False])
def test_it_comes_back_as_it_went_in(tmp_path, shared):
    network = stored(tmp_path / "three.safetensors", shared)
    model = load(tmp_path / "three.safetensors")
    week = torch.randn(2, MINUTES, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(model.network(week), network(week))
    assert parameters(model.config, True, model.outputs, model.members) == sum(one.numel() for one in network.parameters())
    same = {id(member.encoder) for member in model.network.members}
    assert isinstance(model.network, Ensemble) and len(same) == (1 if shared else 3) and not model.network.training
    again = tmp_path / "again.safetensors"
    save(again, model.network, has_head=True, standardizer=model.standardizer, card=model.card, name="three", origin="own")
    assert again.read_bytes() == (tmp_path / "three.safetensors").read_bytes()


def test_a_shared_encoder_is_stored_once(tmp_path):
    for shared in (True, False):
        stored(tmp_path / f"{shared}.safetensors", shared)
    names = {shared: set(load_arrays((tmp_path / f"{shared}.safetensors").read_bytes())) for shared in (True, False)}
    assert sum("patches.projection.weight" in name for name in names[True]) == 1
    assert sum("patches.projection.weight" in name for name in names[False]) == 3


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"count": 2, "shared_encoder": True}, "does not hold the model it names: missing nothing, unknown members.2"),
        ({"count": 4, "shared_encoder": True}, "missing members.3"),
        ({"count": 1, "shared_encoder": True}, "2 to 50 members were expected"),
        ({"count": 10**9, "shared_encoder": True}, "2 to 50 members were expected"),
        ({"count": 3, "shared_encoder": "yes"}, "2 to 50 members were expected"),
        ({"count": 3, "shared_encoder": False}, "missing members.0.encoder"),
        ("three", "expected ensemble to be a JSON object"),
    ],
)
def test_a_file_that_does_not_hold_what_it_names_is_refused(tmp_path, members, words):
    path = tmp_path / "three.safetensors"
    stored(path, shared=True)
    content = path.read_bytes()
    header = header_of(content, "three")
    header["__metadata__"]["ensemble"] = json.dumps(members)
    path.write_bytes(with_header(header, content[8 + int.from_bytes(content[:8], "little") :]))
    with pytest.raises(WeightsError, match=words):
        load(path)


def test_an_ensemble_without_a_standardizer_is_not_written(tmp_path):
    with pytest.raises(WeightsError, match="needs trained heads and a standardizer"):
        save(tmp_path / "x", ensemble(True)[0], has_head=True, standardizer=None, card={}, name="three", origin="own")
    assert not (tmp_path / "x").exists()
