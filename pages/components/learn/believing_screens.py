"""The screens of lesson 6, believing a model."""

from __future__ import annotations

import streamlit as st

from pages.components.learn.lesson_frame import Question, Screen, answer_first, chart, moved, reading
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.figures.lessons import believing_charts
from pat_core.workflows.lessons import lesson_believing as believing

RARE = (40, 20, 10, 5, 2, 1)
"""Percent of the people who are in the group."""


def _shuffle(answered: bool) -> Question:
    aucs = believing.experiments().shuffled
    if answered:
        share = moved(("believing", 1), st.select_slider, _("Percent of the people whose labels are shuffled"), 0, options=believing.SHARES)
        axis = _("percent of the labels that are shuffled")
        chart(believing_charts.auc_by_share(believing.SHARES, aucs, share, axis, theme=theme_name()))
    else:
        answer_first()
    means, spread = aucs.mean(axis=1), aucs[-1].std()
    answers = {"0": 0.0, "0.5": 0.5, "0.75": 0.75}
    return Question(
        _("All labels are shuffled among the people: nothing can be learned any more. What AUC will an honest test show, on average?"),
        {"0": _("0.00: it is always wrong"), "0.5": _("0.50: a coin"), "0.75": _("0.75: a network always finds something")},
        min(answers, key=lambda name: abs(answers[name] - means[-1])),
        _(
            "With true labels {true:.2f}, with shuffled ones {shuffled:.2f}. Single repeats lie {spread:.2f} around that: with 120 people"
            " an AUC of 0.60 can be chance. Shuffle your own labels once; what is left is what your test finds in noise."
        ).format(true=means[0], shuffled=means[-1], spread=spread),
    )


def _leak(answered: bool) -> Question:
    aucs = believing.experiments().leaked
    if answered:
        share = moved(("believing", 2), st.select_slider, _("Percent of the tested people who leak"), 0, options=believing.SHARES)
        axis = _("percent of the tested people with another week in training")
        chart(believing_charts.auc_by_share(believing.SHARES, aucs, share, axis, theme=theme_name()))
    else:
        answer_first()
    means = aucs.mean(axis=1)
    return Question(
        _(
            "All labels are shuffled. Everybody has two weeks that overlap: one is in training, the other in the test. What does the AUC "
            "do?"
        ),
        {"chance": _("It stays at 0.50"), "some": _("It rises well above 0.50"), "falls": _("It falls below 0.50")},
        "some" if means[-1] > 0.6 else "falls" if means[-1] < 0.45 else "chance",
        _(
            "From {honest:.2f} to {leaked:.2f}, though there is nothing to find: the model knows the people again, not the condition. "
            "Split by person, never by week or window."
        ).format(honest=means[0], leaked=means[-1]),
    )


def _drift(answered: bool) -> Question:
    usual, half = believing.drift(1.0), believing.drift(0.5)
    if answered:
        gain = moved(("believing", 3), st.select_slider, _("The device counts so many times as much"), 1.0, options=believing.GAINS)
        shown = believing.drift(gain)
        chart(believing_charts.fifths(shown.groups, shown.auc, theme=theme_name()))
        reading(
            _(
                "Mean probability {predicted:.0f} %, truly {observed:.0f} %. The input check warns about {warned:.0f} % of the weeks and "
                "refuses {refused:.0f} %."
            ).format(predicted=100 * shown.predicted, observed=100 * shown.observed, warned=100 * shown.warned, refused=100 * shown.refused)
        )
    else:
        answer_first()
    order, level = usual.auc - half.auc, abs(half.predicted - half.observed) - abs(usual.predicted - usual.observed)
    return Question(
        _("A new batch of devices counts half as much. What suffers more: who scores higher than whom (AUC), or the probabilities?"),
        {"order": _("The order: AUC"), "level": _("The probabilities: calibration"), "none": _("Neither")},
        "none" if max(order, level) < 0.02 else "level" if level > order else "order",
        _(
            "AUC goes from {before:.2f} to {after:.2f}; the mean probability from {fair:.0f} to {off:.0f} %, where {truth:.0f} % is true."
            " AUC only sees the order, so a drift that moves everybody hides from it; and the check warns about {warned:.0f} %, no more "
            "than before. Look at calibration, at each place again."
        ).format(
            before=usual.auc,
            after=half.auc,
            fair=100 * usual.predicted,
            off=100 * half.predicted,
            truth=100 * usual.observed,
            warned=100 * half.warned,
        ),
    )


