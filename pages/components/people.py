"""The parts of the Participants page: predictions that are still missing, the filters, and the table that opens a person."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.components import words
from pages.components.cached import workspace
from pages.components.phrases import count
from pages.components.running import LIVE, follow
from pages.components.session import Param, begin_with, remembered
from pages.components.sheet import LANES
from pages.components.text import LONGEST, literal
from pat_core import jobs, workflows
from pat_core.cohorts import CohortInfo, JobInfo
from pat_core.errors import PatError
from pat_core.model import PatConfig
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.workflows import ModelEntry
from pat_core.workflows.model_tables import configuration

QUICK_TOKENS = 64 * 560
"""Tokens times blocks that are read while the reader waits, a few seconds: 64 weeks by the small model, 2 by the huge one."""
ALL = (0, 100)
DAYS = {0: "Any number", 7: "All 7"} | {days: f"{days} or more of 7" for days in range(1, 7)}
SHARES = ("Probability", "Before correction", "Held out")
"""Columns in percent."""
NONE = "–"
"""Where there is no value."""
MOST_STYLED = 200_000
"""Cells of a table whose numbers are put into words; pandas refuses somewhat more."""


def quick_weeks(config: PatConfig) -> int:
    """So many weeks are predicted while the reader waits; more go to a background job."""
    return max(1, QUICK_TOKENS // (config.tokens(MINUTES_PER_WEEK) * config.blocks))


def need_predictions(entry: ModelEntry, cohort: CohortInfo, whose: str) -> None:
    """Stops the page while many weeks have no prediction yet: with its job where there is one, else with the button that starts it."""
    missing = workflows.predictions_missing(workspace(), entry, cohort.name, whose)
    if missing <= quick_weeks(configuration(workspace(), entry)):
        return
    spec = {"model": entry.reference, "sha256": entry.sha256, "cohort": cohort.name, "cohort_id": cohort.id, "standardizer": whose}
    job = job_for("predict", spec)
    if job is not None and follow(job.id).state != "done":
        st.stop()
    st.write(f"{missing:,} of {count(cohort.weeks, 'week', 'weeks')} have no prediction by this model yet. You may leave while it works.")
    if st.button("Predict everyone", type="primary"):
        try:
            jobs.launch(workspace(), "predict", f"Predict {cohort.name} with {entry.title}", spec)
            st.rerun()
        except PatError as error:
            st.error(literal(error))
    st.stop()


def job_for(kind: str, spec: Mapping[str, object]) -> JobInfo | None:
    """The latest job that does exactly this; one that is at work comes before those that ended."""
    same = [job for job in workspace().jobs(limit=None) if job.kind == kind and dict(job.spec) == dict(spec)]
    return next((job for job in same if job.state in LIVE), same[0] if same else None)


def filtered(
    table: pd.DataFrame, text: str, label: str | None, values: list[str], quality: list[str], between: tuple[int, int], days: int = 0
) -> pd.DataFrame:
    """The rows that fit all filters. People whose week is unfit have no probability: they show while all probabilities are asked for."""
    kept = table["Participant"].str.contains(text.strip(), case=False, regex=False)
    if label and values:
        kept &= table[label].isin(values)
    if quality:
        kept &= table["Quality"].isin(quality)
    if days:
        kept &= (table["Valid days"] >= days).fillna(False).astype(bool)
    if between != ALL:
        kept &= table["Probability"].round().between(*between)
    return table[kept]


def columns(entry: ModelEntry, styled: bool = True) -> dict[str, object]:
    """How each column is shown, and what it means. styled: the table brings the words of its numbers along."""
    number, bare = st.column_config.NumberColumn, None if styled else "%.0f %%"
    return {
        "Probability": number(
            words.probability_title(entry), format=bare,
            help=f"Probability of {literal(words.condition(entry), LONGEST)}, by the first week, corrected to the prevalence among the "
            "people the model was trained on. Empty where the week is not fit for the model.",
        ),
        "Before correction": number("Before correction", format=bare, help="As the model gives it, before any prevalence."),
        "Part in training": st.column_config.TextColumn(help="Whether this model has seen this person: then its answer is no test of it."),
        "Held out": number(
            "Held out", format=bare,
            help="From a model of the same run that had not seen this person. Empty where marks have altered the week."
        ),
        "Valid days": number(
            "Valid days", format=None if styled else "%d of 7", width=85,
            help="Of the first week: days with enough hours of wear, by the settings of this workspace. Empty where nothing tells of wear.",
        ),
        "Quality": st.column_config.TextColumn(width=155, help="What was found in the week before the model read it."),
    }  # fmt: skip


def in_words(table: pd.DataFrame) -> pd.DataFrame | Styler:
    """Probabilities as the page of one person says them ("under 1 %"), which still sort as numbers; a very large table stays bare."""
    shares = [name for name in SHARES if name in table]
    if table.size > MOST_STYLED:
        return table
    styled = table.style.format(na_rep=NONE).format(lambda value: words.percent(value / 100), subset=shares, na_rep=NONE)
    return styled.format("{:.0f} of 7", subset=["Valid days"], na_rep=NONE) if "Valid days" in table else styled


def open_on_click(table: pd.DataFrame, label: str | None, entry: ModelEntry, cohort: CohortInfo, whose: str) -> None:
    """The table; a click on a row or on any cell opens that person at their first week."""
    first = [name for name in ("Participant", "Probability", "Quality", "Valid days", "Part in training", label) if name in table]
    shown = in_words(table[first + [name for name in table if name not in first]])
    chosen = st.dataframe(
        shown,
        hide_index=True,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key=f"participants.table.{cohort.id}.{entry.reference}",
        placeholder=NONE,
        column_config=columns(entry, isinstance(shown, Styler)),
    )
    rows = [*chosen.selection.rows, *(cell[0] for cell in chosen.selection.cells)]
    if not rows:
        return
    person = str(table.iloc[rows[0]]["Participant"])
    begin_with(Param.PERSON, person)
    index = workflows.week_indices(workspace(), cohort.name, person)[0]
    # Complete, so that there is no second entry for Back.
    address = {Param.COHORT: cohort.name, Param.MODEL: entry.reference, Param.PERSON: person, Param.WEEK: str(index + 1)}
    address |= {Param.STANDARDIZER: whose, Param.VIEW: remembered(Param.VIEW) or next(iter(LANES))}
    address |= {Param.SCORE: score} if (score := remembered(Param.SCORE)) else {}
    st.switch_page("pages/participant.py", query_params={str(name): value for name, value in address.items()})
