"""The embeddings of a whole cohort: one of each fit week, the same as of the week alone, and read once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.errors import ExplanationError
from pat_core.explain.embedding_distance import pooled
from pat_core.models.baselines import BaselineConfig
from pat_core.progress import Silent
from pat_core.records import COUNTS, Week, WeekQuestion
from pat_core.weeks import report
from pat_core.weights import random_model
from pat_core.workflows.explanations import cohort_embeddings as kept
from pat_core.workflows.explanations.cohort_embeddings import cohort_embeddings
from pat_core.workflows.explanations.unusual_weeks import predict_with_distances
from pat_core.workflows.models.predictions import read_week
from pat_core.workflows.people.simulated_people import store_simulated
from tests.workflows.made import Told


def stored(workspace, simulated, dead: int = 0) -> str:
    weeks = [values * (number >= dead) for number, values in enumerate(simulated.weeks)]
    rows = zip(simulated.participants, weeks, strict=True)
    workspace.create_cohort(
        "people",
        [Week(name, 0, values, datetime(2024, 1, 1), True, COUNTS, None, "start", report(values, COUNTS)) for name, values in rows],
        {},
    )
    return "people"


def test_each_fit_week_has_the_embedding_that_it_has_alone(workspace, twenty_four, model, monkeypatch):
    monkeypatch.setattr(kept, "AT_ONCE", 7)
    name, progress = stored(workspace, twenty_four, dead=2), Told()
    read = cohort_embeddings(workspace, model, name, "model", progress)
    assert read.values.shape == (22, 96) and read.unfit == 2 and read.trained
    assert tuple(row.participant for row in read.rows) == twenty_four.participants[2:]
    assert progress.fractions == sorted(progress.fractions) and progress.fractions[-1] > 0.9
    alone = read_week(workspace, model, WeekQuestion(name, read.rows[9].participant, standardize_by="model"))
    np.testing.assert_allclose(read.values[9], pooled(model.network, alone.z)[0], atol=1e-5)


def test_what_predictions_have_read_is_not_read_again(workspace, twenty_four, model, monkeypatch):
    store_simulated(workspace, "people", twenty_four)
    assert cohort_embeddings(workspace, model, "people", "model", only_kept=True) is None
    predict_with_distances(workspace, model, "people", "model", Silent())
    monkeypatch.setattr(kept, "pooled", lambda *_: pytest.fail("read again"))
    assert cohort_embeddings(workspace, model, "people", "model", only_kept=True).values.shape == (24, 96)


def test_a_random_encoder_says_so_and_a_baseline_has_none(workspace, twenty_four):
    store_simulated(workspace, "people", twenty_four)
    random = random_model("small")
    assert not cohort_embeddings(workspace, random, "people").trained
    with pytest.raises(ExplanationError, match="baseline"):
        cohort_embeddings(workspace, replace(random, config=BaselineConfig("cnn_1d")), "people")
