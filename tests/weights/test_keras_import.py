"""Files in Keras' layouts come in weight for weight, whatever Keras numbered, and say what they are by their shapes alone."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest
import torch

from pat_core.errors import WeightsError
from pat_core.models.pat import PatConfig
from pat_core.weights import load
from tests.weights.keras_files import LAYOUTS, encoder_arrays, lively, model_config, write_keras


def same_weights(model, network, has_head: bool) -> None:
    assert model.has_head is has_head
    assert model.config == network.config
    got, wanted = model.network.state_dict(), network.state_dict()
    assert got.keys() == wanted.keys()
    different = {key for key in wanted if not torch.equal(got[key], wanted[key])}
    # without a head in the file, the head and nothing else is as it was seeded
    assert different == (set() if has_head else {key for key in wanted if key.startswith("head.")})


@pytest.mark.parametrize("suffix", ["", "_1", "_12"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("embedding", ["linear", "conv"])
def test_every_layout_comes_back_weight_for_weight(tmp_path, layout, embedding, suffix):
    network = lively("small", embedding)
    model = load(write_keras(tmp_path / "a.h5", network, layout, suffix))
    same_weights(model, network, layout.startswith("finetuned"))
    assert model.origin == "own" and model.encoder_trained and model.standardizer is None


@pytest.mark.parametrize(
    ("size", "embedding", "layout"),
    [
        ("medium", "linear", "encoder_weights"),
        ("medium", "conv", "finetuned_weights"),
        ("large", "linear", "finetuned_full"),
        ("large", "conv", "encoder_weights"),
        ("huge", "linear", "encoder_weights"),
        ("huge", "conv", "finetuned_weights"),
    ],
)
def test_larger_sizes_are_recognised_by_their_shapes(tmp_path, size, embedding, layout):
    network = lively(size, embedding)
    same_weights(load(write_keras(tmp_path / "a.h5", network, layout)), network, layout.startswith("finetuned"))


@pytest.mark.parametrize("figures", [(60, 2, 3), (96, 1, 1), (1, 3, 2), (18, 6, 2)])
def test_figures_of_no_published_size_are_called_custom(tmp_path, figures):
    network = lively(PatConfig("custom", *figures))
    same_weights(load(write_keras(tmp_path / "a.h5", network, "finetuned_weights")), network, True)


def test_twelve_blocks_are_kept_in_the_order_of_their_numbers(tmp_path):
    network = lively(PatConfig("custom", 9, 1, 12))
    same_weights(load(write_keras(tmp_path / "a.h5", network)), network, False)


def test_the_name_of_the_file_does_not_matter(tmp_path):
    network = lively("small")
    same_weights(load(write_keras(tmp_path / "weights.pt", network)), network, False)


def test_only_inner_names_may_be_numbered(tmp_path):
    network = lively("small")
    path = write_keras(tmp_path / "a.h5", network)
    with h5py.File(path, "a") as file:
        file.move("dense/dense", "dense/dense_1")
        file.move("encoder_layer_1_transformer/encoder_layer_1_norm1", "encoder_layer_1_transformer/encoder_layer_1_norm1_1")
    same_weights(load(path), network, False)


def test_the_hundred_and_twenty_ninth_dense_of_a_session_is_the_embedding_and_not_the_head(tmp_path):
    network = lively("small")
    path = write_keras(tmp_path / "a.h5", network)
    with h5py.File(path, "a") as file:
        file.move("dense", "dense_128")
        file.move("dense_128/dense", "dense_128/dense_128")
    same_weights(load(path), network, False)


def test_the_optimizer_of_a_compiled_model_is_passed_over(tmp_path):
    network = lively("small")
    path = write_keras(tmp_path / "a.h5", network, "finetuned_full")
    with h5py.File(path, "a") as file:
        file["optimizer_weights/Adam/dense/kernel/m:0"] = np.ones((18, 96), np.float32)
    same_weights(load(path), network, True)


@pytest.mark.parametrize("kind", ["float16", "float64", ">f4"])
def test_other_float_types_are_converted(tmp_path, kind):
    network = lively("small")
    path = write_keras(tmp_path / "a.h5", network)
    values = network.encoder.patches.projection.weight.detach().numpy().T.astype(kind)
    with h5py.File(path, "a") as file:
        del file["dense/dense/kernel:0"]
        file["dense/dense/kernel:0"] = values
    got = load(path).network.encoder.patches.projection.weight.numpy(force=True)
    np.testing.assert_array_equal(got, values.T.astype(np.float32))


def test_chunked_and_compressed_weights_of_modest_size_are_read(tmp_path):
    network = lively("small")
    path = write_keras(tmp_path / "a.h5", network)
    values = network.encoder.patches.projection.weight.detach().numpy().T
    with h5py.File(path, "a") as file:
        del file["dense/dense/kernel:0"]
        file.create_dataset("dense/dense/kernel:0", data=values, compression="gzip", shuffle=True, fletcher32=True)
    same_weights(load(path), network, False)


def test_the_same_file_gives_the_same_untrained_head_and_leaves_the_global_generator_alone(tmp_path):
    path = write_keras(tmp_path / "a.h5", lively("small"))
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    first, second = load(path), load(path)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(first.network.head.hidden.weight, second.network.head.hidden.weight)


def test_a_conv_file_of_a_full_model_tells_its_own_patch(tmp_path):
    network = lively(PatConfig("custom", 30, 12, 2, "conv"))  # heads and blocks of medium, but another patch
    assert load(write_keras(tmp_path / "a.h5", network, "encoder_full")).config.patch == 30


@pytest.mark.parametrize("reshapes", [[[-1, 30]], [[336, 30, 1]], [[10080, 1], [336, 30]], [[336, 30], [336, 96]]])
def test_the_patch_is_told_from_other_reshapes_of_a_configuration(tmp_path, reshapes):
    network = lively(PatConfig("custom", 30, 2, 2, "conv"))
    path = write_keras(tmp_path / "a.h5", network, "encoder_full")
    layers = [{"class_name": "InputLayer", "config": {"name": "inputs", "batch_input_shape": [None, 10080]}}]
    layers += [{"class_name": "Reshape", "config": {"name": f"r{index}", "target_shape": shape}} for index, shape in enumerate(reshapes)]
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": {"name": "encoder_model", "layers": layers}})
    same_weights(load(path), network, False)


def test_a_conv_file_without_configuration_takes_the_patch_of_the_published_size_and_says_so(tmp_path):
    model = load(write_keras(tmp_path / "a.h5", lively("large", "conv")))
    assert model.config.patch == 9
    assert "9 minutes" in model.card["note"]


def test_a_conv_file_of_no_published_size_asks_for_the_patch(tmp_path):
    path = write_keras(tmp_path / "a.h5", lively(PatConfig("custom", 30, 2, 2, "conv")))
    with pytest.raises(WeightsError, match="does not hold its patch length"):
        load(path)
    assert load(path, patch=30).config == PatConfig("custom", 30, 2, 2, "conv")


def test_a_patch_that_contradicts_the_file_is_refused(tmp_path):
    path = write_keras(tmp_path / "a.h5", lively("small"))
    with pytest.raises(WeightsError, match="patches of 18 minutes, but you asked for 9"):
        load(path, patch=9)
    full = write_keras(tmp_path / "b.h5", lively("small"), "encoder_full")
    with h5py.File(full, "a") as file:
        file.attrs["model_config"] = json.dumps(model_config(PatConfig("custom", 20, 6, 1), False))
    with pytest.raises(WeightsError, match="18 minutes, but its model_config says 20"):
        load(full)


@pytest.mark.parametrize(
    ("text", "other", "says"),
    [
        ('"epsilon": 1e-06', '"epsilon": 0.001', "epsilon 0.001"),
        ('"activation": "relu"', '"activation": "gelu"', "activation 'gelu'"),
        ('"activation": "sigmoid"', '"activation": "tanh"', "activation 'tanh'"),
    ],
)
def test_a_full_file_whose_layers_compute_something_else_is_refused(tmp_path, text, other, says):
    network = lively("small")
    path = write_keras(tmp_path / "a.h5", network, "finetuned_full")
    config = json.dumps(model_config(network.config, True))
    assert text in config
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = config.replace(text, other)
    with pytest.raises(WeightsError, match=says):
        load(path)


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"config": 1}{', "\x00"])
def test_a_configuration_that_is_not_json_is_refused(tmp_path, text):
    path = write_keras(tmp_path / "a.h5", lively("small"), "encoder_full")
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = np.bytes_(text.encode()) if text == "\x00" else text
    if not text.strip("\x00"):  # an empty text says nothing, and the weights of a linear model need nothing
        assert load(path).config.patch == 18
        return
    with pytest.raises(WeightsError, match="model_config"):
        load(path)


def test_these_test_files_hold_every_weight_of_an_encoder():
    network = lively("medium")
    encoder = sum(values.size for _, values in encoder_arrays(network))
    assert encoder == sum(parameter.numel() for parameter in network.encoder.parameters()) == 993_440
