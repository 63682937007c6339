"""Train a model on a cohort's label: choose, start, watch, and read the result with its interval."""

import streamlit as st

from pages.components import runs, training
from pages.components.cached import workspace
from pages.components.session import together
from pat_core.jobs import refresh

st.title("Fine-tune")
st.write("Teach a PAT model to tell two groups of people apart, and learn how well it does on people it has not seen.")
refresh(workspace())

with st.container(border=True):
    left, right = st.columns(2)
    with together():
        with left:
            groups = training.groups()
        with right:
            model = training.start_model()
            settings = training.recipe(model, groups)
    if groups is not None:
        training.start(groups, model, settings)
    here = st.container()

st.header("Runs")
runs.show(here)
