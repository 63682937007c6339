"""Reports of everybody in the cohort: a job, and then a zip to take away."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.components.report.report_choices import Wanted
from pages.components.shared import data_table
from pages.components.shared.cached_calls import workspace
from pages.components.shared.job_status import LIVE, follow, job_for
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pages.components.workbench import chosen_people_box
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.reports.paper.report_batch import REPORT_BATCH, ReportBatchRequest, zip_of
from pat_core.workflows.models.model_entries import ModelEntry


def section(entry: ModelEntry, cohort: CohortInfo, wanted: Wanted) -> None:
    """The button, the job while it runs, and what it left."""
    st.subheader(_("Everybody in this cohort"))
    selection = chosen_people_box.box(cohort)
    many = cohort.people if selection is None else len(selection.participants)
    st.caption(
        _("A report of each person's first window with these choices, in one zip: {people}. It goes on where it was stopped.").format(
            people=people_words(many)
        )
    )
    chosen_people_box.note(cohort, selection)
    request = replace(_request(entry, cohort, wanted), people=selection.id if selection else "")
    job = job_for(REPORT_BATCH, request)
    if job is not None and job.state in LIVE:
        follow(job.id)
        return
    if job is not None and job.state == "done" and job.result:
        _taken_away(request, dict(job.result), cohort)
    elif job is not None:
        follow(job.id)
    label = _("Make them anew where anything changed") if job is not None and job.state == "done" else _("Make everybody's reports")
    if selection is not None and (job is None or job.state != "done"):
        label = _("Make the reports of these {people}").format(people=people_words(many))
    if st.button(literal(label), key="report.everyone", disabled=workspace().read_only):
        try:
            REPORT_BATCH.launch(workspace(), request, _("Reports of {cohort}").format(cohort=cohort.name))
        except PatError as error:
            st.error(literal(error))
            return
        st.rerun()


def _request(entry: ModelEntry, cohort: CohortInfo, wanted: Wanted) -> ReportBatchRequest:
    return ReportBatchRequest(
        entry.reference,
        entry.sha256,
        cohort.name,
        cohort.id,
        wanted.standardize_by,
        sections=wanted.choice.sections,
        language=wanted.choice.language,
        paper=wanted.paper,
        way=wanted.wish.way,
        prevalence=wanted.wish.prevalence,
        score=wanted.score,
        by_diary=wanted.by_diary,
    )


def _taken_away(request: ReportBatchRequest, result: dict, cohort: CohortInfo) -> None:
    """The zip, and who has no report and why."""
    st.markdown(literal(result.get("words", "")))
    st.download_button(
        _("All reports (zip)"),
        lambda: zip_of(workspace(), request, result),
        f"{cohort.id}-reports.zip",
        "application/zip",
        key="report.zip",
        on_click="ignore",
        width="stretch",
    )
    if failed := result.get("failed"):
        table = pd.DataFrame([(entry["participant"], entry["reason"]) for entry in failed], columns=[_("Participant"), _("Why none")])
        data_table.table(table, width="stretch")
