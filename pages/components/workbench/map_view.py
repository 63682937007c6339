"""A map of the cohort by the model's embeddings: coloured by any column; a lasso chooses people, a click on a point opens their week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from pages.components.people import people_list, week_section
from pages.components.people.everyone_read import read_by_a_job
from pages.components.shared.cached_calls import BY_CONTENT, folder_key, judged, model, workspace
from pages.components.shared.choices import choose
from pages.components.shared.guards import or_stop
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import cut, literal
from pages.components.shared.session import next_turn, turn_of
from pages.components.shared.session_names import Key, Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pages.components.workbench import chosen_row, everyones_columns
from pages.components.workbench.columns_box import GROUP_TITLES
from pages.components.workbench.filtered_people import filtered
from pat_core.cohorts import CohortInfo
from pat_core.figures.people.people_map import PointColour, map_config, people_map
from pat_core.records import StandardizeBy
from pat_core.reports.model_tables import configuration
from pat_core.workflows.models import cautions
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.workbench.cohort_map import CohortMap, cohort_map, umap_installed
from pat_core.workflows.workbench.everyone_table import OF_A_MODEL, PeopleTable
from pat_core.workflows.workbench.people_columns import PARTICIPANT, PeopleColumn

METHODS = {"pca": _("Principal components"), "umap": _("UMAP")}


def show(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> str | None:
    """The whole view; the person whose point was clicked just now, if any."""
    people = filtered(entry, cohort, standardize_by, _boxes)
    (colour,) = people.keys
    with or_stop(st.info):
        placed = _placed(entry, cohort, standardize_by)
    if placed is None:
        return None
    if colour not in OF_A_MODEL:  # else they stand over the map already
        week_section.warned(cautions.cautions(entry.card, entry.origin, cohort, standardize_by, minutes=cohort.lengths), entry)
    if not placed.trained:
        st.warning(_("This encoder is random: where people lie is how a network that has learned nothing sums up a week, and no finding."))
    st.caption(literal(placed.words))
    clicked, inside = _drawn(placed, people.table, colour, cohort)
    chosen, words = people.table, people.words or _("everyone")
    if inside:
        chosen = people.table.only([number for number, name in enumerate(people.table.participants) if name in inside])
        around = _("drawn around on the map ({method} of {model})").format(method=METHODS[placed.method], model=entry.title)
        words = around + (f" ({people.words})" if people.words else "")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(
            _("{people}. A click on a point opens the week; with the lasso or the box among the map's tools, people are chosen.").format(
                people=people_words(len(chosen.frame))
            )
        )
        chosen_row.row(entry, cohort, chosen, [colour], words, "" if inside else people.name)
    if not umap_installed():
        st.caption(_("UMAP, a second way to draw the map, is offered once it is installed: pip install 'pat-explorer[umap]'."))
    return clicked


def _boxes(offered: Mapping[str, PeopleColumn]) -> list[str]:
    """How the map is drawn, and by what it is coloured; the key of that column."""
    if umap_installed():
        choose(Param.MAP_BY, _("Drawn by"), list(METHODS), "pca", METHODS.__getitem__, unsaid="pca", width=220)
    options = [key for key in offered if key != PARTICIPANT]
    words = partial(_column_words, offered)
    return [choose(Param.COLOURED, _("Coloured by"), options, options[0], words, width=280)]


def _column_words(offered: Mapping[str, PeopleColumn], key: str) -> str:
    return f"{GROUP_TITLES[offered[key].group]}: {cut(offered[key].called)}"


def _placed(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> CohortMap | None:
    """Everyone's place; None, under the button of the job that reads them, where that takes long. Raises PatError as `cohort_map`."""
    method = st.session_state.get(Key.BOX.of(Param.MAP_BY), "pca") if umap_installed() else "pca"
    many = cohort.weeks > people_list.quick_weeks(configuration(workspace(), entry), cohort.minutes)
    stamps = workspace().stamp(cohort.name), judged()
    try:
        return _map(folder_key(), entry, cohort.name, standardize_by, *stamps, method, many)
    except everyones_columns.NotYet:
        read_by_a_job(entry, cohort, standardize_by)
        return None


@st.cache_data(show_spinner=_("Reading everyone through the model"), max_entries=8, hash_funcs=BY_CONTENT)
def _map(
    folder: str, entry: ModelEntry, cohort: str, standardize_by: StandardizeBy, stamp: str, wear: str, method: Any, only_kept: bool
) -> CohortMap:
    placed = cohort_map(workspace(), model(entry), cohort, standardize_by, method, only_kept)
    if placed is None:
        raise everyones_columns.NotYet
    return placed


def _drawn(placed: CohortMap, table: PeopleTable, colour: str, cohort: CohortInfo) -> tuple[str | None, set[str]]:
    """The map of the people whom the filter lets through; who was clicked, and who was drawn around."""
    row_of = {name: number for number, name in enumerate(table.participants)}
    there = [number for number, name in enumerate(placed.participants) if name in row_of]
    names = [placed.participants[number] for number in there]
    if not names:
        st.info(_("None of these people has a place on the map: their first windows are unfit for the model."))
        return None, set()
    column = table.columns[colour]
    values = table.frame[colour].to_numpy()[[row_of[name] for name in names]]
    titles = ("", "") if placed.method == "umap" else _titles(placed.shares)
    figure, caption = people_map(names, placed.places[there], _colour(column, values), titles, theme=theme_name())
    key = Key.MAP.of(cohort.id, placed.method, colour, turn_of(Key.MAP_TURN))
    event: Any = st.plotly_chart(
        figure, theme=None, config=map_config(), key=key, on_select="rerun", selection_mode=("points", "box", "lasso"), alt=caption
    )
    st.caption(literal(caption))
    points = [_name(point) for point in event.selection.points]
    drawn = bool(event.selection.box or event.selection.lasso)
    if len(points) == 1 and not drawn:
        next_turn(Key.MAP_TURN)  # whoever comes back finds the map without a point chosen
        return points[0], set()
    return None, set(points) & set(names)


def _name(point: Mapping[str, Any]) -> str:
    """Who a chosen point is."""
    own = point["customdata"]
    return str(own[0] if isinstance(own, list | tuple) else own)


def _titles(shares: Sequence[float]) -> tuple[str, str]:
    first, second = (
        _("Component {number} ({share:.0f} % of the variance)").format(number=number, share=100 * share)
        for number, share in enumerate(shares, 1)
    )
    return first, second


def _colour(column: PeopleColumn, values: np.ndarray) -> PointColour:
    words = [column.words(value) for value in values]
    if column.kind == "text":
        return PointColour(column.called, values.astype(str), words)
    numbers = values.astype(float)
    known = numbers[np.isfinite(numbers)]
    ticks = np.linspace(known.min(), known.max(), 5).tolist() if column.kind == "clock" and len(known) else []
    return PointColour(column.called, numbers, words, [(tick, column.words(tick)) for tick in ticks])
