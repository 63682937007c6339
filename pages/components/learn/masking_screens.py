"""The screens of lesson 3, masking."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.components.learn.lesson_frame import Question, Screen, answer_first, chart, dragged, moved, moved_to, nothing, reading, set_moved
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.figures.lessons import masking_charts
from pat_core.figures.lessons.dragged_week import day_changed, dragged_cover, hidden_of
from pat_core.figures.lessons.lesson_chart import DAYS
from pat_core.workflows.learn.rebuilt_weeks import LINE, MEAN_DAY, NETWORK, WAYS, RebuiltWeek
from pat_core.workflows.lessons import lesson_masking as masking

NAMES = {NETWORK: _("the network"), LINE: _("a straight line"), MEAN_DAY: _("the mean day")}
DAY = 1440
TUESDAY_NOON = (DAY + 12 * 60, DAY + 15 * 60)
"""Minutes of the week that are hidden at first."""
SHOWN = 2
"""The day that is drawn where masks are drawn at random, from 0."""


def _gap(answered: bool) -> Question:
    day_box, cover = ("masking", 1), ("masking-hidden", 1)
    hidden = moved_to(cover, masking.hide_minutes(*TUESDAY_NOON))

    def keep(signs: object) -> None:
        kept = hidden_of(signs, hidden)
        set_moved(cover, kept)
        if changed := day_changed(kept, hidden):
            set_moved(day_box, changed)

    dragged(day_box, dragged_cover(masking.activity(), hidden, theme=theme_name()), keep)
    day = DAYS.index(moved(day_box, st.select_slider, _("Day that is drawn"), "Tue", options=list(DAYS)))
    if 0 < hidden.sum() < hidden.size:
        week = masking.covered(hidden.tobytes())
        _day(week, day)
        _errors_of(week)
    else:
        nothing(_("Hide some of the week, and leave some of it: there is nothing to guess from, or nothing to guess."))
    gaps, _ratios = masking.errors()
    best = np.bincount(gaps.argmin(axis=1), minlength=len(WAYS))
    return Question(
        _("This week has {number} gaps of three hours, one after another. In each, one guess is nearest. Whose is it most often?").format(
            number=len(gaps)
        ),
        NAMES,
        list(WAYS)[int(best.argmax())],
        _(
            "The network is nearest in {network} gaps, the line in {line}, the mean day in {day}. A guess that is better on average is "
            "not better everywhere: in a quiet night a line is hard to beat."
        ).format(network=best[0], line=best[1], day=best[2]),
    )


def _most(answered: bool) -> Question:
    percent = moved(("masking", 2), st.select_slider, _("Percent of the patches that are hidden"), 30, options=masking.RATIOS)
    week = masking.masked(percent)
    _day(week, SHOWN)
    _errors_of(week)
    patches = week.hidden.size // 18
    visible = patches - round(0.9 * patches)
    hours = {"4": 4, "17": 17, "84": 84}
    return Question(
        _("PAT was pretrained with 90 % hidden. Of 168 hours, how many does it then see?"),
        {name: _("About {hours}").format(hours=number) for name, number in hours.items()},
        min(hours, key=lambda name: abs(hours[name] - visible * 18 / 60)),
        _(
            "{visible} of {patches} patches stay, {hours:.0f} hours, scattered over seven days. From these the rest of the week has to be"
            " guessed: when this person sleeps, how lively the days are."
        ).format(visible=visible, patches=patches, hours=visible * 18 / 60),
    )


def _why(answered: bool) -> Question:
    _gaps, errors = masking.errors()
    percent = 90
    if answered:
        percent = moved(("masking", 3), st.select_slider, _("Percent of the patches that are hidden"), 10, options=masking.RATIOS)
        chart(masking_charts.error_curves(masking.RATIOS, errors, list(NAMES.values()), percent, theme=theme_name()))
    else:
        answer_first()
    lead = {percent: 1 - errors[row, 0] / errors[row, 1] for row, percent in enumerate(masking.RATIOS)}
    return Question(
        _("A straight line joins the nearest visible minutes. When is the network furthest ahead of it?"),
        {str(percent): _("With {percent} % hidden").format(percent=percent) for percent in (10, 50, 90)},
        str(max((10, 50, 90), key=lead.__getitem__)),
        _(
            "With 10 % hidden the network’s error is {little:.0f} % below the line’s, with 90 % it is {much:.0f} % below. When little is "
            "hidden, neighbours give it away and there is nothing to learn; when most is, only knowing how weeks go helps."
        ).format(little=100 * lead[10], much=100 * lead[90]),
    )


def _smooth(answered: bool) -> Question:
    percent = moved(("masking", 4), st.select_slider, _("Percent of the patches that are hidden"), 90, options=masking.RATIOS)
    week = masking.masked(percent)
    truth, guess = week.z[week.hidden], week.output[week.hidden]
    chart(masking_charts.spreads(truth, guess, theme=theme_name()))
    at = masking.masked(90)
    share = at.output[at.hidden].std() / at.z[at.hidden].std()
    return Question(
        _("How much do the guesses swing, beside the minutes they stand for?"),
        {"less": _("Much less"), "same": _("As much"), "more": _("Much more")},
        "less" if share < 0.8 else "more" if share > 1.25 else "same",
        _(
            "With 90 % hidden their standard deviation is {share:.0f} % of the true one. The error is squared, so the safest guess is the"
            " middle of what could have been. A rebuilt week is smoother than any real one: do not read it as data."
        ).format(share=100 * share),
    )


def _sport(answered: bool) -> Question:
    height = 0.0
    if answered:
        height = moved(
            ("masking", 5), st.slider, _("Height of the planted sport (standard deviations)"), 0.0, min_value=0.0, max_value=8.0, step=1.0
        )
    else:
        answer_first()
    week, wild = masking.with_sport(height), masking.with_sport(8.0)
    _day(week, masking.SPORT[0], only_network=True)
    change = float(np.abs(wild.output - masking.with_sport(0.0).output).max())
    return Question(
        _("An hour of sport is planted at 18:00, inside the hidden hours. What happens to the network’s guess there as the sport grows?"),
        {"rises": _("It rises with the sport"), "some": _("It rises a little"), "same": _("Nothing at all")},
        "same" if change == 0 else "rises" if change > 4 else "some",
        _(
            "The guess changes by {change:g}: hidden patches never enter the network. It says what is likely on such an evening, in such "
            "a week. What really happened there, it cannot know."
        ).format(change=change),
    )


def _day(week: RebuiltWeek, day: int, only_network: bool = False) -> None:
    guesses = {NAMES[way]: week.by[way] for way in WAYS if way == NETWORK or not only_network}
    chart(masking_charts.hidden_day(week.z, week.hidden, guesses, day, theme=theme_name()))


def _errors_of(week: RebuiltWeek) -> None:
    network, line, mean = (week.figures[way].mse for way in WAYS)
    reading(
        _(
            "Mean squared error on the hidden minutes: the network {network:.2f}, a straight line {line:.2f}, the mean day {mean:.2f}."
        ).format(network=network, line=line, mean=mean)
    )


SCREENS = (
    Screen(
        _("Fill a gap"),
        _(
            "Hide whatever you like of this week by dragging over it, and let three guess what was there: a straight line between the "
            "neighbours, the mean of this person’s other days, and a network that was pretrained by such guessing."
        ),
        _gap,
    ),
    Screen(
        _("Hide nearly everything"),
        _(
            "Pretraining hides patches at random, all over the week, and lets the network rebuild them. No label is needed: the hidden "
            "minutes are the answer. Hide more and more."
        ),
        _most,
    ),
    Screen(
        _("Why so much?"),
        _(
            "The authors of PAT hid 90 % and not 15 %, as is usual for text. The figure compares the three guesses over twelve simulated "
            "people. Say first what you expect."
        ),
        _why,
    ),
    Screen(
        _("A guess is not a measurement"),
        _("Sort the hidden minutes by their height: as they were measured, and as the network guesses them. Move how much is hidden."),
        _smooth,
    ),
    Screen(
        _("What cannot be guessed"),
        _("Thursday from 17:00 to 20:00 is hidden. Nobody else knows what this person did there: a walk, a film, an hour of sport."),
        _sport,
    ),
)
