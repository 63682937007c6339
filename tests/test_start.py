"""The app and the command line start at once: torch, a second to import, waits for whoever reads a model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("what", ("pages", "verbs"))
def test_what_reads_no_model_does_without_torch(what):
    done = subprocess.run([sys.executable, "-m", "tests.torch_watch", what], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
