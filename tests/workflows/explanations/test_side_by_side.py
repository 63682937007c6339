"""Maps side by side are the maps one by one, in their order; a cancel or an error reaches whoever waits, and nothing finished is lost."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled, ExplanationError
from pat_core.progress import Silent
from pat_core.workflows.explanations.side_by_side import explain_all
from pat_core.workflows.explanations.week_maps import explain_standardized, kept_map
from tests.workflows.explanations.test_week_maps import tiny, week

METHOD = "integrated_gradients"


class CancelledAt:
    """A reader who cancels when this one's map is waited for."""

    def at(self, fraction: float, message: str) -> None:
        raise Cancelled("cancelled")

    def metric(self, step, values) -> None: ...


def test_maps_side_by_side_are_those_one_by_one_and_are_kept(workspace, tmp_path):
    model, z, threads = tiny(), [week(seed=seed) for seed in range(5)], torch.get_num_threads()
    together = list(explain_all(workspace, model, z, METHOD, [Silent()] * 5))
    alone = [explain_standardized(Workspace(tmp_path / "another"), model, one, METHOD) for one in z]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.values, other.values, atol=1e-6)
        assert dict(one.settings).keys() == dict(other.settings).keys()
    assert all(kept_map(workspace, model, one, METHOD) is not None for one in z)
    assert torch.get_num_threads() == threads


def test_a_cancel_stops_the_others_too(workspace):
    model, z, threads = tiny(), [week(seed=seed) for seed in range(40)], torch.get_num_threads()
    maps = explain_all(workspace, model, z, METHOD, [Silent(), CancelledAt(), *[Silent()] * 38])
    next(maps)
    with pytest.raises(Cancelled):
        next(maps)
    assert sum(kept_map(workspace, model, one, METHOD) is not None for one in z) < 40
    assert torch.get_num_threads() == threads


def test_a_week_that_cannot_be_explained_is_said_in_its_turn(workspace):
    z = [week(seed=1), np.full(180, np.nan, np.float32)]
    maps = explain_all(workspace, tiny(), z, METHOD, [Silent()] * 2)
    next(maps)
    with pytest.raises(ExplanationError, match="number for every minute"):
        next(maps)
