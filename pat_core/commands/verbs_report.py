"""What the verb `report` does, and its options. Heavy imports wait until it is asked for."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

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

    check_report(chosen.out, chosen.paper)
    choice = _choice(chosen, ReportChoice)
    workspace = workspace_of(chosen)
    model = resolve(workspace, chosen.model)
    question = WeekQuestion(chosen.cohort, chosen.participant, chosen.week - 1, chosen.standardizer)
    record = report_record(workspace, model, question, with_model=choice.with_model, progress=progress)
    versions = workspace.interpretations(chosen.cohort, chosen.participant, chosen.week - 1)
    pages = write_report(report_document(record, choice, versions), chosen.out, record.created, chosen.paper)
    refused = choice.with_model and record.refused
    text = f"The report of {chosen.participant}, {counted(pages, 'page')}," if pages else f"The report of {chosen.participant}"
    text += f" was written to {chosen.out}."
    text += " The input check refuses this week, so it holds no score and says why." if refused else ""
    cautions = tuple(finding.message for finding in record.cautions if finding.severity != "note") if choice.with_model else ()
    plain = {"participant": chosen.participant, "week": chosen.week, "out": chosen.out, "pages": pages, "sha256": record.sha256}
    return Answer(plain | {"refused": record.refused, "model": model.name, "cautions": cautions}, text, cautions)


def _choice(chosen: Namespace, kind: Any) -> Any:
    """The sections and the language, all sections unless some are named."""
    return kind(language=chosen.language) if chosen.sections is None else kind(tuple(chosen.sections), chosen.language)


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    a = verb("report", report, "Write a report of one person's week on paper (PDF or HTML).")
    a.add_argument("--cohort", required=True, help="whose people")
    a.add_argument("--participant", required=True, metavar="ID", help="one person of the cohort")
    a.add_argument("--week", type=_from_one, default=1, metavar="N", help="which of their weeks (default: 1, the first)")
    a.add_argument("--model", required=True, help="whose answer it holds: a name that `models` lists, or a file")
    a.add_argument("--out", type=Path, required=True, help=".pdf, or .html, which needs nothing beside it")
    a.add_argument("--paper", choices=("a4", "letter"), default="a4", help="size of the pages of a PDF (default a4)")
    a.add_argument(
        "--sections",
        nargs="+",
        metavar="NAME",
        help="some of actogram, nights, rhythm, answer, maps, interpretation, making (default: all)",
    )
    a.add_argument("--language", default="en", help="en, or another that there is a file of in assets/report (default en)")
    standardizer_option(a, "whose people each minute is compared with (default: the model's own, else the cohort's)")


def _from_one(text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"weeks are counted from 1, got {text!r}")
    return int(text)
