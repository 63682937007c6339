"""The pages of a report as pictures, and the report to take away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from pages.components.people.explanation_section import Line
from pages.components.report.report_choices import Wanted
from pages.components.shared.cached_calls import model, workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import window_name
from pages.components.shared.words import _
from pat_core.cohorts import Interpretation
from pat_core.records import WeekQuestion
from pat_core.reports.paper.paper_files import as_file_name, pdf_of_pages, pictures_of
from pat_core.reports.paper.paper_html import html_of
from pat_core.reports.paper.paper_layout import pages_of
from pat_core.reports.paper.report_document import ReportChoice, report_document
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.report_record import ReportRecord, report_record


def record(entry: ModelEntry, question: WeekQuestion, wanted: Wanted) -> ReportRecord:
    """All that the report is drawn from; maps that were made before are read back, others are made with a line that says how far it is."""
    place = st.empty()
    bar = place.progress(0.0, _("Gathering the report"))
    with_model = wanted.choice.with_model
    progress = Line(bar, _("Gathering the report"))
    gathered = report_record(
        workspace(),
        model(entry),
        question,
        with_model=with_model,
        wish=wanted.wish,
        score=wanted.score,
        by_diary=wanted.by_diary,
        progress=progress,
    )
    place.empty()
    return gathered


def preview(record: ReportRecord, wanted: Wanted, versions: Sequence[Interpretation]) -> None:
    """The pages as they are printed."""
    if record.refused and wanted.choice.with_model:
        window = window_name(record.view.week.values.size)
        st.info(_("The input check refused this {window}: its report holds no score and no maps, and says why.").format(window=window))
    pictures = _drawn(record.sha256, wanted.choice, wanted.paper, versions, record)[1]
    for number, picture in enumerate(pictures, 1):
        person = record.view.person.participant
        alt = _("Page {number} of the report of {person}; the PDF and HTML have it as text.").format(number=number, person=person)
        with st.container(border=True):
            st.image(picture, alt=alt, width="stretch")
        st.caption(_("Page {number} of {pages}").format(number=number, pages=len(pictures)))


@st.cache_data(show_spinner=_("Laying out the pages"), max_entries=32, hash_funcs={ReportChoice: repr, Interpretation: repr})
def _drawn(
    sha256: str, choice: ReportChoice, paper: str, versions: Sequence[Interpretation], _record: ReportRecord
) -> tuple[bytes, list[bytes], datetime]:
    document = report_document(_record, choice, versions)
    pages = pages_of(document, paper)
    return pdf_of_pages(pages, document, _record.created), pictures_of(pages), _record.created


def downloads(record: ReportRecord, wanted: Wanted, versions: Sequence[Interpretation]) -> None:
    """Two buttons: the PDF, and HTML that needs nothing beside it."""
    stem = f"{as_file_name(record.view.person.participant)}-week{record.view.week.index + 1}-report"
    first, second = st.columns(2)
    pdf = _drawn(record.sha256, wanted.choice, wanted.paper, versions, record)[0]
    first.download_button(_("PDF"), pdf, f"{stem}.pdf", "application/pdf", type="primary", on_click="ignore", width="stretch")
    second.download_button(
        _("HTML"),
        lambda: html_of(report_document(record, wanted.choice, versions)).encode(),
        f"{stem}.html",
        "text/html",
        on_click="ignore",
        width="stretch",
    )
    st.caption(literal(_("Hash of what it holds: {hash}").format(hash=record.sha256[:16])))
