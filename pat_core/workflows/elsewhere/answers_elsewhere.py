"""Predictions and explanations of a whole cohort on another machine, a chunk of people at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.jobs.spread import Arrays
from pat_core.weeks import apply, by_length
from pat_core.weights import Model, require_head
from pat_core.workflows.elsewhere.chunked_weeks import Chunked, Home, Todo, model_from, stacked, unstacked
from pat_core.workflows.explanations.cohort_by_clock import BY_CLOCK, METHOD, MOST_PEOPLE, ClockRequest, explaining, people_of_groups
from pat_core.workflows.explanations.cohort_embeddings import keep_embeddings
from pat_core.workflows.explanations.cohort_request import model_of, unfit_by
from pat_core.workflows.explanations.week_maps import MAPS, map_question, saying_what
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import as_prediction, cohort_standardizer, keep_predictions, known_predictions, read_through
from pat_core.workflows.models.standardizer_choice import default_standardizer
from pat_core.workflows.people.prediction_job import PREDICT, PredictionRequest
from pat_core.workflows.week.cohort_weeks import draw, week_of

PREDICTED_AT_ONCE, EXPLAINED_AT_ONCE = 64, 4
"""Weeks a chunk: seconds of work for a large model on one core."""


def weeks_to_predict(workspace: Workspace, request: PredictionRequest) -> tuple[Model, list[Todo]]:
    model, read_by = _asked(workspace, request)
    standardizer, rows = cohort_standardizer(workspace, request.cohort, model, read_by), workspace.week_rows(request.cohort)
    known = known_predictions(workspace, model.sha256, request.cohort, read_by, rows)
    weeks, flags = workspace.weeks_array(request.cohort, as_imported=True), workspace.device_flags(request.cohort)

    def reading(row: Any) -> Callable[[], np.ndarray]:
        return lambda: apply(standardizer, week_of(row, weeks, flags).values[None], [row.start])[0]

    return model, [Todo(row, reading(row)) for row in rows if row.row not in known]


def predict_weeks(weights: bytes, weeks: list[np.ndarray], asked: Mapping[str, Any]) -> Arrays:
    """{"logits": (weeks,), or (weeks, numbers) of a head of several; "embeddings": (weeks, width), which a baseline has none of}."""
    model, answers = model_from(weights), dict[str, dict[int, np.ndarray]]()
    for alike in by_length([len(week) for week in weeks]):
        logits, embeddings = read_through(model, np.stack([weeks[place] for place in alike]), embed=True)
        for name, values in {"logits": logits, "embeddings": embeddings}.items():
            if values is not None:
                answers.setdefault(name, {}).update(zip(alike, values, strict=True))
    return {name: np.array([of_week[place] for place in range(len(weeks))]) for name, of_week in answers.items()}


def keep_answers(workspace: Workspace, request: PredictionRequest, home: Iterable[Home]) -> None:
    """The predictions, and the embeddings, of which how unusual a week is to the model is worked out."""
    model, read_by = _asked(workspace, request)
    embedded: dict[int, np.ndarray] = {}
    for todo, arrays in home:
        rows = [one.row for one in todo]
        answers = [
            (row, as_prediction(model, row.participant, row.index, logit)) for row, logit in zip(rows, arrays["logits"], strict=True)
        ]
        keep_predictions(workspace, model, request.cohort, read_by, answers)
        if "embeddings" in arrays:
            embedded.update(zip([row.row for row in rows], arrays["embeddings"], strict=True))
    if embedded:
        keep_embeddings(workspace, model, request.cohort, read_by, embedded)


def _asked(workspace: Workspace, request: PredictionRequest) -> tuple[Model, Any]:
    model = resolve(workspace, request.model)
    require_head(model)
    return model, request.standardizer or default_standardizer(model, workspace.cohort(request.cohort).lengths)


def weeks_of_groups(workspace: Workspace, request: ClockRequest) -> tuple[Model, list[Todo]]:
    """Every week that has a part in it, whether it is explained already or not."""
    model = explaining(model_of(workspace, request), request)
    require_head(model)
    drawn = draw(people_of_groups(workspace, request)[0], MOST_PEOPLE)
    unfit, weeks = unfit_by(workspace, model, request.cohort, request.standardize_by), workspace.weeks_array(request.cohort)
    standardizer = cohort_standardizer(workspace, request.cohort, model, request.standardize_by)

    def reading(row: Any) -> Callable[[], np.ndarray]:
        return lambda: apply(standardizer, np.array(weeks[row.row])[None], [row.start])[0]

    return model, [Todo(row, reading(row)) for row in drawn if not unfit[row.row] and row.start is not None]


def weeks_to_explain(workspace: Workspace, request: ClockRequest) -> tuple[Model, list[Todo]]:
    model, fit = weeks_of_groups(workspace, request)
    return model, [one for one in fit if workspace.kept(map_question(model, one.read(), METHOD, {}), MAPS) is None]


def explain_weeks(weights: bytes, weeks: list[np.ndarray], asked: Mapping[str, Any]) -> Arrays:
    """Each week's attribution, as the results here keep them, under its number."""
    from pat_core.explain import explain

    network = model_from(weights).network
    return stacked(MAPS.encode(explain(network, np.array(week), METHOD, has_head=True)) for week in weeks)


def keep_maps(workspace: Workspace, request: ClockRequest, home: Iterable[Home]) -> None:
    model = explaining(model_of(workspace, request), request)
    for todo, arrays in home:
        for one, each in zip(todo, unstacked(arrays, len(todo)), strict=True):
            attribution = saying_what(MAPS.decode(each), model)
            workspace.keep(map_question(model, one.read(), METHOD, {}), attribution, MAPS, surely=True)


PREDICT_ELSEWHERE = Chunked[PredictionRequest](PREDICT, weeks_to_predict, predict_weeks, keep_answers, PREDICTED_AT_ONCE).elsewhere()
CLOCK_ELSEWHERE = Chunked[ClockRequest](BY_CLOCK, weeks_to_explain, explain_weeks, keep_maps, EXPLAINED_AT_ONCE).elsewhere()
