"""One person's week: what was recorded, what the model says, and where it looked."""

import streamlit as st

from pages.components import sheet, words
from pages.components.cached import explanation, folder_key, rhythm_spread, week_view
from pages.components.guards import need_cohort, need_model, need_people, need_weeks
from pages.components.session import Param, choose, set_choice, together
from pat_core.errors import PatError

st.title("Participant")
with together():
    wide, widest = st.columns([2, 3])
    first, second, back, onward = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    said = st.container()
    with wide:
        cohort = need_cohort(place=said)
    with widest:
        entry = need_model(cohort, place=said)
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
        week = weeks[number]
    at = names.index(person)
    for place, label, step in ((back, "Previous", -1), (onward, "Next", 1)):
        to = names[min(max(at + step, 0), len(names) - 1)]
        place.button(label, disabled=to == person, on_click=set_choice, args=(Param.PERSON, to), width="stretch")
    choice = sheet.controls(entry)

key = (folder_key(), entry, cohort.name, cohort.id, person, week, choice.whose)
try:
    view = week_view(*key)
    spread = rhythm_spread(folder_key(), cohort.name, cohort.id)
except PatError as error:
    st.error(str(error))
    st.stop()
st.caption(words.week_words(view.week, view.weeks) + (" Simulated: nobody here exists." if cohort.simulated else ""))

answer, known = st.columns([3, 2])
with known:
    st.subheader("Before believing it")
    sheet.cautions(view, entry)
with answer:
    st.subheader("Prediction")
    shown = sheet.wanted(view, entry)
    prediction = sheet.prediction(view, entry) if shown else None

made = []
for name in choice.methods if shown else ():
    try:
        made.append(explanation(*key, name))
    except PatError as error:
        st.warning(str(error))
if not shown and choice.methods:
    st.info("No explanation is drawn either, until you ask for the model's answer.")
sheet.draw(view, made, choice)
sheet.reading(made)

st.subheader("Rhythm beside the cohort")
sheet.rhythm(view, spread)

with st.expander("Receipt and downloads"):
    sheet.receipt(view, entry, prediction, made)
