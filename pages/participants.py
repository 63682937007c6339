"""Who is in a cohort, and what the model says of each: a list that sorts and filters, and from which a person is opened."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components import people, sheet, wear_settings, words
from pages.components.cached import workspace
from pages.components.guards import need_cohort, need_model, need_people
from pages.components.phrases import count
from pages.components.session import together
from pages.components.text import literal
from pat_core import workflows
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.workflows import ModelEntry
from pat_core.workflows.quality import quality_settings, settings_words


def listing_of(entry: ModelEntry, cohort: CohortInfo, whose: str, cautions: DeltaGenerator) -> str | None:
    """The filters and the list; the person who was opened just now, if any. cautions: where they stand, drawn anew with the device."""
    try:
        everyone = partial(people.table_of, entry, cohort, whose)
        labels, judged = workflows.label_columns(workspace(), cohort.name), settings_words(quality_settings(workspace()))
        table, listing = people.listing_boxes(everyone, labels, judged)
    except PatError as error:
        st.error(literal(error))
        st.stop()
    with cautions.container():
        device = workflows.common_device(workspace().week_rows(cohort.name))
        sheet.warned(workflows.cautions(entry.card, entry.origin, cohort, whose, device), entry)
        st.caption(literal(words.score_words(entry)))

    rows = listing.rows(table)
    if rows.empty:
        st.info("Nobody fits these filters. Clear one of them to see people again.")
        st.stop()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        ways = "Open one by its button, or by name below; a click on a header sorts."
        st.write(f"{count(len(rows), 'person', 'people')}. {ways}")
        people.more_figures(rows, cohort)
        wear_settings.change(cohort)
    pressed = people.listed(rows, listing, entry, cohort)
    return people.named(rows) or pressed


st.title("Participants")
with together():
    left, right = st.columns(2)
    said = st.container()
    with left:
        cohort = need_cohort(place=said)
    with right:
        entry = need_model(cohort, with_head=True, place=said)
    need_people(cohort)
    whose = workflows.default_whose(entry)
    if cohort.simulated:
        st.info(literal(cohort.note))
    cautions = st.empty()
    with cautions.container():  # before anyone is predicted too; the device is known afterwards
        sheet.warned(workflows.cautions(entry.card, entry.origin, cohort, whose), entry)
        st.caption(literal(words.score_words(entry)))

    opened = listing_of(entry, cohort, whose, cautions) if people.predictions_ready(entry, cohort, whose) else people.anyone(cohort)
if opened:
    people.open_person(opened, entry, cohort, whose)
