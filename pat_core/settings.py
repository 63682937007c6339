"""Where things are kept and which limits hold: read from the environment, decided here alone."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

MINUTES_PER_DAY = 1440
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
"""PAT reads one value a minute for seven days (arXiv 2411.15240)."""

MINIMUM_PEOPLE_FOR_STANDARDIZER = 10
"""Fewer people than this give no usable mean and deviation for a minute."""

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def workspace_folder() -> Path:
    """The folder that holds cohorts, models and runs: PAT_WORKSPACE, else one under the user's data directory."""
    chosen = os.environ.get("PAT_WORKSPACE")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("pat-explorer", appauthor=False))


def upload_limit_bytes() -> int:
    """Largest uncompressed size, in bytes, that one imported file may unfold to (PAT_MAX_IMPORT_GB, default 12)."""
    return int(float(os.environ.get("PAT_MAX_IMPORT_GB", "12")) * 1024**3)
