"""Several processes that train together come to what one process comes to on the same batches: in double precision, so that rounding, which
a ReLU or Adam can make large where a gradient is next to nothing, hides no mistake."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file

from pat_core.training import distributed
from pat_core.training.distributed import Alone, here
from tests.training.shared_training import CASES, binary

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def together(tmp_path_factory) -> Path:
    """Folder of what two processes came to."""
    folder = tmp_path_factory.mktemp("together")
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False, timeout=timedelta(seconds=60))
    (folder / "port").write_text(str(store.port))
    command = [sys.executable, "-m", "tests.training.shared_training", str(folder)]
    started = [subprocess.Popen([*command, str(rank), "2"], cwd=ROOT) for rank in range(2)]
    assert [process.wait(300) for process in started] == [0, 0]
    return folder


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("alone")
    for name, case in CASES.items():
        case(folder / name)
    return folder


@pytest.mark.parametrize("case", CASES)
def test_several_processes_come_to_the_weights_of_one(together, alone, case):
    one, many = (load_file(folder / case / "last.safetensors") for folder in (alone, together))
    assert set(one) == set(many)
    largest = {name: float((many[name].double() - one[name].double()).abs().max()) for name in one}
    assert max(largest.values()) < 1e-9, largest
    assert torch.equal(one["torch.rng"], many["torch.rng"]), "as many numbers were drawn, so either goes on from the other's checkpoint"


def test_these_trainings_move_the_weights(alone, tmp_path):
    moved = load_file(alone / "binary" / "last.safetensors")
    binary(tmp_path, max_epochs=1, learning_rate=1e-9)
    before = load_file(tmp_path / "last.safetensors")
    name = "network/encoder.blocks.0.feed_forward1.weight"
    assert float((moved[name] - before[name]).abs().max()) > 3e-3


@pytest.mark.parametrize(("examples", "size"), ((13, 2), (1, 3), (7, 4), (8, 4)))
def test_shares_cover_a_batch_once(examples, size, monkeypatch):
    monkeypatch.setattr(dist, "get_world_size", lambda: size)
    shares = []
    for rank in range(size):
        monkeypatch.setattr(dist, "get_rank", lambda rank=rank: rank)
        shares.append(distributed.Together({}).share(examples))
    np.testing.assert_array_equal(np.concatenate(shares)[:examples], np.arange(examples))
    assert len({len(share) for share in shares}) == 1 and np.concatenate(shares).max() == examples - 1


def test_a_process_alone_changes_nothing():
    assert type(here()) is Alone and here().computed_on(torch.device("cpu")) == "cpu"
