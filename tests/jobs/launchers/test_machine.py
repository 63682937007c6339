"""What a place says of itself."""

from __future__ import annotations

import os

import pytest

from pat_core.jobs.launchers.machine import machine_facts


@pytest.mark.skipif(not hasattr(os, "getloadavg"), reason="This system does not say how busy it is.")
@pytest.mark.parametrize(
    ("wanted", "words"), [(0.31, "0.3 of 2 cores in use"), (2.0, "2.0 of 2 cores in use"), (13.7, "all 2 cores in use, with work for 14")]
)
def test_no_more_cores_are_in_use_than_there_are(monkeypatch, tmp_path, wanted, words):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (wanted, 0.0, 0.0))
    assert words in str(machine_facts(tmp_path))
