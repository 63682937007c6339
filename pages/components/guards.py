"""What a page needs before it can show anything. Missing: it says what, links to where that is made, and stops."""

from __future__ import annotations

import streamlit as st

from pages.components.cached import model_entries, workspace
from pages.components.session import Param, choose
from pat_core.cohorts import CohortInfo
from pat_core.workflows import ModelEntry
from pat_core.workflows.demo import COHORT as DEMO_COHORT
from pat_core.workflows.demo import MODEL as DEMO_MODEL


def need_cohort(label: str = "Cohort") -> CohortInfo:
    """The cohort that is chosen; stops the page where there is none."""
    cohorts = {cohort.name: cohort for cohort in workspace().cohorts()}
    if not cohorts:
        st.info("There are no people here yet. Bring recordings, or simulate people, on the Data page.")
        st.page_link("pages/data.py", label="Go to Data")
        st.stop()
    return cohorts[choose(Param.COHORT, label, list(cohorts))]


def need_model(cohort: CohortInfo | None = None, with_head: bool = False) -> ModelEntry:
    """The model that is chosen out of those whose weights are here; stops the page where there is none."""
    entries = {key: entry for key, entry in model_entries().items() if entry.present and (entry.has_head or not with_head)}
    if not entries:
        st.info("No model with a trained head is here yet. Fine-tune one, or add a fine-tuned file on the Models page.")
        st.page_link("pages/finetune.py", label="Go to Fine-tune")
        st.page_link("pages/models.py", label="Go to Models")
        st.stop()
    return entries[choose(Param.MODEL, "Model", list(entries), default_model(entries, cohort), lambda key: model_words(entries[key]))]


def default_model(entries: dict[str, ModelEntry], cohort: CohortInfo | None) -> str | None:
    """A model that was fine-tuned on this cohort; for the demonstration its own; else the first there is."""
    if cohort is not None and cohort.name == DEMO_COHORT and DEMO_MODEL in entries:
        return DEMO_MODEL
    own = [key for key, entry in entries.items() if cohort is not None and entry.card.get("cohort") == cohort.name]
    return own[0] if own else None


def model_words(entry: ModelEntry) -> str:
    """A model's name with what must be known about it."""
    if entry.origin == "random":
        return entry.title
    known = [entry.size]
    known += ["pretrained on simulated people"] if entry.card.get("simulated") else []
    known += [] if entry.has_head else ["no trained head"]
    return f"{entry.title} ({', '.join(known)})"
