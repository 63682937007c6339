"""Reading aids under the sheet: the strongest windows in words, what was there and what was missing, and how far the maps agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

import pandas as pd
import streamlit as st

from pages.components.people.explanation_section import Shown
from pages.components.shared import data_table
from pages.components.shared.choices import choice_ahead, choose
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import window_name
from pages.components.shared.session_names import Key, Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.errors import PatError
from pat_core.explain import METHODS
from pat_core.explain.judging.agreement import agreement
from pat_core.explain.method_registry import same_ranking
from pat_core.explain.windows import EvidenceWindow, inside, strongest_windows, two_evidence, wear_words, when
from pat_core.figures import agreement_strip, config
from pat_core.figures.palette import figures, signed
from pat_core.figures.sheet.lanes import DayFrom
from pat_core.models.network_config import NetworkConfig
from pat_core.records import UNKNOWN_UNIT, Attribution
from pat_core.weeks.quality_report import marked
from pat_core.workflows.people.participant_week import WeekView
from pat_core.workflows.week.week_marks import lane_words


def windows_of(view: WeekView, shown: Sequence[Shown]) -> tuple[str, tuple[EvidenceWindow, ...]]:
    """(method, its strongest windows): the one the reader chose, else the first that tells of the score, else the first."""
    drawn = {strip.method: strip.attribution for strip in shown if strip.attribution is not None}
    if not drawn:
        return "", ()
    name = choice_ahead(Param.STRONGEST, drawn) or _usual(drawn)
    return name, strongest_windows(drawn[name], view.week.start, date_known=view.week.date_known)


def _usual(drawn: Mapping[str, Attribution]) -> str:
    return next((name for name, attribution in drawn.items() if attribution.kind == "attribution"), next(iter(drawn)))


def outlined(view: WeekView, name: str, windows: Sequence[EvidenceWindow]) -> list[tuple[int, int]]:
    """The minutes to outline on the sheet: the windows whose lines are chosen in the list, which stands under another tab."""
    return [(windows[row].first, windows[row].end) for row in _lines(view, name) if row < len(windows)]


def _lines(view: WeekView, name: str) -> list[int]:
    """The lines of the list that are chosen: as its table holds them where it is on the page, else as they were when it last was."""
    state, kept = st.session_state.get(_key(Key.WINDOWS, view, name)), _key(Key.OUTLINED, view, name)
    if state:
        st.session_state[kept] = list(state["selection"]["rows"])
    return st.session_state.get(kept, [])


def strongest(
    view: WeekView, shown: Sequence[Shown], name: str, windows: Sequence[EvidenceWindow], lanes: DayFrom | Literal["timeline"] = "noon"
) -> None:
    """The list, with what was there and what was missing. A chosen line outlines its window on the sheet, and what it holds is said.

    lanes: how the sheet is drawn (see sheet.LANES).
    """
    drawn = {strip.method: strip.attribution for strip in shown if strip.attribution is not None}
    if not drawn:
        return
    st.subheader(_("Strongest windows"))
    if len(drawn) > 1:
        usual = _usual(drawn)
        choose(
            Param.STRONGEST,
            _("Of the map"),
            list(drawn),
            usual,
            lambda method: METHODS[method].title,
            unsaid=usual,
            draw=partial(st.segmented_control, required=True, label_visibility="collapsed"),
        )
    sentence = evidence(drawn[name], view)
    if sentence:
        st.markdown(literal(sentence))
    if not windows:
        st.caption(_("No stretch of this map stands out from the rest."))
        return
    worn = [off_words(view, window.first, window.end) for window in windows]
    table = pd.DataFrame({"Window": [window.words for window in windows], "Share": [100 * window.share for window in windows]})
    if any(worn):
        table["Wear"] = [words or "worn" for words in worn]
        st.markdown(
            _("Some of these windows lie where the device was not worn, or where nothing was recorded: the column Wear says which.")
        )
    key, began = _key(Key.WINDOWS, view, name), _key(Key.WINDOWS_BEGAN, view, name)
    begin = st.session_state[began] if key in st.session_state else _lines(view, name)  # one value as long as the table stands
    st.session_state[began] = begin
    data_table.table(
        table,
        width="content",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": begin}},
        key=key,
        columns={
            "Window": st.column_config.Column(_("Window")),
            "Share": st.column_config.NumberColumn(_("Share of the map (%)"), format="%.0f"),
            "Wear": st.column_config.TextColumn(_("Wear"), help=_("Minutes that were not worn, without a value, or left out by hand.")),
        },
    )
    if not any("explains" in attribution.settings for attribution in drawn.values()):
        st.caption(_("The score is the model's raw output, in logits: 0 stands for even odds, and 0.7 more doubles them."))
    chosen = outlined(view, name, windows)
    if not chosen:
        st.caption(_("Choose a line to read what is in its window, and to outline it on the sheet under Week."))
    for first, end in chosen:
        st.markdown(held_words(view, drawn, first, end))
        st.caption(literal(outline_words(view, lanes, first, end)))


def off_words(view: WeekView, first: int, end: int) -> str:
    """Which minutes of a window were not worn, have no value or were marked away; "" where all were worn."""
    by_hand = marked(view.week, "non-wear") | marked(view.week, "exclude")
    return wear_words(first, end, view.week.values, view.nonwear, by_hand)


def held_words(view: WeekView, drawn: Mapping[str, Attribution], first: int, end: int) -> str:
    """What a window holds: its mean activity beside the week's, and what each map has there."""
    held = inside(view.week.values, list(drawn.values()), first, end)
    unit = "" if view.week.unit == UNKNOWN_UNIT else f" {view.week.unit}"
    activity, whole = (figures(value) for value in (held.activity, held.whole_week))
    facts = [
        _("mean activity {activity}{unit} (whole {window}: {whole})").format(
            activity=activity, unit=unit, window=window_name(view.week.values.size), whole=whole
        )
        if held.missing < end - first
        else _("no activity is known")
    ]
    facts += [off] if (off := off_words(view, first, end)) else []
    covered = [(name, attribution, value) for (name, attribution), value in zip(drawn.items(), held.maps, strict=True) if value == value]
    facts += [f"{METHODS[name].title}: {_of_map(attribution, value)}" for name, attribution, value in covered]
    named = when(first, end, view.week.start, view.week.date_known).rstrip(",")
    return _("**{window}.** What is in here: {content}.").format(window=literal(named), content=literal("; ".join(facts)))


