"""The head of the page of one person: who they are by their own labels, what is known of the outcome on request, and which week this is."""

from __future__ import annotations

import streamlit as st

from pages.components.shared import sentences
from pages.components.shared.cached_calls import one_sided_labels
from pages.components.shared.plain_text import literal
from pages.components.shared.session import remembered
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participant_week import WeekView
from pat_core.workflows.people.participants_table import OwnLabels, own_labels


def show(view: WeekView, entry: ModelEntry) -> None:
    """Labels and week in grey lines; the known outcome behind a toggle, so that nobody reads it before the week."""
    known = own_labels(view.person.labels, entry.card, one_sided_labels(view.cohort, str(entry.card.get("label") or "")))
    simulated = _(" Simulated: nobody here exists.") if view.cohort.simulated else ""
    st.caption(literal(f"{_about(known)}{sentences.week_words(view.week, view.weeks)}{simulated}"))
    here = {str(param): text for param in (Param.COHORT, Param.MODEL, Param.PERSON, Param.WEEK) if (text := remembered(param))}
    st.page_link("pages/report.py", label=_("Report on paper"), query_params=here)
    if known.outcome and st.toggle(_("Show the known outcome"), key=f"outcome.{view.cohort.id}.{view.person.participant}"):
        st.markdown(literal(_("Known about this person: {labels}.").format(labels=_listed(known.outcome))))


def _about(known: OwnLabels) -> str:
    return f"{_listed(known.shown)}. " if known.shown else ""


def _listed(labels: dict[str, str]) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in labels.items())
