"""Time at an import: the form's folded part on zones and changes of the clock, and what an import did about them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.mapping_words import RUNS
from pat_core.errors import RecordingError
from pat_core.workflows.clock_changes import EFFECT, OVER_CHANGE, Clocks, WeekOverChange, table
from pat_core.workflows.mapping import zone_names

TITLE = "Time and clock changes"
OVER = {"cut": "Cut it", "refuse": "Refuse it"}
AS_SAID = "As each file says"
COLUMNS = {
    "Begins": st.column_config.DatetimeColumn(format="ddd D MMM YYYY, HH:mm"),
    "Minutes": st.column_config.NumberColumn(format="localized", help="How long it really lasted."),
}


def ask() -> Clocks | None:
    """What the reader says of time; None where it does not go together, which is said in place."""
    with st.expander(TITLE):
        st.write(
            "Weeks are 10,080 minutes of the clock on the wall. A week over a daylight-saving change lasted 10,020 minutes in spring and "
            "10,140 in autumn."
        )
        where, what = st.columns(2, gap="large")
        with where:
            zone = st.selectbox(
                "Time zone of the recordings", _zones(), format_func=lambda name: name or AS_SAID, key="bring.zone",
                help="Such as Europe/Berlin; type to search. For files that name no zone of their own; one that they name goes before it.",
            )  # fmt: skip
            clock = "wall"
            if zone is None:
                st.caption("Where a file names no zone, its times stay as recorded and changes of the clock cannot be told.")
            else:
                clock = st.radio(
                    "The times are", list(RUNS), format_func=RUNS.get, key="bring.clock",
                    help="Many devices are set once, at the start, and count on through a change: choose the device's clock for them, and "
                    "later times are moved. A file that says that its times are in UTC is believed.",
                )  # fmt: skip
        with what:
            over = st.radio(
                "A week over a clock change", list(OVER), format_func=OVER.get, captions=[EFFECT[one] for one in OVER_CHANGE],
                key="bring.over",
            )  # fmt: skip
        try:
            return Clocks(zone, clock, over)
        except RecordingError as error:
            st.error(str(error))
            return None


@st.cache_data(show_spinner=False)
def _zones() -> list[str | None]:
    return [None, *zone_names()]


def done(said: str, over: list[dict[str, object]]) -> None:
    """What an import did about changes of the clock: in words, and week by week, folded."""
    if said:
        st.write(said)
    if over:
        with st.expander("Weeks over a clock change"):
            weeks: pd.DataFrame = table([WeekOverChange.from_spec(week) for week in over])
            st.dataframe(weeks, hide_index=True, width="stretch", column_config=COLUMNS)
