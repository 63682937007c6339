"""Attributions of a whole cohort by clock time, as a background job: each person's map is kept as it is made, so that it can go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pat_core.cohorts import JobInfo, WeekRow, Workspace
from pat_core.cohorts.kept.record_arrays import Codec
from pat_core.cohorts.kept.result_cache import Question, digest
from pat_core.errors import ExplanationError
from pat_core.explain.by_clock import Over, cohort_by_clock
from pat_core.explain.method_settings import TOLERANCE
from pat_core.jobs import Task
from pat_core.progress import Progress, Share, Silent
from pat_core.records import StandardizeBy
from pat_core.weeks import GATE_VERSION, apply, minute_of_week
from pat_core.weights import Model, require_head
from pat_core.workflows.explanations.cohort_by_clock_result import CohortByClock
from pat_core.workflows.explanations.cohort_requests import CohortRequest
from pat_core.workflows.explanations.week_maps import METHOD_VERSION, explain_standardized
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import cohort_standardizer
from pat_core.workflows.read.duplicates import among, same_recording
from pat_core.workflows.week.gate_findings import cohort_findings, refused
from pat_core.workflows.week.labelled_weeks import label_counts, label_text
from pat_core.workflows.week.week_rows import first_weeks

METHOD = "integrated_gradients"
MOST_PEOPLE = 400
"""Of a larger cohort so many people are explained (a seeded draw): some 20 passes each, and their maps are held at once."""
BEFORE_LAST = 0.97
RESULTS = Codec[CohortByClock](CohortByClock)


@dataclass(frozen=True)
class ClockRequest(CohortRequest):
    """Whose maps to lay on one clock. cases: the label's value; controls: another value, None for everyone else who has one.

    sha256, cohort_id: of the model and the cohort as they were when asked, so that others of the same names are not taken for them.
    """

    model: str
    sha256: str | None
    cohort: str
    cohort_id: str
    standardize_by: StandardizeBy
    label: str
    cases: str
    controls: str | None = None
    over: Over = "day"
    bin: int = 30


class _OnePerson(Share):
    """A person's part of the whole, under one message: what the method says of its own steps would flicker by."""

    def __init__(self, whole: Progress, number: int, people: int) -> None:
        super().__init__(whole, BEFORE_LAST * number / people, BEFORE_LAST / people)
        self.message = f"Explaining {number + 1} of {people} people"

    def at(self, fraction: float, message: str = "") -> None:
        super().at(fraction, self.message)


def start_by_clock(workspace: Workspace, request: ClockRequest) -> JobInfo:
    """Check the request and start its job. ExplanationError where the label has no such groups, UntrainedError without a trained head."""
    require_head(_model(workspace, request))
    _rows(workspace, request)
    title = f"Attribution by clock: {request.cohort} with {request.model}"
    return workspace.job(BY_CLOCK.launch(workspace, request, title))


def run_by_clock(workspace: Workspace, request: ClockRequest, progress: Progress | None = None) -> CohortByClock:
    """Explain each person's first week, lay all on one clock, keep the result. What was explained before is read back."""
    progress = progress or Silent()
    model = _model(workspace, request)
    require_head(model)
    asked, group_of, copies = _rows(workspace, request)
    drawn = _drawn(asked)
    standardizer = cohort_standardizer(workspace, request.cohort, model, request.standardize_by)
    weeks, fit = workspace.weeks_array(request.cohort), _fit(workspace, model, request)
    maps, starts, cases, missed = [], [], [], 0
    unfit = sum(not fit[row.row] for row in drawn)
    no_clock = sum(fit[row.row] and row.start is None for row in drawn)
    for number, row in enumerate(drawn):
        _OnePerson(progress, number, len(drawn)).at(0.0)
        if not fit[row.row] or row.start is None:
            continue
        z = apply(standardizer, np.array(weeks[row.row])[None])[0]
        made = explain_standardized(workspace, model, z, METHOD, progress=_OnePerson(progress, number, len(drawn)))
        maps.append(made.values)
        starts.append(minute_of_week(row.start))
        cases.append(group_of[row.participant])
        missed += made.relative_gap is not None and made.relative_gap > TOLERANCE
    if not maps:
        raise ExplanationError(_nobody(len(drawn), unfit, no_clock))
    progress.at(BEFORE_LAST, "Comparing the groups")
    laid = cohort_by_clock(np.stack(maps), np.array(starts), np.array(cases), bin=request.bin, over=request.over)
    result = CohortByClock(laid, len(asked), len(drawn), unfit, no_clock, missed, copies)
    workspace.keep(_question(model.sha256, request, asked, group_of), result, RESULTS, surely=True)
    return result


