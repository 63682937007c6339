"""Does a cohort's score follow a concept? Directions from simulated pairs, read by the cohort's own people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pat_core.cohorts import JobInfo, WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.errors import ExplanationError
from pat_core.explain.concepts import CONCEPTS, ConceptResponse, concept_direction, concept_response, simulated_pairs
from pat_core.jobs import Task
from pat_core.progress import Progress, Share, Silent
from pat_core.records import COUNTS
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weeks import GATE_VERSION, apply, minute_of_week, span
from pat_core.weights import Model, require_attention, require_head
from pat_core.workflows.explanations.cohort_request import CohortRequest, check_cohort, left_out_words, model_of, unfit_by
from pat_core.workflows.explanations.week_maps import METHOD_VERSION
from pat_core.workflows.models.kind_answers import explained
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import cohort_standardizer
from pat_core.workflows.read.worn_days import FEW_DAYS, quality_settings
from pat_core.workflows.week.cohort_weeks import draw, first_weeks

PAIRS, SEED, RANDOM = 24, 9001, 200
"""Pairs that a direction is learned from, the seed that draws them (no simulated cohort's), and random directions to compare with."""
MOST_PEOPLE = 200


@dataclass(frozen=True)
class ConceptRequest(CohortRequest):
    """Whose response to read."""


@dataclass(frozen=True, eq=False)
class Response:
    """One concept. consistency: 1 where the embedding moves one way for everybody, about 0 where it does not. response: of the people."""

    name: str
    title: str
    sentence: str
    consistency: float
    response: ConceptResponse


@dataclass(frozen=True, eq=False)
class CohortConcepts:
    """responses: one a concept. participants: of whom, in the order of each response's values. refused, few_days: people left out by the
    input gate, and for too few valid days. window: what their windows are called.

    caution: what limits it, "" where nothing does.
    """

    responses: tuple[Response, ...]
    participants: tuple[str, ...]
    refused: int
    caution: str
    few_days: int = 0
    window: str = "week"


RESULTS = Codec[CohortConcepts](CohortConcepts)


def why_not(workspace: Workspace, request: ConceptRequest, has_head: bool) -> str:
    """Why concepts do not apply to this model and cohort, in a sentence; "" where they do."""
    info = workspace.cohort(request.cohort)
    if not has_head:
        return "Concepts ask what the score follows, and this model has no trained head and therefore no score."
    if info.unit != COUNTS:
        return f"The concepts are learned from simulated weeks in {COUNTS}; these are in {info.unit}, which is not interchangeable."
    if not info.one_length:
        return "The concepts are learned from windows of one length; those of this cohort differ in length."
    return ""


def start_concepts(workspace: Workspace, request: ConceptRequest) -> JobInfo:
    """Start the job. UntrainedError without a trained head, ExplanationError where concepts do not apply."""
    _ready(workspace, request)
    title = f"Concepts: {request.cohort} with {request.model}"
    return workspace.job(CONCEPTS_READ.launch(workspace, request, title))


def run_concepts(workspace: Workspace, request: ConceptRequest, progress: Progress | None = None) -> CohortConcepts:
    """Learn each concept's direction and read every person's response to it; kept."""
    progress = progress or Silent()
    model = explained(_ready(workspace, request))
    network = require_attention(model)
    rows, gate, few_days = _people(workspace, model, request)
    standardizer = cohort_standardizer(workspace, request.cohort, model, request.standardize_by)
    weeks = workspace.weeks_array(request.cohort)
    z = apply(standardizer, np.stack([np.array(weeks[row.row]) for row in rows]), [row.start for row in rows])
    opens, caution = _clock(rows)
    minutes = z.shape[1]
    responses = []
    for number, (name, sentence) in enumerate(CONCEPTS.items()):
        title = name.replace("_", " ").capitalize()
        progress.at(number / len(CONCEPTS), f"Learning a direction: {title.lower()}")
        share = Share(progress, number / len(CONCEPTS), 1 / len(CONCEPTS))
        whole = simulated_pairs(name, PAIRS, SEED, -(-minutes // MINUTES_PER_WEEK) * 7)
        pairs = (np.roll(weeks, -opens, axis=1)[:, :minutes] for weeks in whole)
        begins = np.full(PAIRS, opens)
        learned = concept_direction(network, *(apply(standardizer, half, begins) for half in pairs), progress=share)
        response = concept_response(network, z, learned.direction, random=RANDOM, progress=share)
        responses.append(Response(name, title, sentence, learned.consistency, response))
    done = CohortConcepts(tuple(responses), tuple(row.participant for row in rows), gate, caution, few_days, span(minutes))
    workspace.keep(_question(workspace, model.sha256, request), done, RESULTS, surely=True)
    return done


CONCEPTS_READ = Task("concepts", ConceptRequest, run_concepts, lambda result: {"concepts": len(result.responses)})


def kept_concepts(workspace: Workspace, request: ConceptRequest) -> CohortConcepts | None:
    """The result where this was asked before, of the same weights and cohort."""
    return workspace.kept(_question(workspace, resolve(workspace, request.model).sha256, request), RESULTS)


def lines(result: CohortConcepts) -> list[str]:
    """What each concept is and how steady its direction, and who is left out, a line each."""
    sentences = [
        f"{concept.title}. {concept.sentence} The pairs agree on the direction with a mean cosine of "
        f"{concept.consistency:.2f} (1: all alike)."
        for concept in result.responses
    ]
    return sentences + left_out_words(result.refused, result.few_days, result.window)


def concept_table(result: CohortConcepts) -> pd.DataFrame:
    """A row a person and concept: change of the logit for a step of length 1, share of random directions with a weaker response."""
    rows = [
        {"participant": person, "concept": concept.name, "derivative": float(value), "above random": float(above)}
        for concept in result.responses
        for person, value, above in zip(result.participants, concept.response.derivative, concept.response.above_random, strict=True)
    ]
    return pd.DataFrame(rows)


def _ready(workspace: Workspace, request: ConceptRequest) -> Model:
    model = model_of(workspace, request)
    require_head(model)
    require_attention(model)
    check_cohort(workspace, request)
    reason = why_not(workspace, request, model.has_head)
    if reason:
        raise ExplanationError(reason)
    if model.outputs.kind == "classes":
        raise ExplanationError(
            f"Concepts follow one score, and {model.name} has one for each of several classes. Choose a model of two classes, of an order "
            "or of a value."
        )
    return model


def _people(workspace: Workspace, model: Model, request: ConceptRequest) -> tuple[list[WeekRow], int, int]:
    """First weeks of which an answer is given, at most 200 (a seeded draw), how many the input gate refused, and how many have too few
    valid days."""
    unfit, first = unfit_by(workspace, model, request.cohort, request.standardize_by), first_weeks(workspace.week_rows(request.cohort))
    fit = draw([row for row in first if not unfit[row.row]], MOST_PEOPLE)
    few_days = sum(unfit[row.row] == FEW_DAYS for row in first)
    gate = sum(unfit[row.row] != "" for row in first) - few_days
    if not fit:
        raise ExplanationError(
            f"Of all {len(first)} people of {request.cohort} no answer is given: the input check refused {gate} of their windows, and "
            f"{few_days} have too few valid days. Choose another cohort."
        )
    return fit, gate, few_days


def _clock(rows: Sequence[WeekRow]) -> tuple[int, str]:
    """The minute of the week at which most of these weeks begin, to which the simulated pairs are turned, and what is to be said of it."""
    begins = [minute_of_week(row.start) for row in rows if row.start]
    if not begins:
        return 0, "When these windows begin is not known: the concepts are learned as if all began on Monday at midnight."
    opens, many = Counter(begins).most_common(1)[0]
    if many == len(rows):
        return opens, ""
    return (
        opens,
        f"{len(rows) - many} of {len(rows)} windows begin at another time than the concepts were learned for, or at an unknown one.",
    )


def _question(workspace: Workspace, sha256: str, request: ConceptRequest) -> Question:
    read = workspace.cohort(request.cohort).as_read
    parts = {"model": sha256, "cohort": read, "whose": request.standardize_by, "concepts": CONCEPTS, "most": MOST_PEOPLE}
    parts |= {"wear": repr(quality_settings(workspace))}
    drawn = {"pairs": PAIRS, "seed": SEED, "random": RANDOM, "methods": METHOD_VERSION, "gate": GATE_VERSION}
    return Question("concepts", parts | drawn)
