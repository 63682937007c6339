"""What-if: one person's week edited, and how the model responds to it."""

import streamlit as st

from pages.components.people import week_section
from pages.components.people.week_choice import person_and_week
from pages.components.shared import sentences
from pages.components.shared.cached_calls import week_view
from pages.components.shared.guards import need_cohort, need_model, or_stop
from pages.components.shared.plain_text import literal
from pages.components.shared.session import together
from pages.components.shared.words import _
from pages.components.what_if import edit_sections
from pat_core.records import WeekQuestion

st.title(_("What-if"))
st.caption(
    _(
        "Edit a recording and see how the model's answer changes. This is about the model only: what this person would do, or become, "
        "with other days is not known here."
    )
)
with together():
    wide, widest = st.columns([2, 3])
    first, second, third = st.columns([3, 2, 2], vertical_alignment="bottom")
    notes = st.container()
    with wide:
        cohort = need_cohort(place=notes)
    with widest:
        entry = need_model(cohort, with_head=True, place=notes)
    person, week = person_and_week(cohort, first, second, notes)[1:]
    with third:
        standardize_by = edit_sections.comparison(entry, cohort)

with or_stop():
    view = week_view(entry, WeekQuestion(cohort.name, person, week, standardize_by))
st.caption(literal(sentences.week_words(view.week, view.weeks)) + (_(" Simulated: nobody here exists.") if cohort.simulated else ""))

choices, known = st.columns([3, 2])
with choices:
    st.subheader(_("The edit"))
    with or_stop(st.warning):
        request = edit_sections.controls(view.week)
with known:
    st.subheader(_("Before believing it"))
    week_section.cautions(view, entry)

st.subheader(_("The model's response"))
if not week_section.wanted(view, entry):
    window = sentences.window_name(view.week.values.size)
    st.info(_("No edit of this {window} is read either, until you ask for the model's answer.").format(window=window))
    st.stop()
with or_stop(st.warning):
    ground = edit_sections.ground(view, entry, request)
    response = edit_sections.answer(ground, entry, request, view)
    curve = edit_sections.curve(ground)
result, along = st.columns([2, 3])
with result:
    edit_sections.result(view, entry, request, response)
with along:
    edit_sections.draw_curve(request, curve)

st.subheader(_("Before and after"))
edit_sections.draw_weeks(view, request, response)
edit_sections.work_out(ground, response)
