"""One person's week: what was recorded, what the model says, and where it looked."""

import json

import streamlit as st

from pages.components import sheet, words
from pages.components.cached import explanation, folder_key, model, rhythm_spread, week_view, workspace
from pages.components.guards import need_cohort, need_model
from pages.components.session import Param, choose, set_choice
from pages.components.theme import theme_name
from pat_core import workflows
from pat_core.errors import PatError
from pat_core.figures import config, prediction_dot

st.title("Participant")
first, second, third, fourth = st.columns([3, 3, 2, 2])
with first:
    cohort = need_cohort()
with second:
    entry = need_model(cohort)
people = {person.participant: person for person in workspace().people(cohort.name)}
with third:
    person = choose(Param.PERSON, "Participant", list(people))
with fourth:
    indices = workflows.week_indices(workspace(), cohort.name, person)
    week = int(choose(Param.WEEK, "Week", [str(index + 1) for index in indices])) - 1
names = list(people)
at = names.index(person)
back, onward, _ = st.columns([1, 1, 5])
back.button("Previous", disabled=at == 0, on_click=set_choice, args=(Param.PERSON, names[max(at - 1, 0)]), width="stretch")
onward.button(
    "Next", disabled=at == len(names) - 1, on_click=set_choice, args=(Param.PERSON, names[min(at + 1, len(names) - 1)]), width="stretch"
)

choice = sheet.controls(entry)
key = (folder_key(), entry, cohort.name, cohort.id, person, week, choice.whose)
try:
    view = week_view(*key)
except PatError as error:
    st.error(str(error))
    st.stop()
st.caption(words.week_words(view.week, view.weeks) + (" Simulated: nobody here exists." if cohort.simulated else ""))

said, known = st.columns([3, 2])
with said:
    st.subheader("Prediction")
    st.markdown(words.prediction_sentence(view, entry))
    if view.like and view.prediction:
        figure, _ = prediction_dot(view.like, view.prediction.prevalence, group=words.condition(entry), theme=theme_name())
        st.plotly_chart(figure, theme=None, config=config(), key="prediction")
    if view.prediction:
        st.caption(words.probability_words(view.prediction))
with known:
    st.subheader("Before believing it")
    sheet.cautions(view, entry)

made = []
if view.refused and not st.toggle("Explain this week anyway, although it was found unfit for the model"):
    st.info("No explanation is drawn: the input check above found this week unfit for the model.")
else:
    for name in choice.methods:
        try:
            made.append(explanation(*key, name))
        except PatError as error:
            st.warning(str(error))
sheet.draw(view, made, choice)
sheet.reading(made, entry)

st.subheader("Rhythm beside the cohort")
sheet.rhythm(view, rhythm_spread(folder_key(), cohort.name, cohort.id))

with st.expander("Receipt and downloads"):
    content = workflows.receipt(view, model(entry), made)
    st.download_button("Receipt (JSON)", json.dumps(content, indent=1), f"{person}-week{week + 1}-receipt.json", "application/json")
    table = workflows.week_table(view, made)
    st.download_button("Minutes (CSV)", table.to_csv(index=False), f"{person}-week{week + 1}-minutes.csv", "text/csv")
    st.json(content, expanded=False)
