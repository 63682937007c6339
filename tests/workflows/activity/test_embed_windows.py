"""Windows through a harnet by the command line: either order of axes, gaps, a head or none, and a licence that is accepted once."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from pat_core.__main__ import main
from tests.models.harnet.drawn_harnet import as_published, drawn, written


@pytest.fixture(scope="module")
def network():
    return drawn("harnet5", 5, 3)


@pytest.fixture
def embed(tmp_path, network):
    """embed(windows, *more) -> (exit code, arrays or None)."""
    weights = written(tmp_path / "own.pt", network.state_dict())

    def run(windows, *more: str, weights=weights):
        np.save(tmp_path / "x.npy", windows)
        out = tmp_path / "f.npz"
        out.unlink(missing_ok=True)
        words = ["activity", "embed", "--workspace", str(tmp_path / "space"), "--weights", str(weights)]
        code = main([*words, "--windows", str(tmp_path / "x.npy"), "--out", str(out), *more])
        return code, dict(np.load(out)) if out.exists() else None

    return run


def windows(many: int = 70) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.5, (many, 150, 3)).astype(np.float32)


def test_features_and_logits_are_the_networks_in_either_order_of_axes(embed, network):
    x = windows()
    code, arrays = embed(x, "--accept-licence")
    with torch.inference_mode():
        read = torch.from_numpy(x.transpose(0, 2, 1).copy())
        features, logits = network.features(read).numpy(), network(read).numpy()
    assert code == 0 and arrays["features"].dtype == np.float32
    np.testing.assert_allclose(arrays["features"], features, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(arrays["logits"], logits, rtol=1e-4, atol=1e-4)
    assert json.loads(str(arrays["about"]))["size"] == "harnet5"
    _code, turned = embed(x.transpose(0, 2, 1))  # accepted already
    np.testing.assert_array_equal(turned["features"], arrays["features"])


def test_a_window_with_missing_values_has_none_and_the_others_have_theirs(embed, capsys):
    x = windows(3)
    _, whole = embed(x, "--accept-licence")
    x[1, 40, 2] = np.nan
    x[2, 0, 0] = 9.0
    _, arrays = embed(x)
    assert np.isnan(arrays["features"][1]).all() and np.isnan(arrays["logits"][1]).all()
    np.testing.assert_allclose(arrays["features"][0], whole["features"][0], rtol=1e-5, atol=1e-5)
    words = "".join(capsys.readouterr())
    assert "1 window with missing values" in words and "1 window has values beyond 3 g" in words


def test_without_the_licence_nothing_is_written(embed, capsys):
    code, arrays = embed(windows(2))
    assert code == 1 and arrays is None and "academic use only" in capsys.readouterr().err


def test_a_published_file_gives_features_alone(embed, network, tmp_path):
    published = written(tmp_path / "mtl_5_best.mdl", as_published(network))
    code, arrays = embed(windows(2), "--accept-licence", weights=published)
    assert code == 0 and "logits" not in arrays and arrays["features"].shape == (2, 512)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (np.zeros((2, 300, 3), np.float32), "got float32 of shape"),
        (np.zeros((0, 150, 3), np.float32), "got float32 of shape"),
        (np.zeros((150, 3), np.float32), "got float32 of shape"),
        (np.array([["a"] * 3] * 150, dtype=object)[None], "whole array of numbers"),
    ],
)
def test_windows_that_do_not_fit_are_refused(embed, capsys, wrong, words):
    code, arrays = embed(wrong, "--accept-licence")
    assert code == 1 and arrays is None and words in capsys.readouterr().err
