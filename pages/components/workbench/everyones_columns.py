"""The columns of everyone for the workbench's views: read once, kept between reruns; what takes long is a job, offered with its button."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from pages.components.people import answer_choice, people_list
from pages.components.shared.cached_calls import BY_CONTENT, folder_key, hours_worn, judged, model, predicted, workspace
from pages.components.shared.job_status import follow, job_for
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.records import StandardizeBy
from pat_core.reports.model_tables import configuration
from pat_core.workflows.explanations.unusual_weeks import NOT_YET
from pat_core.workflows.models.answers import Wish
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.workbench import people_sources
from pat_core.workflows.workbench.everyone_table import (
    DISTANCES,
    OF_A_FIGURE,
    OF_A_MODEL,
    PeopleTable,
    joined,
    offered_columns,
    with_columns,
)
from pat_core.workflows.workbench.figures_job import PEOPLE_FIGURES, FiguresRequest, figures_missing
from pat_core.workflows.workbench.people_columns import PeopleColumn
from pat_core.workflows.workbench.people_sources import PeopleColumns

QUICK_PEOPLE = 200
"""People whose rhythm and sleep are computed while the reader waits, some three seconds; more are a background job."""


class NotYet(Exception):
    """It is computed by a job first. Raised, because what is raised is not kept."""


def offered(cohort: CohortInfo, entry: ModelEntry) -> dict[str, PeopleColumn]:
    """Every column that can be asked for."""
    return offered_columns(_known(cohort), cohort.unit, entry.has_head)


def table_of(cohort: CohortInfo, entry: ModelEntry, standardize_by: StandardizeBy, keys: Collection[str]) -> PeopleTable:
    """Everyone with these columns; those that a job must compute first are empty, under the button that starts it."""
    known = _known(cohort)
    parts = [known, people_sources.reviews_of_people(workspace(), cohort.name, known.frame["participant"].tolist()), _worn(cohort)]
    if OF_A_FIGURE & set(keys):
        parts += _figures(cohort)
    if entry.has_head and OF_A_MODEL & set(keys) and people_list.predictions_ready(entry, cohort, standardize_by):
        wish = answer_choice.wished()
        parts.append(_answers_of(folder_key(), entry, cohort.name, standardize_by, *_stamps(cohort), wish, cohort))
        if set(DISTANCES) & set(keys):
            parts += _distances(cohort, entry, standardize_by)
    wanted = offered(cohort, entry)
    return with_columns(joined(parts), {key: wanted[key] for key in keys if key in wanted})


def _stamps(cohort: CohortInfo) -> tuple[str, str]:
    return workspace().stamp(cohort.name), judged()


def _known(cohort: CohortInfo) -> PeopleColumns:
    return _known_of(folder_key(), cohort.name, workspace().stamp(cohort.name))


@st.cache_data(show_spinner=_("Reading everyone's labels"), max_entries=8)
def _known_of(folder: str, cohort: str, stamp: str) -> PeopleColumns:
    return people_sources.known_of_people(workspace(), cohort)


def _worn(cohort: CohortInfo) -> PeopleColumns:
    return _worn_of(folder_key(), cohort.name, *_stamps(cohort), cohort)


@st.cache_data(show_spinner=_("Counting hours of wear"), max_entries=8)
def _worn_of(folder: str, cohort: str, stamp: str, wear: str, _info: CohortInfo) -> PeopleColumns:
    return people_sources.worn_of_people(workspace(), cohort, hours_worn(_info))


def _figures(cohort: CohortInfo) -> list[PeopleColumns]:
    try:
        return [_figures_of(folder_key(), cohort.name, *_stamps(cohort))]
    except NotYet:
        request = FiguresRequest(cohort.name, cohort.id)
        _job(request, _("Rhythm and sleep of {people} are computed once, in the background.").format(people=people_words(cohort.people)))
        return []


@st.cache_data(show_spinner=_("Computing everyone's rhythm and sleep"), max_entries=8)
def _figures_of(folder: str, cohort: str, stamp: str, wear: str) -> PeopleColumns:
    if figures_missing(workspace(), cohort) > QUICK_PEOPLE:
        raise NotYet
    return people_sources.figures_of_people(workspace(), cohort)


@st.cache_data(show_spinner=_("Looking at everyone's answers"), max_entries=8, hash_funcs=BY_CONTENT)
def _answers_of(
    folder: str, entry: ModelEntry, cohort: str, standardize_by: StandardizeBy, stamp: str, wear: str, wish: Wish, _info: CohortInfo
) -> PeopleColumns:
    weeks = predicted(entry, _info, standardize_by)
    return people_sources.answers_of_people(workspace(), model(entry), cohort, weeks, hours_worn(_info), wish)


def _distances(cohort: CohortInfo, entry: ModelEntry, standardize_by: StandardizeBy) -> list[PeopleColumns]:
    many = cohort.weeks > people_list.quick_weeks(configuration(workspace(), entry), cohort.minutes)
    try:
        return [_distances_of(folder_key(), entry, cohort.name, standardize_by, *_stamps(cohort), many, cohort)]
    except NotYet:
        request = FiguresRequest(cohort.name, cohort.id, entry.reference, entry.sha256, standardize_by)
        _job(request, _("{people} are read through the model once, in the background.").format(people=people_words(cohort.people)))
        return []


@st.cache_data(show_spinner=_("Reading everyone through the model"), max_entries=8, hash_funcs=BY_CONTENT)
def _distances_of(
    folder: str, entry: ModelEntry, cohort: str, standardize_by: StandardizeBy, stamp: str, wear: str, only_kept: bool, _info: CohortInfo
) -> PeopleColumns:
    fit = [week.row for week in predicted(entry, _info, standardize_by) if not week.refused]
    part = people_sources.distances_of_people(workspace(), model(entry), cohort, standardize_by, fit, only_kept=only_kept)
    if any(NOT_YET in note for note in part.notes):
        raise NotYet
    return part


def _job(request: FiguresRequest, why: str) -> None:
    """The job that computes what is missing, or the button that starts it."""
    job = job_for(PEOPLE_FIGURES, request)
    if job is not None and follow(job.id).state in ("queued", "running"):
        return
    with st.container(border=True, key=f"bench.job.{request.model}"):
        st.write(_("{why} You may leave while it works.").format(why=literal(why)))
        if st.button(_("Compute them"), key=f"bench.compute.{request.model}", disabled=workspace().read_only):
            try:
                PEOPLE_FIGURES.launch(workspace(), request, _("Figures of everyone in {cohort}").format(cohort=request.cohort))
            except PatError as error:
                st.error(literal(error))
                return
            st.rerun()
