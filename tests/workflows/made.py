"""What the tests of this folder bring along: simulated people as files that a reader could have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pat_core.records import COUNTS, SimulatedCohort, WeekQuestion
from pat_core.training import FinetuneSettings
from pat_core.workflows.models.predictions import read_week
from pat_core.workflows.people.dose_response import DoseCurve, Ground, WeekEdit, WhatIf, dose_curve, ground_of, what_if
from pat_core.workflows.week.labelled_weeks import RunRequest

QUICK = FinetuneSettings("linear_probe", learning_rate=1e-2, max_epochs=30, patience=30, recipe="paper")
REQUEST = RunRequest("late risers", "people", "group", "late", "pat-s-simulated", "early", settings=QUICK)


def weeks_file(path: Path, made: SimulatedCohort, people: slice = slice(None), **facts: object) -> Path:
    """An .npz of recordings; facts: further or other arrays in it."""
    whole = {"weeks": made.weeks[people], "participants": np.array(made.participants[people])}
    np.savez(path, **whole | {"start": "2024-01-01T00:00:00", "unit": COUNTS} | facts)
    return path


def worn_for(values: np.ndarray, days: int) -> np.ndarray:
    """The week worn for so many days, and lying still after them, but touched for a minute every few hours."""
    values = values.copy()
    values[days * 1440 :] = 0
    values[days * 1440 + 397 :: 397] = 1
    return values


def label_table(path: Path, made: SimulatedCohort, people: slice = slice(None)) -> Path:
    """A CSV with a column group: late or early."""
    groups = np.where(made.positive, "late", "early")
    pd.DataFrame({"participant": made.participants[people], "group": groups[people]}).to_csv(path, index=False)
    return path


class Told:
    """A Progress that remembers what it was told."""

    def __init__(self) -> None:
        self.fractions: list[float] = []
        self.steps: list[int] = []

    def at(self, fraction: float, message: str) -> None:
        self.fractions.append(fraction)

    def metric(self, step: int, values) -> None:
        self.steps.append(step)


def ground(space, model, cohort, person, edit="shift_wake", window=None, anyway=False, nights=None, only_kept=False) -> Ground:
    """What edits of a person's first week are made from."""
    read = read_week(space, model, WeekQuestion(cohort, person))
    return ground_of(space, model, read, WeekEdit(edit, window, anyway), nights=nights, only_kept=only_kept)


def edited(space, model, cohort, person, dose=90, **asked) -> WhatIf:
    """asked: as of `ground`."""
    return what_if(space, ground(space, model, cohort, person, **asked), dose)


def curve_of(space, model, cohort, person, doses=None, progress=None, **asked) -> DoseCurve:
    """asked: as of `ground`."""
    return dose_curve(space, ground(space, model, cohort, person, **asked), doses, progress)
