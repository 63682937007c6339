"""Who is in a cohort, and what the model says of each: a table that sorts, filters and opens a person on click."""

import streamlit as st

from pages.components import words
from pages.components.cached import folder_key, predicted, workspace
from pages.components.guards import need_cohort, need_model
from pages.components.running import LIVE, follow
from pages.components.session import Param, remember
from pat_core import jobs, workflows
from pat_core.errors import PatError

QUICK_WEEKS = 64  # predicted while the reader waits (a few seconds); more go to a background job

st.title("Participants")
left, right = st.columns(2)
with left:
    cohort = need_cohort()
with right:
    entry = need_model(cohort, with_head=True)
if cohort.simulated:
    st.info(f"{cohort.note}")
st.caption(f"{words.score_words(entry)} {entry.card.get('first_line', '')}")

whose = workflows.default_whose(entry)
missing = workflows.predictions_missing(workspace(), entry, cohort.name, whose)
if missing > QUICK_WEEKS:
    job = st.session_state.get("predict.job")
    if job is not None and follow(job).state in LIVE:
        st.stop()
    st.write(f"{missing} of {cohort.weeks} weeks have no prediction by this model yet.")
    if st.button("Predict everyone", type="primary"):
        spec = {"model": entry.reference, "cohort": cohort.name, "standardizer": whose}
        st.session_state["predict.job"] = jobs.launch(workspace(), "predict", f"Predict {cohort.name}", spec)
        st.rerun()
    st.stop()
try:
    weeks = predicted(folder_key(), entry, cohort.name, cohort.id, whose)
except PatError as error:
    st.error(str(error))
    st.stop()

labels = workflows.label_columns(workspace(), cohort.name)
named = entry.card.get("label")
find, by_label, by_quality = st.columns(3)
text = find.text_input("Find a participant", placeholder="part of an identifier")
label = by_label.selectbox("Show label", labels, index=labels.index(named) if named in labels else 0) if labels else None
table = workflows.participants_table(workspace(), cohort.name, weeks, label)
quality = by_quality.multiselect("Quality", sorted(table["Quality"].unique()), placeholder="all")
table = table[table["Participant"].str.contains(text, case=False, regex=False)]
table = table[table["Quality"].isin(quality)] if quality else table

if table.empty:
    st.info("Nobody fits these filters. Clear one of them to see people again.")
    st.stop()
st.write(f"{len(table)} people. Choose a row to open that person.")
chosen = st.dataframe(
    table,
    hide_index=True,
    on_select="rerun",
    selection_mode="single-row",
    key="participants.table",
    column_config={
        "Probability": st.column_config.ProgressColumn(
            "Probability (%)", min_value=0, max_value=100, format="%.0f", color="#7b8794",
            help=f"Of {words.condition(entry)}, by the first week, corrected to the prevalence among the people the model was trained on.",
        ),
        "Before correction": st.column_config.NumberColumn("Before correction (%)", format="%.0f"),
        "Part in training": st.column_config.TextColumn(help="Whether this model has seen this person: then its answer is no test of it."),
        "Held out": st.column_config.NumberColumn(
            "Held out (%)", format="%.0f", help="From a model of the same run that had not seen this person."
        ),
        "Quality": st.column_config.TextColumn(help="What was found in the week before the model read it."),
    },
)  # fmt: skip
if chosen.selection.rows:
    remember(Param.PERSON, str(table.iloc[chosen.selection.rows[0]]["Participant"]))
    st.switch_page("pages/participant.py")
