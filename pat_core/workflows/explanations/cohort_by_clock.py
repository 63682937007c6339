"""Attributions of a whole cohort by clock time, as a background job, in words and as a table.

Each person's map is kept as it is made, so that the work can go on where it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pat_core.cohorts import JobInfo, WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.errors import ExplanationError
from pat_core.explain.by_clock import ClockAttribution, Over, cohort_by_clock
from pat_core.explain.method_registry import TOLERANCE
from pat_core.jobs import Task
from pat_core.progress import Progress, Share, Silent
from pat_core.settings import MINUTES_PER_DAY
from pat_core.weeks import GATE_VERSION, apply, minute_of_week
from pat_core.weights import Model, require_head
from pat_core.workflows.explanations.cohort_request import CohortRequest, check_cohort, left_out_words, model_of, unfit_by
from pat_core.workflows.explanations.side_by_side import explain_all
from pat_core.workflows.explanations.week_maps import METHOD_VERSION
from pat_core.workflows.models.kind_answers import explained
from pat_core.workflows.models.predictions import cohort_standardizer
from pat_core.workflows.read.duplicates import among, same_recording
from pat_core.workflows.read.worn_days import FEW_DAYS, quality_settings
from pat_core.workflows.week.chosen_people import chosen, only_chosen
from pat_core.workflows.week.cohort_weeks import draw, first_weeks
from pat_core.workflows.week.labelled_weeks import label_counts, label_text


@dataclass(frozen=True, eq=False)
class CohortByClock:
    """refused, few_days, without_start: people left out by the input gate, for too few valid days, and because no clock is known. asked:
    people of both groups. window: what their windows are called.

    drawn: how many of them were looked at. missed: maps whose gap is wider than the tolerance; they are in. copies: names that are not
    among `asked`, because their recording is here under another name too.
    """

    attribution: ClockAttribution
    asked: int
    drawn: int
    refused: int
    without_start: int
    missed: int
    copies: int = 0
    few_days: int = 0
    window: str = "week"


def counts_words(result: CohortByClock) -> list[str]:
    """Who is in, who is left out, and how exact the maps are, a sentence each."""
    sentences = [
        f"{sum(result.attribution.people)} of {result.asked} people of the two groups are included, with their first {result.window}."
    ]
    if result.drawn < result.asked:
        sentences.append(f"{result.drawn} of them were drawn at random: more would take long and change little.")
    sentences += left_out_words(result.refused, result.few_days, result.window)
    if result.without_start:
        sentences.append(f"{result.without_start} left out: their recording does not say when it started, so there is no clock.")
    if result.copies:
        sentences.append(
            f"{result.copies} left out: their recording is here under another name too. Each counts once, and not at all where its names "
            "are in both groups."
        )
    if result.missed:
        sentences.append(f"{result.missed} maps have a gap wider than {100 * TOLERANCE:g} % of the change of the score.")
    sentences.append(f"Each map is integrated gradients, compared with the mean {result.window}.")
    return sentences


def clock_table(result: CohortByClock) -> pd.DataFrame:
    """A row a window: its first minute of the day (or week) and clock time, both groups and their difference with bands, p-values.

    share: |difference| by the largest one. very small: it is under 5 % of the largest |mean| of either group.
    """
    laid = result.attribution
    day, minute = np.divmod(laid.starts, MINUTES_PER_DAY)
    clock = [f"{m // 60:02d}:{m % 60:02d}" for m in minute]
    table = pd.DataFrame({"from minute": laid.starts, "clock": clock} | ({"day from Monday": day + 1} if laid.over == "week" else {}))
    for name in ("cases", "controls", "difference"):
        band = getattr(laid, name)
        if band is not None:
            table[name], table[f"{name} low"], table[f"{name} high"] = band.mean, band.low, band.high
    for name, values in {"p": laid.p, "adjusted": laid.adjusted, "found": laid.differs}.items():
        if values is not None:
            table[name] = values
    if laid.difference is not None:
        size = np.abs(laid.difference.mean)
        table["share"] = size / (np.nanmax(size, initial=0.0) or 1.0)
        table["very small"] = laid.very_small
    return table


METHOD = "integrated_gradients"
MOST_PEOPLE = 400
"""Of a larger cohort so many people are explained (a seeded draw): some 20 passes each, and their maps are held at once."""
BEFORE_LAST = 0.97
RESULTS = Codec[CohortByClock](CohortByClock)
FORM = 3
"""Raised when the fields of a result change, so that what was kept in another form is made again."""


@dataclass(frozen=True)
class ClockRequest(CohortRequest):
    """Whose maps to lay on one clock. cases: the label's value; controls: another value, None for everyone else who has one. people: a
    selection of the workspace, to look at these alone; "" for everyone."""

    LATER = ("people",)

    label: str
    cases: str
    controls: str | None = None
    over: Over = "day"
    bin: int = 30
    people: str = ""


class _OnePerson(Share):
    """A person's part of the whole, under one message: what the method says of its own steps would flicker by."""

    def __init__(self, whole: Progress, number: int, people: int) -> None:
        super().__init__(whole, BEFORE_LAST * number / people, BEFORE_LAST / people)
        self.message = f"Explaining {number + 1} of {people} people"

    def at(self, fraction: float, message: str = "") -> None:
        super().at(fraction, self.message)


