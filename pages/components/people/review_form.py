"""How far a reader has come with one person: new, reviewed or flagged, with a note, and who said so when."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.phrases import date_words
from pages.components.shared.plain_text import literal
from pages.components.shared.session import next_turn, turn_of
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo, Review
from pat_core.cohorts.cohort_records import REVIEW_STATES
from pat_core.cohorts.stores.review_store import LONGEST
from pat_core.errors import PatError
from pat_core.workflows.week.week_marks import last_marker

STATES = {"new": _("New"), "reviewed": _("Reviewed"), "flagged": _("Flagged")}


def form(cohort: CohortInfo, person: str) -> None:
    """The state that holds on a button, and under it the form for another one."""
    entries = workspace().reviews_of(cohort.name, person)
    state = entries[-1].state if entries else REVIEW_STATES[0]
    with st.popover(_("Review: {state}").format(state=STATES[state].lower())):
        for entry in reversed(entries):
            st.caption(literal(_entry_words(entry)))
        with st.form(f"review.form.{cohort.id}.{person}.{turn_of(Key.REVIEW_TURN)}", enter_to_submit=False, border=False):
            draw = partial(st.segmented_control, required=True, default="reviewed" if state == "new" else state)
            chosen = draw(_("This person is"), list(STATES), format_func=STATES.__getitem__)
            note = st.text_input(_("Note"), max_chars=LONGEST, placeholder=_("For example: ask for the diary"))
            who = st.text_input(_("Your name"), value=entries[-1].who if entries else last_marker(workspace()), max_chars=80)
            if st.form_submit_button(_("Keep"), disabled=workspace().read_only):
                _keep(cohort, person, str(chosen), note or "", who or "")


def _keep(cohort: CohortInfo, person: str, state: str, note: str, who: str) -> None:
    try:
        workspace().review(cohort.name, person, state, who=who, note=note)
    except PatError as error:
        st.error(literal(error))
        return
    next_turn(Key.REVIEW_TURN)
    st.rerun()


def _entry_words(entry: Review) -> str:
    note = f": {entry.note}" if entry.note else ""
    return _("{state}{note} ({who}, {when})").format(state=STATES[entry.state], note=note, who=entry.who, when=date_words(entry.created))
