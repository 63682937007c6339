"""Participants as a table to work in: any columns, a filter of several conditions, and people who are ticked and taken along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.people import week_section
from pages.components.people.list_columns import NONE
from pages.components.shared import data_table
from pages.components.shared.guards import or_stop
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import cut, literal
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pages.components.workbench import chosen_row, columns_box, conditions_box, everyones_columns, kept_filters
from pat_core.cohorts import CohortInfo
from pat_core.records import StandardizeBy
from pat_core.workflows.models import cautions
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.workbench.everyone_table import PeopleTable
from pat_core.workflows.workbench.people_choosing import filter_words
from pat_core.workflows.workbench.people_columns import OF_ANSWERS, PARTICIPANT, PeopleColumn
from pat_core.workflows.workbench.people_conditions import conditions_words, let_through

ANY_DAY = datetime(2001, 1, 1)
"""Stands in for the day of clock times, so that a table sorts them through midnight; it is not shown."""
HEIGHT = 560


def show(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> str | None:
    """The whole view; the person whose button was pressed just now, if any."""
    with or_stop():
        offered = everyones_columns.offered(cohort, entry)
        conditions = conditions_box.asked()
        controls = st.container(horizontal=True, vertical_alignment="center", key="bench.controls")
        with controls:
            keys = columns_box.columns(cohort, offered)
        table = everyones_columns.table_of(cohort, entry, standardize_by, [*keys, *(one.column for one in conditions)])
        with controls:
            kept_filters.box(cohort, conditions, offered)
            conditions_box.boxes(table, offered, conditions)
    if absent := conditions_box.gone_words(conditions, offered):
        st.warning(literal(absent))
        st.stop()
    rows = table.only(let_through(conditions, table.frame, table.columns))
    for note in table.notes:
        st.caption(literal(note))
    if any(column.key in keys for column in OF_ANSWERS):
        week_section.warned(cautions.cautions(entry.card, entry.origin, cohort, standardize_by, minutes=cohort.lengths), entry)
    if not len(rows.frame):
        st.info(_("Nobody fits these conditions. Take one out to see people again."))
        return None
    above = st.container()
    ticked, pressed = _drawn(rows, keys, cohort)
    name = kept_filters.name_of(cohort, conditions)
    words = filter_words(name, conditions_words(conditions, offered)) if conditions else _("everyone")
    if ticked:
        words = _("ticked in the table") + (f" ({words})" if conditions else "")
    with above, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(
            _("{number} of {all}. Click a header to sort; tick people to take only them along.").format(
                number=f"{len(rows.frame):,}", all=people_words(cohort.people)
            )
        )
        chosen_row.row(entry, cohort, rows.only(ticked) if ticked else rows, keys, words, "" if ticked else name)
    return pressed


def _drawn(rows: PeopleTable, keys: Sequence[str], cohort: CohortInfo) -> tuple[list[int], str | None]:
    """The table; which rows are ticked, and who was opened. Another filter or other people begin with nobody ticked."""
    shown = [key for key in dict.fromkeys((PARTICIPANT, *keys)) if key in rows.columns]
    frame = pd.DataFrame({key: _cells(rows.frame[key], rows.columns[key]) for key in shown}).assign(Open=_("Open"))
    names = rows.frame[PARTICIPANT]
    key = Key.BENCH_TABLE.of(cohort.id, pd.util.hash_pandas_object(names, index=False).sum())
    event: Any = data_table.table(
        frame,
        {
            "Open": st.column_config.ButtonColumn(
                "", width=60, pinned=True, type="tertiary", key=Key.BENCH_OPEN, help=_("Opens this person's page.")
            )
        }
        | {key: _shown(rows.columns[key]) for key in shown},
        column_order=["Open", *shown],
        key=key,
        placeholder=NONE,
        on_select="rerun",
        selection_mode="multi-row",
        height=min(HEIGHT, 40 + 35 * len(frame)),
    )
    click = st.session_state.get(Key.BENCH_OPEN)
    pressed = str(names.iloc[click["row"]]) if click is not None and click["row"] < len(names) else None
    return [row for row in event.selection.rows if row < len(names)], pressed


def _cells(values: pd.Series, column: PeopleColumn) -> pd.Series:
    """Texts so that missing ones are empty; clock times as moments, of which the table shows the clock."""
    if column.kind == "clock":
        minutes = pd.to_timedelta((values + column.opens).replace([np.inf, -np.inf], np.nan).mul(60).round(), unit="min")
        return ANY_DAY + minutes
    return values.replace("", None) if column.kind == "text" else values


def _shown(column: PeopleColumn) -> Any:
    title, help_text = literal(cut(column.called)), literal(column.about) or None
    if column.kind == "clock":
        return st.column_config.DatetimeColumn(title, format="HH:mm", help=help_text)
    if column.kind == "text":
        return st.column_config.TextColumn(title, pinned=column.key == PARTICIPANT, help=help_text)
    return st.column_config.NumberColumn(title, format=f"%.{column.digits}f", help=help_text)
