"""When the device was worn in a week, and periods marked by hand: with who, when and why, and to be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

import streamlit as st

from pages.components.data import wear_settings
from pages.components.shared import data_table, sentences
from pages.components.shared.cached_calls import workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.session import next_turn, turn_of
from pages.components.shared.session_names import Key
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.cohorts import Mark
from pat_core.csv_text import csv_text
from pat_core.errors import PatError
from pat_core.figures import config, wear_days
from pat_core.records import SET_KINDS, Period, Week
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participant_week import WeekView
from pat_core.workflows.read.worn_days import over_change_words, quality_settings, settings_words, week_quality
from pat_core.workflows.week.week_marks import (
    EFFECT,
    MEANS,
    add_mark,
    last_marker,
    marks_file,
    marks_table,
    undo_mark,
    week_days,
    week_marks,
    window_minutes,
    window_words,
)

COLUMNS = {"When": st.column_config.DatetimeColumn(format="ddd D MMM YYYY, HH:mm")}
KINDS = {"non-wear": _("Not worn"), "rest": _("Rest"), "exclude": _("Leave out"), "sleep": _("Asleep"), "wake": _("Awake")}
OFFERED = ("non-wear", "rest", "exclude")
"""What is marked here; sleep and wake are set over the score, under Nights."""


def section(view: WeekView, entry: ModelEntry) -> None:
    """Wear day by day with its sentences, the marks of this week, and a form for another one."""
    of = (view.week.participant, view.week.index)
    unit = entry.card.get("unit")
    try:
        quality = week_quality(workspace(), view.week, str(unit) if unit else None)
    except PatError as error:
        st.error(literal(error))
        return
    figure, caption = wear_days(view.week, quality, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(buttons=False), key="wear")
    findings = list(quality.sentences) or [
        _("All {days} days have enough wear, and nothing else was found.").format(days=len(quality.days))
    ]
    findings += over_change_words(workspace(), view.cohort.name, of)
    st.markdown(sentences.bullets(map(sentences.minus, findings)))
    st.caption(
        _("{settings} Days are 24 hours from the {window}'s first minute.").format(
            window=sentences.window_name(view.week.values.size),
            settings=literal(settings_words(quality_settings(workspace()), view.week.values.size)),
        )
    )
    with st.container(horizontal=True):
        with st.popover(_("The picture in words")):
            st.write(literal(caption))
        wear_settings.change(view.cohort)
    _listed(view, week_marks(workspace(), view.cohort.name, of))
    if view.cohort.marks:
        st.download_button(
            _("Marks of all people (CSV)"),
            csv_text(marks_file(workspace(), view.cohort.name)),
            f"{view.cohort.name}-marks.csv",
            "text/csv",
            key="marks.file",
            on_click="ignore",
            help=_("Every mark of this cohort with who, when and why, including those taken back."),
        )
    _form(view)


def _key(view: WeekView, box: str) -> str:
    """Of a box of this week that begins anew after every entry: nobody's reason stands in the box of another week, or is sent twice."""
    return f"marks.{box}.{view.cohort.id}.{view.week.participant}.{view.week.index}.{turn_of(Key.MARKS_TURN)}"


def _entered(message: str) -> None:
    next_turn(Key.MARKS_TURN)
    st.toast(literal(message))
    st.rerun()


def _listed(view: WeekView, marks: tuple[Mark, ...]) -> None:
    if not marks:
        st.write(_("Nothing is marked in this {window}.").format(window=sentences.window_name(view.week.values.size)))
        return
    table = marks_table(view.week, marks).assign(Mark=[KINDS[mark.kind] for mark in marks])
    data_table.table(table, width="stretch", columns=COLUMNS)
    holding = [mark for mark in marks if mark.in_force]
    if not holding:
        return
    first, second, third, last = st.columns([4, 2, 3, 2], vertical_alignment="bottom")
    named = {mark.id: f"{KINDS[mark.kind]}, {window_words(view.week, mark.first, mark.end)}" for mark in holding}
    chosen = first.selectbox(_("Take back"), list(named), format_func=named.__getitem__, key=_key(view, "undo"))
    who = second.text_input(_("Your name"), value=last_marker(workspace()), max_chars=80, key="marks.undo.who")
    why = third.text_input(_("Why (optional)"), max_chars=500, key=_key(view, "undo.why"))
    if last.button(_("Take back"), key=_key(view, "undo.do"), width="stretch"):
        try:
            undo_mark(workspace(), chosen, who=who, why=why)
        except PatError as error:
            st.error(literal(error))
            return
        _entered(_("Taken back: {mark}.").format(mark=named[chosen]))


def over_score(view: WeekView) -> None:
    """Sleep and wake set by hand in place of the score: what is set in this week, and a form for another stretch."""
    marks = week_marks(workspace(), view.cohort.name, (view.week.participant, view.week.index))
    own = tuple(mark for mark in marks if mark.kind in SET_KINDS)
    with st.expander(_("Set asleep or awake by hand"), expanded=any(mark.in_force for mark in own)):
        if own:
            _listed(view, own)
        _form(view, SET_KINDS)


def _form(view: WeekView, kinds: Sequence[str] = OFFERED) -> None:
    of = "set." if kinds == SET_KINDS else ""
    with st.form(_key(view, f"{of}form"), border=True, enter_to_submit=False):
        st.markdown(_("**Mark a period**") if kinds == OFFERED else _("**Set a stretch in place of the score**"))
        days = week_days(view.week)
        first, second, third, fourth = st.columns([2, 2, 1, 1])
        kind = first.selectbox(_("Mark as"), kinds, format_func=KINDS.__getitem__, key=_key(view, f"{of}kind"))
        day = second.selectbox(_("Day"), range(len(days)), min(1, len(days) - 1), days.__getitem__, key=_key(view, f"{of}day"))
        usual = (time(1), time(2)) if kinds == SET_KINDS else (time(12), time(13))
        begin = third.time_input(_("From"), usual[0], step=60, key=_key(view, f"{of}from"))
        later = _("An earlier time means the next day.")
        until = fourth.time_input(_("Until"), usual[1], step=60, key=_key(view, f"{of}until"), help=later)
        who = st.text_input(_("Your name"), value=last_marker(workspace()), max_chars=80, key=f"marks.{of}who")
        hint = _("For example: noted in the diary")
        why = st.text_input(_("Why"), max_chars=500, key=_key(view, f"{of}why"), placeholder=hint)
        means = [f"{KINDS[name]}: {MEANS[name].split(': ', 1)[1]}" for name in kinds]
        st.caption("  \n".join([*means, *([EFFECT] if kinds == OFFERED else [])]))
        wanted = st.form_submit_button(_("Mark") if kinds == OFFERED else _("Set"))
    if not wanted:
        return
    try:
        period = Period(*_minutes(view.week, day, begin, until), kind)
        add_mark(workspace(), view.cohort.name, (view.week.participant, view.week.index), period, who=who, why=why)
    except PatError as error:
        st.error(literal(error))
        return
    _entered(_("Marked: {kind}, {period}.").format(kind=KINDS[kind], period=window_words(view.week, period.first, period.end)))


def _minutes(week: Week, day: int, begin: time, until: time) -> tuple[int, int]:
    """(first, end) minutes of the week; the same time twice is a whole day."""
    first, last = (moment.hour * 60 + moment.minute for moment in (begin, until))
    return window_minutes(week, day, first, last)
