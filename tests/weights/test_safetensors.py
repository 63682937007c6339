"""Our own file gives back exactly what was saved, has the same bytes every time, and is checked in every part."""

from __future__ import annotations

import hashlib
import json
import struct

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pat_core.errors import UntrainedError, WeightsError
from pat_core.models.pat import PatConfig, config_for
from pat_core.models.pat.heads import seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder
from pat_core.records import Standardizer
from pat_core.weights import load, require_head, save
from pat_core.weights.networks import autoencoder_of, empty_network
from tests.weights.keras_files import lively

CARD = {"name": "Late wake", "label": "late_wake", "prevalence": 0.4, "simulated": True, "test": {"auc": {"value": 0.9, "n": 40}}}


@pytest.fixture(scope="module")
def network():
    return lively("small")


@pytest.fixture(scope="module")
def good(tmp_path_factory, network):
    """The bytes of a good file, to be spoiled."""
    path = tmp_path_factory.mktemp("good") / "a"
    keep(path, network)
    return path.read_bytes()


def standardizer():
    generator = np.random.default_rng(0)
    mean, scale = generator.random((2, 10080), dtype=np.float32) + 0.5
    return Standardizer(mean, scale, 40, "simulated people", "counts/min")


def keep(path, network, **changes):
    settings = {"has_head": True, "standardizer": standardizer(), "card": CARD, "name": "Late wake", "origin": "fine-tuned"}
    return save(path, network, **(settings | changes))