def start_by_clock(workspace: Workspace, request: ClockRequest, on: str = "") -> JobInfo:
    """Check the request and start its job. on: as of `Task.launch`.

    ExplanationError where the label has no such groups, UntrainedError without a trained head."""
    require_head(model_of(workspace, request))
    people_of_groups(workspace, request)
    title = f"Attribution by clock: {request.cohort} with {request.model}"
    return workspace.job(BY_CLOCK.launch(workspace, request, title, on=on))


def run_by_clock(workspace: Workspace, request: ClockRequest, progress: Progress | None = None) -> CohortByClock:
    """Explain each person's first week, lay all on one clock, keep the result. What was explained before is read back."""
    progress = progress or Silent()
    model = explaining(model_of(workspace, request), request)
    require_head(model)
    rows, group_of, copies = people_of_groups(workspace, request)
    drawn = draw(rows, MOST_PEOPLE)
    standardizer = cohort_standardizer(workspace, request.cohort, model, request.standardize_by)
    weeks, unfit = workspace.weeks_array(request.cohort), unfit_by(workspace, model, request.cohort, request.standardize_by)
    few_days = sum(unfit[row.row] == FEW_DAYS for row in drawn)
    gate = sum(unfit[row.row] != "" for row in drawn) - few_days
    no_clock = sum(unfit[row.row] == "" and row.start is None for row in drawn)
    placed = [(number, row, row.start) for number, row in enumerate(drawn) if not unfit[row.row] and row.start is not None]
    if not placed:
        raise ExplanationError(_nobody(len(drawn), gate, few_days, no_clock))
    z = [apply(standardizer, np.array(weeks[row.row])[None], [start])[0] for _, row, start in placed]
    each_map = explain_all(workspace, model, z, METHOD, [_OnePerson(progress, number, len(drawn)) for number, *_ in placed])
    maps, missed = [], 0
    for attribution in each_map:
        maps.append(attribution.values)
        missed += attribution.relative_gap is not None and attribution.relative_gap > TOLERANCE
    starts, cases = [minute_of_week(start) for *_, start in placed], [group_of[row.participant] for _, row, _ in placed]
    progress.at(BEFORE_LAST, "Comparing the groups")
    laid = cohort_by_clock(maps, np.array(starts), np.array(cases), bin=request.bin, over=request.over)
    result = CohortByClock(laid, len(rows), len(drawn), gate, no_clock, missed, copies, few_days, workspace.cohort(request.cohort).span)
    workspace.keep(_question(workspace, model.sha256, request, rows, group_of), result, RESULTS, surely=True)
    return result


