"""What all lessons share: a screen at a time with one thing to move, a question before its answer, and the way to the next screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from pages.components.learn.lesson_list import LESSONS, number_of
from pages.components.learn.week_canvas import week_canvas
from pages.components.shared.choices import choose
from pages.components.shared.guards import or_stop
from pages.components.shared.plain_text import literal
from pages.components.shared.session import set_choice
from pages.components.shared.session_names import Key, Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.figures import Layers, config, week_sheet
from pat_core.figures.lessons.dragged_week import Dragged
from pat_core.figures.lessons.lesson_chart import Drawn
from pat_core.records import Week

Value = TypeVar("Value")
_SILENT: ContextVar[bool] = ContextVar("silent", default=False)
"""Whether a screen is asked for its question alone, and draws nothing."""
SIMULATED = _("Simulated people: nobody here exists.")
LAYOUT = """<style>
.st-key-lesson-screen {display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); grid-template-rows: auto 1fr;
  column-gap: 2.5rem; grid-template-areas: "words figure" "question figure"}
.st-key-lesson-screen > :has(> .st-key-lesson-words) {grid-area: words}
.st-key-lesson-screen > :has(> .st-key-lesson-figure) {grid-area: figure}
.st-key-lesson-screen > :has(> .st-key-lesson-question) {grid-area: question}
@media (max-width: 1000px) {
  .st-key-lesson-screen {grid-template-columns: minmax(0, 1fr); grid-template-rows: auto; grid-template-areas: "words" "figure" "question"}
}
.st-key-lesson-dots [role="radio"] {border-radius: 50% !important; width: 2rem; min-width: 2rem; padding: 0; margin-right: 0.3rem;
  border: 1px solid currentColor !important}
.st-key-lesson-question [data-testid="stWidgetLabel"] p {font-size: 1rem; font-weight: 600}
.st-key-lesson-dots [role="radio"] p {font-variant-numeric: tabular-nums}
</style>"""


@dataclass(frozen=True)
class Question:
    """text: what is asked. answers: name -> words, three of them. right: the name of the right one. why: what was right, and why."""

    text: str
    answers: Mapping[str, str]
    right: str
    why: str


@dataclass(frozen=True)
class Screen:
    """One idea. text: at most 60 words. draw: draws what is moved and the figure, and returns the question; it is told whether the question
    was answered, for screens on which the answer comes before the thing is moved."""

    title: str
    text: str
    draw: Callable[[bool], Question]


def lesson(key: str, screens: Sequence[Screen]) -> None:
    """A lesson's page. key: of LESSONS."""
    this = LESSONS[key]
    st.html(LAYOUT)
    st.title(literal(this.title))
    about = _("Lesson {number} of {lessons}, about {minutes} minutes.").format(
        number=number_of(key), lessons=len(LESSONS), minutes=this.minutes
    )
    st.caption(f"{about} {SIMULATED}")
    number = _screen(this.screen, len(screens))
    screen, place = screens[number - 1], (key, number)
    answered = _kept_answer(place) is not None
    with st.container(key="lesson-screen"):
        with st.container(key="lesson-words"):
            st.subheader(literal(screen.title))
            st.write(literal(screen.text))
        with st.container(key="lesson-figure"), or_stop(st.info):
            question = screen.draw(answered)
        with st.container(key="lesson-question"):
            right = _ask(place, question)
    if number == len(screens) and right is not None:
        _take_home(key)
    _ways(this.screen, number, len(screens))


def moved(place: tuple[str, int], draw: Callable[..., Any], label: str, default: Value, **box: Any) -> Value:
    """A box (`st.slider`, `st.select_slider`, ...) that keeps its value while another screen is shown. place: lesson and screen."""
    if _SILENT.get():
        return default
    shown, kept = Key.MOVED.of(*place), Key.MOVED_KEPT.of(*place)
    st.session_state[shown] = st.session_state.get(shown, st.session_state.get(kept, default))
    value: Value = draw(label, key=shown, **box)
    st.session_state[kept] = value
    return value


def dragged(place: tuple[str, int], drawn: Dragged, keep: Callable[[Any], None]) -> None:
    """A week that is dragged over, with its caption. keep: is given what was moved (see `set_moved`)."""
    if _SILENT.get():
        return

    def released() -> None:
        value = dict(st.session_state.get(Key.DRAGGED.of(*place)) or {}).get("moved")
        if value is not None:
            keep(value)

    week_canvas(Key.DRAGGED.of(*place), drawn, released)
    st.caption(literal(drawn[1]))


