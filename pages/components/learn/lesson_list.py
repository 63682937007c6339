"""The six lessons: title, how long, where, and the sentence to take home."""

from __future__ import annotations

from dataclasses import dataclass

from pages.components.shared.session_names import Param
from pages.components.shared.words import _


@dataclass(frozen=True)
class Lesson:
    """short: its name in the sidebar. page: its file. screen: the name of its screen in the address. minutes: how long it takes a class.
    take_home: one sentence. aim: what students can do afterwards, for their teacher."""

    title: str
    short: str
    page: str
    screen: Param
    minutes: int
    take_home: str
    aim: str


LESSONS = {
    "week": Lesson(
        _("What a week looks like"),
        _("1. A week"),
        "pages/learn/learn_week.py",
        Param.SCREEN_WEEK,
        12,
        _(
            "A week is a rhythm, bursts, and very many zeros; a zero can mean sleep, stillness or no device, and the number does not say "
            "which."
        ),
        _(
            "Students read a week of activity: its rhythm, its acrophase, its many zeros. They say why non-wear must be guessed, and what"
            " z is."
        ),
    ),
    "patches": Lesson(
        _("Patches and tokens"),
        _("2. Patches"),
        "pages/learn/learn_patches.py",
        Param.SCREEN_PATCHES,
        12,
        _(
            "A patch is the smallest thing the model can point at: shorter ones see more and cost much more, and their borders fall by "
            "chance."
        ),
        _(
            "Students say what a token is, what is lost by longer patches and what is not, and why the cost grows with the square of the "
            "tokens."
        ),
    ),
    "masking": Lesson(
        _("Masking: learning by guessing"),
        _("3. Masking"),
        "pages/learn/learn_masking.py",
        Param.SCREEN_MASKING,
        15,
        _("To guess a week that is nearly all hidden, a model must learn how weeks go; its guess is what is likely, never what happened."),
        _("Students explain pretraining without labels, why so much is hidden, and why a rebuilt week is no measurement."),
    ),
    "attention": Lesson(
        _("Attention, and what it does not explain"),
        _("4. Attention"),
        "pages/learn/learn_attention.py",
        Param.SCREEN_ATTENTION,
        15,
        _(
            "Attention shows where a model looked; another model gives the same score and looks elsewhere, so a map must be tested, not "
            "believed."
        ),
        _(
            "Students read a map of attention, know heads and queries, and show by two models and a test what such a map can and cannot "
            "say."
        ),
    ),
    "gradients": Lesson(
        _("Gradients and baselines"),
        _("5. Gradients"),
        "pages/learn/learn_gradients.py",
        Param.SCREEN_GRADIENTS,
        15,
        _(
            "Integrated gradients share out the change from a baseline to a week, and the sum must close; the baseline decides what can "
            "be seen."
        ),
        _("Students walk integrated gradients, check that the sum closes, and choose a baseline knowing what it hides."),
    ),
    "believing": Lesson(
        _("Believing a model"),
        _("6. Believing"),
        "pages/learn/learn_believing.py",
        Param.SCREEN_BELIEVING,
        15,
        _(
            "Before a score is believed: on whom was it tested, who leaked, does the probability hold here, and is this recording fit for"
            " it?"
        ),
        _(
            "Students name four ways in which a good test misleads (noise, leaks, drift, prevalence), and read a score beside what a "
            "check says."
        ),
    ),
}
"""In the order in which they are taught."""
TEACHERS = "pages/learn/learn_teacher.py"


def number_of(key: str) -> int:
    """Which of them it is, from 1."""
    return list(LESSONS).index(key) + 1
