"""Where things are kept and which limits hold: read from the environment, decided here alone."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

MINUTES_PER_DAY = 1440
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
"""The published encoders learned from one value a minute for seven days (arXiv 2411.15240); its authors say that PAT reads any length."""

USUAL_DAYS, MOST_DAYS = 7, 28
"""Days of a window, unless others are asked for, and the most that one can have: attention grows with the square of the length."""

MINIMUM_PEOPLE_FOR_STANDARDIZER = 10
"""Fewer people than this give no usable mean and deviation for a minute."""

_BESIDE = Path(__file__).resolve().parent.parent
_INSTALLED = (_BESIDE / "pat_explorer").is_dir()
APP_FOLDER = _BESIDE / "pat_explorer" if _INSTALLED else _BESIDE
"""Holds app.py, pages/, assets/, GLOSSARY.md and .streamlit/: where a wheel was installed a folder beside pat_core, else the checkout."""

ASSETS = APP_FOLDER / "assets"
COMMAND = "pat" if _INSTALLED else "python -m pat_core"
"""The command line, as messages name it. A checkout that was never installed has no command `pat`."""


def workspace_folder() -> Path:
    """The folder that holds cohorts, models and runs: PAT_WORKSPACE, else one under the user's data directory."""
    chosen = os.environ.get("PAT_WORKSPACE")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("pat-explorer", appauthor=False))


def jobs_at_once() -> int:
    """How many background jobs of one lane run at once (PAT_JOBS_AT_ONCE, default half of the cores, at least 1 and at most 4)."""
    stated = os.environ.get("PAT_JOBS_AT_ONCE", "").strip()
    return max(1, int(stated)) if stated.isdigit() else min(4, max(1, (os.cpu_count() or 1) // 2))


def upload_limit_bytes() -> int:
    """Largest uncompressed size, in bytes, that one imported file may unfold to (PAT_MAX_IMPORT_GB, default 12)."""
    return int(float(os.environ.get("PAT_MAX_IMPORT_GB", "12")) * 1024**3)
