"""How long a cohort takes: to explain by clock, where a few weeks are explained and timed and their maps kept, and to predict; and a
scoreboard."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from statistics import mean

from pat_core.cohorts import Workspace
from pat_core.models.pat import PatConfig, config_for
from pat_core.progress import Silent
from pat_core.records import Attribution
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.training.pace.pace_asked import Pace, PaceAsked
from pat_core.weights import Model
from pat_core.workflows.elsewhere.answers_elsewhere import weeks_of_groups, weeks_to_explain, weeks_to_predict
from pat_core.workflows.elsewhere.chunked_weeks import Todo
from pat_core.workflows.explanations.cohort_by_clock import METHOD, ClockRequest
from pat_core.workflows.explanations.cohort_request import model_of
from pat_core.workflows.explanations.planted_models import BATCH
from pat_core.workflows.explanations.scoreboard_run import ScoreboardRequest
from pat_core.workflows.explanations.side_by_side import explain_all
from pat_core.workflows.learn.time_to_expect import Expectation, TimeToExpect
from pat_core.workflows.people.prediction_job import PredictionRequest

FEW = 2
"""Weeks from which it is known how many gradients a map takes."""


def explaining(workspace: Workspace, request: ClockRequest) -> Expectation:
    """Of the maps that are not kept yet. Elsewhere one gradient is measured; how many of them a map takes is a matter of model and weeks,
    and known from a few maps here."""
    config = model_of(workspace, request).config
    network = config if isinstance(config, PatConfig) else config.reference

    def elsewhere(paces: Sequence[Pace]) -> TimeToExpect:
        passes = _passes(workspace, *weeks_of_groups(workspace, request))
        left = len(weeks_to_explain(workspace, request)[1])
        return TimeToExpect(paces[0].device, 0, 0.0, left * passes * paces[0].reading, at_most=False)

    asked = PaceAsked("explain", network, workspace.cohort(request.cohort).minutes)
    return Expectation((asked,), elsewhere, lambda: _tried(workspace, request))


def _tried(workspace: Workspace, request: ClockRequest) -> TimeToExpect:
    """By as many weeks as are explained side by side here, after a first one, which waits for imports and memory."""
    import torch  # a second to import, for those alone who explain

    model, todo = weeks_to_explain(workspace, request)
    list(_explained(workspace, model, todo[:1]))
    few, began = todo[1 : 1 + torch.get_num_threads()], time.monotonic()
    list(_explained(workspace, model, few))
    each = (time.monotonic() - began) / max(1, len(few))
    return TimeToExpect("cpu", 0, 0.0, each * max(0, len(todo) - 1 - len(few)), at_most=False)


def _passes(workspace: Workspace, model: Model, weeks: Sequence[Todo]) -> float:
    """Gradients a map, on average over a few: those that are kept are read back."""
    return mean([attribution.evaluations or 1 for attribution in _explained(workspace, model, weeks[:FEW])] or [1])


def _explained(workspace: Workspace, model: Model, weeks: Sequence[Todo]) -> Iterator[Attribution]:
    return explain_all(workspace, model, [one.read() for one in weeks], METHOD, [Silent() for _ in weeks])


def predicting(workspace: Workspace, request: PredictionRequest) -> Expectation:
    """Of the weeks that have no prediction yet, of which each is read once by every member of the model."""
    model, todo = weeks_to_predict(workspace, request)
    readings = len(todo) * (model.members.count if model.members else 1)
    if isinstance(model.config, PatConfig):
        asked = PaceAsked("learn by the head", model.config, workspace.cohort(request.cohort).minutes)
    else:
        asked = PaceAsked("learn", model.config.reference, workspace.cohort(request.cohort).minutes)
    return Expectation((asked,), lambda paces: TimeToExpect(paces[0].device, 0, 0.0, readings * paces[0].reading, at_most=False))


def scoring(request: ScoreboardRequest) -> Expectation:
    """Of a scoreboard from its beginning: the trainings by their windows, the maps by about how many gradients they take."""
    asked = tuple(
        PaceAsked(activity, config_for(size), MINUTES_PER_WEEK, BATCH) for size in request.sizes for activity in ("learn", "explain")
    )
    models = len(request.tasks) * request.models

    def time(paces: Sequence[Pace]) -> TimeToExpect:
        learned = sum(pace.learning for pace in paces[::2]) * request.people * request.epochs
        explained = sum(pace.reading for pace in paces[1::2]) * request.passes
        return TimeToExpect(paces[0].device, 0, 0.0, models * (learned + explained), at_most=False)

    return Expectation(asked, time)
