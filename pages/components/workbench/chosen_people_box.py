"""On other pages: everyone of a cohort, or only the people who were chosen on the Participants page."""

from __future__ import annotations

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import cut, literal
from pages.components.shared.session import in_address, remembered
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo, Selection
from pat_core.workflows.week.chosen_people import EVERYONE, chosen_words

LATEST = 10
"""Selections that are offered, the latest first."""


def box(cohort: CohortInfo) -> Selection | None:
    """Who is asked about; None for everyone. Nothing is drawn where nobody was ever chosen."""
    kept = {one.id: one for one in workspace().selections(cohort.name, LATEST)}
    asked = in_address(Param.CHOSEN_PEOPLE) or remembered(Param.CHOSEN_PEOPLE)
    if asked and asked not in kept:
        kept |= {one.id: one for one in workspace().selections(cohort.name) if one.id == asked}
    if not kept and not asked:
        return None

    def words(identity: str) -> str:
        if identity == EVERYONE:
            return _("Everyone ({people})").format(people=people_words(cohort.people))
        one = kept[identity]
        return cut(_("Only these {people}: {how}").format(people=people_words(len(one.participants)), how=one.words))

    identity = choose(Param.CHOSEN_PEOPLE, _("People"), [EVERYONE, *kept], EVERYONE, words, unsaid=EVERYONE)
    return kept.get(identity)


def note(cohort: CohortInfo | None, selection: Selection | None) -> None:
    """Where numbers stand: that they are of some people only, how these were chosen, and a hash of who they are."""
    if cohort is not None and selection is not None:
        st.info(literal(chosen_words(selection, cohort.people)))
