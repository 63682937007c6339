"""Files that a reader could bring: simulated weeks as exported recordings, and a table of people."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from pat_core.simulate import simulate

SHORT = "brief-6-days"
"""The one person whose recording is too short."""


def recording(values: np.ndarray, start: object = "2024-01-01") -> str:
    """A CSV of one row a minute."""
    stamps = pd.date_range(start, periods=len(values), freq="min")
    return pd.DataFrame({"timestamp": stamps, "activity": values.astype(int)}).to_csv(index=False)


def study(folder: Path, people: int = 24, seed: int = 5) -> tuple[Path, Path]:
    """A zip of recordings, one of them of six days only, and a table of labels."""
    made = simulate(people, seed, prevalence=0.5)
    recordings, labels = folder / "study.zip", folder / "diagnoses.csv"
    with zipfile.ZipFile(recordings, "w", zipfile.ZIP_DEFLATED) as archive:
        for person, values in zip(made.participants, made.weeks, strict=True):
            archive.writestr(f"{person}.csv", recording(values))
        archive.writestr(f"{SHORT}.csv", recording(made.weeks[0, : 6 * 1440]))
    diagnosis = np.where(made.positive, "late riser", "early riser")
    pd.DataFrame({"participant": [*made.participants, SHORT], "diagnosis": [*diagnosis, "late riser"]}).to_csv(labels, index=False)
    return recordings, labels
