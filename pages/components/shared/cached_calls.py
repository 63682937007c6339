"""Calls whose answers are worth keeping between reruns. Keys hold everything the answer depends on."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import streamlit as st

from pages.components.shared.session import carry
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo, Workspace
from pat_core.errors import WorkspaceTrouble
from pat_core.files import keep_to_ourselves
from pat_core.records import Attribution, StandardizeBy, WeekQuestion
from pat_core.rhythms import SLEEP_SCORES, score_for
from pat_core.settings import workspace_folder
from pat_core.wear import QualitySettings
from pat_core.weights import Model
from pat_core.workflows.explanations.unusual_weeks import WeekDistance, week_distance
from pat_core.workflows.explanations.week_maps import explain_read
from pat_core.workflows.models.model_entries import ModelEntry, bundled_files, models, resolve
from pat_core.workflows.models.predictions import Pooled, PredictedWeek, ReadWeek, predict_cohort, read_week
from pat_core.workflows.people import participant_week, person_windows, similar_people
from pat_core.workflows.people.demo import ensure_demo
from pat_core.workflows.people.participant_week import WeekView, scored_by
from pat_core.workflows.people.participants_table import given_to_one_side
from pat_core.workflows.people.similar_people import CohortSpace
from pat_core.workflows.read import worn_days
from pat_core.workflows.week import week_nights as nights_of_weeks
from pat_core.workflows.week.week_nights import WeekNights, by_score, week_nights


@st.cache_resource(show_spinner=_("Opening the workspace"))
def _open(folder: str) -> Workspace:
    keep_to_ourselves()
    try:
        space = Workspace(folder)
    except WorkspaceTrouble as error:
        if error.kind != "read-only":
            raise
        return Workspace(folder, read_only=True)
    with suppress(WorkspaceTrouble):  # a full disk: what is here is shown without it
        ensure_demo(space)
    return space


def workspace() -> Workspace:
    """The workspace of this server, with the demonstration in it; one that cannot be written is opened to be looked at."""
    space = _open(folder_key())
    if space.read_only and os.access(space.folder, os.W_OK):
        _open.clear()
        space = _open(folder_key())
    return space


def folder_key() -> str:
    """The workspace's folder, as a part of cache keys."""
    return str(workspace_folder())


@st.cache_resource(show_spinner=_("Reading the model's weights"), max_entries=4)
def _model(folder: str, reference: str, sha256: str | None) -> Model:
    return resolve(workspace(), reference)


def model(entry: ModelEntry) -> Model:
    """A model's weights; read again when the file behind the name changes."""
    return _model(folder_key(), entry.reference, entry.sha256)


def model_entries() -> dict[str, ModelEntry]:
    """Every model there is, by reference. Reading the bundled files' cards is repeated only when a file changes."""
    stamps = tuple((path.name, os.stat(path).st_mtime_ns) for path in bundled_files())
    stored = tuple((info.name, info.sha256) for info in workspace().models())
    return {entry.reference: entry for entry in _entries(folder_key(), stamps, stored)}


@st.cache_data(show_spinner=False)
def _entries(folder: str, stamps: tuple, stored: tuple) -> list[ModelEntry]:
    return models(workspace())


BY_CONTENT: dict[str | type[Any], Callable[[Any], Any]] = {ModelEntry: lambda entry: (entry.reference, entry.sha256)}
"""How models stand in cache keys: by what they are."""


def week_view(entry: ModelEntry, question: WeekQuestion) -> WeekView:
    """One week as one model reads it, its rest told by the sleep score in use."""
    view = _week_view(folder_key(), entry, question, workspace().stamp(question.cohort), judged())
    return scored(view, carry(Param.SCORE, SLEEP_SCORES))


def scored(view: WeekView, score: str | None) -> WeekView:
    """The same by the score that the reader chose, on every page alike; a week of another family of devices keeps that of its own."""
    if _keeps_its_score(view.nights, score):
        return view
    return scored_by(view, score, worn_days.quality_settings(workspace()))


def _keeps_its_score(nights: WeekNights, score: str | None) -> bool:
    usual = score_for(nights.week.device, nights.week.placement)
    in_use = nights.report and nights.report.method
    return score is None or in_use in (None, score) or st.session_state.setdefault(Key.SCORE_USUAL, usual) != usual


def week_and_nights(entry: ModelEntry, question: WeekQuestion) -> tuple[ReadWeek, WeekNights]:
    """One week without the model's answer: a page that shows no more than this does not wait for torch."""
    read, nights = _week_and_nights(folder_key(), entry, question, workspace().stamp(question.cohort), judged())
    score = carry(Param.SCORE, SLEEP_SCORES)
    return read, nights if _keeps_its_score(nights, score) else by_score(nights, score, worn_days.quality_settings(workspace()))


@st.cache_data(show_spinner=_("Reading the week"), max_entries=16, hash_funcs=BY_CONTENT)
def _week_and_nights(folder: str, entry: ModelEntry, question: WeekQuestion, stamp: str, wear: str) -> tuple[ReadWeek, WeekNights]:
    read = read_week(workspace(), model(entry), question)
    return read, week_nights(read.week, None, worn_days.quality_settings(workspace()))


def judged() -> str:
    """How wear is judged in this workspace, as a part of cache keys."""
    return repr(worn_days.quality_settings(workspace()))


