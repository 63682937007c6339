"""Participants as a table to work in: any columns, a filter of several conditions, and people who are ticked and taken along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.people.list_columns import NONE
from pages.components.shared import data_table
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import cut, literal
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pages.components.workbench import chosen_row, columns_box
from pages.components.workbench.filtered_people import filtered
from pat_core.cohorts import CohortInfo
from pat_core.records import StandardizeBy
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.workbench.everyone_table import PeopleTable
from pat_core.workflows.workbench.people_columns import PARTICIPANT, PeopleColumn

ANY_DAY = datetime(2001, 1, 1)
"""Stands in for the day of clock times, so that a table sorts them through midnight; it is not shown."""
HEIGHT = 560


def show(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> str | None:
    """The whole view; the person whose button was pressed just now, if any."""
    people = filtered(entry, cohort, standardize_by, partial(columns_box.columns, cohort))
    rows, above = people.table, st.container()
    ticked, pressed = _drawn(rows, people.keys, cohort)
    words = people.words or _("everyone")
    if ticked:
        words = _("ticked in the table") + (f" ({people.words})" if people.words else "")
    with above, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(
            _("{number} of {all}. Click a header to sort; tick people to take only them along.").format(
                number=f"{len(rows.frame):,}", all=people_words(cohort.people)
            )
        )
        chosen_row.row(entry, cohort, rows.only(ticked) if ticked else rows, people.keys, words, "" if ticked else people.name)
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
