"""A trained baseline is stored and read like any other model; a file that does not hold what it names is refused."""

import json

import numpy as np
import pytest
import torch

from pat_core.errors import ExplanationError, WeightsError
from pat_core.models.baselines import FAMILIES, BaselineConfig
from pat_core.models.baselines.baseline_network import untrained
from pat_core.records import COUNTS, Standardizer
from pat_core.weights import load, require_attention, save
from pat_core.weights.safetensors_file import header_of, with_header

MINUTES = 1440


def stored(path, config):
    network = untrained(config, 4)
    about = Standardizer(np.zeros(config.minutes, np.float32), np.ones(config.minutes, np.float32), 40, "people", COUNTS)
    save(path, network, has_head=True, standardizer=about, card={"label": "group"}, name="mine", origin="fine-tuned")
    return network


@pytest.mark.parametrize("config", [BaselineConfig(family, MINUTES, family in ("lstm", "cnn_1d")) for family in FAMILIES], ids=str)
def test_a_baseline_answers_alike_once_it_is_read_back(tmp_path, config):
    network = stored(tmp_path / "a.safetensors", config)
    model = load(tmp_path / "a.safetensors")
    assert (model.config, model.has_head, model.name) == (config, True, "mine")
    week = torch.randn(2, MINUTES)
    with torch.no_grad():
        torch.testing.assert_close(model.network(week), network(week), rtol=0, atol=0)
    with pytest.raises(ExplanationError, match="is a baseline"):
        require_attention(model)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"family": "gru"}, "expected a family out of"),
        ({"family": 3}, "expected a family out of"),
        ({"smoothed": "yes"}, "smoothed or not"),
        ({"minutes": 1441}, "whole days"),
        ({"minutes": 2880}, "expected float32 of shape"),
        ({"family": "lstm"}, "missing"),
    ],
)
def test_a_file_that_is_not_what_it_names_is_refused(tmp_path, changed, words):
    stored(tmp_path / "a.safetensors", BaselineConfig("wavelet_logistic", MINUTES))
    content = (tmp_path / "a.safetensors").read_bytes()
    header = header_of(content, "a")
    header["__metadata__"]["config"] = json.dumps(json.loads(header["__metadata__"]["config"]) | changed)
    length = int.from_bytes(content[:8], "little")
    (tmp_path / "b.safetensors").write_bytes(with_header(header, content[8 + length :]))
    with pytest.raises(WeightsError, match=words):
        load(tmp_path / "b.safetensors")
