"""A request goes into a job as plain values and comes out as it was, also where another version of the program had written it."""

from __future__ import annotations

import json

import pytest

from pat_core.recordings.mapping.mapping_record import Mapping
from pat_core.training import FinetuneSettings
from pat_core.workflows.explanations.cohort_by_clock import ClockRequest
from pat_core.workflows.explanations.cohort_concepts import ConceptRequest
from pat_core.workflows.models.model_entries import DownloadRequest
from pat_core.workflows.people.prediction_job import PredictionRequest
from pat_core.workflows.read.clock_changes import Clocks
from pat_core.workflows.read.cohort_import import ImportRequest
from pat_core.workflows.week.labelled_weeks import RunRequest

REQUESTS = (
    RunRequest("late", "people", "group", "late", "pat-s-simulated", weeks="all", settings=FinetuneSettings("full", folds=3, seed=4)),
    ClockRequest("own", "a" * 64, "people", "1", "model", "group", "late", over="week"),
    ConceptRequest("own", None, "people", "1", "cohort"),
    ImportRequest(
        ("/data/a.csv",), "ward", mappings=(Mapping(("t", "a", "who"), "t", "a", participant="who"),), clocks=Clocks("Europe/Berlin")
    ),
    PredictionRequest(model="own", cohort="people"),
    DownloadRequest("PAT-S_29k"),
)


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: type(asked).__name__)
def test_a_request_comes_back_from_a_job_as_it_was_and_what_it_does_not_know_is_left_out(asked):
    spec = json.loads(json.dumps(asked.as_spec()))
    assert type(asked).from_spec(spec) == asked
    assert type(asked).from_spec(spec | {"of a later version": 1}) == asked
