"""The comparison with Keras, as far as it goes without Keras: names, layouts, files, and figures of known differences."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.keras_agreement import comparison, data, ours
from benchmarks.keras_agreement.cases import read_arrays, read_cases, write_arrays, write_cases
from benchmarks.keras_agreement.names import baseline_names, layout_of_keras, layout_of_ours, to_ours
from pat_core.models.pat.heads import Classifier
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder

KERAS_SIDE = Path(comparison.__file__).parent / "keras_side"


@pytest.mark.parametrize(
    ("style", "embedding"), [("full", "linear"), ("linear_probe", "conv"), ("pretrain", "linear"), ("pretrain", "conv")]
)
def test_start_weights_fill_our_network_and_no_name_is_left_over(style, embedding):
    case = data.case("a", "small", style, embedding)
    names, start = ours.start_of(case)
    network = (MaskedAutoencoder if style == "pretrain" else Classifier)(ours.config_of(case))
    network.load_state_dict(to_ours(names, start), strict=True)
    assert {name: values.shape for name, values in start.items()} == {name: of.shape for name, of in names.items()}


def test_baselines_are_named_and_laid_out_as_in_keras():
    state = ("recurrent.kernel", "recurrent.bias", "hidden.weight", "output.bias")
    names = ["lstm/lstm_cell/kernel", "lstm/lstm_cell/bias", "hidden/kernel", "output/bias"]
    assert list(baseline_names("lstm", state)) == names
    assert list(baseline_names("conv_lstm", ["second.recurrent_kernel"])) == ["conv_lstm2/recurrent_kernel"]
    kernel = np.arange(2 * 3 * 5 * 7).reshape(2, 3, 5, 7)  # rows, columns, in, out
    assert layout_of_ours(kernel)[6, 4, 1, 2] == kernel[1, 2, 4, 6]
    np.testing.assert_array_equal(layout_of_keras(layout_of_ours(kernel)), kernel)


def test_cases_arrays_and_weights_come_back_as_they_were_written(tmp_path):
    cases = [data.FREEZING, replace(data.FREEZING, name="b", patience=3)]
    write_cases(tmp_path, cases)
    assert read_cases(tmp_path) == cases
    write_arrays(tmp_path / "a.npz", {"z": np.ones(3)}, {"dense/kernel": np.zeros((2, 2))})
    arrays, weights = read_arrays(tmp_path / "a.npz")
    assert list(arrays) == ["z"] and list(weights) == ["dense/kernel"]


def test_the_greatest_difference_is_seen_wherever_it_stands():
    losses = comparison.of_losses([1.0, 2.0002, 3.0], np.array([1.0, 2.0, 3.0]))
    assert losses["relative difference, greatest"] == pytest.approx(1e-4) and losses["relative difference, last"] == 0.0
    start = {"a": np.zeros(2), "b": np.zeros(3)}
    keras = {"a": np.array([0.1, 0.0]), "b": np.zeros(3)}
    weights = comparison.of_weights(keras | {"b": np.array([0.0, 0.01, 0.0])}, keras, start)
    assert (weights["in"], weights["greatest difference of a weight"], weights["greatest movement of a weight"]) == ("b", 0.01, 0.1)
    assert weights["difference as a share of the movement"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("values", "best", "last"), [([0.5, 0.7, 0.6, 0.7, 0.9], 2, 4), ([0.6] * 5, 1, 3), ([0.1, 0.2, 0.3], 3, 3), ([0.3, 0.2], 1, 2)]
)
def test_the_first_of_equal_epochs_is_kept_and_patience_counts_from_it(values, best, last):
    assert comparison.stopping(np.array(values), patience=2) == (best, last)


def test_our_side_takes_the_steps_it_was_asked_for_and_writes_down_what_it_draws(tmp_path):
    weeks = data.short_weeks()
    short = {name: values[:8] for name, values in weeks.items()}
    case = replace(data.FREEZING, style="full", batch=4, epochs=2, learning_rate=1e-3)
    outcome = ours.finetune(case, short, tmp_path)
    assert len(outcome.losses) == 4 and np.isfinite(outcome.losses).all() and len(outcome.probabilities) == 2
    drawn = ours.pretrain(replace(case, name="b", style="pretrain"), short, tmp_path).drawn
    assert drawn["rows"].shape == (4, 4) and drawn["visible"].shape == (4, 2)  # a tenth of 20 patches
    assert sorted(drawn["rows"][:2].ravel()) == list(range(8)) and not np.array_equal(drawn["visible"][0], drawn["visible"][1])
    with torch.no_grad():
        start = ours.start_of(case)
        network = Classifier(ours.config_of(case)).eval()
        network.load_state_dict(to_ours(*start))
        logits = network(torch.from_numpy(short["z"][:4]))
    target = torch.from_numpy(short["labels"][:4]).float()
    weights = torch.where(target > 0, 1 - short["labels"].mean(), short["labels"].mean())
    by_hand = torch.nn.functional.binary_cross_entropy_with_logits(logits, target, weight=weights)
    assert outcome.losses[0] == pytest.approx(by_hand.item(), rel=1e-5)


def test_the_keras_side_imports_nothing_of_ours_but_the_cases():
    allowed = ("benchmarks.keras_agreement.cases", "benchmarks.keras_agreement.keras_side")
    for path in KERAS_SIDE.glob("*.py"):
        modules = [node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        others = [name for name in modules if name.startswith(("benchmarks", "pat_core", "torch")) and not name.startswith(allowed)]
        assert others == []
