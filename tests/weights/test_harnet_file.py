"""Files of harnet: every kind that people have loads, and what is no harnet is refused by name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pat_core.errors import WeightsError
from pat_core.weights.harnet_file import load_harnet
from tests.models.harnet.drawn_harnet import as_published, drawn, written


@pytest.fixture(scope="module")
def network():
    return drawn("harnet5", 5, 3)


@pytest.mark.parametrize("size", ["harnet5", "harnet10", "harnet30"])
def test_a_published_file_is_known_by_its_shapes_and_its_pretext_heads_are_left_out(size, tmp_path):
    own = drawn(size, 0, 4)
    model = load_harnet(written(tmp_path / "mtl_best.mdl", as_published(own)))
    assert (model.size, model.classes, model.published, model.network.training) == (size, 0, True, False)
    assert all(torch.equal(value, own.state_dict()[name]) for name, value in model.network.state_dict().items())


def test_a_fine_tuned_file_keeps_its_head_and_safetensors_hold_the_same(network, tmp_path):
    model = load_harnet(written(tmp_path / "own.pt", network.state_dict()))
    assert (model.classes, model.published) == (5, False)
    save_file(network.state_dict(), tmp_path / "own.safetensors")
    same = load_harnet(tmp_path / "own.safetensors")
    x = torch.randn(2, 3, 150)
    assert torch.equal(model.network(x), same.network(x)) and torch.equal(model.network(x), network(x))


def test_the_older_layout_of_pytorch_loads_too(network, tmp_path):
    torch.save(network.state_dict(), tmp_path / "old.mdl", _use_new_zipfile_serialization=False)
    assert load_harnet(tmp_path / "old.mdl").size == "harnet5"


def without(name):
    return lambda state: {key: value for key, value in state.items() if key != name}


FAULTS = {
    "a name is missing": (without("feature_extractor.layer2.1.bn1.running_var"), r"layer2\.1\.bn1\.running_var is missing"),
    "a name too many": (lambda state: state | {"extra": torch.zeros(1)}, "extra is none of its names"),
    "another shape": (
        lambda state: state | {"feature_extractor.layer1.0.weight": torch.zeros(64, 3, 7)},
        r"layer1\.0\.weight has shape \(64, 3, 7\) instead of \(64, 3, 5\)",
    ),
    "not finite": (lambda state: state | {"classifier.linear2.bias": torch.full((5,), float("nan"))}, "not finite"),
    "another blur": (lambda state: state | {"feature_extractor.layer1.5.kernel": torch.full((64, 1, 4), 0.25)}, "fixed blur"),
    "half a head": (without("classifier.linear2.weight"), r"linear2\.weight is missing"),
    "nothing": (lambda state: {}, "is missing; .* more"),
    "nested": (lambda state: {"state": state}, "no state dict"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_harnet_is_refused_by_name(fault, network, tmp_path):
    change, words = FAULTS[fault]
    with pytest.raises(WeightsError, match=words):
        load_harnet(written(tmp_path / "bad.mdl", change(dict(network.state_dict()))))


def test_a_file_that_breaks_off_or_is_something_else_is_refused(network, tmp_path):
    whole = written(tmp_path / "own.pt", network.state_dict()).read_bytes()
    (tmp_path / "cut.pt").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.pt").write_text("hello")
    (tmp_path / "empty.pt").write_bytes(b"")
    for name, words in {"cut.pt": "breaks off", "text.pt": "known here", "empty.pt": "known here", "none.pt": "no weight file at"}.items():
        with pytest.raises(WeightsError, match=words):
            load_harnet(tmp_path / name)


class Code:
    """What a hostile file would hold."""

    ran = False

    def __reduce__(self):
        return exec, ("from tests.weights.test_harnet_file import Code; Code.ran = True",)


def test_a_file_that_would_run_code_runs_none(tmp_path):
    torch.save({"feature_extractor": Code(), "x": np.zeros(1)}, tmp_path / "code.pt")
    with pytest.raises(WeightsError, match="more than plain weights"):
        load_harnet(tmp_path / "code.pt")
    assert not Code.ran
