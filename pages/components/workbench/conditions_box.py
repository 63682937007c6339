"""The filter of the workbench: conditions that are put together, stand in the address, and are kept with the cohort under a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time

import pandas as pd
import streamlit as st

from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import LONGEST, cut, literal
from pages.components.shared.session import begin_anew, carry, next_turn, set_choice, turn_of
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pages.components.workbench.columns_box import GROUP_TITLES
from pat_core.workflows.workbench.everyone_table import PeopleTable
from pat_core.workflows.workbench.people_columns import PARTICIPANT, PeopleColumn, clock_words
from pat_core.workflows.workbench.people_conditions import Condition, Missing, gone, read_back, written

MISSING: dict[Missing, str] = {
    "without": _("Leave out people without a value"),
    "with": _("Let people without a value through too"),
    "only": _("Only people without a value"),
}
MOST_VALUES = 500


def asked() -> tuple[Condition, ...]:
    """The conditions in force; what an address asks for and cannot be meant counts as none."""
    text = carry(Param.WHERE)
    try:
        return read_back(text) if text else ()
    except (ValueError, TypeError):
        st.warning(_("The address asks for a filter that cannot be read, so everyone is shown."))
        begin_anew(Param.WHERE)
        return ()


def boxes(table: PeopleTable, offered: Mapping[str, PeopleColumn], conditions: Sequence[Condition]) -> None:
    """What is in force, each with a button that takes it out, and the popover that adds one."""
    for number, condition in enumerate(conditions):
        remaining = [one for one in conditions if one is not condition]
        st.button(
            literal(f"{condition.words(offered.get(condition.column))} ×", LONGEST),
            key=f"where.out.{number}.{turn_of(Key.CONDITION_TURN)}",
            on_click=_set,
            args=(remaining,),
            help=_("Take this condition out"),
        )
    with st.popover(_("Add a condition"), key=f"where.add.{turn_of(Key.CONDITION_TURN)}"):
        _new(table, offered, conditions)


def gone_words(conditions: Sequence[Condition], offered: Mapping[str, PeopleColumn]) -> str:
    """A sentence where conditions ask for columns that are not here; "" where all are."""
    absent = gone(conditions, offered)
    if not absent:
        return ""
    return _("The filter asks for {columns}, which this cohort does not have (any more). Take that condition out to go on.").format(
        columns=", ".join(absent)
    )


def _new(table: PeopleTable, offered: Mapping[str, PeopleColumn], conditions: Sequence[Condition]) -> None:
    options = [key for key in offered if key != PARTICIPANT]
    words = {key: f"{GROUP_TITLES[offered[key].group]}: {cut(offered[key].called)}" for key in options}
    column = offered[st.selectbox(_("Of which column"), options, format_func=words.__getitem__, key=_key("column"))]
    if column.about:
        st.caption(literal(column.about))
    ends: tuple[float | None, float | None] = (None, None)
    values: list[str] = []
    series = table.frame.get(column.key)
    if column.kind == "text":
        values = _values(series)
    elif column.kind == "clock":
        ends = _clock_ends(column)
    else:
        ends = _number_ends(column, series)
    missing = st.selectbox(_("Without a value"), list(MISSING), format_func=lambda name: MISSING[name], key=_key("missing"))
    condition = Condition(column.key, *ends, tuple(values), missing)
    if column.kind == "number" and None not in ends and ends[0] > ends[1]:  # type: ignore[operator]
        st.error(_("The lower end lies above the upper one, so nobody would be let through."))
        return
    st.button(_("Add"), type="primary", key=_key("add"), on_click=_set, args=([*conditions, condition],))


def _values(series: pd.Series | None) -> list[str]:
    counts = {} if series is None else series[series != ""].value_counts().head(MOST_VALUES).to_dict()
    return st.multiselect(
        _("Any of these values"), list(counts), format_func=lambda value: f"{cut(value)} ({people_words(counts[value])})",
        key=_key("values"), placeholder=_("Any value"),
    )  # fmt: skip


def _number_ends(column: PeopleColumn, series: pd.Series | None) -> tuple[float | None, float | None]:
    left, right = st.columns(2)
    low = left.number_input(_("At least"), value=None, key=_key("low"), placeholder=_("No end"), format="%g")
    high = right.number_input(_("At most"), value=None, key=_key("high"), placeholder=_("No end"), format="%g")
    if series is not None and series.notna().any():
        st.caption(
            _("From {low} to {high}; {people} without a value.").format(
                low=column.words(series.min()), high=column.words(series.max()), people=people_words(int(series.isna().sum()))
            )
        )
    return low, high


def _clock_ends(column: PeopleColumn) -> tuple[float | None, float | None]:
    left, right = st.columns(2)
    low = left.time_input(_("From"), value=None, step=900, key=_key("from"))
    high = right.time_input(_("Until"), value=None, step=900, key=_key("until"))
    st.caption(_("A day of this column opens at {clock}.").format(clock=clock_words(0, column.opens)))
    return _hours(column, low), _hours(column, high)


def _hours(column: PeopleColumn, clock: time | None) -> float | None:
    return None if clock is None else column.hours(clock.hour + clock.minute / 60)


def _key(name: str) -> str:
    return Key.CONDITION.of(name, turn_of(Key.CONDITION_TURN))


def _set(conditions: Sequence[Condition]) -> None:
    """For buttons: these conditions from now on, and empty boxes for the next one."""
    next_turn(Key.CONDITION_TURN)
    if conditions:
        set_choice(Param.WHERE, written(conditions))
    else:
        begin_anew(Param.WHERE)
