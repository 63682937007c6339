"""One person's week: what was recorded, what the model says, and where it looked."""

import streamlit as st

from pages.components import aids, explained, head, marks, nights, sheet, trusted, walking
from pages.components.cached import folder_key, model, rhythm_spread, week_view
from pages.components.guards import need_cohort, need_model, need_people, need_weeks
from pages.components.session import Param, choose, together
from pages.components.text import literal
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
        number = choose(Param.WEEK, "Week", list(weeks), words="Week {}".format, absent=lambda n: f"{person} has no week {n}.", place=said)
        week = weeks[number]
    walking.buttons((back, onward), entry, cohort, names, person)
    try:
        choice = sheet.controls(entry, cohort, [name for name in names if name != person])
    except PatError as error:
        st.error(literal(error))
        st.stop()

try:
    view = week_view(folder_key(), entry, cohort.name, cohort.id, person, week, choice.whose)
    spread = rhythm_spread(folder_key(), cohort.name, cohort.as_read)
except PatError as error:
    st.error(literal(error))
    st.stop()
head.show(view, entry)

distance, why = trusted.unusual(view, entry)
answer, known = st.columns([3, 2])
with known:
    st.subheader("Before believing it")
    sheet.cautions(view, entry, distance, why)
with answer:
    st.subheader("Prediction")
    wanted = sheet.wanted(view, entry)
    prediction = sheet.prediction(view, entry) if wanted else None

shown = explained.first_look(view, entry, choice.asked) if wanted else []
made = [one.made for one in shown if one.made is not None]
if not wanted and choice.asked.methods:
    st.info("No explanation is drawn either, until you ask for the model's answer.")
method, windows = aids.windows_of(view, shown)
progress, pictured, read, trust = st.container(), st.container(), st.container(), st.expander("How far to trust the maps", key="trust")
with st.expander("Nights", key="nights-of-the-week"):
    view = nights.section(view)
with pictured:
    sheet.draw(view, [one.drawn for one in shown if one.drawn is not None], choice, aids.outlined(view, method, windows))
with read:
    aids.strongest(view, shown, method, windows, choice.lanes)
    trusted.flagged(shown)
with trust:
    trusted.reading(shown, entry)
    aids.agreeing(shown, model(entry).config)
    steady = trusted.steadiness(view, entry, shown)

with st.expander("Mean day and rhythm", key="rhythm-of-the-week"):
    nights.rhythm(view, spread)
with st.expander("Wear and marks", key="wear-and-marks"):
    marks.section(view, entry)

with st.expander("Receipt and downloads", key="receipt-and-downloads"):
    trusted.receipt(view, entry, prediction, made, distance, steady)

explained.refine(progress, view, entry, choice.asked, shown)
trusted.work_out(progress, view, entry, why)
