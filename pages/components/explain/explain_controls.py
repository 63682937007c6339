"""What every view of the Explain page asks for: which view, whose week, which model, and how minutes are compared."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.people import week_section
from pages.components.people.week_choice import person_and_week
from pages.components.shared import sentences
from pages.components.shared.cached_calls import week_view
from pages.components.shared.choices import Missing, choose
from pages.components.shared.guards import need_cohort, need_model, need_weeks
from pages.components.shared.plain_text import LONGEST, literal
from pages.components.shared.session import address_opened, hold, remember, remembered, together
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.records import StandardizeBy, WeekQuestion
from pat_core.workflows.models.cautions import cautions
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participant_week import WeekView

TITLES = {
    "heads": _("Blocks and heads"),
    "methods": _("Compare methods"),
    "people": _("Two people"),
    "clock": _("Cohort by clock"),
    "concepts": _("Concepts"),
    "scoreboard": _("Scoreboard"),
}


@dataclass(frozen=True)
class Look:
    """A cohort read by a model. standardize_by: the standardizer."""

    cohort: CohortInfo
    entry: ModelEntry
    standardize_by: StandardizeBy


def view() -> str:
    """Which view, bound to the address both ways; what was asked for and is not one is said."""
    key, written = Key.BOX.of(Param.ASPECT), Key.WRITTEN.of(Param.ASPECT)
    requested = st.query_params.get(Param.ASPECT)
    opened = address_opened(Param.ASPECT, TITLES.__contains__)
    if opened or st.session_state.get(key) not in TITLES:
        wanted = (requested if opened else None, remembered(Param.ASPECT), next(iter(TITLES)))
        st.session_state[key] = next(name for name in wanted if name in TITLES)
    if opened and requested not in TITLES:
        shown = TITLES[st.session_state[key]]
        st.warning(
            _("The address asks for the view “{asked}”, which is not here. Showing {shown}.").format(
                asked=literal(requested, LONGEST), shown=shown
            )
        )
    words = TITLES.__getitem__
    picked = st.segmented_control(_("View"), list(TITLES), format_func=words, key=key, required=True, label_visibility="collapsed")
    value = picked or next(iter(TITLES))
    st.session_state[written] = value
    hold(Param.ASPECT)
    remember(Param.ASPECT, value)
    return value


def cohort_and_model() -> Look:
    """The row that a view of a whole cohort begins with."""
    with together():
        left, middle, right = _columns()
        notes = st.container()
        cohort = _cohort(left, notes)
        entry = _entry(middle, notes, cohort)
        return Look(cohort, entry, _standardize_by(right, entry, cohort))


def one_week() -> tuple[Look, WeekView]:
    """The rows that a view of one person's week begins with; stops the page where there is none."""
    with together():
        chosen = _chosen()
    return chosen.look, chosen.read()


def two_weeks() -> tuple[Look, WeekView, WeekView]:
    """The rows for two people: a week of the one, the first week of the other; stops the page where there is nobody else."""
    with together():
        chosen = _chosen()
        cohort, others = chosen.look.cohort, [name for name in chosen.people if name != chosen.person]
        if not others:
            st.info(_("{cohort} has one person only, so there is nobody to compare with.").format(cohort=literal(cohort.name)))
            st.stop()
        with chosen.beside:
            other = choose(Param.OTHER, _("Compared with"), others, missing=Missing(place=chosen.notes), help=_("Their first window."))
    return chosen.look, chosen.read(), read(chosen.look, other, next(iter(need_weeks(cohort, other).values())))


@dataclass(frozen=True)
class _Chosen:
    """One person's week. beside: room in the same row; notes: where these belong."""

    look: Look
    people: list[str]
    person: str
    week: int
    beside: DeltaGenerator
    notes: DeltaGenerator

    def read(self) -> WeekView:
        return read(self.look, self.person, self.week)


def _chosen() -> _Chosen:
    left, middle, right = _columns()
    first, second, beside = st.columns([3, 2, 4], vertical_alignment="bottom")
    notes = st.container()
    cohort = _cohort(left, notes)
    entry = _entry(middle, notes, cohort)
    people, person, week = person_and_week(cohort, first, second, notes)
    return _Chosen(Look(cohort, entry, _standardize_by(right, entry, cohort)), people, person, week, beside, notes)


def read(look: Look, person: str, week: int) -> WeekView:
    """One week as the model reads it."""
    return week_view(look.entry, WeekQuestion(look.cohort.name, person, week, look.standardize_by))


def need_head(entry: ModelEntry) -> None:
    """Stops the page where a view is of a score and the model has none."""
    if entry.has_head:
        return
    st.info(
        _(
            "{model} has no trained head, so it gives no score, and this view explains a score. Choose a fine-tuned "
            "model, or look at Blocks and heads: attention is there without one."
        ).format(model=literal(entry.title))
    )
    st.stop()


def need_attention(entry: ModelEntry) -> None:
    """Stops the page where a view is of blocks and heads and the model is a baseline that has none."""
    if entry.baseline:
        st.info(
            _("{model} is a baseline: it has no tokens, blocks or attention to look into. Choose a PAT.").format(model=literal(entry.title))
        )
        st.stop()


def about(view: WeekView, entry: ModelEntry) -> bool:
    """What this week is and what was found in it, before any map; whether the model's answer is to be shown."""
    st.caption(
        literal(sentences.week_words(view.week, view.weeks)) + (_(" Simulated: nobody here exists.") if view.cohort.simulated else "")
    )
    week_section.warned((*view.cautions, *view.findings), entry)
    return week_section.wanted(view, entry)


def about_cohort(look: Look) -> None:
    """What is to be known of the model on these people, before any picture of them."""
    week_section.warned(
        cautions(look.entry.card, look.entry.origin, look.cohort, look.standardize_by, minutes=look.cohort.length), look.entry
    )


def shows(does: str, does_not: str) -> None:
    """What a view shows, and what it does not."""
    st.markdown(f"{does} {does_not}")


def _columns() -> list[DeltaGenerator]:
    return st.columns([3, 4, 2], vertical_alignment="bottom")


def _cohort(place: DeltaGenerator, notes: DeltaGenerator) -> CohortInfo:
    with place:
        return need_cohort(place=notes)


def _entry(place: DeltaGenerator, notes: DeltaGenerator, cohort: CohortInfo) -> ModelEntry:
    with place:
        return need_model(cohort, place=notes)


def _standardize_by(place: DeltaGenerator, entry: ModelEntry, cohort: CohortInfo) -> StandardizeBy:
    """Chosen after everything it starts anew with: another person, another model."""
    with place.popover(_("Settings"), width="stretch"):
        return week_section.compared_with(entry, cohort)
