"""The six lessons: title, how long, where, and the sentence to take home."""

from __future__ import annotations

from dataclasses import dataclass

from pages.components.shared.session_names import Param
from pages.components.shared.words import _


@dataclass(frozen=True)
class Lesson:
    """page: its file. screen: the name of its screen in the address. minutes: how long it takes a class. take_home: one sentence."""

    title: str
    page: str
    screen: Param
    minutes: int
    take_home: str


LESSONS = {
    "week": Lesson(
        _("What a week looks like"),
        "pages/learn/learn_week.py",
        Param.SCREEN_WEEK,
        12,
        _(
            "A week is a rhythm, bursts, and very many zeros; a zero can mean sleep, stillness or no device, and the number does not say "
            "which."
        ),
    ),
    "patches": Lesson(
        _("Patches and tokens"),
        "pages/learn/learn_patches.py",
        Param.SCREEN_PATCHES,
        12,
        _(
            "A patch is the smallest thing the model can point at: shorter ones see more and cost much more, and their borders fall by "
            "chance."
        ),
    ),
    "masking": Lesson(
        _("Masking: learning by guessing"),
        "pages/learn/learn_masking.py",
        Param.SCREEN_MASKING,
        15,
        _("To guess a week that is nearly all hidden, a model must learn how weeks go; its guess is what is likely, never what happened."),
    ),
}
"""In the order in which they are taught."""


def number_of(key: str) -> int:
    """Which of them it is, from 1."""
    return list(LESSONS).index(key) + 1
