"""What a teacher needs: a plan with aims and times, every question with its answer, and how to run a class."""

from __future__ import annotations

import streamlit as st

from pages.components.learn.attention_screens import SCREENS as ATTENTION
from pages.components.learn.believing_screens import SCREENS as BELIEVING
from pages.components.learn.gradients_screens import SCREENS as GRADIENTS
from pages.components.learn.lesson_frame import Screen, question_of
from pages.components.learn.lesson_list import LESSONS, number_of
from pages.components.learn.masking_screens import SCREENS as MASKING
from pages.components.learn.patches_screens import SCREENS as PATCHES
from pages.components.learn.week_screens import SCREENS as WEEK
from pages.components.shared.choices import choose
from pages.components.shared.guards import or_stop
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Param
from pages.components.shared.words import _

SCREENS: dict[str, tuple[Screen, ...]] = {
    "week": WEEK,
    "patches": PATCHES,
    "masking": MASKING,
    "attention": ATTENTION,
    "gradients": GRADIENTS,
    "believing": BELIEVING,
}


def plan() -> None:
    """The lessons in their order, with time and aim."""
    st.subheader(_("Plan"))
    minutes = sum(lesson.minutes for lesson in LESSONS.values())
    st.write(
        _(
            "{minutes} minutes in all: two double hours, three lessons in each. Each lesson stands alone, but 5 takes up what 4 began. "
            "Let pairs share a screen: both say their answer before either clicks."
        ).format(minutes=minutes)
    )
    for key, lesson in LESSONS.items():
        with st.container(border=True):
            st.page_link(lesson.page, label=f"{number_of(key)}. {literal(lesson.title)}")
            time = _("{minutes} minutes, {screens} screens.").format(minutes=lesson.minutes, screens=len(SCREENS[key]))
            st.write(f"{time} {literal(lesson.aim)}")
            st.caption(_("To take home: {sentence}").format(sentence=literal(lesson.take_home)))


def answers() -> None:
    """Every question of the chosen lesson with its answer, computed from the same arrays as on the screen."""
    st.subheader(_("Questions and answers"))
    key = choose(
        Param.LESSON, _("Lesson"), list(LESSONS), words=lambda one: f"{number_of(one)}. {LESSONS[one].title}", unsaid=next(iter(LESSONS))
    )
    st.caption(_("The answers are computed from what the screens show, not written down."))
    for number, screen in enumerate(SCREENS[key], start=1):
        with or_stop(st.info):
            question = question_of(screen)
        st.markdown(f"**{number}. {literal(screen.title)}.** {literal(question.text)}")
        right = literal(question.answers[question.right])
        st.markdown(_("Answer: **{right}**. {reason}").format(right=right, reason=literal(question.why)))


def how_to_run() -> None:
    """On one laptop, or for a class on one server."""
    st.subheader(_("How to run a class"))
    st.markdown(
        _(
            "On one laptop, start the app as usual. For a class on one computer in the room, start it with `--server.address 0.0.0.0 "
            "--server.allowedHosts NAME`, where NAME is what students type for that computer; they open `http://NAME:8501/learn_week`. A "
            "lesson keeps its screen in the address, so a reload stays there; answers are kept in the tab alone and are seen by nobody."
        )
    )
    st.write(
        _(
            "If a lesson says that a file of it is missing, `python -m pat_core lessons` makes all of them again, from their seeds, in "
            "about half an hour."
        )
    )
