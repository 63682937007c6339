"""Time at an import: the form's folded part on zones and changes of the clock, and what an import did about them."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from pages.components.data.mapping_words import RUNS
from pages.components.shared import data_table
from pages.components.shared.phrases import day_words
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pat_core.errors import RecordingError
from pat_core.recordings.clock.zones import Clock
from pat_core.reports.cohort_tables import clock_changes_table
from pat_core.workflows.read.clock_changes import EFFECT, OVER_CHANGE, Clocks, WeekOverChange, WhatOverChange
from pat_core.workflows.read.column_mapping import zone_names

TITLE = _("Time and clock changes")
OVER: dict[WhatOverChange, str] = {"cut": _("Cut it"), "refuse": _("Refuse it")}
AS_SAID = _("As each file says")
COLUMNS = {
    "Begins": st.column_config.DatetimeColumn(format="ddd D MMM YYYY, HH:mm"),
    "Minutes": st.column_config.NumberColumn(format="localized", help=_("How long it really lasted.")),
}


def ask(turn: int) -> Clocks | None:
    """What the reader says of time; None where it does not go together, which is said in place.

    turn: of the form, so that nothing stays chosen after an import. What is chosen stands in the title: the part is mostly folded.
    """
    zone_key, clock_key, over_key = Key.BRING_ZONE.of(turn), Key.BRING_CLOCK.of(turn), Key.BRING_OVER.of(turn)
    title = _title(st.session_state.get(zone_key), st.session_state.get(clock_key, "wall"), st.session_state.get(over_key, "cut"))
    part = Key.BRING_TIME.of(turn)
    st.session_state[part] = st.session_state.get(part, False)  # another title is another part, which would begin folded
    with st.expander(literal(title), key=part, on_change="rerun"):
        st.write(
            _(
                "Weeks are 10,080 minutes of wall-clock time, days 1,440. A week over a daylight-saving change lasted 10,020 minutes in "
                "spring and 10,140 in autumn."
            )
        )
        where, what = st.columns(2, gap="large")
        with where:
            zone = st.selectbox(
                _("Time zone of the recordings"),
                _zones(),
                format_func=lambda name: name or AS_SAID,
                key=zone_key,
                help=_(
                    "Such as Europe/Berlin; type to search. Used for files that name no zone, and whose columns you have not assigned one."
                ),
            )
            clock: Clock = "wall"
            if zone is None:
                st.caption(_("Where a file names no zone, its times stay as recorded and clock changes cannot be detected."))
            else:
                clock = st.radio(
                    _("The times are"),
                    list(RUNS),
                    format_func=RUNS.get,
                    key=clock_key,
                    help=_(
                        "Many devices are set once, at the start, and keep counting through a clock change: choose the device's clock "
                        "for them, and later times are shifted. Where a file says that its times are in UTC, they are read as UTC."
                    ),
                )
        with what:
            over = st.radio(
                _("A week over a clock change"),
                list(OVER),
                format_func=OVER.get,
                captions=[EFFECT[choice] for choice in OVER_CHANGE],
                key=over_key,
            )
        try:
            return Clocks(zone, clock, over)
        except RecordingError as error:
            st.error(literal(error))
            return None


def _title(zone: str | None, clock: str, over: str) -> str:
    """The part's name with what is chosen in it."""
    ran = {"wall": "", "steady": _(", the device's clock"), "utc": _(", in UTC")}[clock] if zone else ""
    weeks = {"cut": _("weeks over a change are cut"), "refuse": _("weeks over a change are refused")}[over]
    return f"{TITLE}: {zone or AS_SAID.lower()}{ran}; {weeks}"


@st.cache_data(show_spinner=False)
def _zones() -> list[str | None]:
    return [None, *zone_names()]


def done(summary: str, over: list[dict[str, object]]) -> None:
    """What an import did about changes of the clock: in words, and week by week, folded."""
    if summary:
        st.write(literal(summary))
    if over:
        with st.expander(_("Weeks over a clock change")):
            changes = [WeekOverChange.from_spec(week) for week in over]
            days = [", ".join(day_words(date.fromisoformat(day)) for day in week.days) for week in changes]
            weeks: pd.DataFrame = clock_changes_table(changes).assign(**{"Clock change": days})
            data_table.table(weeks, width="stretch", columns=COLUMNS)
