"""Filters that are kept with the cohort under a name: used, renamed, deleted, and kept anew from the conditions in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.plain_text import cut, literal
from pages.components.shared.session import next_turn, set_choice, show_message, turn_of
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo, KeptFilter
from pat_core.errors import PatError
from pat_core.workflows.workbench.people_columns import PeopleColumn
from pat_core.workflows.workbench.people_conditions import Condition, conditions_words, from_plain, gone, written


def name_of(cohort: CohortInfo, conditions: Sequence[Condition]) -> str:
    """The name under which these very conditions are kept; "" where they are not."""
    kept = workspace().filters(cohort.name) if conditions else ()
    return next((one.name for one in kept if _conditions(one) == tuple(conditions)), "")


def box(cohort: CohortInfo, conditions: Sequence[Condition], offered: Mapping[str, PeopleColumn]) -> None:
    """The popover, and what its last action did."""
    kept = workspace().filters(cohort.name)
    show_message(Key.BENCH_MESSAGE)
    if not kept and not conditions:
        return
    with st.popover(_("Kept filters"), key=f"filters.{turn_of(Key.FILTER_TURN)}"):
        if kept:
            _one_of(cohort, {one.name: one for one in kept}, offered)
        if conditions:
            _keep(cohort, conditions)


def _one_of(cohort: CohortInfo, kept: Mapping[str, KeptFilter], offered: Mapping[str, PeopleColumn]) -> None:
    name = st.selectbox(_("A kept filter"), list(kept), format_func=cut, key=_key("which"))
    conditions = _conditions(kept[name])
    st.caption(literal(conditions_words(conditions, offered)))
    if absent := gone(conditions, offered):
        st.warning(literal(_("It asks for {columns}, which this cohort does not have (any more).").format(columns=", ".join(absent))))
    st.button(_("Use it"), type="primary", key=_key("use"), on_click=_use, args=(conditions,), disabled=not conditions)
    new = st.text_input(_("Another name"), key=_key("rename"))
    with st.container(horizontal=True):
        if st.button(_("Rename"), key=_key("renamed"), disabled=workspace().read_only):
            _do(lambda: workspace().rename_filter(cohort.name, name, new), _("Renamed to “{name}”.").format(name=new.strip()))
        if st.button(_("Delete"), key=_key("deleted"), disabled=workspace().read_only):
            _do(lambda: workspace().delete_filter(cohort.name, name), _("“{name}” was deleted.").format(name=name))


def _keep(cohort: CohortInfo, conditions: Sequence[Condition]) -> None:
    st.divider()
    name = st.text_input(_("Name for the conditions in force"), key=_key("name"), help=_("A filter of this very name gives way."))
    if st.button(_("Keep"), key=_key("keep"), disabled=workspace().read_only):
        plain = [condition.plain() for condition in conditions]
        _do(lambda: workspace().keep_filter(cohort.name, name, plain), _("Kept as “{name}”.").format(name=name.strip()))


def _do(work, message: str) -> None:
    """Do it, say so on the next run, and close the popover; what cannot be done is said in it."""
    try:
        work()
    except PatError as error:
        st.error(literal(error))
        return
    st.session_state[Key.BENCH_MESSAGE] = message
    next_turn(Key.FILTER_TURN)
    st.rerun()


def _use(conditions: Sequence[Condition]) -> None:
    next_turn(Key.FILTER_TURN)
    next_turn(Key.CONDITION_TURN)
    set_choice(Param.WHERE, written(conditions))


def _conditions(kept: KeptFilter) -> tuple[Condition, ...]:
    """Those of a kept filter; () where an earlier version kept what this one cannot read."""
    try:
        return from_plain(kept.conditions)
    except (ValueError, TypeError):
        return ()


def _key(name: str) -> str:
    return Key.FILTER.of(name, turn_of(Key.FILTER_TURN))
