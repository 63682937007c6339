"""What the verb `report` does, and its options. Heavy imports wait until it is asked for."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pat_core.commands.people_options import people_chosen, people_options, people_words
from pat_core.commands.shared_options import standardizer_option
from pat_core.commands.verbs import Answer, workspace_of
from pat_core.plurals import counted
from pat_core.progress import Progress


def report(chosen: Namespace, progress: Progress) -> Answer:
    """A report of one person's week on paper: a PDF, or HTML that needs nothing beside it."""
    from pat_core.records import WeekQuestion
    from pat_core.reports.paper.paper_files import check_report, write_report
    from pat_core.reports.paper.report_document import ReportChoice, report_document
    from pat_core.workflows.models.model_entries import resolve
    from pat_core.workflows.people.report_record import report_record

    if chosen.participant is None:
        return _of_everyone(chosen, progress)
    check_report(chosen.out, chosen.paper)
    choice = _choice(chosen, ReportChoice)
    workspace = workspace_of(chosen)
    model = resolve(workspace, chosen.model)
    question = WeekQuestion(chosen.cohort, chosen.participant, chosen.week - 1, chosen.standardizer)
    record = report_record(workspace, model, question, with_model=choice.with_model, by_diary=chosen.rest_of == "diary", progress=progress)
    versions = workspace.interpretations(chosen.cohort, chosen.participant, chosen.week - 1)
    pages = write_report(report_document(record, choice, versions), chosen.out, record.created, chosen.paper)
    refused = choice.with_model and record.refused
    text = f"The report of {chosen.participant}, {counted(pages, 'page')}," if pages else f"The report of {chosen.participant}"
    text += f" was written to {chosen.out}."
    text += " The input check refuses this week, so it holds no score and says why." if refused else ""
    cautions = tuple(finding.message for finding in record.cautions if finding.severity != "note") if choice.with_model else ()
    plain = {"participant": chosen.participant, "week": chosen.week, "out": chosen.out, "pages": pages, "sha256": record.sha256}
    return Answer(plain | {"refused": record.refused, "model": model.name, "cautions": cautions}, text, cautions)


def _of_everyone(chosen: Namespace, progress: Progress) -> Answer:
    """A zip with a report of each person's first week. What was drawn before, also by a run that was stopped, is not drawn again."""
    from pat_core.reports.paper.report_batch import ReportBatchRequest, write_zip
    from pat_core.reports.paper.report_document import ReportChoice
    from pat_core.workflows.models.model_entries import from_anywhere, resolve
    from pat_core.workflows.models.standardizer_choice import default_standardizer

    workspace = workspace_of(chosen)
    model, cohort = resolve(workspace, chosen.model), workspace.cohort(chosen.cohort)
    by = chosen.standardizer or default_standardizer(model, cohort.lengths)
    choice = _choice(chosen, ReportChoice)
    reference = from_anywhere(workspace, chosen.model)
    selection = people_chosen(workspace, chosen, model, progress)
    given = {
        "language": choice.language,
        "paper": chosen.paper,
        "by_diary": chosen.rest_of == "diary",
        "people": selection.id if selection else "",
    }
    request = ReportBatchRequest(reference, model.sha256, cohort.name, cohort.id, by, choice.sections, **given)
    outcome = write_zip(workspace, request, chosen.out, progress)
    reasons = tuple(f"{who}: {reason}" for who, reason in outcome.failed)
    sentences = (outcome.words, people_words(workspace, selection), f"Written to {chosen.out}.")
    plain = {
        "people": outcome.people,
        "drawn": outcome.drawn,
        "refused": outcome.refused,
        "failed": dict(outcome.failed),
        "out": chosen.out,
    }
    return Answer(plain | {"model": model.name}, " ".join(filter(None, sentences)), reasons)


def _choice(chosen: Namespace, kind: Any) -> Any:
    """The sections and the language, all sections unless some are named."""
    return kind(language=chosen.language) if chosen.sections is None else kind(tuple(chosen.sections), chosen.language)


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    a = verb("report", report, "Write a report of a week on paper (PDF or HTML), of one person or of everybody in a cohort.")
    a.add_argument("--cohort", required=True, help="whose people")
    a.add_argument("--participant", metavar="ID", help="one person of the cohort (default: everybody, as a zip)")
    people_options(a)
    a.add_argument("--week", type=_from_one, default=1, metavar="N", help="which of their weeks (default: 1, the first)")
    a.add_argument("--model", required=True, help="whose answer it holds: a name that `models` lists, or a file")
    a.add_argument("--out", type=Path, required=True, help=".pdf, or .html, which needs nothing beside it; .zip for everybody")
    a.add_argument("--paper", choices=("a4", "letter"), default="a4", help="size of the pages of a PDF (default a4)")
    a.add_argument(
        "--sections",
        nargs="+",
        metavar="NAME",
        help="some of actogram, nights, rhythm, answer, maps, interpretation, making (default: all)",
    )
    a.add_argument("--language", default="en", help="en, or another that there is a file of in assets/report (default en)")
    a.add_argument("--rest-of", choices=("rule", "diary"), default="rule", help="where nights have their times in bed from (default rule)")
    standardizer_option(a, "whose people each minute is compared with (default: the model's own, else the cohort's)")


def _from_one(text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"weeks are counted from 1, got {text!r}")
    return int(text)