@st.cache_data(show_spinner=_("Reading the week"), max_entries=64, hash_funcs=BY_CONTENT)
def _week_view(folder: str, entry: ModelEntry, question: WeekQuestion, stamp: str, wear: str) -> WeekView:
    return participant_week.week_view(workspace(), model(entry), question)


def together(entry: ModelEntry, question: WeekQuestion) -> Pooled | None:
    """All fit windows of a person; None where there are fewer than two."""
    return _together(folder_key(), entry, question, workspace().stamp(question.cohort), judged())


@st.cache_data(show_spinner=_("Reading this person's other windows"), max_entries=64, hash_funcs=BY_CONTENT)
def _together(folder: str, entry: ModelEntry, question: WeekQuestion, stamp: str, wear: str) -> Pooled | None:
    return person_windows.together(workspace(), model(entry), question)


def explanation(entry: ModelEntry, cohort: CohortInfo, read: ReadWeek, method: str) -> Attribution:
    """One explanation of a week; the workspace keeps it beyond this server's life."""
    return _explanation(folder_key(), entry, read.question, cohort.as_read, method, read)


@st.cache_data(show_spinner=_("Explaining this week"), max_entries=256, hash_funcs=BY_CONTENT)
def _explanation(folder: str, entry: ModelEntry, question: WeekQuestion, as_read: str, method: str, _read: ReadWeek) -> Attribution:
    return explain_read(workspace(), model(entry), _read, method)


def kept_distance(entry: ModelEntry, read: ReadWeek) -> tuple[WeekDistance | None, str]:
    """How unusual a week is to the model, or a sentence why that is not said yet; see `week_distance`."""
    try:
        return _distance(folder_key(), entry, read.question, workspace().stamp(read.question.cohort), judged(), read), ""
    except _NotSaid as why:
        return None, str(why)


class _NotSaid(Exception):
    """It may be said a moment later, so it is raised: what is raised is not kept."""


@st.cache_data(show_spinner=False, max_entries=256, hash_funcs=BY_CONTENT)
def _distance(folder: str, entry: ModelEntry, question: WeekQuestion, stamp: str, wear: str, _read: ReadWeek) -> WeekDistance:
    kept, why = week_distance(workspace(), model(entry), _read, only_kept=True)
    if kept is None:
        raise _NotSaid(why)
    return kept


def rhythm_spread(cohort: CohortInfo) -> dict[str, np.ndarray]:
    """The rhythm figures of a cohort's people, for comparison."""
    return _rhythm_spread(folder_key(), cohort.name, cohort.as_read, judged())


@st.cache_data(show_spinner=_("Reading everyone's rhythm"), max_entries=16)
def _rhythm_spread(folder: str, cohort: str, as_read: str, wear: str) -> dict[str, np.ndarray]:
    return nights_of_weeks.rhythm_spread(workspace(), cohort)


def one_sided_labels(cohort: CohortInfo, outcome: str) -> frozenset[str]:
    """Labels whose mere presence gives the `outcome` of a person away, see `given_to_one_side`."""
    return _one_sided_labels(folder_key(), cohort.name, workspace().stamp(cohort.name), outcome)


@st.cache_data(show_spinner=False, max_entries=16)
def _one_sided_labels(folder: str, cohort: str, stamp: str, outcome: str) -> frozenset[str]:
    return given_to_one_side((person.labels for person in workspace().people(cohort)), outcome)


def hours_worn(cohort: CohortInfo) -> np.ndarray:
    """(weeks, days) hours of wear of a cohort by the workspace's settings; what the workspace keeps is read once."""
    return _hours_worn(folder_key(), cohort.name, cohort.as_read, judged(), worn_days.quality_settings(workspace()))


@st.cache_data(show_spinner=_("Counting hours of wear"), max_entries=16)
def _hours_worn(folder: str, cohort: str, as_read: str, wear: str, _settings: QualitySettings) -> np.ndarray:
    return worn_days.hours_worn(workspace(), cohort, _settings)


def predicted(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> list[PredictedWeek]:
    """Predictions of a whole cohort that are there already or quick to make."""
    return _predicted(folder_key(), entry, cohort.name, standardize_by, workspace().stamp(cohort.name), judged())


@st.cache_data(show_spinner=_("Looking at everyone's predictions"), max_entries=16, hash_funcs=BY_CONTENT)
def _predicted(folder: str, entry: ModelEntry, cohort: str, standardize_by: StandardizeBy, stamp: str, wear: str) -> list[PredictedWeek]:
    return predict_cohort(workspace(), model(entry), cohort, standardize_by)


def kept_space(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> CohortSpace | None:
    """A cohort as a model sees its weeks; None while some were not read yet. PatError as `similar_people.cohort_space` raises it."""
    try:
        return _kept_space(folder_key(), entry, cohort.name, standardize_by, workspace().stamp(cohort.name), judged())
    except _NotSaid:
        return None


@st.cache_resource(show_spinner=_("Comparing everyone"), max_entries=2, hash_funcs=BY_CONTENT)
def _kept_space(folder: str, entry: ModelEntry, cohort: str, standardize_by: StandardizeBy, stamp: str, wear: str) -> CohortSpace:
    space = similar_people.kept_space(workspace(), model(entry), cohort, standardize_by)
    if space is None:
        raise _NotSaid(cohort)
    return space
