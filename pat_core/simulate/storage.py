"""Simulated people on disk: one .npz that also reads as a recording file (arrays `weeks` and `participants`)."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.errors import RecordingError
from pat_core.files import make_folder, replacing
from pat_core.records import SimulatedCohort

_GROUPS = ("traits", "evidence", "distractors")


def save_simulated(made: SimulatedCohort, path: Path) -> None:
    """Write weeks, labels and planted evidence to `path` (.npz, no pickle), atomically."""
    arrays: dict[str, Any] = {  # numpy wants the names of its own arguments typed too
        "weeks": made.weeks.astype(np.int32),
        "participants": np.array(made.participants),
        "start": np.array(made.start.isoformat()),
        "label": np.array(made.label),
        "positive": made.positive,
        "seed": np.array(made.seed),
    }
    for group in _GROUPS:
        arrays |= {f"{group}.{name}": values for name, values in getattr(made, group).items()}
    make_folder(path.parent)
    with replacing(path) as waiting:
        np.savez_compressed(waiting, **arrays)


def load_simulated(path: Path) -> SimulatedCohort:
    """Read what `save_simulated` wrote. Raises RecordingError where the file is something else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        groups = {
            group: {name.split(".", 1)[1]: values for name, values in arrays.items() if name.startswith(f"{group}.")} for group in _GROUPS
        }
        return SimulatedCohort(
            participants=tuple(str(name) for name in arrays["participants"]),
            weeks=arrays["weeks"].astype(np.float32),
            start=datetime.fromisoformat(str(arrays["start"])),
            label=str(arrays["label"]),
            positive=arrays["positive"],
            seed=int(arrays["seed"]),
            **groups,
        )
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise RecordingError(f"{path.name} is not a file of simulated people as `simulate` writes it ({error}).") from error
