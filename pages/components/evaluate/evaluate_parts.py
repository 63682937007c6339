"""Below the figures of a test: another model on the same people, parts of the people, and what can be taken away."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages.components.evaluate.evaluate_question import Asked, record_of
from pages.components.evaluate.evaluate_views import show_pair
from pages.components.shared import data_table
from pages.components.shared.cached_calls import folder_key, model, model_entries, workspace
from pages.components.shared.choices import choose, switch
from pages.components.shared.guards import or_stop
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.errors import PatError
from pat_core.figures.charts.group_forest import group_forest
from pat_core.figures.charts.instability_dots import instability_dots
from pat_core.records import Interval
from pat_core.reports import evaluation_words
from pat_core.reports.evaluation_files import evaluation_files, zipped
from pat_core.workflows.evaluate.evaluation_run import EvaluationRecord
from pat_core.workflows.evaluate.group_columns import group_columns
from pat_core.workflows.evaluate.group_figures import GroupRow, name_of
from pat_core.workflows.evaluate.head_optimism import HeadOptimism, head_optimism, optimism_words, why_no_optimism
from pat_core.workflows.evaluate.operating_point import OperatingPoint

NONE = "none"
"""As the address would have it; it leaves no word there."""


def other_explanations(record: EvaluationRecord) -> None:
    """What age, sex and wear alone predict, and what the score adds."""
    if record.others is None:
        st.caption(_("Neither age, sex nor hours of wear are known to differ among these people, or they are too few to ask."))
        return
    st.markdown(literal(evaluation_words.others_words(record.others, bool(record.floors))))
    st.caption(
        _("Logistic regression in five parts by person (DeLong for the difference). A model that adds nothing may have learned just these.")
    )


def second_model(record: EvaluationRecord, question: Asked) -> None:
    """Which other model, and how the two compare; a sentence where they cannot."""
    known = {key: entry for key, entry in model_entries().items() if entry.present and entry.has_head and key != question.entry.reference}
    if not known or not record.people.named:
        st.caption(
            _("There is no other model with a trained head here to compare with.")
            if record.people.named
            else _("These people are not known by name here, so no other model can be asked about them. Test both on a labelled cohort.")
        )
        return
    rival = choose(
        Param.RIVAL,
        _("Compare with"),
        [NONE, *known],
        NONE,
        lambda key: _("No other model") if key == NONE else known[key].title,
        unsaid=NONE,
    )
    if rival == NONE:
        return
    try:
        second = record_of(question, against=rival).second
    except PatError as error:
        st.warning(literal(error))
        return
    if second is not None:
        st.markdown(literal(evaluation_words.pair_words(record, second)))
        show_pair(second, (question.entry.title, known[rival].title))


def divided(record: EvaluationRecord, question: Asked) -> None:
    """The people by a column: a dot with its interval for each part, then counts. In their own order, never a ranking."""
    columns = group_columns(workspace(), record.people)
    if not columns:
        st.caption(
            _("No label, device or season divides these people.")
            if record.people.named
            else _("These people are not known by name here, so nothing is known by which to divide them.")
        )
        return
    column = choose(Param.DIVIDED, _("Divide by"), [NONE, *columns], NONE, lambda name: _("Nothing") if name == NONE else name, unsaid=NONE)
    if column == NONE:
        return
    try:
        rows = record_of(question, by=column).groups
    except PatError as error:
        st.warning(literal(error))
        return
    chart, caption = group_forest([(_title(row), row.auc, row.few) for row in rows], whole=record.figures.auc, theme=theme_name())
    st.altair_chart(chart, theme=None, width="stretch", alt=caption)
    st.caption(_("The band is everyone together. Open dots have few people behind them and are mostly chance. This is no ranking."))
    data_table.table(pd.DataFrame([_cells(row) for row in rows]), height="content")


def _title(row: GroupRow) -> str:
    return f"{name_of(row)} ({row.positives:,} + {row.negatives:,})"


def _with_interval(interval: Interval) -> str:
    """ "0.84 (0.40 to 0.98)"; "" where there is none."""
    if math.isnan(interval.low):
        return ""
    value, low, high = map(evaluation_words.number_text, (interval.value, interval.low, interval.high))
    return _("{value} ({low} to {high})").format(value=value, low=low, high=high)


def _cells(row: GroupRow) -> dict[str, str]:
    number = evaluation_words.number_text
    return {
        _("Part"): name_of(row),
        _("Of the group"): f"{row.positives:,}",
        _("Others"): f"{row.negatives:,}",
        _("Share of the group"): number(row.prevalence.value, True),
        _("Mean probability"): number(row.mean_probability, True),
        _("AUC"): _with_interval(row.auc),
        _("Calibration in the large"): _with_interval(row.in_the_large),
        _("Calibration slope"): _with_interval(row.slope) if not row.no_slope else _("\u2013 ({why})").format(why=row.no_slope),
        "": _("few people: mostly chance") if row.few else "",
    }


def optimism(question: Asked) -> None:
    """How much is owed to the very people who were learned from, where that can be asked: heads trained again, on demand."""
    with or_stop():
        weights = model(question.entry)
    if why := why_no_optimism(workspace(), weights):
        st.caption(literal(why))
        return
    if not switch(Param.OPTIMISM, _("Train a hundred heads on people drawn anew (seconds)"), False):
        return
    try:
        done = _optimism(folder_key(), question.entry.reference, question.entry.sha256)
    except PatError as error:
        st.warning(literal(error))
        return
    st.markdown(literal(optimism_words(done)))
    chart, caption = instability_dots(done.optimism.instability, done.participants, theme=theme_name())
    st.altair_chart(chart, theme=None, width="stretch", alt=caption)
    st.caption(literal(caption))


@st.cache_data(show_spinner=_("Training heads on people drawn anew"), max_entries=8)
def _optimism(folder: str, reference: str, sha256: str | None) -> HeadOptimism:
    return head_optimism(workspace(), model(model_entries()[reference]))


def downloads(record: EvaluationRecord, point: OperatingPoint) -> None:
    """Everything in one zip, made when it is asked for."""
    st.write(_("Every person's score and fold, all figures with intervals, and the request with hashes and versions, as CSV and JSON."))
    st.download_button(
        _("This evaluation (zip)"),
        lambda: zipped(evaluation_files(record, point)),
        f"{record.model}-evaluation.zip",
        "application/zip",
        on_click="ignore",
    )
