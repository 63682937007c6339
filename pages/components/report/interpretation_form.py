"""What somebody writes about a week: kept with it, version after version, and printed in the report."""

from __future__ import annotations

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.plain_text import lines, literal
from pages.components.shared.session import next_turn, turn_of
from pages.components.shared.session_names import Key
from pages.components.shared.words import _, plural
from pat_core.cohorts import CohortInfo, Interpretation
from pat_core.cohorts.stores.interpretation_store import LONGEST
from pat_core.errors import PatError
from pat_core.workflows.people.report_record import ReportRecord
from pat_core.workflows.week.week_marks import last_marker


def form(cohort: CohortInfo, record: ReportRecord) -> tuple[Interpretation, ...]:
    """The text that holds, to be written anew, and the versions before it. What was kept so far, oldest first."""
    of = record.view.week.participant, record.view.week.index
    versions = workspace().interpretations(cohort.name, *of)
    last = versions[-1] if versions else None
    if last is not None:
        st.caption(literal(_("Kept by {who}, {when}.").format(who=last.who, when=_moment(last))))
        if last.about and last.about != record.state:
            st.warning(_("Since it was written the marks, the settings of wear or the model are others. Read it again before signing."))
    with st.form(f"report.form.{cohort.id}.{of[0]}.{of[1]}.{turn_of(Key.INTERPRETATION_TURN)}", enter_to_submit=False):
        text = st.text_area(
            _("What you make of this week"),
            value=last.text if last else "",
            max_chars=LONGEST,
            height=180,
            placeholder=_("What the recording shows, how far it can be trusted, and what you would do next."),
        )
        who = st.text_input(_("Your name"), value=last.who if last else last_marker(workspace()), max_chars=80)
        if st.form_submit_button(_("Keep this interpretation"), disabled=workspace().read_only):
            try:
                workspace().write_interpretation(cohort.name, of, text or "", who=who or "", about=record.state)
            except PatError as error:
                st.error(literal(error))
            else:
                next_turn(Key.INTERPRETATION_TURN)
                st.rerun()
    st.caption(_("It is kept with the week in this workspace, with your name and the time. Earlier versions stay."))
    if len(versions) > 1:
        with st.expander(plural("{number} earlier version", "{number} earlier versions", len(versions) - 1)):
            for version in reversed(versions[:-1]):
                st.caption(literal(_("{who}, {when}").format(who=version.who, when=_moment(version))))
                st.markdown(lines(version.text))
    return versions


def _moment(version: Interpretation) -> str:
    return f"{version.created:%Y-%m-%d %H:%M}"