BY_CLOCK = Task("by_clock", ClockRequest, run_by_clock, lambda made: {"people": sum(made.attribution.people), "refused": made.refused})


def kept_by_clock(workspace: Workspace, request: ClockRequest) -> CohortByClock | None:
    """The result where this was asked before, of the same weights, people and labels."""
    asked, group_of, _ = _rows(workspace, request)
    return workspace.kept(_question(_model(workspace, request).sha256, request, asked, group_of), RESULTS)


def _model(workspace: Workspace, request: ClockRequest) -> Model:
    model = resolve(workspace, request.model)
    if request.sha256 is not None and model.sha256 != request.sha256:
        raise ExplanationError(f"The weights of {request.model} changed since this was asked. Ask again on the Explain page.")
    return model


def _rows(workspace: Workspace, request: ClockRequest) -> tuple[list[WeekRow], dict[str, bool], int]:
    """First weeks of the people of both groups, who is a case, and how many names are left out for a recording that is here under
    several: all but its first name, and all of them where they are in both groups."""
    if workspace.cohort(request.cohort).id != request.cohort_id:
        raise ExplanationError(f"{request.cohort} is a different cohort now from when this was asked. Ask again on the Explain page.")
    counts = label_counts(workspace, request.cohort, request.label)
    for value in (request.cases, request.controls):
        if value is not None and value not in counts:
            there = ", ".join(f"{key} ({n})" for key, n in counts.items()) or "none"
            raise ExplanationError(f"Nobody in {request.cohort} has {request.label} = {value!r}. Its values are: {there}.")
    label_of = {person.participant: label_text(person.labels.get(request.label)) for person in workspace.people(request.cohort)}
    wanted = set(counts) if request.controls is None else {request.cases, request.controls}
    rows = [row for row in first_weeks(workspace.week_rows(request.cohort)) if label_of[row.participant] in wanted]
    group_of = {row.participant: label_of[row.participant] == request.cases for row in rows}
    same = among(same_recording(workspace, request.cohort), list(group_of))
    groups: dict[str, set[bool]] = {}
    for name, one in same.items():
        groups.setdefault(one, set()).add(group_of[name])
    left_out = {name for name, one in same.items() if name != one or len(groups[one]) > 1}
    kept = [row for row in rows if row.participant not in left_out]
    return kept, {row.participant: group_of[row.participant] for row in kept}, len(left_out)


def _drawn(rows: Sequence[WeekRow]) -> list[WeekRow]:
    if len(rows) <= MOST_PEOPLE:
        return list(rows)
    return [rows[number] for number in np.sort(np.random.default_rng(0).choice(len(rows), MOST_PEOPLE, replace=False))]


def _fit(workspace: Workspace, model: Model, request: ClockRequest) -> dict[int, bool]:
    """Row of the cohort -> whether the input gate lets it pass."""
    rows = workspace.week_rows(request.cohort)
    standardizer = cohort_standardizer(workspace, request.cohort, model, request.standardize_by)
    found = cohort_findings(workspace, model, request.cohort, rows, request.standardize_by, standardizer)
    return {row.row: not refused(of_week) for row, of_week in zip(rows, found, strict=True)}


def _nobody(drawn: int, unfit: int, no_clock: int) -> str:
    return (
        f"None of the {drawn} people can be placed on a clock: the input check refused {unfit} of their weeks, and {no_clock} have no "
        "known start. Choose another cohort, or bring recordings with their start time."
    )


def _question(sha256: str, request: ClockRequest, rows: Sequence[WeekRow], group_of: Mapping[str, bool]) -> Question:
    """The weights, the weeks and groups by content, what was asked, and the versions of methods and gate."""
    people = digest([(row.as_read, str(row.start), group_of[row.participant]) for row in rows])
    asked = {"whose": request.standardize_by, "over": request.over, "bin": request.bin, "most": MOST_PEOPLE}
    parts = {"model": sha256, "cohort": request.cohort_id, "people": people, "method": METHOD}
    return Question("attribution by clock", parts | asked | {"methods": METHOD_VERSION, "gate": GATE_VERSION})
