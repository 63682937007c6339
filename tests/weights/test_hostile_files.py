"""Wrong, damaged and hostile files are refused in a sentence, and nothing of them is believed or followed."""

from __future__ import annotations

import pickle
import zipfile

import h5py
import numpy as np
import pytest
import torch

from pat_core.errors import WeightsError
from pat_core.weights import load
from tests.weights.keras_files import lively, write_keras

KERNEL = "dense/dense/kernel:0"
BLOCK = "encoder_layer_1_transformer"


@pytest.fixture(scope="module")
def network():
    return lively("small")


@pytest.fixture
def keras(tmp_path, network):
    """Write a good file, spoil it with the given function, and give the path."""

    def make(spoil, layout="encoder_weights"):
        path = write_keras(tmp_path / "model.h5", network, layout)
        with h5py.File(path, "a") as file:
            spoil(file)
        return path

    return make


def replace(file, path, **dataset):
    del file[path]
    return file.create_dataset(path, **dataset)


def refused(path, says):
    with pytest.raises(WeightsError, match=says) as caught:
        load(path)
    return str(caught.value)


def test_a_missing_layer_is_named(keras):
    def spoil(file):
        del file[f"{BLOCK}/encoder_layer_1_ff1/bias:0"]

    assert "encoder_layer_1_ff1/bias" in refused(keras(spoil), "missing")


def test_a_block_missing_in_between_is_named(tmp_path):
    path = write_keras(tmp_path / "a.h5", lively("large"))
    with h5py.File(path, "a") as file:
        del file["encoder_layer_2_transformer"]
    assert "encoder_layer_2_attention/query/kernel" in refused(path, "not whole: expected 66 weights for 4 block")


def test_half_a_head_is_no_head_and_no_encoder_either(keras):
    def spoil(file):
        del file["output"]

    assert "output/kernel" in refused(keras(spoil, "finetuned_weights"), "missing")


def test_a_file_without_patch_embedding_is_refused(keras):
    def spoil(file):
        del file["dense"]

    refused(keras(spoil), "no patch embedding")


def test_two_embeddings_are_ambiguous(keras):
    def spoil(file):
        file["dense_1/dense_1/kernel:0"] = np.zeros((18, 96), np.float32)

    refused(keras(spoil), "ambiguous: dense_1/dense_1/kernel:0 and dense/dense/kernel:0")


def test_a_linear_and_a_conv_embedding_together_are_ambiguous(keras):
    def spoil(file):
        file["conv1d_patch_embedding/conv1d_patch_embedding/kernel:0"] = np.zeros((3, 1, 96), np.float32)

    refused(keras(spoil), "ambiguous")


def test_two_encoders_in_one_file_are_ambiguous(keras):
    def spoil(file):
        file.copy("encoder_model", "encoder_model_1")

    refused(keras(spoil, "finetuned_weights"), "ambiguous")


@pytest.mark.parametrize("shape", [(18, 95), (96, 18), (18,), (), (18, 96, 1), (0, 96)])
def test_a_wrong_shape_is_said_with_the_layer_and_both_shapes(keras, shape):
    def spoil(file):
        replace(file, KERNEL, data=np.zeros(shape, np.float32))

    message = refused(keras(spoil), "expected")
    assert str(shape) in message or "got 0" in message


def test_other_heads_in_one_layer_are_refused(keras):
    def spoil(file):
        replace(file, f"{BLOCK}/encoder_layer_1_attention/key/kernel:0", data=np.zeros((96, 5, 96), np.float32))

    message = refused(keras(spoil), r"expected \(96, 6, 96\), got \(96, 5, 96\)")
    assert "encoder_layer_1_attention/key/kernel" in message


def test_an_unknown_layer_with_weights_is_named(keras):
    def spoil(file):
        file["batch_norm/batch_norm/gamma:0"] = np.ones(96, np.float32)

    assert "batch_norm" in refused(keras(spoil), "layers that PAT does not have")


def test_a_masked_autoencoder_is_told_from_an_encoder(keras):
    def spoil(file):
        file["decoder_layer_1_ff1/decoder_layer_1_ff1/bias:0"] = np.ones(256, np.float32)

    assert "encoder alone" in refused(keras(spoil), "masked autoencoder")


