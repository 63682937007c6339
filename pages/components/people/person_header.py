"""The head of the page of one person: who they are by their own labels, what is known of the outcome on request, and which week this is."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared import sentences
from pages.components.shared.cached_calls import one_sided_labels
from pages.components.shared.guards import model_words
from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participant_week import WeekView
from pat_core.workflows.people.participants_table import OwnLabels, own_labels


def show(view: WeekView, entry: ModelEntry, place: DeltaGenerator) -> None:
    """Of which cohort and read by which model, labels and week, in grey lines. place: where they stand."""
    known = _labels(view, entry)
    simulated = _(" Simulated: nobody here exists.") if view.cohort.simulated else ""
    read = _("{cohort}, read by {model}. ").format(cohort=view.cohort.name, model=model_words(entry))
    place.caption(literal(f"{read}{_about(known)}{sentences.week_words(view.week, view.weeks)}{simulated}"))


def outcome(view: WeekView, entry: ModelEntry) -> None:
    """What is known of the outcome behind a toggle, so that nobody reads it before the week."""
    known = _labels(view, entry)
    if known.outcome and st.toggle(_("Show the known outcome"), key=f"outcome.{view.cohort.id}.{view.person.participant}"):
        st.markdown(literal(_("Known about this person: {labels}.").format(labels=_listed(known.outcome))))


def _labels(view: WeekView, entry: ModelEntry) -> OwnLabels:
    return own_labels(view.person.labels, entry.card, one_sided_labels(view.cohort, str(entry.card.get("label") or "")))


def _about(known: OwnLabels) -> str:
    return f"{_listed(known.shown)}. " if known.shown else ""


def _listed(labels: dict[str, str]) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in labels.items())
