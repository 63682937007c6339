"""People with an age and a stage, and what can be asked of them besides two classes by name: for tests of runs and of pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import SimulatedCohort
from pat_core.training.target import TargetChoice
from pat_core.weights import save
from pat_core.workflows.models.model_entries import add_model
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import QUICK, REQUEST, weeks_file

STAGES = ("mild", "moderate", "severe")
BRIEF = replace(REQUEST, positive="", negative=None, model="coarse", settings=replace(QUICK, max_epochs=4))
ASKED = {
    "classes": replace(BRIEF, name="stages", label="stage", target=TargetChoice("classes")),
    "ordinal": replace(BRIEF, name="order", label="stage", target=TargetChoice("ordinal", classes=STAGES)),
    "value": replace(BRIEF, name="ages", label="age", target=TargetChoice("value", unit="years")),
    "two classes": replace(BRIEF, name="old", label="age>=45"),
}
"""Kind -> a brief run on `with_ages`."""


def with_ages(workspace: Workspace, made: SimulatedCohort, folder: Path) -> Workspace:
    """The workspace with the cohort "people", 30 years old and older, in three stages, and a coarse model that reads them quickly."""
    people = len(made.participants)
    labels = {"participant": made.participants, "stage": [STAGES[number % 3] for number in range(people)]}
    pd.DataFrame(labels | {"age": [30 + number for number in range(people)]}).to_csv(folder / "labels.csv", index=False)
    import_recordings(workspace, [weeks_file(folder / "people.npz", made)], "people", labels=folder / "labels.csv")
    network = seeded(lambda: Classifier(PatConfig("custom", patch=360, heads=2, blocks=1)), 0)
    save(folder / "coarse.safetensors", network, has_head=False, standardizer=None, card={}, name="coarse", origin="own")
    add_model(workspace, folder / "coarse.safetensors")
    return workspace
