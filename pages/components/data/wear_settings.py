"""How wear is judged in this workspace: the words, and the form that changes it for every page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.session import next_turn, turn_of
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.wear import QualitySettings
from pat_core.workflows.read import worn_days

TITLE = _("How wear is judged")


class Bar:
    """A Progress on the page."""

    def __init__(self) -> None:
        self.bar = st.empty()

    def at(self, fraction: float, message: str) -> None:
        self.bar.progress(fraction, literal(message))

    def metric(self, step: int, values: object) -> None:
        return


def change(cohort: CohortInfo) -> None:
    """A button that opens the settings. cohort: whose days are counted anew at once, so that its lists open fast."""
    message = st.session_state.pop(Key.WEAR_MESSAGE, None)
    if message:
        st.toast(literal(message))
    turn = turn_of(Key.WEAR_TURN)
    with st.popover(TITLE, key=f"wear.popover.{turn}"):  # another key closes it once its settings are in use
        st.write(_("Used on every page of this workspace: the quality of windows, lists of valid days, and their downloads."))
        now = worn_days.quality_settings(workspace())
        with st.form(f"wear.form.{turn}", border=False, enter_to_submit=False):
            wanted = _boxes(now, turn)
            left, right = st.columns(2)
            use = left.form_submit_button(_("Use these"), width="stretch")
            back = right.form_submit_button(_("Back to the defaults"), width="stretch")
        if back:
            _keep(cohort, QualitySettings())
        elif use:
            try:
                settings = replace(worn_days.with_rule(now, wanted.pop("rule")), **wanted)
            except PatError as error:
                st.error(literal(error))
                return
            _keep(cohort, settings)


def _boxes(now: QualitySettings, turn: int) -> dict[str, Any]:
    """The boxes, beginning with what is in use; field of QualitySettings -> what they say."""
    hours = st.number_input(
        _("Hours of wear that make a day valid"),
        value=float(now.hours_a_day),
        step=0.5,
        format="%g",
        key=f"wear.hours.{turn}",
        help=worn_days.source_words("hours_a_day"),
    )
    days = st.number_input(
        _("Valid days needed of 7"), value=int(now.days_needed), step=1, key=f"wear.days.{turn}", help=worn_days.source_words("days_needed")
    )
    rules = list(worn_days.RULES)
    rule = st.radio(
        _("Non-wear rule"),
        rules,
        index=rules.index(now.rule_name),
        horizontal=True,
        key=f"wear.rule.{turn}",
        help=worn_days.source_words("rule"),
    )
    flags = st.checkbox(
        _("Trust the device where it records when it was worn"),
        value=now.trust_flags,
        key=f"wear.flags.{turn}",
        help=worn_days.source_words("trust_flags"),
    )
    share = st.number_input(
        _("Mention it beside the model's answer when more of a window was not worn than (%)"),
        value=round(100 * now.off_share, 6),
        step=5.0,
        format="%g",
        key=f"wear.share.{turn}",
        help=worn_days.source_words("off_share"),
    )
    values = {"off_share": float(share or 0) / 100}
    return values | {"rule": rule, "hours_a_day": float(hours or 0), "days_needed": int(days or 0), "trust_flags": flags}


def _keep(cohort: CohortInfo, settings: QualitySettings) -> None:
    try:
        worn_days.keep_quality_settings(workspace(), settings)
        worn_days.hours_worn(workspace(), cohort.name, settings, Bar())
    except PatError as error:
        st.error(literal(error))
        return
    next_turn(Key.WEAR_TURN)
    st.session_state[Key.WEAR_MESSAGE] = worn_days.settings_words(settings, cohort.length)
    st.rerun()
