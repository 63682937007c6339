"""The sleep diary of a person beside the estimated nights, and whether the nights take their rest from it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.components.shared import data_table
from pages.components.shared.choices import choice_ahead, choose
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.records import COUNTS
from pat_core.reports.sleep.diary_tables import TRUTH, agreement_table, diary_table, diary_words
from pat_core.workflows.people.participant_week import WeekView

RESTS = {"rule": _("Found by the rule"), "diary": _("The sleep diary's")}


def offered(view: WeekView) -> bool:
    """Whether there is a diary to take the rest from: of this week, and beside counts, which alone are scored."""
    return view.week.unit == COUNTS and view.nights.report is not None and view.beside_diary is not None


def rest_wanted(view: WeekView) -> bool:
    """Whether the reader wants the diary's rest, and it is there."""
    return choice_ahead(Param.REST_OF, RESTS) == "diary" and offered(view)


def rest_choice() -> None:
    """From where the nights have their times in bed."""
    choose(
        Param.REST_OF,
        _("Times in bed"),
        list(RESTS),
        "rule",
        RESTS.get,
        help=_("Sleep and wake are scored within the time in bed. Nights that the diary lacks, and rest that was marked by hand, stay."),
        draw=partial(st.segmented_control, required=True),
        unsaid="rule",
    )


def section(view: WeekView) -> None:
    """The diary night by night, how far the estimates agree with it, and what differs; nothing where there is no diary."""
    if not view.diary:
        return
    st.subheader(_("Beside the sleep diary"))
    diary = view.beside_diary
    if diary is None:
        st.write(_("The sleep diary of this person has no night within this window, or the date of the recording is not known."))
        return
    st.markdown(literal(" ".join(diary_words(diary))))
    table = diary_table(view.week, diary)
    columns = {name: st.column_config.TextColumn(alignment="right") for name in table.columns}
    columns["Night"] = st.column_config.TextColumn(_("Night"), pinned=True)
    data_table.table(table, width="stretch", columns=columns, key="diary.table")
    st.caption(_("What the diary says; in brackets the minutes by which the estimate is later or more (+), earlier or less (−)."))
    held = agreement_table(diary)
    if not held.empty:
        st.table(held.set_index("Figure"), border="horizontal")
    st.caption(literal(TRUTH))
