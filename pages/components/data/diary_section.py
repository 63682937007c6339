"""Sleep diaries of a cohort's people: a table is looked at line by line, then kept as a whole; what was brought can be taken back."""

from __future__ import annotations

import streamlit as st

from pages.components.data.refusals import refusal_list
from pages.components.shared import data_table
from pages.components.shared.cached_calls import workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import bullets
from pages.components.shared.session import next_turn, turn_of
from pages.components.shared.session_names import Key
from pages.components.shared.words import _, plural
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.recordings.tables.diary_table import TITLES, NightDate
from pat_core.reports.sleep.diary_tables import diaries_table, plan_table, plan_words
from pat_core.workflows.people.diary_import import DiaryOptions, DiaryPlan, keep_diary, plan_diary_upload
from pat_core.workflows.week.week_marks import last_marker

MOST_MB = 16
ENDINGS = ["csv", "tsv", "txt", "xlsx", "xlsm"]
MOST_NIGHTS = 200
"""So many nights are shown before they are kept."""
DATES = {"": _("Find out"), "evening": _("The evening's"), "morning": _("The morning's")}
CHOSEN: dict[str, NightDate | None] = {"": None, "evening": "evening", "morning": "morning"}
COLUMNS = {"When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"), "File": st.column_config.TextColumn(width="medium")}


def section(cohort: CohortInfo) -> None:
    """What diaries there are, and the box for another one."""
    st.markdown(_("**Sleep diaries**"))
    diaries = workspace().diaries(cohort.name)
    if not diaries:
        st.write(
            _("These people have no sleep diary yet. One stands beside the estimated nights, on the page of a person and in a report.")
        )
    else:
        data_table.table(diaries_table(diaries), width="stretch", columns=COLUMNS)
        _take_back(cohort)
    with st.expander(_("Bring a sleep diary (CSV, Excel)")):
        st.caption(
            _(
                "A row a night: participant, date, in bed and out of bed; also, if there are, lights out, asleep, awake, minutes to fall "
                "asleep, minutes awake, naps. Times as 23:40, 11:40 PM or 2019-05-03 23:40."
            )
        )
        file = st.file_uploader(_("The diary"), key=_key(cohort, "file"), type=ENDINGS, max_upload_size=MOST_MB)
        if file is not None:
            _offer(cohort, file)


def _key(cohort: CohortInfo, box: str) -> str:
    """Of a box that begins anew after every diary."""
    return f"diary.{box}.{cohort.id}.{turn_of(Key.DIARY_TURN)}"


def _take_back(cohort: CohortInfo) -> None:
    holding = {diary.id: diary for diary in workspace().diaries(cohort.name) if diary.in_force}
    if not holding:
        return
    with st.popover(_("Take a diary back")):
        chosen = st.selectbox(
            _("Diary"),
            list(holding),
            format_func=lambda identity: _("{file}, {nights} nights").format(file=holding[identity].file, nights=holding[identity].nights),
            key=_key(cohort, "undo"),
        )
        who = st.text_input(_("Your name"), value=last_marker(workspace()), max_chars=80, key=_key(cohort, "undo.who"))
        if st.button(_("Take back"), key=_key(cohort, "undo.do")):
            try:
                workspace().undo_diary(cohort.name, chosen, who=who)
            except PatError as error:
                st.error(literal(error))
                return
            _done(_("Taken back: {file}. It stays in the list.").format(file=holding[chosen].file))


def _offer(cohort: CohortInfo, file) -> None:
    """What the diary would bring, what it would not, and the button that keeps it."""
    first, second = st.columns([2, 3], vertical_alignment="bottom")
    date_of = first.selectbox(_("Whose date stands in a row"), list(DATES), format_func=DATES.__getitem__, key=_key(cohort, "dates"))
    replace = second.checkbox(_("Nights that are there already give way"), key=_key(cohort, "replace"))
    people = [""] + [person.participant for person in workspace().people(cohort.name)]
    one = st.selectbox(
        _("Whose diary it is"),
        people,
        format_func=lambda name: name or _("As the table says"),
        key=_key(cohort, "person"),
        help=_("For a diary of one person, in which no column says who."),
    )
    options = DiaryOptions(_columns(cohort), CHOSEN[date_of], one or None, replace)
    try:
        plan = plan_diary_upload(workspace(), cohort.name, file, options)
    except PatError as error:
        st.error(literal(error))
        return
    _shown(cohort, plan)
    if not plan.nights:
        st.info(_("No night of this diary is new or can be read, so there is nothing to keep."))
        return
    who = st.text_input(_("Your name"), value=last_marker(workspace()), max_chars=80, key=_key(cohort, "who"))
    label = plural("Keep {number} night", "Keep {number} nights", len(plan.nights))
    if st.button(literal(label), type="primary", key=_key(cohort, "keep"), disabled=workspace().read_only):
        try:
            diary = keep_diary(workspace(), plan, who=who)
        except PatError as error:
            st.error(literal(error))
            return
        nights, people_of = (
            plural("{number} night", "{number} nights", diary.nights),
            plural("{number} person", "{number} people", diary.people),
        )
        _done(_("A sleep diary was kept: {nights} of {people}.").format(nights=nights, people=people_of))


def _columns(cohort: CohortInfo) -> dict[str, str]:
    """Names of columns as the reader gives them, for tables whose own names say nothing."""
    with st.popover(_("Name the columns")):
        st.caption(_("Only where they are not found by themselves: the name as it stands in the table."))
        boxes = {
            role: st.text_input(title.capitalize(), key=_key(cohort, f"column.{role}"), max_chars=120) for role, title in TITLES.items()
        }
    return {role: name.strip() for role, name in boxes.items() if name.strip()}


def _shown(cohort: CohortInfo, plan: DiaryPlan) -> None:
    st.markdown(bullets(plan_words(plan)))
    if plan.nights:
        table = plan_table(plan)
        data_table.table(table.head(MOST_NIGHTS), width="stretch")
        if len(table) > MOST_NIGHTS:
            st.caption(_("These are the first {shown} of {total:,} nights.").format(shown=MOST_NIGHTS, total=len(table)))
    if plan.refused:
        st.markdown(_("**What would not be kept, and why**"))
        refusal_list(plan.refused, cohort.name, "diary")


def _done(words: str) -> None:
    next_turn(Key.DIARY_TURN)
    st.session_state[Key.DATA_MESSAGE] = words
    st.rerun()
