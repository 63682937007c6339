"""Train a model on a cohort's label: choose, start, watch, and read the result with its interval."""

import streamlit as st

from pages.components import words
from pages.components.cached import workspace
from pages.components.guards import need_cohort
from pages.components.session import Param, remember
from pages.components.training import recipe, run_result, start_model
from pat_core import workflows
from pat_core.errors import PatError
from pat_core.jobs import refresh

st.title("Fine-tune")
st.write("Teach a PAT model to tell two groups of people apart, and learn how well it does on people it has not seen.")
refresh(workspace())

with st.container(border=True):
    left, right = st.columns(2)
    with left:
        cohort = need_cohort()
        labels = workflows.label_columns(workspace(), cohort.name)
        if not labels:
            st.info(f"{cohort.name} has no label with at least two values. Add labels on the Data page.")
            st.page_link("pages/data.py", label="Go to Data")
            st.stop()
        label = st.selectbox("Label", labels, index=labels.index("group") if "group" in labels else 0, key="finetune.label")
        counts = workflows.label_counts(workspace(), cohort.name, label)
        values = list(counts)
        positive = st.selectbox(
            "The group to recognise",
            values,
            index=len(values) - 1,
            key="finetune.positive",
            format_func=lambda v: f"{v} ({counts[v]} people)",
        )
        others = [value for value in values if value != positive]
        negative = st.selectbox(
            "Compared with", ["everyone else", *others] if len(others) > 1 else others, key="finetune.negative",
            format_func=lambda v: v if v == "everyone else" else f"{v} ({counts[v]} people)",
        )  # fmt: skip
    with right:
        model = start_model()
        settings = recipe(model)
    name = st.text_input("Name of the run", value=f"{positive} against {negative}, {model.size}", max_chars=80, key="finetune.name")
    if st.button("Start fine-tuning", type="primary"):
        try:
            request = workflows.RunRequest(
                name, cohort.name, label, positive, model.reference, None if negative == "everyone else" else negative, settings=settings
            )
            run, _ = workflows.start_finetune(workspace(), request)
            remember(Param.RUN, run.name)
            st.rerun()
        except PatError as error:
            st.error(str(error))

st.header("Runs")
runs = {run.name: run for run in workspace().runs()}
if not runs:
    st.info("No run yet. Choose a cohort and a label above and start one: on simulated people it takes about a minute.")
    st.stop()
shown = st.query_params.get(Param.RUN)
chosen = st.selectbox(
    "Run",
    list(runs),
    index=list(runs).index(shown) if shown in runs else 0,
    format_func=lambda key: f"{key} ({words.state(runs[key].state)})",
)
remember(Param.RUN, chosen)
run_result(runs[chosen])
