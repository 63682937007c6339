"""Sleep and rhythm on the page of one person: a table and a picture of the nights, the mean day, its figures, and both to take away."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import streamlit as st

from pages.components.people import diary_part, marks_section, week_section
from pages.components.shared import data_table, sentences
from pages.components.shared.cached_calls import scored, workspace
from pages.components.shared.choices import choice_ahead, choose
from pages.components.shared.plain_text import literal
from pages.components.shared.session import begin_anew
from pages.components.shared.session_names import Key, Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.csv_text import csv_text
from pat_core.figures import config, night_days, rhythm_day
from pat_core.records import COUNTS
from pat_core.reports.glossary import glossary
from pat_core.reports.night_tables import naps_words, night_notes, nights_file, nights_table, rhythm_file, rhythm_table
from pat_core.rhythms import SLEEP_SCORES, SleepReport, score_for
from pat_core.workflows.people.participant_week import WeekView, scored_by
from pat_core.workflows.read.worn_days import quality_settings
from pat_core.workflows.week.week_diary import diary_periods, diary_sleep

ESTIMATES = _(
    "Estimates from movement, not from brain waves: lying awake without moving counts as sleep, so sleep and efficiency come out too high, "
    "and latency and waking too low, for anyone who lies awake. Bedtimes are where the rest begins in the recording, not what a diary "
    "says; mark a rest by hand under “Wear and marks” if you know better."
)
COLUMNS = {
    "Bedtime": "bedtime, got up", "Onset": "sleep onset, offset", "Offset": "sleep onset, offset", "Got up": "bedtime, got up",
    "In bed (h)": "TIB", "Asleep (h)": "TST", "Asleep (%)": "SE", "Asleep after (min)": "SOL", "Awake (min)": "WASO",
    "Awakenings": "awakenings", "Midpoint": "midpoint of sleep",
}  # fmt: skip
"""Column of the table -> its word in the glossary."""


def section(view: WeekView) -> None:
    """The nights of the week by the score that the reader chose, or why there are none."""
    st.subheader(_("Nights"))
    view = by_rest(scored(view, _score(view)) if view.week.unit == COUNTS else view)
    if diary_part.offered(view):
        diary_part.rest_choice()
    nights = view.nights
    if nights.report is None:
        st.info(literal(nights.why))
        diary_part.section(view)
        return
    if not nights.report.nights:
        st.info(_("No nights were found: there is no rest of three hours or more spent mostly asleep."))
    else:
        _shown(view, nights.report)
        st.download_button(
            _("Nights (CSV)"), csv_text(nights_file(nights)), f"{_stem(view)}-nights.csv", "text/csv", key="nights.file", on_click="ignore"
        )
    st.markdown(literal(naps_words(nights)))
    st.caption(literal(" ".join([*nights.report.notes, ESTIMATES])))
    diary_part.section(view)
    marks_section.over_score(view)


def as_chosen(view: WeekView) -> WeekView:
    """The view with the nights of the score that was chosen in the section, for what is drawn without it."""
    _usual(view)
    score = choice_ahead(Param.SCORE, SLEEP_SCORES)
    return by_rest(scored(view, score) if score and view.week.unit == COUNTS else view)


def by_rest(view: WeekView) -> WeekView:
    """The view with the rest of the diary in place of the estimated one, where the reader wants that and the week has a diary."""
    return scored_by(view, view.score, quality_settings(workspace()), by_diary=True) if diary_part.rest_wanted(view) else view


def _stem(view: WeekView) -> str:
    """How the files of this week begin."""
    return f"{view.week.participant}-week{view.week.index + 1}"


def _usual(view: WeekView) -> str:
    """The sleep score that the device calls for; people with another device begin with theirs."""
    usual = score_for(view.week.device, view.week.placement)
    if st.session_state.get(Key.SCORE_USUAL, usual) != usual:
        begin_anew(Param.SCORE)
    st.session_state[Key.SCORE_USUAL] = usual
    return usual


def _score(view: WeekView) -> str:
    """Which sleep score, beginning with the one that the device calls for."""
    usual = _usual(view)
    options = sorted(SLEEP_SCORES, key=lambda name: name != usual)
    return choose(
        Param.SCORE,
        _("Sleep score"),
        options,
        usual,
        lambda name: SLEEP_SCORES[name].name,
        help=_(
            "The rule that tells sleep from wake minute by minute. Each was made for the counts of one family of devices. Your choice "
            "applies on every page."
        ),
        draw=partial(st.segmented_control, required=True),
        unsaid=usual,
    )


def _shown(view: WeekView, report: SleepReport) -> None:
    nights, periods = view.nights, diary_periods(view.week, view.diary)
    diary = (periods, diary_sleep(view.week, view.diary)) if periods else None
    figure, caption = night_days(nights.week, report, nights.nonwear, nights.notes, diary=diary, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(buttons=False), key="nights")
    meanings, table = glossary(), nights_table(nights)
    columns = {name: st.column_config.TextColumn(help=_help(meanings, name), alignment="right") for name in table.columns}
    columns["Night"] = st.column_config.TextColumn(_("Night"), pinned=True)
    data_table.table(table, width="stretch", columns=columns, key="nights.table")
    if notes := night_notes(nights):
        st.markdown(sentences.bullets(notes))
    with st.expander(_("The nights in words")):
        st.write(literal(caption))


def _help(meanings: Mapping[str, str], column: str) -> str | None:
    """What a column holds, with its word in the field: "TIB: time in bed, ..."."""
    word = COLUMNS.get(column, "")
    return f"{word}: {meanings[word]}" if word in meanings else None


def rhythm(view: WeekView, spread: dict[str, np.ndarray]) -> None:
    """The mean day with its bars and cosine, the week's rhythm figures and their file, and the figures beside the cohort."""
    st.subheader(_("Mean day and rhythm"))
    figure, caption = rhythm_day(view.week, view.rhythm, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(buttons=False), key="rhythm.day")
    st.table(rhythm_table(view.week, view.rhythm, glossary()).set_index("Figure"), border="horizontal")
    if view.rhythm.sri is not None and view.score:
        usual = view.score == score_for(view.week.device, view.week.placement)
        cohort = (
            _("as it is for the cohort") if usual else _("as you chose; the cohort's people are each scored by the score for their device")
        )
        st.caption(
            literal(
                _("The sleep regularity index is scored by {score}, {cohort}. {left_out}").format(
                    score=SLEEP_SCORES[view.score].name,
                    cohort=cohort,
                    left_out=view.nights.regularity.words if view.nights.regularity else "",
                )
            )
        )
    with st.expander(_("The mean day in words")):
        st.write(literal(sentences.minus(caption)))
    st.download_button(
        _("Rhythm and means (CSV)"),
        csv_text(rhythm_file(view.week, view.rhythm, view.nights)),
        f"{_stem(view)}-rhythm.csv",
        "text/csv",
        key="rhythm.file",
        on_click="ignore",
    )
    st.subheader(_("Rhythm beside the cohort"))
    week_section.rhythm(view, spread)
