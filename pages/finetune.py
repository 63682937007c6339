"""Train a model on a cohort's label: choose, start, watch, and read the result with its interval."""

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.session import together
from pages.components.shared.words import _
from pages.components.train import run_section, training_form
from pat_core.jobs import refresh

st.title(_("Fine-tune"))
st.write(_("Teach a PAT model a label: groups of people, an order, or a number. Find out how well it does on people it has not seen."))
refresh(workspace())

with st.container(border=True):
    left, right = st.columns(2)
    with together():
        with left:
            groups = training_form.groups()
        with right:
            model = training_form.start_model()
            settings = training_form.recipe(model, groups)
    if groups is not None:
        training_form.start(groups, model, settings)
    here = st.container()

st.header(_("Runs"))
run_section.show(here)
