"""What every view of the workbench begins with: its own boxes, the filter, and the people whom it lets through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.components.people import week_section
from pages.components.shared.guards import or_stop
from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pages.components.workbench import conditions_box, everyones_columns, kept_filters
from pat_core.cohorts import CohortInfo
from pat_core.records import StandardizeBy
from pat_core.workflows.models import cautions
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.workbench.everyone_table import OF_A_MODEL, PeopleTable
from pat_core.workflows.workbench.people_choosing import filter_words
from pat_core.workflows.workbench.people_columns import PeopleColumn
from pat_core.workflows.workbench.people_conditions import conditions_words, let_through


@dataclass(frozen=True, eq=False)
class FilteredPeople:
    """table: those whom the filter lets through. keys: the columns that the view asked for. words: the filter in words, "" for everyone;
    name: under which it is kept, "" where it is not."""

    table: PeopleTable
    keys: list[str]
    words: str
    name: str


def filtered(
    entry: ModelEntry,
    cohort: CohortInfo,
    standardize_by: StandardizeBy,
    boxes: Callable[[Mapping[str, PeopleColumn]], Sequence[str]],
    more: Sequence[str] = (),
) -> FilteredPeople:
    """Draw the view's boxes and the filter; stops the page where the filter cannot be used or lets nobody through. boxes: draws those of
    the view out of the columns that there are, and returns the keys it needs. more: further keys."""
    with or_stop():
        offered = everyones_columns.offered(cohort, entry)
        conditions = conditions_box.asked()
        controls = st.container(horizontal=True, vertical_alignment="bottom", key="bench.controls")
        with controls:
            keys = list(boxes(offered))
        wanted = [*keys, *more, *(one.column for one in conditions)]
        table = everyones_columns.table_of(cohort, entry, standardize_by, wanted)
        with controls:
            kept_filters.box(cohort, conditions, offered)
            conditions_box.boxes(table, offered, conditions)
    if absent := conditions_box.gone_words(conditions, offered):
        st.warning(literal(absent))
        st.stop()
    rows = table.only(let_through(conditions, table.frame, table.columns))
    for note in table.notes:
        st.caption(literal(note))
    if OF_A_MODEL & set(wanted):
        week_section.warned(cautions.cautions(entry.card, entry.origin, cohort, standardize_by, minutes=cohort.lengths), entry)
    if not len(rows.frame):
        st.info(_("Nobody fits these conditions. Take one out to see people again."))
        st.stop()
    name = kept_filters.name_of(cohort, conditions)
    return FilteredPeople(rows, keys, filter_words(name, conditions_words(conditions, offered)) if conditions else "", name)
