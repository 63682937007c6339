"""A comparison as far as it is done: one plot of all models with their intervals, the learning curves, the table, and its files."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.components.compare.compare_form import Where, begin
from pages.components.shared import data_table
from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose
from pages.components.shared.job_status import GO_ON, LIVE, job_for
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.trouble_guard import guarded
from pages.components.shared.words import _, plural
from pat_core.csv_text import csv_text
from pat_core.figures.charts.compare_charts import compare_curves, compare_dots
from pat_core.reports.comparing import compare_words
from pat_core.workflows.comparing.compare_cells import COMPARE, Comparison, comparison, requests
from pat_core.workflows.comparing.compare_request import CompareRequest
from pat_core.workflows.comparing.compare_table import Line, lines
from pat_core.workflows.comparing.paper_results import SOURCE

BY_SIZE = "AUC, "
"""Begins the name of a column of one training size."""
REDRAWN_SECONDS = 10.0
"""While a comparison is at work, its table is drawn anew so often."""


def show(request: CompareRequest | None, where: Where) -> None:
    """The chosen comparison out of all that were started. request: what the form asks for now, shown first where it is one of them. where:
    what is started runs."""
    known = requests(workspace())
    if not known:
        st.info(_("No comparison yet. Choose above what to compare and start one: on simulated people it takes a few minutes."))
        return
    usual = request.name if request is not None and request.name in known else next(iter(known))
    name = choose(Param.COMPARISON, _("Comparison"), list(known), usual, unsaid=usual)
    job = job_for(COMPARE, known[name])
    at_work = job is not None and job.state in LIVE
    st.fragment(_draw, run_every=REDRAWN_SECONDS if at_work else None)(known[name], where, above=known[name] == request)


def _curves(table: list[Line]) -> None:
    """AUC over training sizes, a picture a label, where there are several sizes."""
    points = compare_words.curve_rows(table)
    if len({point.people for point in points}) < 2:
        return
    st.subheader(_("Learning curves"))
    caption = ""
    for groups in dict.fromkeys(point.groups for point in points):
        chart, caption = compare_curves([point for point in points if point.groups == groups], theme_name())
        st.markdown(f"**{literal(groups)}**")
        st.altair_chart(chart, theme=None, key=f"compare.curves.{groups}", alt=f"{groups}. {caption}")
    st.caption(literal(caption))


def _order(table: pd.DataFrame) -> list[str]:
    """What decides comes first, for a narrow screen shows no more. Left out: a label that all lines share, which stands over the chart,
    and the AUC of the only size, which is the mean."""
    names = [str(name) for name in table]
    by_size = [name for name in names if name.startswith(BY_SIZE)]
    named = ["Label", "Model"] if table["Label"].nunique() > 1 else ["Model"]
    figures = [name for name in names if name not in ("Label", "Model", "Parameters", *by_size)]
    return [*named, *figures, *(by_size if len(by_size) > 1 else ()), "Parameters"]


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    """How each column is shown; names stay in view where the others are moved along."""
    text = st.column_config.TextColumn
    help_of = {
        "Mean AUC": _("Mean over training sizes and repetitions; its 95 % interval beside it."),
        "from": _("Lower end of the 95 % interval."),
        "to": _("Upper end of the 95 % interval."),
        "Against the floor": _("Mean AUC less that of the better floor."),
        "Parameters": _("That learn, of the network with its head."),
    }
    figures = {name: text(alignment="right", help=help_of.get(str(name))) for name in table}
    return figures | {"Label": text(pinned=True), "Model": text(pinned=True)}


@guarded()
def _draw(request: CompareRequest, where: Where, above: bool) -> None:
    """above: how far it is, and the button that goes on with it, stand where it was asked for."""
    done = comparison(workspace(), request)  # PatError: its label or a model is not here any more
    if done.missing and not above and begin(request, len(done.missing), GO_ON, "kept", where):
        st.rerun()
    if not done.results:
        st.info(_("None of its trainings is done yet. The table fills from the first one on."))
        return
    if done.missing:
        st.info(
            plural(
                "{number} of its trainings is not done yet: means are of those that are.",
                "{number} of its trainings are not done yet: means are of those that are.",
                len(done.missing),
            )
        )
    _results(done)


def _results(done: Comparison) -> None:
    if any(cohort.name == done.request.cohort and cohort.simulated for cohort in workspace().cohorts()):
        st.warning(_("These people are simulated: which model is best here says nothing about real people."))
    table = lines(workspace(), done)
    with st.container(key="fitting"):
        chart, caption = compare_dots(compare_words.dot_rows(table), theme_name())
        st.altair_chart(chart, theme=None, key="compare.dots", alt=caption)
        st.caption(literal(caption))
        _curves(table)
    st.subheader(_("Table"))
    shown = compare_words.line_table(table)
    data_table.table(compare_words.in_words(shown), _columns(shown), column_order=_order(shown))
    st.caption(literal(compare_words.HOW_TO_READ))
    if done.request.seeds == 1:
        st.caption(literal(compare_words.ONE_REPETITION))
    if done.request.paper:
        st.caption(literal(_("The paper's figures: {source}").format(source=SOURCE)))
    with st.container(horizontal=True):
        stem = done.request.name
        st.download_button(_("Table (CSV)"), csv_text(shown), f"{stem}-table.csv", "text/csv", on_click="ignore")
        st.download_button(
            _("Every training (CSV)"), csv_text(compare_words.cell_table(done)), f"{stem}-trainings.csv", "text/csv", on_click="ignore"
        )
