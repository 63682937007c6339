"""Compare models: what it costs before it starts, and the table of what is done."""

import pytest

from pat_core.cohorts import Workspace
from pat_core.training import FinetuneSettings
from pat_core.workflows.comparing.compare_cells import run_comparison
from pat_core.workflows.comparing.compare_request import ALL, CompareRequest, Groups
from pat_core.workflows.people.demo import COHORT, ensure_demo
from tests.app.made import opened_at, said_by


@pytest.fixture
def compared():
    """The demonstration with one comparison that is done."""
    workspace = Workspace()
    ensure_demo(workspace)
    groups = Groups("late wake", "planted", "not planted")
    request = CompareRequest("quick", COHORT, (groups,), ("wavelet_logistic",), sizes=(ALL,), seeds=1, settings=FinetuneSettings("full"))
    run_comparison(workspace, request)


def test_what_is_done_stands_in_a_table_and_what_is_not_says_what_it_costs(compared):
    app = opened_at("pages/compare.py", cohort=COHORT)
    assert not app.exception and not app.error
    words = said_by(app)
    assert "trainings are to be done: at most about" in words and "people held out" in words and "These people are simulated" in words
    table = app.dataframe[0].value
    assert list(table["Model"]) == ["Six rhythm features", "Rhythm, sleep and wear figures", "Wavelets, logistic regression"]
    start = next(button for button in app.button if button.label == "Start comparing")
    assert not start.disabled
