"""Reports of everybody in a cohort, as a background job: each is kept as it is drawn, so that the work goes on where it stopped, and
somebody whose report cannot be drawn is listed with the reason and ends nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pat_core.cohorts import WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.csv_text import csv_text
from pat_core.errors import Cancelled, PatError, WorkspaceTrouble
from pat_core.files import replacing
from pat_core.jobs import Task
from pat_core.plurals import counted
from pat_core.progress import Progress, Silent
from pat_core.records import WeekQuestion
from pat_core.reports.paper.paper_files import as_file_name, pdf_of
from pat_core.reports.paper.paper_html import html_of
from pat_core.reports.paper.report_document import SECTIONS, ReportChoice, report_document
from pat_core.rhythms.sleep_diary import DiaryNight
from pat_core.weeks import GATE_VERSION
from pat_core.weights import Model
from pat_core.workflows.explanations.cohort_request import CohortRequest, check_cohort, model_of
from pat_core.workflows.explanations.week_maps import METHOD_VERSION
from pat_core.workflows.models.answers import Wish
from pat_core.workflows.people.report_record import FORM, report_record
from pat_core.workflows.read.worn_days import quality_settings
from pat_core.workflows.week.chosen_people import chosen, chosen_words, only_chosen
from pat_core.workflows.week.cohort_weeks import first_weeks

LOOK = 1
"""Counts up when reports of the same figures look otherwise, so that those kept before are drawn anew."""
FORMATS = ("pdf", "html")
TABLE = "reports.csv"
WHOM = "people.txt"
"""Beside the table where only some people were asked for: how they were chosen."""
UNDRAWN = (PatError, ValueError, ArithmeticError, LookupError)
"""What one person's recording can bring about; anything else is a fault of the program and ends the job."""
BYTES = Codec[np.ndarray](np.ndarray)


@dataclass(frozen=True)
class ReportBatchRequest(CohortRequest):
    """Whose reports, and how: of each person the first week. way, prevalence, score, by_diary: how answers are given and
    nights are scored, as on the page of a person. people: a selection of the workspace, for these alone; "" for everyone."""

    LATER = ("people", "by_diary")

    sections: tuple[str, ...] = SECTIONS
    language: str = "en"
    paper: str = "a4"
    format: str = "pdf"
    way: str | None = None
    prevalence: float | None = None
    score: str | None = None
    people: str = ""
    by_diary: bool = False

    @property
    def choice(self) -> ReportChoice:
        """PatError where the sections or the language cannot be had."""
        return ReportChoice(tuple(self.sections), self.language)


@dataclass(frozen=True)
class ReportBatch:
    """people: asked. drawn: with a report; refused: of these, without a score. failed: (participant, why there is none)."""

    people: int
    drawn: int
    refused: int
    failed: tuple[tuple[str, str], ...]

    @property
    def words(self) -> str:
        """How it went, in a sentence or two."""
        text = f"{counted(self.drawn, 'report')} of {counted(self.people, 'person', 'people')}."
        if self.refused:
            text += f" {counted(self.refused, 'of them holds', 'of them hold')} no score, for the input check refused the week."
        if self.failed:
            text += f" No report of {', '.join(who for who, _ in self.failed[:5])}{' and others' if len(self.failed) > 5 else ''}."
        return text


def run_report_batch(workspace: Workspace, request: ReportBatchRequest, progress: Progress | None = None) -> ReportBatch:
    """Draw the reports that are not kept yet. ExplanationError where cohort or weights are others than those that were asked for, PatError
    for a choice that cannot be."""
    progress, choice = progress or Silent(), request.choice
    check_cohort(workspace, request)
    model, refused, failed = model_of(workspace, request), 0, list[tuple[str, str]]()
    rows, common = _rows(workspace, request), _common(workspace, model, request)
    for number, row in enumerate(rows):
        progress.at(number / len(rows), f"Drawing reports: {number + 1:,} of {counted(len(rows), 'person', 'people')}")
        try:
            refused += _one(workspace, model, request, choice, row, common)
        except (Cancelled, WorkspaceTrouble):
            raise
        except UNDRAWN as error:
            failed.append((row.participant, str(error) or type(error).__name__))
    return ReportBatch(len(rows), len(rows) - len(failed), refused, tuple(failed))


def _rows(workspace: Workspace, request: ReportBatchRequest) -> list[WeekRow]:
    """The first week of each person who is asked for, in the order of the cohort's people."""
    rows = {row.participant: row for row in first_weeks(workspace.week_rows(request.cohort))}
    return list(only_chosen(rows, chosen(workspace, request.cohort, request.people)).values())


def _plain(outcome: ReportBatch) -> dict[str, Any]:
    failed = [{"participant": who, "reason": reason} for who, reason in outcome.failed]
    return {"people": outcome.people, "drawn": outcome.drawn, "refused": outcome.refused, "failed": failed, "words": outcome.words}


REPORT_BATCH = Task("report_batch", ReportBatchRequest, run_report_batch, _plain)


