"""Real recordings and golden files lie beside the checkout in ../shared; tests that use them skip where they are absent."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pat_core.recordings.reading import read
from pat_core.records import Reading

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared_file(name: str) -> Path:
    """The path of a file in ../shared; skips the test where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs ../shared/{name}")
    return path


@cache
def real_study() -> Reading:
    """109 recordings of a real study, read once for all tests of a worker; skips the test where they are absent."""
    return read(shared_file("data/obf_psychiatric_dev.zip"))
