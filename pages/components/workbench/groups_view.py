"""Groups compared: a label's values or kept filters, every chosen figure as a small chart, and tests corrected for how many were made."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from pages.components.people.list_columns import NONE
from pages.components.shared import data_table
from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choice_ahead, choose, choose_several
from pages.components.shared.guards import or_stop
from pages.components.shared.plain_text import cut, literal
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pages.components.workbench.columns_box import GROUP_TITLES
from pages.components.workbench.filtered_people import FilteredPeople, filtered
from pat_core.cohorts import CohortInfo
from pat_core.figures.people.group_panels import group_panel
from pat_core.records import StandardizeBy
from pat_core.reports.people.group_files import comparison_zip, pairs_in_words
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.read.duplicates import among, same_recording
from pat_core.workflows.workbench.everyone_table import OF_A_MODEL
from pat_core.workflows.workbench.group_comparison import (
    EXPLORATION,
    MOST_GROUPS,
    GroupComparison,
    compare_groups,
    groups_by_column,
    groups_by_filters,
)
from pat_core.workflows.workbench.people_columns import LABEL, PARTICIPANT, PeopleColumn
from pat_core.workflows.workbench.people_conditions import from_plain

FILTERS = "kept-filters"
"""As the address has it, in place of a column."""
USUAL = ("stability", "variability", "amplitude_relative", "m10", "l5", "sri", "sleep", "efficiency", "onset")
PANEL = 280
"""Pixels of a small chart: three beside one another on a laptop, two at 800 pixels."""


def show(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> None:
    """The whole view."""
    st.write(_("How people of different groups differ in figures of their first window, one value a person."))
    filters = {kept.name: from_plain(kept.conditions) for kept in workspace().filters(cohort.name)}
    by_filters = choice_ahead(Param.GROUPED, [FILTERS]) == FILTERS
    asked = [one.column for conditions in filters.values() for one in conditions] if by_filters else []
    people = filtered(entry, cohort, standardize_by, lambda offered: _boxes(offered, bool(filters)), asked)
    by, *keys = people.keys
    if not keys:
        st.info(_("Choose at least one figure to compare."))
        return
    with or_stop(st.info):
        groups = groups_by_filters(people.table, filters) if by == FILTERS else groups_by_column(people.table, by)
        names = choose_several(Param.GROUPS, _("Groups"), list(groups), list(groups)[:MOST_GROUPS], cut, max_selections=MOST_GROUPS)
        chosen = {name: groups[name] for name in names}
        comparison = _compared(cohort, people, chosen, keys, _("kept filters") if by == FILTERS else people.table.columns[by].title)
    _drawn(comparison)
    if by == f"{LABEL}{entry.card.get('label')}" and OF_A_MODEL & set(keys):
        st.warning(_("The model was trained to tell these groups apart, so its own figures must differ between them."))
    st.caption(literal(EXPLORATION))
    _tests(comparison)
    about = {"cohort": cohort.name, "filter": people.words, "model": entry.title if OF_A_MODEL & set(keys) else ""}
    st.download_button(
        _("Comparison (CSV and picture, zip)"), lambda: comparison_zip(comparison, about), f"{cohort.name}-groups.zip", "application/zip",
        key="groups.file", on_click="ignore",
    )  # fmt: skip


def _boxes(offered: Mapping[str, PeopleColumn], filters: bool) -> list[str]:
    """What makes the groups, and the figures: the keys that are needed, that of the groups first."""
    texts = [key for key, column in offered.items() if column.kind == "text" and key != PARTICIPANT]
    options = [*texts, *([FILTERS] if filters else [])]
    words = {key: f"{GROUP_TITLES[offered[key].group]}: {cut(offered[key].title)}" for key in texts} | {FILTERS: _("Kept filters")}
    by = choose(Param.GROUPED, _("Groups by"), options, options[0], words.__getitem__, width=260)
    figures = [key for key, column in offered.items() if column.kind != "text"]
    usual = [key for key in USUAL if key in figures]
    with st.popover(_("Figures")):
        keys = choose_several(
            Param.FIGURES, _("Figures"), figures, usual, lambda key: f"{GROUP_TITLES[offered[key].group]}: {cut(offered[key].called)}"
        )
    return [by, *keys]


def _compared(cohort: CohortInfo, people: FilteredPeople, groups: Mapping[str, np.ndarray], keys: list[str], by: str) -> GroupComparison:
    first = among(same_recording(workspace(), cohort.name), people.table.participants)
    copies = [name for name, recording in first.items() if name != recording]
    return compare_groups(people.table, groups, keys, by, copies)


def _drawn(comparison: GroupComparison) -> None:
    """In words, and a small chart for each figure."""
    st.markdown(f"**{literal(comparison.words)}**")
    if comparison.notes:
        st.caption(literal(" ".join(comparison.notes)))
    with st.container(horizontal=True, key="groups.panels"):
        for number, figure in enumerate(comparison.figures):
            opens = figure.column.opens if figure.column.kind == "clock" else None
            chart, caption = group_panel(figure.column.called, figure.grid, figure.groups, opens=opens, theme=theme_name())
            with st.container(width=PANEL, key=f"groups.panel.{number}"):
                st.altair_chart(chart, theme=None, width="stretch", alt=caption)
    st.caption(_("Hill: how values are spread; dot: median, thick line: its 95 % interval, thin line: the middle half of the people."))


def _tests(comparison: GroupComparison) -> None:
    """Every pair on every figure, those that stand out first."""
    data_table.table(pairs_in_words(comparison), placeholder=NONE, key="groups.tests", height="content")
    st.caption(
        _("Higher of 100: in how many of 100 pairs, one person of each group, the first group's person is higher. 50: no difference.")
    )