def _of_map(attribution: Attribution, value: float) -> str:
    if attribution.kind == "attribution":
        return _("{value} {unit} in sum").format(value=signed(value), unit=attribution.unit)
    if attribution.kind == "sensitivity":
        return _("{value} times the mean minute's sensitivity").format(value=figures(value))
    return _("{value} % of the attention").format(value=figures(100 * value))


def outline_words(view: WeekView, lanes: DayFrom | Literal["timeline"], first: int, end: int) -> str:
    """Where to look for the outline of a window on the sheet."""
    where = "" if lanes == "timeline" else _(", lane {lane}").format(lane=lane_words(view.week, lanes, first, end))
    return _("Outlined under Week in violet{lane}.").format(lane=where)


def evidence(attribution: Attribution, view: WeekView) -> str:
    """What was there beside what was missing, where this map can tell them apart; else ""."""
    try:
        return two_evidence(attribution, view.z).words
    except PatError:
        return ""


def agreeing(shown: Sequence[Shown], model_config: NetworkConfig) -> None:
    """How many of the strongest patches the maps share; pairs that must agree by algebra are left out, and that is said."""
    maps = {METHODS[strip.method].title: strip.attribution for strip in shown if strip.attribution is not None}
    if len(maps) < 2:
        return
    equal = [frozenset(METHODS[name].title for name in group) for group in same_ranking(model_config)]
    try:
        compared = agreement(maps, equal)
    except PatError as error:
        st.caption(literal(error))
        return
    st.subheader(_("Do the maps agree?"))
    if len(compared.pairs) == 1:
        pair = compared.pairs[0]
        both = literal(_("{first} and {second}").format(first=pair.first, second=pair.second))
        st.markdown(_("{methods} have {share:.0f} % of their strongest patches in common.").format(methods=both, share=100 * pair.overlap))
    elif compared.pairs:
        figure = agreement_strip(compared, {title: title for title in maps}, theme=theme_name())[0]
        st.plotly_chart(figure, theme=None, config=config(buttons=False), key="agreement")
    st.caption(
        _("A patch is a stretch of {minutes} minutes, which the model reads as one. {agreement}").format(
            minutes=model_config.patch, agreement=literal(compared.words)
        )
    )


def _key(key: Key, view: WeekView, name: str) -> str:
    """Another week or map begins with no line chosen."""
    return key.of(view.cohort.as_read, view.week.participant, view.week.index, name)
