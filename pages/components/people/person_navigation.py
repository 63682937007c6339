"""From person to person on their page: through the list as it was asked for, and back to it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.people import people_list
from pages.components.people.answer_choice import ahead
from pages.components.shared.cached_calls import workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.session import remembered, set_choice
from pages.components.shared.session_names import LIST, Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.records import StandardizeBy
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participants_table import predictions_missing, usual_standardizer


def buttons(
    places: tuple[DeltaGenerator, DeltaGenerator], entry: ModelEntry, cohort: CohortInfo, names: Sequence[str], person: str
) -> None:
    """Previous and Next, which list they go through, and links to the report and back. names: everyone of the cohort, in their order."""
    walk, note = walked(entry, cohort, usual_standardizer(entry, cohort), names, person)
    at = walk.index(person)
    for place, label, step, press in zip(places, (_("Previous"), _("Next")), (-1, 1), ("P", "N"), strict=True):
        to = walk[min(max(at + step, 0), len(walk) - 1)]
        place.button(literal(label), disabled=to == person, on_click=set_choice, args=(Param.PERSON, to), width="stretch", shortcut=press)
    with st.container(horizontal=True, width="content"):
        here = {str(param): text for param in (Param.COHORT, Param.MODEL, Param.PERSON, Param.WEEK) if (text := remembered(param))}
        st.page_link("pages/report.py", label=_("Report on paper"), query_params=here)
        back_to_list(at)
    if note:
        st.caption(literal(note))


def walked(
    entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy, names: Sequence[str], person: str
) -> tuple[Sequence[str], str]:
    """Whom Previous and Next go through, and in a line which list that is: the one that was asked for where this person is on it."""
    listing = people_list.asked_before(cohort)
    if not listing.narrowed or not entry.has_head or predictions_missing(workspace(), entry, cohort.name, standardize_by):
        return names, ""
    try:
        listed = listing.rows(people_list.table_of(entry, cohort, standardize_by, ahead(), listing.label))["Participant"].tolist()
    except PatError:
        return names, ""
    if person not in listed and listing.review and len(listed):  # somebody who was reviewed just now: on with the others
        place = _place(names, listed, person)
        walk = [*listed[:place], person, *listed[place:]]
        return walk, _("{person} has left your list ({list}): Next goes on with it.").format(person=person, list=listing.words())
    if person not in listed:
        return names, _("{person} is not on your list ({list}): Previous and Next go through everyone.").format(
            person=person, list=listing.words()
        )
    return listed, _("Person {position} of {total} on your list: {list}.").format(
        position=listed.index(person) + 1, total=len(listed), list=listing.words()
    )


def _place(names: Sequence[str], listed: Sequence[str], person: str) -> int:
    """Where somebody who is not on a list would stand in it: before the first who comes after them in the cohort, or at its end."""
    later = set(names[names.index(person) + 1 :])
    return next((place for place, name in enumerate(listed) if name in later), len(listed))


def back_to_list(at: int) -> None:
    """The link back to the list as it was, opened at the part on which this person stands. at: their place in it."""
    here = {str(param): text for param in (Param.COHORT, Param.MODEL, *LIST) if (text := remembered(param))}
    here.pop(str(Param.PART), None)
    part = {str(Param.PART): str(at // people_list.A_PART + 1)} if at >= people_list.A_PART else {}
    st.page_link("pages/participants.py", label=_("Back to the list"), query_params=here | part)
