"""What a page needs before it can show anything. Missing: it says what, links to where that is made, and stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.cached_calls import model_entries, workspace
from pages.components.shared.choices import Missing, choose
from pages.components.shared.plain_text import literal
from pages.components.shared.session import remembered, set_choice
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.reports.run_words import last_trained
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.demo import COHORT as DEMO_COHORT
from pat_core.workflows.people.demo import MODEL as DEMO_MODEL
from pat_core.workflows.people.participant_week import week_indices

Answer = TypeVar("Answer")


def need_cohort(label: str = _("Cohort"), place: DeltaGenerator | None = None) -> CohortInfo:
    """The cohort that is chosen; stops the page where there is none. place: where to say that another was asked for."""
    cohorts = {cohort.name: cohort for cohort in workspace().cohorts()}
    if not cohorts:
        with place or nullcontext():
            st.info(_("There are no people here yet. Bring recordings, or simulate people, on the Data page."))
            st.page_link("pages/data.py", label=_("Go to Data"))
        st.stop()
    return cohorts[choose(Param.COHORT, label, list(cohorts), missing=Missing(place=place))]


def need_model(
    cohort: CohortInfo | None = None, with_head: bool = False, place: DeltaGenerator | None = None, before_cohort: bool = False
) -> ModelEntry:
    """The model that is chosen out of those whose weights are here; stops the page where there is none.

    before_cohort: the page asks for the model first and then on whom, so that another cohort there leaves the model alone.
    """
    known = model_entries()
    entries = {key: entry for key, entry in known.items() if entry.present and (entry.has_head or not (with_head or entry.baseline))}
    if not entries:
        with place or nullcontext():
            st.info(_("No model with a trained head is here yet. Fine-tune one, or add a fine-tuned file on the Models page."))
            st.page_link("pages/finetune.py", label=_("Go to Fine-tune"))
            st.page_link("pages/models.py", label=_("Go to Models"))
        st.stop()
    default = default_model(entries, cohort)
    _follow(default, next(iter(entries)), None if before_cohort else cohort)
    return entries[
        choose(
            Param.MODEL,
            _("Model"),
            list(entries),
            default,
            lambda key: model_words(entries[key]),
            missing=Missing(lambda key: why_not(known[key]) if key in known else None, place),
        )
    ]


def default_model(entries: dict[str, ModelEntry], cohort: CohortInfo | None) -> str | None:
    """The model that was fine-tuned last on this cohort; for the demonstration, without one, its own; else None."""
    if cohort is None:
        return None
    last = last_trained(workspace(), cohort)
    if last in entries:
        return last
    return DEMO_MODEL if cohort.name == DEMO_COHORT and DEMO_MODEL in entries else None


def _follow(default: str | None, first: str, cohort: CohortInfo | None) -> None:
    """A model that the reader did not choose gives way to the cohort's last trained one, once another page or cohort is opened.

    While they look at a page nothing changes under their eyes, not even where a training ends.
    """
    place = (st.context.url, cohort and cohort.id)
    before, usual = st.session_state.get(Key.MODEL_PLACE), st.session_state.get(Key.MODEL_USUAL)
    st.session_state[Key.MODEL_PLACE] = place
    if place == before:
        return
    requested, chosen = st.query_params.get(Param.MODEL), remembered(Param.MODEL)
    if default not in (None, chosen) and chosen is not None and chosen == usual and requested in (None, usual):
        set_choice(Param.MODEL, default)
    if default is not None or chosen is None:
        st.session_state[Key.MODEL_USUAL] = default or first


def cohort_so_far() -> CohortInfo | None:
    """The cohort that was chosen last, on a page that does not ask for one; else the first there is."""
    cohorts = {cohort.name: cohort for cohort in workspace().cohorts()}
    return cohorts.get(remembered(Param.COHORT) or "") or next(iter(cohorts.values()), None)


def why_not(entry: ModelEntry) -> str:
    """Why a model that is known cannot be chosen on this page."""
    if not entry.present:
        return _("The weights of “{model}” are not on this machine; download them on the Models page.").format(model=entry.title)
    return _("“{model}” has no trained head, so it gives no probability.").format(model=entry.title)


def model_words(entry: ModelEntry) -> str:
    """A model's name with what must be known about it."""
    if entry.origin == "random":
        return entry.title
    known = [entry.size]
    if entry.card.get("encoder_trained") is False:
        known.append(_("random encoder, for comparison only"))
    elif entry.card.get("simulated"):
        known.append(_("simulated pretraining"))
    known += [] if entry.has_head else [_("no trained head")]
    return f"{entry.title} ({', '.join(known)})"


def need_people(cohort: CohortInfo) -> list[str]:
    """The participants of a cohort; stops the page where nobody is left in it, or it went away meanwhile."""
    people = [person.participant for person in _look_up(workspace().people, cohort.name)]
    if not people:
        st.info(
            _("There is nobody in {cohort}. Choose another cohort, or bring recordings on the Data page.").format(
                cohort=literal(cohort.name)
            )
        )
        st.page_link("pages/data.py", label=_("Go to Data"))
        st.stop()
    return people


def need_weeks(cohort: CohortInfo, person: str) -> dict[str, int]:
    """A person's weeks as a reader counts them, from 1, each with its index; stops the page where they have none any more."""
    weeks = {str(index + 1): index for index in _look_up(week_indices, workspace(), cohort.name, person)}
    if not weeks:
        st.error(
            literal(_("{person} has no full window in {cohort} any more. Choose another person.").format(person=person, cohort=cohort.name))
        )
        st.stop()
    return weeks


def _look_up(look: Callable[..., Answer], *arguments: object) -> Answer:
    """What was looked for; stops the page with the reason where it went away since the page began."""
    with or_stop():
        return look(*arguments)


@contextmanager
def or_stop(show: Callable[[str], object] = st.error) -> Iterator[None]:
    """What cannot be answered is said with `show`, and the page ends there."""
    try:
        yield
    except PatError as error:
        show(literal(error))
        st.stop()
