"""People who are not simulated, for the pages that show them: some files of tests have others."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from streamlit.components.v2 import manifest_scanner

from pages.components.people.map_choices import FIRST
from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, Week
from pat_core.settings import workspace_folder
from pat_core.weeks import report
from pat_core.weeks.standardizer import apply
from pat_core.workflows.explanations.unusual_weeks import reference_for
from pat_core.workflows.explanations.week_maps import explain_standardized
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.people.demo import COHORT, MODEL, ensure_demo
from pat_core.workflows.week.week_nights import rhythm_spread
from tests.app.made import OWN

START = datetime(2024, 1, 1)
OPENED = ("sim-0001", "sim-0002", "sim-0003", "sim-0005", "sim-0029")


@pytest.fixture(scope="session", autouse=True)
def _one_look_at_packages():
    """Streamlit looks through all installed packages for components in every app that is tested; here they stay the same."""
    kept = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda *_, **__: kept)
        yield


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory, simulated) -> Path:
    """A workspace in which somebody looked at the demonstration before: its people were read through the network, and the first maps of
    those whom tests open are kept, as they are of the weeks of `own`. Copied, never opened."""
    space = Workspace(tmp_path_factory.mktemp("looked-at") / "workspace")
    assert ensure_demo(space)
    model = resolve(space, MODEL)
    reference, _ = reference_for(space, model, COHORT)
    assert reference is not None and model.standardizer is not None
    predict_cohort(space, model, COHORT)
    rhythm_spread(space, COHORT)
    weeks = [space.week(COHORT, person).values for person in OPENED]
    for z in apply(model.standardizer, np.stack([*weeks, *simulated.weeks[:4]])):
        for method in FIRST:
            explain_standardized(space, model, z, method)
    return space.folder


@pytest.fixture
def seen_before(looked_at, _own_workspace) -> None:
    """The test's workspace as that of a reader who comes again: most tests are not about the second or two of the first look."""
    shutil.copytree(looked_at, workspace_folder())


@pytest.fixture
def own(simulated) -> Workspace:
    """A cohort that counts as real: `walker` with the weeks 1, 2 and 4, `flat` whose device measured nothing."""
    space = Workspace()
    weeks = {("walker", 0): 0, ("walker", 1): 1, ("walker", 3): 2, ("flat", 0): None, ("other", 0): 3}
    made = []
    for (person, index), row in weeks.items():
        values = np.zeros(10080, np.float32) if row is None else simulated.weeks[row]
        made.append(Week(person, index, values, START, True, COUNTS, "wristband", "start", report(values, COUNTS)))
    space.create_cohort(OWN, made, {"walker": {"sex": "f"}, "other": {"sex": "m"}})
    return space