def _one(workspace: Workspace, model: Model, request: ReportBatchRequest, choice: ReportChoice, row: WeekRow, common: Common) -> bool:
    """Draw and keep one report unless it is kept; whether it holds no score."""
    question = _question(workspace, common, row)
    kept = workspace.kept(question, BYTES)
    if kept is not None:
        return bool(kept[0])
    asked = WeekQuestion(request.cohort, row.participant, row.index, request.standardize_by)
    wish = Wish(request.way, request.prevalence)
    record = report_record(workspace, model, asked, with_model=choice.with_model, wish=wish, score=request.score, by_diary=request.by_diary)
    document = report_document(record, choice, workspace.interpretations(request.cohort, row.participant, row.index))
    content = html_of(document).encode() if request.format == "html" else pdf_of(document, record.created, request.paper)
    flag = record.refused and choice.with_model
    workspace.keep(question, np.frombuffer(bytes([flag]) + content, np.uint8), BYTES, surely=True)
    return flag


@dataclass(frozen=True)
class Common:
    """What the reports of a cohort depend on, read once for all of them. labels, diaries: by participant."""

    cohort: str
    labels: Mapping[str, Mapping[str, Any]]
    diaries: Mapping[str, Sequence[DiaryNight]]
    parts: Mapping[str, object]


def _common(workspace: Workspace, model: Model, request: ReportBatchRequest) -> Common:
    parts: dict[str, object] = {"cohort": workspace.cohort(request.cohort).as_read, "model": model.sha256}
    parts |= {"wear": repr(quality_settings(workspace)), "look": LOOK, "form": FORM, "methods": METHOD_VERSION, "gate": GATE_VERSION}
    parts |= {"asked": {name: value for name, value in request.as_spec().items() if name not in ("cohort", "model", "people")}}
    diaries = workspace.diary_nights(request.cohort)
    return Common(request.cohort, {person.participant: person.labels for person in workspace.people(request.cohort)}, diaries, parts)


def _question(workspace: Workspace, common: Common, row: WeekRow) -> Question:
    """All that a report depends on; the cohort's id lets it go with the cohort."""
    versions, labels = workspace.interpretations(common.cohort, row.participant, row.index), str(common.labels[row.participant])
    of = digest([row.participant, row.index, str(row.start), row.device, row.placement, row.zone, labels])
    diary = {"diary": digest([repr(night) for night in common.diaries[row.participant]])} if row.participant in common.diaries else {}
    return Question(
        "report on paper", {**common.parts, "week": row.as_read, "of": of, "written": [version.id for version in versions]} | diary
    )


def kept_reports(workspace: Workspace, request: ReportBatchRequest) -> Iterator[tuple[int, str, bytes]]:
    """(the person's number from 1, name of the file, content) of each report that is kept, in the order of the cohort's people."""
    common = _common(workspace, model_of(workspace, request), request)
    for number, row in enumerate(_rows(workspace, request), 1):
        kept = workspace.kept(_question(workspace, common, row), BYTES)
        if kept is not None:
            yield number, _file_name(number, row, request.format), kept[1:].tobytes()


def _file_name(number: int, row: WeekRow, ending: str) -> str:
    """Of a report in a zip: names of people that differ in signs alone stay apart by their number."""
    return f"{number:04d}-{as_file_name(row.participant)}-week{row.index + 1}.{ending}"


def zip_of(workspace: Workspace, request: ReportBatchRequest, outcome: ReportBatch | dict[str, Any]) -> bytes:
    """The kept reports, with a table of who has one and why others have none."""
    plain: dict[str, Any] = _plain(outcome) if isinstance(outcome, ReportBatch) else outcome
    reasons = {entry["participant"]: entry["reason"] for entry in plain.get("failed", ())}
    file, names = io.BytesIO(), dict[int, str]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name, content in kept_reports(workspace, request):
            names[number] = name
            archive.writestr(name, content)
        rows = [
            (row.participant, row.index + 1, names.get(number, ""), reasons.get(row.participant, ""))
            for number, row in enumerate(_rows(workspace, request), 1)
        ]
        selection = chosen(workspace, request.cohort, request.people)
        if selection is not None:
            archive.writestr(WHOM, chosen_words(selection, workspace.cohort(request.cohort).people) + "\n")
        archive.writestr(TABLE, csv_text(pd.DataFrame(rows, columns=["participant", "week", "report", "why_none"])))
    return file.getvalue()


def write_zip(workspace: Workspace, request: ReportBatchRequest, out: Path, progress: Progress | None = None) -> ReportBatch:
    """Draw what is not kept yet, and write all of it to one zip, whole or not at all."""
    if out.suffix.lower() != ".zip":
        raise PatError(f"Expected an --out file ending in .zip for the reports of a cohort, got {out.name}. Or name one --participant.")
    outcome = run_report_batch(workspace, request, progress)
    with replacing(out) as waiting:
        waiting.write_bytes(zip_of(workspace, request, outcome))
    return outcome
