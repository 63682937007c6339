"""Who is in a cohort: a list from which a person is opened, and for researchers a table of every figure to filter and choose from."""

import streamlit as st

from pages.components.people import people_list, simple_list
from pages.components.shared.guards import need_cohort, need_model, need_people
from pages.components.shared.plain_text import literal
from pages.components.shared.session import so_far, together
from pages.components.shared.words import _
from pages.components.workbench import groups_view, map_view, people_views, table_view
from pat_core.workflows.people.participants_table import usual_standardizer

VIEWS = {"list": simple_list.show, "table": table_view.show, "groups": groups_view.show, "map": map_view.show}

st.title(_("Participants"))
with together():
    view = people_views.view()
    left, right = st.columns(2)
    notes = st.container()
    with left:
        cohort = need_cohort(place=notes)
    with right:
        entry = need_model(cohort, with_head=view == "list", place=notes)
    so_far()
    need_people(cohort)
    standardize_by = usual_standardizer(entry, cohort)
    if cohort.simulated:
        st.info(literal(cohort.note))
    opened = VIEWS[view](entry, cohort, standardize_by)
if opened:
    people_list.open_person(opened, entry, cohort, standardize_by)
