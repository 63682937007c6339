"""The parts of the Fine-tune page: the model to start from, the recipe, and a run's curves and result."""

from __future__ import annotations

import streamlit as st

from pages.components import words
from pages.components.cached import model_entries, workspace
from pages.components.running import LIVE, ended, job_line
from pages.components.session import Param, set_choice
from pages.components.theme import theme_name
from pat_core import jobs
from pat_core.cohorts import RunInfo
from pat_core.figures import config, training_curves
from pat_core.model.config import LEARNING_RATE
from pat_core.training import DEVICES, FinetuneSettings
from pat_core.workflows import ModelEntry, run_curves

STYLES = {"linear_probe": "Linear probe: the encoder stays as it is, a small head learns", "full": "Full: everything learns"}


def start_model() -> ModelEntry:
    """Size and weights to start from, out of those that are here."""
    here = {key: entry for key, entry in model_entries().items() if entry.present and not entry.has_head}
    sizes = list(dict.fromkeys(entry.size for entry in here.values()))
    size = st.selectbox("Model size", sizes, key="finetune.size")
    of_size = [key for key, entry in here.items() if entry.size == size]
    reference = st.selectbox("Weights to start from", of_size, format_func=lambda key: here[key].title, key="finetune.model")
    entry = here[reference]
    if entry.card.get("first_line"):
        st.caption(str(entry.card["first_line"]))
    if entry.origin != "published":
        st.page_link("pages/models.py", label="Bring the published weights")
    return entry


def recipe(entry: ModelEntry) -> FinetuneSettings:
    """How to train. The paper's recipe stands where nothing is changed."""
    style = st.radio("What learns", list(STYLES), format_func=STYLES.get, key="finetune.style")
    with st.expander("Recipe and device (the paper's unless changed)"):
        paper = LEARNING_RATE.get(entry.size, 1e-5)
        rate = st.number_input(
            "Learning rate", value=paper, min_value=1e-8, max_value=0.1, format="%.1e", key=f"finetune.rate.{entry.size}"
        )
        epochs = st.number_input(
            "Most epochs", value=10_000 if style == "linear_probe" else 200, min_value=1, max_value=10_000, key=f"finetune.epochs.{style}"
        )
        patience = st.number_input(
            "Stop after so many epochs without a better validation AUC", value=250, min_value=1, key="finetune.patience"
        )
        folds = st.selectbox(
            "Test on",
            [0, 5, 10],
            format_func=lambda k: f"{k}-fold cross-validation by person" if k else "20 % of the people, held out",
            key="finetune.folds",
        )
        device = st.selectbox("Device", DEVICES, help="auto takes a CUDA GPU, else Apple's, else the CPU", key="finetune.device")
        seed = st.number_input("Seed", value=0, min_value=0, key="finetune.seed")
    return FinetuneSettings(
        style=style, learning_rate=float(rate), max_epochs=int(epochs), patience=int(patience), folds=folds, device=device, seed=int(seed)
    )


def run_result(run: RunInfo) -> None:
    """Live curves while it runs; then its test, and the way to its people."""
    if run.state in LIVE and run.job_id:
        st.fragment(_live, run_every=1.0)(run)
        return
    if run.job_id and run.state != "done":
        ended(workspace().job(run.job_id))
    if run.result:
        _result(run)
    _curves(run)


def _live(run: RunInfo) -> None:
    jobs.refresh(workspace())
    job = workspace().job(run.job_id)
    if job.state not in LIVE:
        st.rerun()
    job_line(job, cancel=True)
    _curves(run)


def _curves(run: RunInfo) -> None:
    metrics = run_curves(workspace(), run)
    if metrics:
        figure, caption = training_curves(metrics, theme=theme_name())
        st.plotly_chart(figure, theme=None, config=config(), key="curves")
        st.caption(caption)


def _result(run: RunInfo) -> None:
    result = run.result or {}
    test = result["test"]["auc"]
    left, middle, right = st.columns(3)
    left.metric(
        "Test AUC", f"{test['value']:.2f}", help="How often a person of the group scores higher than one outside it. 0.50 is chance."
    )
    middle.metric("95 % interval", f"{test['low']:.2f} to {test['high']:.2f}")
    right.metric("People tested", test["n"])
    st.caption(
        f"{result['test']['how']}; prevalence {words.percent(result['prevalence'])}; "
        f"best epoch {result['best_epoch']} of {result['epochs']}, "
        f"{result['stopped']}."
    )
    if st.button("See the people", on_click=_see, args=(run,)):
        st.switch_page("pages/participants.py")


def _see(run: RunInfo) -> None:
    set_choice(Param.MODEL, run.name)
    set_choice(Param.COHORT, run.cohort)