def test_keras_3_is_told_by_its_layout(tmp_path):
    with h5py.File(tmp_path / "a.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = np.zeros((18, 96), np.float32)
    refused(tmp_path / "a.weights.h5", "Keras 3")


def test_unrelated_and_empty_hdf5_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["experiment/temperature"] = np.zeros(5)
    assert "experiment/temperature" in refused(tmp_path / "a.h5", "holds no PAT")
    with h5py.File(tmp_path / "b.h5", "w"):
        pass
    refused(tmp_path / "b.h5", "no weights at all")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_single_weight_that_is_not_finite_is_refused(keras, value):
    def spoil(file):
        file[KERNEL][3, 7] = value

    assert "dense/dense/kernel" in refused(keras(spoil), "finite weights, got 1 of 1728")


def test_a_float64_weight_that_float32_cannot_hold_is_refused(keras):
    def spoil(file):
        replace(file, KERNEL, data=np.full((18, 96), 1e300))

    refused(keras(spoil), "finite weights")


@pytest.mark.parametrize("kind", ["int32", "complex64", "bool", "S4"])
def test_weights_that_are_not_floats_are_refused(keras, kind):
    def spoil(file):
        replace(file, KERNEL, data=np.zeros((18, 96), kind))

    refused(keras(spoil), "expected float16, float32 or float64")


def test_external_and_soft_links_are_refused_and_not_followed(keras, tmp_path, network):
    write_keras(tmp_path / "other.h5", network)

    def external(file):
        del file["dense"]
        file["dense"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/dense")

    def soft(file):
        file.move("dense", "hidden")
        file["dense"] = h5py.SoftLink("/hidden")

    refused(keras(external), "link to another file")
    refused(keras(soft), "link to another place")


def test_a_group_that_contains_itself_is_refused(keras):
    def spoil(file):
        file["dense/again"] = file["/"]

    refused(keras(spoil), "expected a PAT model")


def test_a_very_wide_file_is_refused_before_it_is_walked(keras):
    def spoil(file):
        for index in range(5_001):
            file.create_group(f"g/{index}")

    refused(keras(spoil), "more than 5000 objects")


def test_a_dataset_kept_in_another_file_is_refused(keras, tmp_path):
    (tmp_path / "secret.bin").write_bytes(bytes(18 * 96 * 4))

    def spoil(file):
        replace(file, KERNEL, shape=(18, 96), dtype="f4", external=[(str(tmp_path / "secret.bin"), 0, 18 * 96 * 4)])

    refused(keras(spoil), "in another file")


def test_a_virtual_dataset_is_refused(keras, tmp_path, network):
    other = write_keras(tmp_path / "other.h5", network)

    def spoil(file):
        layout = h5py.VirtualLayout((18, 96), "f4")
        layout[:] = h5py.VirtualSource(str(other), KERNEL, (18, 96))
        del file[KERNEL]
        file.create_virtual_dataset(KERNEL, layout)

    refused(keras(spoil), "in another file")


def test_a_weight_that_was_declared_but_never_written_is_not_read_as_zeros(keras):
    def contiguous(file):
        replace(file, KERNEL, shape=(18, 96), dtype="f4")

    def chunked(file):
        replace(file, KERNEL, shape=(18, 96), dtype="f4", chunks=(6, 96))[:6] = 1.0

    refused(keras(contiguous), "never written")
    refused(keras(chunked), "1 of them written")


def test_a_huge_declared_size_takes_no_memory(keras):
    def patch(file):
        replace(file, KERNEL, shape=(2**40, 96), dtype="f4", chunks=(1024, 96), compression="gzip")

    def heads(file):
        replace(file, f"{BLOCK}/encoder_layer_1_attention/query/kernel:0", shape=(96, 2**30, 96), dtype="f4", chunks=(1, 64, 96))

    refused(keras(patch), "expected patches of 1 to 10080 minutes")
    refused(keras(heads), "got 1 blocks and 1073741824 heads")


def test_a_chunk_that_unfolds_far_beyond_its_size_is_refused(keras):
    def spoil(file):
        data = replace(file, KERNEL, shape=(18, 96), maxshape=(None, 96), dtype="f4", chunks=(100_000, 96), compression="gzip")
        data[:] = 0.0

    refused(keras(spoil), "compressed in chunks")


def test_an_unknown_filter_is_refused(keras):
    def spoil(file):
        replace(file, KERNEL, data=np.zeros((18, 96), np.float32), compression="lzf")

    refused(keras(spoil), "filters")


def test_a_truncated_file_is_refused_at_every_length(tmp_path, network):
    content = write_keras(tmp_path / "a.h5", network, "finetuned_weights").read_bytes()
    for share in (0.001, 0.01, 0.1, 0.5, 0.9, 0.999):
        (tmp_path / "cut.h5").write_bytes(content[: int(len(content) * share)])
        refused(tmp_path / "cut.h5", "damaged or cut short")


def test_damaged_bytes_give_a_model_or_a_sentence_and_nothing_else(tmp_path, network):
    content = write_keras(tmp_path / "a.h5", network).read_bytes()
    generator = np.random.default_rng(0)
    refusals = 0
    for _ in range(60):
        spoiled = bytearray(content)
        for place in generator.integers(0, 20_000, 8):
            spoiled[place] = generator.integers(0, 256)
        (tmp_path / "b.h5").write_bytes(spoiled)
        try:
            load(tmp_path / "b.h5")
        except WeightsError:
            refusals += 1
    assert refusals > 10


class Bomb:
    """Unpickled, it would raise."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


@pytest.mark.parametrize("ending", ["pt", "pth", "pkl", "bin", "ckpt", "h5", "safetensors"])
def test_pickles_are_refused_unopened_whatever_they_are_called(tmp_path, ending):
    (tmp_path / f"a.{ending}").write_bytes(pickle.dumps(Bomb()))
    refused(tmp_path / f"a.{ending}", "is a pickle")
    torch.save({"weight": torch.zeros(2)}, tmp_path / f"b.{ending}")
    refused(tmp_path / f"b.{ending}", "holds a pickle")


def test_other_kinds_are_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", "")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "")
    kinds = {
        "a.keras": "Keras 3",
        "a.zip": "zip archive",
        "broken.zip": "damaged zip",
        "page.h5": "web page",
        "pointer.h5": "Git LFS",
        "empty.h5": "is empty",
        "noise.h5": "none of the known",
    }
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    (tmp_path / "page.h5").write_text("\n <!DOCTYPE html><html>Sign in</html>")
    (tmp_path / "pointer.h5").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    (tmp_path / "empty.h5").write_bytes(b"")
    (tmp_path / "noise.h5").write_bytes(np.random.default_rng(0).bytes(500))
    for name, says in kinds.items():
        assert name in refused(tmp_path / name, says)


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    refused(tmp_path, "is a folder")
    refused(tmp_path / "nothing.h5", "There is no weight file")


def test_a_file_beyond_the_limit_is_refused_before_it_is_parsed(tmp_path, monkeypatch, network):
    path = write_keras(tmp_path / "a.h5", network)
    monkeypatch.setattr("pat_core.weights.loading.FILE_BYTES_AT_MOST", 1000)
    refused(path, "larger than")
