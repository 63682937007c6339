"""Who is in a cohort, and what the model says of each: a table that sorts, filters and opens a person on click."""

import streamlit as st

from pages.components import people, sheet, wear_settings, words
from pages.components.cached import folder_key, hours_worn, predicted, workspace
from pages.components.guards import need_cohort, need_model, need_people
from pages.components.phrases import count
from pages.components.session import together
from pages.components.text import LONGEST, literal
from pat_core import workflows
from pat_core.errors import PatError
from pat_core.workflows.quality import quality_settings, settings_words
from pat_core.workflows.worn_days import days_of

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

people.need_predictions(entry, cohort, whose)
try:
    weeks = predicted(folder_key(), entry, cohort.name, cohort.id, whose)
    worn = hours_worn(cohort)
except PatError as error:
    st.error(literal(error))
    st.stop()
with cautions.container():
    device = workflows.common_device(item.row for item in weeks)
    sheet.warned(workflows.cautions(entry.card, entry.origin, cohort, whose, device), entry)

labels = workflows.label_columns(workspace(), cohort.name)
named = entry.card.get("label")
find, by_quality, by_probability = st.columns(3)
by_days, by_label, by_value = st.columns(3)
label = by_label.selectbox("Show label", labels, index=labels.index(named) if named in labels else 0) if labels else None
settings = quality_settings(workspace())
table = workflows.participants_table(workspace(), cohort.name, weeks, label, days_of(worn, settings))
text = find.text_input("Find a participant", placeholder="Part of an identifier")
quality = by_quality.multiselect("Quality", sorted(table["Quality"].unique()), placeholder="All")
between = by_probability.slider("Probability (%)", *people.ALL, people.ALL)
values = []
if label in table:
    given = sorted(table[label].dropna().unique())
    only = f"Only people with this {literal(label, LONGEST)}"
    values = by_value.multiselect(only, given, placeholder="All", key=f"people.{cohort.id}.{label}")
asked = by_days.selectbox(
    "Valid days", range(8), format_func=people.DAYS.get, key="people.days", help=f"Of the first week. {literal(settings_words(settings))}"
)
table = people.filtered(table, text, label, values, quality, between, asked)

if table.empty:
    st.info("Nobody fits these filters. Clear one of them to see people again.")
    st.stop()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.write(f"{count(len(table), 'person', 'people')}. Choose a row or a cell to open that person.")
    wear_settings.change(cohort)
people.open_on_click(table, label, entry, cohort, whose)
