"""What all tests share: a quiet torch, a workspace of their own, a small simulated cohort made once."""

from __future__ import annotations

import os

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # two workers on two cores: more threads would only wait for one another
os.environ.setdefault("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false")


@pytest.fixture(autouse=True)
def _own_workspace(tmp_path, monkeypatch):
    """No test may touch the workspace of whoever runs it."""
    monkeypatch.setenv("PAT_WORKSPACE", str(tmp_path / "workspace"))


@pytest.fixture(scope="session")
def simulated():
    """60 simulated people, late wake-up planted in two fifths."""
    from pat_core.simulate import simulate

    return simulate(60, seed=11, label="late_wake")
