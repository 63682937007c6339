"""The app and the command line start at once: torch, a second to import, waits for whoever reads a model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

AHEAD = """
import gc, sys, time
from pages.components.shared import torch_ahead
torch_ahead.import_torch_ahead()
time.sleep(0.5)
before = "torch" in sys.modules
torch_ahead.SECONDS_AFTER_A_PAGE = 0.0
torch_ahead.a_page_stands()
while not gc.get_freeze_count():
    time.sleep(0.05)
sys.exit(before or not hasattr(sys.modules["pat_core.weights.networks"], "network_of"))
"""

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("what", ("pages", "verbs"))
def test_what_reads_no_model_does_without_torch(what):
    done = subprocess.run([sys.executable, "-m", "tests.torch_watch", what], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_a_server_imports_torch_once_a_page_stands_and_not_before_and_no_garbage_is_looked_for_in_it():
    done = subprocess.run([sys.executable, "-c", AHEAD], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
