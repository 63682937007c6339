"""A cohort and a run on it, made once: tests that change something make their own."""

from __future__ import annotations

import pytest

from pat_core.cohorts import Workspace
from pat_core.simulate import simulate
from pat_core.weights import Model
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.people.demo import MODEL, ensure_demo
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import REQUEST, label_table, weeks_file


@pytest.fixture(scope="session")
def twenty_four():
    """24 simulated people, half of them with late wake-up."""
    return simulate(24, seed=5, prevalence=0.5)


@pytest.fixture(scope="session")
def trained(tmp_path_factory, twenty_four):
    """(workspace, run): the cohort "people" came from files with their labels, "late risers" was trained on it. Read only."""
    folder = tmp_path_factory.mktemp("trained")
    workspace = Workspace(folder / "workspace")
    files = weeks_file(folder / "people.npz", twenty_four), label_table(folder / "groups.csv", twenty_four)
    import_recordings(workspace, [files[0]], "people", labels=files[1])
    return workspace, run_finetune(workspace, REQUEST)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Workspace:
    """A workspace with the demonstration in it, of each file of tests its own."""
    workspace = Workspace(tmp_path_factory.mktemp("demo") / "workspace")
    assert ensure_demo(workspace)
    return workspace


@pytest.fixture(scope="module")
def model(demo) -> Model:
    """The demonstration's model; other files have a model of their own."""
    return resolve(demo, MODEL)
