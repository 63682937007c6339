"""An analysis plan, locked before the test set is opened: its text with the whole request under one hash, printed with the result.

What was decided beforehand can then be told from what was decided afterwards (TRIPOD+AI, Collins et al. 2024,
doi 10.1136/bmj-2023-078378): a changed word, label, group, seed or setting gives another hash.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pat_core.errors import TrainingError
from pat_core.workflows.week.labelled_weeks import RunRequest

LONGEST_PLAN = 20_000
FREE = ("name", "device")
"""What may change without changing the analysis: what the run is called, and where it is computed."""


def plan_from(path: Path) -> str:
    """The text of a plan's file. TrainingError where it cannot be read, is empty or too long."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"The analysis plan {path} cannot be read as text: {error}. Give a plain text file.") from error
    if not 0 < len(text) <= LONGEST_PLAN:
        raise TrainingError(f"Expected an analysis plan of 1 to {LONGEST_PLAN:,} characters in {path.name}, got {len(text):,}.")
    return text


def plan_hash(request: RunRequest) -> str:
    """SHA-256 of the plan and of what is asked, as canonical JSON; "" where there is no plan."""
    if not request.plan.strip():
        return ""
    spec = {key: value for key, value in request.as_spec().items() if key not in FREE}
    spec["settings"] = {key: value for key, value in spec["settings"].items() if key not in FREE}
    return sha256(json.dumps(spec, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def locked_plan(request: RunRequest, locked: datetime) -> dict[str, str] | None:
    """What a run's result holds of its plan: text, sha256, and when it was locked; None where there is none."""
    if not request.plan.strip():
        return None
    return {"text": request.plan.strip(), "sha256": plan_hash(request), "locked": locked.isoformat(sep=" ", timespec="minutes")}


def plan_words(plan: Mapping[str, Any] | None) -> str:
    """For a reader of the result; "" where there was no plan."""
    if not plan:
        return ""
    return f"Locked {plan['locked']}, before the test was opened; SHA-256 {plan['sha256']}. {plan['text']}"