def _rare(answered: bool) -> Question:
    if answered:
        percent = moved(("believing", 4), st.select_slider, _("Percent of the people who are in the group"), 40, options=RARE)
        of = believing.flagged(percent / 100)
        chart(believing_charts.hundred_flagged(of.right, of.hits + of.false_alarms, of.missed, percent / 100, theme=theme_name()))
    else:
        answer_first()
    common, rare = believing.flagged(0.4), believing.flagged(0.02)
    answers = {"20": 0.2, "50": 0.5, "90": 0.9}
    return Question(
        _(
            "In the test 40 of 100 people were in the group, and {right:.0f} of 100 who were flagged. Elsewhere it is 2 of 100. How many "
            "of 100 flagged people are then in the group?"
        ).format(right=100 * common.right),
        {name: _("About {number}").format(number=name) for name in answers},
        min(answers, key=lambda name: abs(answers[name] - rare.right)),
        _(
            "About {rare:.0f}. Model, threshold and AUC are the same; but of 1,000 people {alarms:.0f} are false alarms beside {hits:.0f}"
            " hits. Ask how frequent the condition is where the model is used."
        ).format(rare=100 * rare.right, alarms=rare.false_alarms, hits=rare.hits),
    )


def _gate(answered: bool) -> Question:
    shown = [believing.days_off(days) for days in believing.DAYS_OFF]
    days = moved(("believing", 5), st.slider, _("Days without the device"), 0, min_value=0, max_value=believing.DAYS_OFF[-1])
    chart(
        believing_charts.withheld(believing.DAYS_OFF, [one.auc for one in shown], [one.refused for one in shown], days, theme=theme_name())
    )
    drawer = shown[-1]
    at = shown[days]
    reading(
        _(
            "The mean probability would be {predicted:.0f} %, where {observed:.0f} % is true; {warned:.0f} % of the weeks carry a warning."
        ).format(predicted=100 * at.predicted, observed=100 * at.observed, warned=100 * at.warned)
    )
    return Question(
        _("With six of seven days in a drawer the model still answers. What is the probability on average, where 40 % is true?"),
        {"low": _("Near 0 %: nothing moves, nothing is found"), "true": _("About 40 %"), "high": _("Above 70 %")},
        "high" if drawer.predicted > 0.7 else "low" if drawer.predicted < 0.15 else "true",
        _(
            "{drawer:.0f} %, and an AUC of {auc:.2f}. A network answers anything; it does not know what it was not made for. So a check "
            "stands before it: of these weeks it withholds {refused:.0f} %. Never read a score without what the check says."
        ).format(drawer=100 * drawer.predicted, auc=drawer.auc, refused=100 * drawer.refused),
    )


SCREENS = (
    Screen(
        _("Shuffle the labels"),
        _(
            "A linear probe learns who of 120 simulated people sleeps in, and is tested on people it has not seen. Then labels are dealt "
            "out anew among more and more of them. Everything else stays."
        ),
        _shuffle,
    ),
    Screen(
        _("Leak the people"),
        _(
            "Eight days are cut into two weeks that overlap: days 1 to 7, and 2 to 8. A simple model answers with the label of the "
            "training week that resembles most. Whoever leaks has one week there and is tested on the other."
        ),
        _leak,
    ),
    Screen(
        _("The device drifts"),
        _(
            "The demonstration’s model, 200 simulated people it has not seen. The figure sorts them into fifths by probability: on the "
            "dashed line, what is predicted is what happens."
        ),
        _drift,
    ),
    Screen(
        _("Where it is rarer"),
        _(
            "The same model, the same threshold, another place: a clinic, a school, everybody. What changes is only how many people are "
            "in the group."
        ),
        _rare,
    ),
    Screen(
        _("Before the model: a check"),
        _(
            "Take the device off for whole days, of everybody’s week. The slate line is the AUC if the model answers all the same; the "
            "violet one, how many weeks the input check withholds."
        ),
        _gate,
    ),
)