def rewrite(path, change):
    """Change a file's header (and nothing else) in place."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length :])


def refused(path, says):
    with pytest.raises(WeightsError, match=says):
        load(path)


@pytest.mark.parametrize("config", [PatConfig("custom", 60, 2, 2), PatConfig("custom", 60, 2, 2, "conv")])
def test_a_saved_model_comes_back_whole(tmp_path, config):
    network, path = lively(config), tmp_path / "a.safetensors"
    sha256 = keep(path, network)
    model = load(path)
    assert (model.name, model.origin, model.config, model.card) == ("Late wake", "fine-tuned", config, CARD)
    assert model.has_head and model.encoder_trained
    assert model.sha256 == sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert all(torch.equal(value, network.state_dict()[key]) for key, value in model.network.state_dict().items())
    np.testing.assert_array_equal(model.standardizer.mean, standardizer().mean)
    np.testing.assert_array_equal(model.standardizer.scale, standardizer().scale)
    assert (model.standardizer.people, model.standardizer.source, model.standardizer.unit) == (40, "simulated people", "counts/min")
    require_head(model)
    assert list(tmp_path.iterdir()) == [path]


def test_a_head_that_was_not_trained_never_comes_back_as_one(tmp_path, network):
    keep(tmp_path / "a", network, has_head=False, standardizer=None, encoder_trained=False)
    model = load(tmp_path / "a")
    assert not model.has_head and not model.encoder_trained and model.standardizer is None
    assert torch.equal(model.network.encoder.patches.projection.weight, network.encoder.patches.projection.weight)
    assert not torch.equal(model.network.head.hidden.weight, network.head.hidden.weight)
    with pytest.raises(UntrainedError, match="no trained head: it gives tokens and attention, no probability"):
        require_head(model)


def test_the_same_content_has_the_same_bytes(tmp_path, network):
    shuffled = dict(reversed(CARD.items()))
    hashes = {keep(tmp_path / f"{index}", network, card=card) for index, card in enumerate([CARD, shuffled, CARD, shuffled])}
    assert len(hashes) == 1
    assert keep(tmp_path / "other", network, card=CARD | {"prevalence": 0.5}) not in hashes


def test_every_floating_kind_and_training_mode_is_stored_as_float32(tmp_path, network):
    double = lively("small").double().train()
    assert keep(tmp_path / "a", double) == keep(tmp_path / "b", network)
    assert not load(tmp_path / "a").network.training


@pytest.mark.parametrize("bad", [{"prevalence": float("nan")}, {"array": np.zeros(2)}, {"auc": float("inf")}])
def test_a_card_that_is_not_plain_json_is_refused_before_anything_is_written(tmp_path, network, bad):
    with pytest.raises(WeightsError, match="card cannot be stored"):
        keep(tmp_path / "a", network, card=bad)
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_is_not_finite_is_not_saved_and_the_old_file_stays(tmp_path, network):
    path = tmp_path / "a"
    keep(path, network)
    before = path.read_bytes()
    broken = lively("small")
    with torch.no_grad():
        broken.head.output.bias.fill_(float("nan"))
    with pytest.raises(WeightsError, match="head.output.bias"):
        keep(path, broken)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("mean", "scale"), [(np.zeros(10), np.zeros(10)), (np.zeros(10), np.ones(11)), (np.zeros((2, 5)), np.ones((2, 5))), ([], [])]
)
def test_a_standardizer_that_could_not_be_applied_is_refused(tmp_path, network, mean, scale):
    with pytest.raises(WeightsError, match="standardizer of one mean and one deviation"):
        keep(tmp_path / "a", network, standardizer=Standardizer(np.asarray(mean), np.asarray(scale), 10, "x"))


def test_an_unknown_origin_is_refused(tmp_path, network):
    with pytest.raises(WeightsError, match="origin"):
        keep(tmp_path / "a", network, origin="elsewhere")


def test_a_foreign_safetensors_file_is_refused(tmp_path, network):
    save_file({"weight": torch.zeros(3)}, tmp_path / "a.safetensors")
    refused(tmp_path / "a.safetensors", "not one of PAT Explorer's")
    save_file({key: value.contiguous() for key, value in network.state_dict().items()}, tmp_path / "b.safetensors", {"format": "pt"})
    refused(tmp_path / "b.safetensors", "not one of PAT Explorer's")


METADATA = {
    "a later version": ({"format_version": "2"}, "expected format version '1', got '2'"),
    "no config": ({"config": None}, "'config' as JSON text"),
    "broken config": ({"config": "{"}, "config is not JSON"),
    "config as a list": ({"config": "[]"}, "config to be a JSON object"),
    "no patch": ({"config": '{"heads": 6, "blocks": 1, "embedding": "linear"}'}, "patch of 1 to 10080"),
    "a patch that is true": ({"config": '{"patch": true, "heads": 6, "blocks": 1, "embedding": "linear"}'}, "patch of 1 to 10080"),
    "endless blocks": ({"config": '{"patch": 18, "heads": 6, "blocks": 999999999, "embedding": "linear"}'}, "blocks of 1 to 64"),
    "too many parameters": ({"config": '{"patch": 18, "heads": 64, "blocks": 64, "embedding": "linear"}'}, "declares .* parameters"),
    "an unknown embedding": ({"config": '{"patch": 18, "heads": 6, "blocks": 1, "embedding": "wavelet"}'}, "linear or conv"),
    "another size": ({"config": '{"patch": 18, "heads": 12, "blocks": 1, "embedding": "linear"}'}, "expected float32 of shape"),
    "more blocks": ({"config": '{"patch": 18, "heads": 6, "blocks": 2, "embedding": "linear"}'}, "missing encoder.blocks.1"),
    "a flag that is a word": ({"flags": '{"has_head": "yes", "encoder_trained": true}'}, "flag 'has_head'"),
    "a denied head": ({"flags": '{"has_head": false, "encoder_trained": true}'}, "unknown head.hidden"),
    "a card of NaN": ({"card": '{"auc": NaN}'}, "card is not JSON"),
    "a deep card": ({"card": "[" * 100_000}, "card is not JSON"),
    "people in words": ({"standardizer": '{"people": "many", "source": ""}'}, "standardizer"),
    "an origin from elsewhere": ({"origin": "official"}, "origin"),
    "another format": ({"format": "mlx"}, "not one of PAT Explorer's"),
}


@pytest.mark.parametrize("case", METADATA)
def test_metadata_is_checked_in_every_part(tmp_path, good, case):
    changes, says = METADATA[case]
    path = tmp_path / "a"
    path.write_bytes(good)

    def change(header):
        for key, value in changes.items():
            if value is None:
                del header["__metadata__"][key]
            else:
                header["__metadata__"][key] = value

    rewrite(path, change)
    refused(path, says)


def test_tensors_are_checked_in_name_kind_shape_and_place(tmp_path, good):
    path, bias = tmp_path / "a", "head.output.bias"
    for change, says in (
        (lambda header: header.pop(bias), f"missing {bias}"),
        (lambda header: header.update({"stranger": header[bias]}), "unknown stranger"),
        (lambda header: header[bias].update(dtype="F16"), "expected float32"),
        (lambda header: header[bias].update(shape=[2]), r"expected float32 of shape \(1,\), got F32 \[2\]"),
        (lambda header: header[bias].update(shape="all"), "expected float32"),
        (lambda header: header[bias].update(data_offsets=[0, 2**62]), "damaged"),
        (lambda header: header.update({bias: 3}), "damaged"),
        (lambda header: header["standardizer.mean"].update(shape=[10080, 1]), "standardizer of one mean"),
    ):
        path.write_bytes(good)
        rewrite(path, change)
        refused(path, says)


def test_truncated_and_lengthened_files_are_refused(tmp_path, good):
    path = tmp_path / "a"
    for spoiled in (good[: len(good) // 2], good[:-1], good + b"\0"):
        path.write_bytes(spoiled)
        refused(path, "damaged or cut short")
    for spoiled in (good[:5], good[:9], good[:300]):  # without its whole header it is not even safetensors
        path.write_bytes(spoiled)
        refused(path, "none of the known")
    path.write_bytes(struct.pack("<Q", 2**63) + good[8:])
    refused(path, "none of the known")


def test_a_weight_that_is_not_finite_is_refused(tmp_path, good):
    path = tmp_path / "a"
    content = bytearray(good)
    content[-4:] = struct.pack("<f", float("inf"))
    path.write_bytes(content)
    refused(path, "finite")


def test_a_place_that_cannot_be_written_is_said(tmp_path, network):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WeightsError, match="cannot be written"):
        keep(tmp_path / "file" / "a", network)


def test_a_decoder_that_was_kept_rebuilds_as_the_autoencoder_did(tmp_path):
    whole = seeded(lambda: MaskedAutoencoder(config_for("small")), 3).eval()
    keep(tmp_path / "a", whole, has_head=False)
    week, visible = torch.randn(1, 10080, generator=torch.Generator().manual_seed(0)), torch.arange(0, 560, 10)
    with torch.no_grad():
        assert torch.equal(autoencoder_of(load(tmp_path / "a"))(week, visible), whole(week, visible))
    keep(tmp_path / "b", empty_network(whole.config), has_head=False)
    with pytest.raises(WeightsError, match="brings no decoder"):
        autoencoder_of(load(tmp_path / "b"))


def test_a_file_whose_decoder_does_not_fit_is_refused(tmp_path):
    whole = seeded(lambda: MaskedAutoencoder(config_for("small")), 3)
    keep(tmp_path / "a", whole, has_head=False)
    good = (tmp_path / "a").read_bytes()
    rewrite(tmp_path / "a", lambda header: header["__metadata__"].update(flags='{"has_head": false, "encoder_trained": true}'))
    refused(tmp_path / "a", "unknown autoencoder")
    (tmp_path / "a").write_bytes(good)
    rewrite(tmp_path / "a", lambda header: header.update({"autoencoder.other": header.pop("autoencoder.mask_token")}))
    refused(tmp_path / "a", r"missing autoencoder\.mask_token, unknown autoencoder\.other")
    (tmp_path / "a").write_bytes(good)
    rewrite(tmp_path / "a", lambda header: header["autoencoder.output.weight"].update(shape=[96, 18]))
    refused(tmp_path / "a", r"autoencoder\.output\.weight: expected float32 of shape \(18, 96\)")
