"""The first view of the Participants page: the filters and the list, for whoever reads one person after another."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.data import wear_settings
from pages.components.people import answer_choice, people_list, several_answer, week_section
from pages.components.shared import sentences
from pages.components.shared.cached_calls import workspace
from pages.components.shared.guards import or_stop
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.records import StandardizeBy
from pat_core.workflows.models import cautions
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participants_table import label_columns
from pat_core.workflows.read.worn_days import quality_settings, settings_words
from pat_core.workflows.week.cohort_weeks import common_device


def show(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> str | None:
    """The list where everyone is predicted, else the way there; the person who was opened just now, if any."""
    place = st.empty()
    with place.container():  # before anyone is predicted too; the device is known afterwards
        week_section.warned(cautions.cautions(entry.card, entry.origin, cohort, standardize_by, minutes=cohort.lengths), entry)
        st.caption(literal(sentences.score_words(entry)))
    if not people_list.predictions_ready(entry, cohort, standardize_by):
        return people_list.anyone(cohort)
    return _listing_of(entry, cohort, standardize_by, place)


def _listing_of(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy, place: DeltaGenerator) -> str | None:
    """The filters and the list; the person who was opened just now, if any. place: of the cautions, drawn anew with the device."""
    with or_stop():
        wish = answer_choice.wish(entry)
        everyone = partial(people_list.table_of, entry, cohort, standardize_by, wish)
        labels, judged = label_columns(workspace(), cohort.name), settings_words(quality_settings(workspace()), cohort.length)
        table, listing = people_list.listing_boxes(everyone, labels, judged, several_answer.several(entry), cohort.days)
    with place.container():
        device = common_device(workspace().week_rows(cohort.name))
        week_section.warned(cautions.cautions(entry.card, entry.origin, cohort, standardize_by, device, cohort.lengths), entry)
        st.caption(literal(sentences.score_words(entry)))

    rows = listing.rows(table)
    if rows.empty:
        st.info(_("Nobody matches these filters. Clear one of them to see people again."))
        st.stop()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        of = literal(sentences.answers_of(entry, people_list.kind_of(table))) if not several_answer.several(entry) else ""
        ways = _("Open one with its button, or by name below; click a header to sort.")
        st.write(f"{people_words(len(rows))}. {of} {ways}")
        people_list.more_figures(rows, entry, cohort, standardize_by)
        wear_settings.change(cohort)
    pressed = people_list.listed(rows, listing, entry, cohort, people_list.one_answer(entry, cohort, standardize_by, wish))
    return people_list.named(rows) or pressed
