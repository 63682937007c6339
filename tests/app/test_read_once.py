"""A page reads, standardizes and checks the week that it shows once, however many of its parts are about it."""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.cohorts.stores.cohort_store import CohortStore
from pat_core.weeks import apply, check
from pat_core.workflows.people.demo import COHORT, MODEL
from tests.app.made import opened_at

pytestmark = pytest.mark.usefixtures("seen_before")

PERSON = "sim-0029"
PAGES = {
    "overview": ("pages/overview.py", {}),
    "participant": ("pages/participant.py", {"person": PERSON}),
    "another score": ("pages/participant.py", {"person": PERSON, "score": "sadeh"}),
    "what-if": ("pages/what_if.py", {"person": PERSON}),
    "heads": ("pages/explain.py", {"show": "heads", "person": PERSON}),
    "methods": ("pages/explain.py", {"show": "methods", "person": PERSON, "compared": "rollout,authors"}),
    "two people": ("pages/explain.py", {"show": "people", "person": PERSON, "other": "sim-0001"}),
}


@pytest.fixture
def work(monkeypatch) -> dict[str, Counter[bytes]]:
    """What was done to which values: `read`, `standardized`, and `checked` for a model or `checked alone`."""
    done: dict[str, Counter[bytes]] = {name: Counter() for name in ("read", "standardized", "checked", "checked alone")}

    def read(space, cohort, participant, *rest, **options):
        week = stored(space, cohort, participant, *rest, **options)
        done["read"][week.values.tobytes()] += 1
        return week

    def standardize(standardizer, weeks, *starts):
        for one in np.asarray(weeks):
            done["standardized"][one.tobytes()] += 1
        return apply(standardizer, weeks, *starts)

    def look(week, standardizer, *rest, **options):
        done["checked alone" if standardizer is None else "checked"][week.values.tobytes()] += 1
        return check(week, standardizer, *rest, **options)

    stored = CohortStore.week
    monkeypatch.setattr(CohortStore, "week", read)
    for name, module in list(sys.modules.items()):
        if name.startswith("pat_core."):
            for function, counted in ((apply, standardize), (check, look)):
                if getattr(module, function.__name__, None) is function:
                    monkeypatch.setattr(module, function.__name__, counted)
    return done


@pytest.mark.parametrize("name", PAGES)
def test_a_week_is_read_standardized_and_checked_once_a_page(name, work):
    page, address = PAGES[name]
    app = opened_at(page, **({"cohort": COHORT, "model": MODEL} | address if address else {}))
    assert not app.exception and not app.error
    people = [first(app)] if name == "overview" else [PERSON, "sim-0001"] if name == "two people" else [PERSON]
    for person in people:
        values = Workspace().week(COHORT, person).values.tobytes()
        work["read"][values] -= 1  # this one
        expected = dict.fromkeys(work, 1)
        if name == "what-if":  # a dose of nothing is read like every other: that its change is 0 is a test of the edit
            expected |= {"standardized": 2, "checked": 2}
        assert {what: done[values] for what, done in work.items()} == expected, person


def first(app) -> str:
    """The person whose week the overview opens with."""
    return next(one.value.split("The week of ")[1].split(",")[0] for one in app.subheader if "The week of" in one.value)