def set_moved(place: tuple[str, int], value: Any) -> None:
    """Move a box from elsewhere than the box, from within a callback."""
    st.session_state[Key.MOVED.of(*place)] = st.session_state[Key.MOVED_KEPT.of(*place)] = value


def moved_to(place: tuple[str, int], default: Value) -> Value:
    """What `set_moved` kept where there is no box."""
    return default if _SILENT.get() else st.session_state.get(Key.MOVED_KEPT.of(*place), default)


def chart(drawn: Drawn) -> None:
    """A lesson's figure with its caption, which is also its alternative text."""
    if _SILENT.get():
        return
    spec, caption = drawn
    st.vega_lite_chart(spec=spec, theme=None, width="stretch", alt=caption)
    st.caption(literal(caption))


def sheet(week: Week, peak: float) -> None:
    """The week sheet of a lesson's person, from midnight to midnight. peak: counts at full height of a lane."""
    if _SILENT.get():
        return
    figure, caption = week_sheet(week, Layers(peak=peak), theme=theme_name(), day_from="midnight")
    st.plotly_chart(figure, theme=None, config=config(), key="lesson-week-sheet")
    st.caption(literal(caption))


def reading(text: str) -> None:
    """What the figure says in numbers, under it."""
    if not _SILENT.get():
        st.write(text)


def nothing(text: str) -> None:
    """In the place of a figure, where there is nothing to draw."""
    if not _SILENT.get():
        st.info(text)


def question_of(screen: Screen) -> Question:
    """Its question with the answer, without drawing anything. PatError where a file of its lesson is missing."""
    silent = _SILENT.set(True)
    try:
        return screen.draw(True)
    finally:
        _SILENT.reset(silent)


def answer_first() -> None:
    """In the place of what is moved, until the question was answered."""
    st.info(_("Answer the question first: say what you expect. Then you can move it and see."))


def _screen(param: Param, many: int) -> int:
    """The screen that is shown, bound to the address both ways: numbered dots."""
    draw = partial(st.segmented_control, required=True, label_visibility="collapsed")
    with st.container(key="lesson-dots"):
        numbers = [str(number) for number in range(1, many + 1)]
        return int(choose(param, _("Screen"), numbers, draw=draw, unsaid="1"))


def _kept_answer(place: tuple[str, int]) -> str | None:
    shown, kept = Key.ANSWER.of(*place), Key.ANSWER_KEPT.of(*place)
    return st.session_state.get(shown) or st.session_state.get(kept)


def _ask(place: tuple[str, int], question: Question) -> bool | None:
    """The question with its answers, and what was right once one is chosen; whether that one is, None before."""
    shown, kept = Key.ANSWER.of(*place), Key.ANSWER_KEPT.of(*place)
    names = list(question.answers)
    st.session_state[shown] = st.session_state.get(shown) or st.session_state.get(kept)
    answer = st.radio(literal(question.text), names, index=None, key=shown, format_func=lambda name: literal(question.answers[name]))
    st.session_state[kept] = answer
    if answer is None:
        return None
    with st.container(border=True):
        if answer == question.right:
            st.markdown(_("**Right.** {reason}").format(reason=literal(question.why)))
        else:
            right = literal(question.answers[question.right])
            st.markdown(_("**Not that one.** It is: {right}. {reason}").format(right=right, reason=literal(question.why)))
    return bool(answer == question.right)


def _take_home(key: str) -> None:
    with st.container(border=True, key="lesson-take-home"):
        st.markdown(_("**To take home.** {sentence}").format(sentence=literal(LESSONS[key].take_home)))
        following = list(LESSONS.values())[number_of(key) :]
        if following:
            st.page_link(following[0].page, label=_("Next lesson: {title}").format(title=literal(following[0].title)))


def _ways(param: Param, number: int, many: int) -> None:
    with st.container(horizontal=True, key="lesson-ways"):
        st.button(_("Back"), disabled=number == 1, on_click=set_choice, args=(param, str(number - 1)))
        if number < many:
            st.button(_("Next"), type="primary", on_click=set_choice, args=(param, str(number + 1)))