BY_CLOCK = Task(
    "by_clock", ClockRequest, run_by_clock, lambda result: {"people": sum(result.attribution.people), "refused": result.refused}
)


def kept_by_clock(workspace: Workspace, request: ClockRequest) -> CohortByClock | None:
    """The result where this was asked before, of the same weights, people and labels."""
    rows, group_of, _ = people_of_groups(workspace, request)
    return workspace.kept(_question(workspace, model_of(workspace, request).sha256, request, rows, group_of), RESULTS)


def what_is_read(model: Model, request: ClockRequest) -> tuple[str, str]:
    """(what the maps are of, in which unit), where that is not the one logit of two classes; ("", "logits") there."""
    read, outputs = explaining(model, request), model.outputs
    return read.explains, (outputs.unit or "units of the label") if outputs.kind == "value" else "logits"


def explaining(model: Model, request: ClockRequest) -> Model:
    """Of a model of several classes, the logit of the one that the cases are; else of the last one, the same for everybody."""
    classes = model.outputs.classes
    return explained(model, request.cases if request.cases in classes else classes[-1]) if classes else explained(model)


def people_of_groups(workspace: Workspace, request: ClockRequest) -> tuple[list[WeekRow], dict[str, bool], int]:
    """First weeks of the people of both groups, who is a case, and how many names are left out for a recording that is here under
    several: all but its first name, and all of them where they are in both groups."""
    check_cohort(workspace, request)
    counts = label_counts(workspace, request.cohort, request.label)
    for value in (request.cases, request.controls):
        if value is not None and value not in counts:
            there = ", ".join(f"{key} ({n})" for key, n in counts.items()) or "none"
            raise ExplanationError(f"Nobody in {request.cohort} has {request.label} = {value!r}. Its values are: {there}.")
    label_of = {person.participant: label_text(person.labels.get(request.label)) for person in workspace.people(request.cohort)}
    wanted = set(counts) if request.controls is None else {request.cases, request.controls}
    among_them = only_chosen(label_of, chosen(workspace, request.cohort, request.people))
    rows = [row for row in first_weeks(workspace.week_rows(request.cohort)) if among_them.get(row.participant) in wanted]
    if not rows:
        raise ExplanationError(f"None of the people who were chosen has a value of {request.label} that was asked for. Choose others.")
    group_of = {row.participant: label_of[row.participant] == request.cases for row in rows}
    same = among(same_recording(workspace, request.cohort), list(group_of))
    groups: dict[str, set[bool]] = {}
    for name, recording in same.items():
        groups.setdefault(recording, set()).add(group_of[name])
    left_out = {name for name, recording in same.items() if name != recording or len(groups[recording]) > 1}
    remaining = [row for row in rows if row.participant not in left_out]
    return remaining, {row.participant: group_of[row.participant] for row in remaining}, len(left_out)


def _nobody(drawn: int, refused: int, few_days: int, no_clock: int) -> str:
    return (
        f"None of the {drawn} people can be placed on a clock: the input check refused {refused} of their windows, {few_days} have too few "
        f"valid days, and {no_clock} have no known start. Choose another cohort, or bring recordings with their start time."
    )


def _question(workspace: Workspace, sha256: str, request: ClockRequest, rows: Sequence[WeekRow], group_of: Mapping[str, bool]) -> Question:
    """The weights, the weeks and groups by content, what was asked, how wear is judged, and the versions of methods and gate."""
    people = digest([(row.as_read, str(row.start), group_of[row.participant]) for row in rows])
    settings: dict[str, object] = {"whose": request.standardize_by, "over": request.over, "bin": request.bin, "most": MOST_PEOPLE}
    settings |= {"wear": repr(quality_settings(workspace)), "methods": METHOD_VERSION, "gate": GATE_VERSION, "form": FORM}
    parts = {"model": sha256, "cohort": request.cohort_id, "people": people, "method": METHOD}
    return Question("attribution by clock", parts | settings)
