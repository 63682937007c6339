"""Where long work runs, on every page that starts some: the choice, what the place has, the time to expect, and what would leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.components.shared import data_table
from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose
from pages.components.shared.job_status import follow, job_for
from pages.components.shared.phrases import date_words
from pages.components.shared.place_looks import look_at
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import facts
from pages.components.shared.session import so_far
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.cohorts import JobInfo
from pat_core.errors import PatError
from pat_core.jobs import Spec, Task
from pat_core.jobs.launchers.place_book import HERE, place_named, places
from pat_core.jobs.packing import leaving, leaving_words
from pat_core.reports.place_words import leaving_table, look_lines, time_words
from pat_core.workflows.elsewhere.pace_elsewhere import PACE, PaceRequest, paces_of
from pat_core.workflows.learn.time_to_expect import Expectation
from pat_core.workflows.tasks import ELSEWHERE


def where_it_runs(task: Task[Any, Any], request: Spec | None, expected: Callable[[], Expectation] | None = None) -> tuple[str, bool]:
    """(the place's name, "" for this computer; whether work can be started there). request: None where there is none yet."""
    known = {one.task.kind: one for one in ELSEWHERE}
    try:
        names = [HERE, *(place.name for place in places(workspace()))] if task.kind in known else [HERE]
    except PatError as error:
        st.error(literal(error))
        names = [HERE]
    with st.expander(_("Where it runs")):
        name = choose(Param.PLACE, _("Place"), names, words=lambda one: _("This computer") if one == HERE else literal(one), unsaid=HERE)
        st.page_link("pages/backends.py", label=_("Add or test places"))
        so_far()
        with st.spinner(_("Looking at {place}").format(place=literal(name))):
            seen = look_at(name)
        if seen.trouble:
            st.error(literal(seen.trouble))
        if seen.look:
            st.markdown(facts(look_lines(seen.look)))
        if request is not None and expected is not None and not seen.trouble:
            _time_here(expected) if name == HERE else _time_there(name, expected)
        if request is not None and name != HERE:
            _leaving(name, known[task.kind], request)
    if name != HERE and not seen.trouble:
        say_where(name)
    return ("" if name == HERE else name), not seen.trouble


def say_where(name: str) -> None:
    """That it will run at another place than this computer."""
    st.caption(_("It will run at {place}.").format(place=literal(name)))


def _time_here(expected: Callable[[], Expectation]) -> None:
    """The time that the work takes here, from a few measured steps, once it is asked for."""
    if not st.button(_("How long will it take here?")):
        return
    with st.spinner(_("Measuring a few steps")):
        try:
            time = expected().here()
        except PatError as error:
            st.error(literal(error))
            return
    st.info(literal(time_words(time)))


def _time_there(name: str, expected: Callable[[], Expectation]) -> None:
    """The time that it takes there: a few steps are measured at the place, by a small job that waits its turn there as the work would."""
    try:
        known, place = expected(), place_named(workspace(), name)
    except PatError as error:
        st.error(literal(error))
        return
    request = PaceRequest.at(place, known.asked)
    job = job_for(PACE, request)
    if job is not None and job.state != "done":  # at work, or how it ended and the button that tries again
        follow(job.id)
        return
    if job is not None:
        _measured_there(name, known, job)
    help_words = _("Sends sizes and settings, and nothing of people, then times a few steps there.")
    if st.button(_("Measure again") if job else _("How long will it take there?"), help=help_words):
        try:
            PACE.launch(workspace(), request, _("How long work takes at {place}").format(place=name), on=name)
        except PatError as error:
            st.error(literal(error))
            return
        st.rerun()


def _measured_there(name: str, known: Expectation, job: JobInfo) -> None:
    try:
        with st.spinner(_("Adding up")):
            time = known.time(paces_of(job.result or {}))
    except (PatError, KeyError, TypeError, ValueError) as error:
        st.error(_("What was measured there cannot be read ({error}). Measure it again.").format(error=literal(error)))
        return
    st.info(literal(time_words(time, name)))
    if job.finished:
        st.caption(_("Measured {moment}.").format(moment=date_words(job.finished)))


def _leaving(name: str, elsewhere: Any, request: Spec) -> None:
    if not st.button(_("What would leave this computer?"), help=_("Puts the data together as it would be sent, and sends nothing.")):
        return
    with st.spinner(_("Putting together what would leave")):
        try:
            address = place_named(workspace(), name).address or _("another folder of this computer")
            with leaving(workspace(), elsewhere, request) as parcel:
                headline, table = leaving_words(parcel, f"{name} ({address})")[0], leaving_table(parcel)
        except PatError as error:
            st.error(literal(error))
            return
    st.write(literal(headline))
    if len(table):
        data_table.table(table, {"Bytes": st.column_config.NumberColumn(format="localized")})
