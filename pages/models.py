"""The models there are, where each comes from, and how more of them are brought here."""

import streamlit as st

from pages.components import model_card
from pages.components.cached import model_entries
from pages.components.guards import cohort_so_far, default_model
from pages.components.session import Param, choose

st.title("Models")
st.write(
    "A model reads a week. An encoder without a trained head shows where it attended; only a fine-tuned model gives a score. "
    "Every model says here where it comes from."
)
model_card.said()

entries = model_entries()
model_card.overview(list(entries.values()))
usual = default_model(entries, cohort_so_far())
reference = choose(Param.MODEL, "Model", list(entries), usual, words=lambda key: entries[key].title)
model_card.details(entries[reference])

add, sizes = st.tabs(["Add a file", "Sizes of PAT"], key="models.tab", bind="query-params")
with add:
    model_card.add()
with sizes:
    model_card.sizes()
