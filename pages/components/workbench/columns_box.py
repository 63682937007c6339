"""Which columns stand in the workbench's table: any of those there are, kept for the cohort where the reader says so."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose_several
from pages.components.shared.plain_text import cut
from pages.components.shared.session import in_address
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.workflows.workbench.people_columns import COLUMN_GROUPS, LABEL, PARTICIPANT, PeopleColumn

USUAL = ("answer", "quality", "valid_days", "stability", "amplitude_relative", "sleep", "onset")
GROUP_TITLES = {
    "Person": _("Person"), "Labels": _("Labels"), "Answer": _("Answer"), "Rhythm": _("Rhythm"), "Sleep": _("Sleep"), "Wear": _("Wear"),
}  # fmt: skip


def columns(cohort: CohortInfo, offered: Mapping[str, PeopleColumn]) -> list[str]:
    """The keys of the chosen columns, in the reader's order."""
    options = [key for key in offered if key != PARTICIPANT]
    kept = workspace().setting(_setting(cohort))
    usual = [key for key in (kept if isinstance(kept, list) else _usual(offered)) if key in options]
    with st.popover(_("Columns")):
        chosen = choose_several(Param.COLUMNS, _("Columns"), options, usual, lambda key: _words(offered[key]), placeholder=_("None"))
        st.caption(_("Add all of a kind:"))
        with st.container(horizontal=True):
            for group in COLUMN_GROUPS:
                of_group = [key for key in options if offered[key].group == group]
                if of_group:
                    st.button(GROUP_TITLES[group], key=f"columns.add.{group}", on_click=_add, args=(of_group,))
        if chosen != usual and st.button(_("Keep these columns for this cohort"), disabled=workspace().read_only):
            workspace().keep_setting(_setting(cohort), chosen)
            st.rerun()
    return chosen


def _words(column: PeopleColumn) -> str:
    return f"{GROUP_TITLES[column.group]}: {cut(column.called)}"


def _usual(offered: Mapping[str, PeopleColumn]) -> list[str]:
    """Before anybody chose: age and sex where they are known, and a few figures of each kind."""
    about = [key for key in offered if key.startswith(LABEL) and key.removeprefix(LABEL).casefold() in ("age", "sex", "gender")]
    return [*about, *USUAL]


def _add(keys: list[str]) -> None:
    """For a button: these columns too, after those that are chosen."""
    box = Key.BOX.of(Param.COLUMNS)
    before = st.session_state.get(box, [])
    st.session_state[box] = [*before, *(key for key in keys if key not in before)]
    st.session_state[Key.WRITTEN.of(Param.COLUMNS)] = in_address(Param.COLUMNS)


def _setting(cohort: CohortInfo) -> str:
    return f"people_columns.{cohort.id}"
