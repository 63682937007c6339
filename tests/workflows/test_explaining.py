import numpy as np
import pytest

from pat_core import workflows
from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, Standardizer
from pat_core.weights import random_model
from pat_core.workflows.explaining import cache_key, explain_standardized


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


def test_the_second_answer_is_the_first_one_read_back(workspace):
    model, week = random_model("small"), np.random.default_rng(0).normal(size=180).astype(np.float32)
    first = explain_standardized(workspace, model, week, "rollout")
    again = explain_standardized(workspace, model, week, "rollout")
    np.testing.assert_array_equal(first.values, again.values)
    assert (first.method, first.kind, first.patch, dict(first.settings), first.note) == (
        again.method, again.kind, again.patch, dict(again.settings), again.note,
    )  # fmt: skip


def test_every_part_that_a_result_depends_on_changes_the_key():
    week = np.zeros(180, dtype=np.float32)
    other = week.copy()
    other[7] = 1e-6
    base = ("abc", week, "integrated_gradients", {"steps": 16})
    changed = [
        ("abd", week, "integrated_gradients", {"steps": 16}),
        ("abc", other, "integrated_gradients", {"steps": 16}),
        ("abc", week, "rollout", {"steps": 16}),
        ("abc", week, "integrated_gradients", {"steps": 32}),
    ]
    keys = {cache_key(*one) for one in [base, *changed]}
    assert len(keys) == 5


def test_another_standardizer_gives_another_explanation(workspace, simulated):
    workflows.store_simulated(workspace, "people", simulated)
    model, person = random_model("small"), simulated.participants[0]
    one = workflows.explain_week(workspace, model, "people", person, 0, "authors")
    flat = Standardizer(np.zeros(10080, np.float32), np.full(10080, 500.0, np.float32), 60, "flat", COUNTS)
    two = workflows.explain_week(workspace, model, "people", person, 0, "authors", standardizer=flat)
    assert not np.array_equal(one.values, two.values)
