"""What-if: one person's week edited, and how the model responds to it."""

import streamlit as st

from pages.components import sheet, what_if, words
from pages.components.cached import folder_key, week_view
from pages.components.guards import need_cohort, need_model, need_people, need_weeks
from pages.components.session import Param, choose, together
from pages.components.text import literal
from pat_core.errors import PatError

st.title("What-if")
st.caption(
    "Edit a recorded week and see how the model's answer changes. It tells of the model alone: what this person would do, or become, "
    "with another week is not known here."
)
with together():
    wide, widest = st.columns([2, 3])
    first, second, third = st.columns([3, 2, 2], vertical_alignment="bottom")
    said = st.container()
    with wide:
        cohort = need_cohort(place=said)
    with widest:
        entry = need_model(cohort, with_head=True, place=said)
    names = need_people(cohort)
    with first:
        person = choose(Param.PERSON, "Participant", names, absent=lambda name: f"“{name}” is not among {cohort.name}.", place=said)
    weeks = need_weeks(cohort, person)
    with second:
        number = choose(
            Param.WEEK,
            "Week",
            list(weeks),
            words=lambda week: f"Week {week}",
            absent=lambda week: f"{person} has no week {week}.",
            place=said,
        )
    with third:
        whose = what_if.comparison(entry)

key = (folder_key(), entry, cohort.name, cohort.id, person, weeks[number], whose)
try:
    view = week_view(*key)
except PatError as error:
    st.error(literal(error))
    st.stop()
st.caption(literal(words.week_words(view.week, view.weeks)) + (" Simulated: nobody here exists." if cohort.simulated else ""))

choices, known = st.columns([3, 2])
with choices:
    st.subheader("The edit")
    try:
        asked = what_if.controls(view.week)
    except PatError as error:
        st.warning(literal(error))
        st.stop()
with known:
    st.subheader("Before believing it")
    sheet.cautions(view, entry)

st.subheader("The model's response")
if not sheet.wanted(view, entry):
    st.info("No edit of this week is read either, until you ask for the model's answer.")
    st.stop()
try:
    made = what_if.answer(key, asked, view)
    curve = what_if.curve(key, asked, view)
except PatError as error:
    st.warning(literal(error))
    st.stop()
result, along = st.columns([2, 3])
with result:
    what_if.result(view, entry, asked, made)
with along:
    what_if.draw_curve(asked, curve)

st.subheader("The week before and after")
what_if.draw_weeks(view, asked, made)
what_if.work_out(key, made)
