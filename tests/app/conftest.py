"""People who are not simulated, for the pages that show them: some files of tests have others."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, Week
from pat_core.weeks import report
from tests.app.made import OWN

START = datetime(2024, 1, 1)


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
