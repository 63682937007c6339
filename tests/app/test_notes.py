"""What was mended on the way in stands with the cohort on the Data page, and can be taken away whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, Week
from pat_core.weeks import report
from tests.app.made import opened_at, said_by


def week(person: str, notes: tuple[str, ...]) -> Week:
    values = np.random.default_rng(len(person)).integers(0, 900, 10_080).astype(np.float32)
    return Week(person, 0, values, None, True, COUNTS, None, "start", report(values, COUNTS), notes=notes)


def test_notes_of_a_cohort_are_shown_by_sentence_with_whom_they_are_about():
    space = Workspace()
    space.keep_setting("demo", "deleted")
    gap = "An hour_or_so had no *rows*."
    weeks = [week("ada", (gap,)), week("grace", (gap, "The clock was set.")), week("joan", ())]
    space.create_cohort("A", weeks, {})
    app = opened_at("pages/data.py")
    assert not app.exception
    told = said_by(app).replace("\\", "")
    assert "**Repairs and notes**" in told
    assert f"ada, grace: {gap}" in told and "grace: The clock was set." in told and "joan" not in told


def test_a_cohort_without_notes_says_nothing_of_them():
    space = Workspace()
    space.keep_setting("demo", "deleted")
    space.create_cohort("A", [replace(week("ada", ("x",)), notes=())], {})
    assert "Repairs and notes" not in said_by(opened_at("pages/data.py"))
