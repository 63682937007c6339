"""The screens of lesson 5, gradients and baselines."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.components.learn.lesson_frame import Question, Screen, answer_first, chart, moved
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.figures.lessons import gradient_charts
from pat_core.workflows.lessons import lesson_gradients as gradients
from pat_core.workflows.lessons.lesson_attention import PATCH, TOKENS

WAYS = (0, 75, 100)


def _place(screen: int, label: str, percent: int) -> int:
    """The point of the walk that was reached; the slider says percent."""
    way = moved(("gradients", screen), st.slider, label, percent, min_value=0, max_value=100, step=5)
    return round(way / 100 * (gradients.POINTS - 1))


def _slope(answered: bool) -> Question:
    walk = gradients.walk()
    place = _place(1, _("Percent of the way"), 0)
    chart(gradient_charts.walked(walk.scores, walk.slopes, place, theme=theme_name()))
    slopes = {str(way): float(walk.slopes[round(way / 100 * (gradients.POINTS - 1))]) for way in WAYS}
    steepest = max(slopes, key=slopes.__getitem__)
    return Question(
        _(
            "A gradient is a slope. Where on the way does the score rise most steeply: at the baseline, three quarters of the way, or at "
            "the week itself?"
        ),
        {"0": _("At the baseline"), "75": _("At three quarters"), "100": _("At the week itself")},
        steepest,
        _(
            "The slope is {start:+.1f} at the baseline, {middle:+.1f} at three quarters and {end:+.1f} at the week (logits a way). "
            "Whoever looks at the gradient of the week alone sees only the last of these, and can miss what made the score."
        ).format(start=slopes["0"], middle=slopes["75"], end=slopes["100"]),
    )


def _walk(answered: bool) -> Question:
    walk = gradients.walk()
    place = 0
    if answered:
        place = _place(2, _("Walk: percent of the way"), 0)
    else:
        answer_first()
    change, added = walk.scores - walk.scores[0], walk.so_far.sum(axis=1)
    chart(gradient_charts.sums(change, added, place, theme=theme_name()))
    sums = {"change": walk.delta, "score": float(walk.scores[-1]), "one": 1.0}
    return Question(
        _("At each step, multiply each minute’s gradient by how far the minute moves, and add up. What is the sum at the end of the way?"),
        {
            "change": _("The score of the week less that of the baseline"),
            "score": _("The score of the week"),
            "one": _("One: the minutes share out 100 %"),
        },
        min(sums, key=lambda name: abs(sums[name] - added[-1])),
        _(
            "The minutes sum to {sum:+.3f}, the score changes by {change:+.3f} logits. This is called completeness: integrated gradients "
            "share out the change from the baseline among the minutes, and nothing is left over but the error of the walk."
        ).format(sum=added[-1], change=walk.delta),
    )


def _steps(answered: bool) -> Question:
    walk = gradients.walk()
    steps = moved(("gradients", 3), st.select_slider, _("Steps of the walk"), 1, options=gradients.STEPS)
    share = [walk.gap(number) for number in gradients.STEPS]
    chart(gradient_charts.gaps(gradients.STEPS, share, steps, theme=theme_name()))
    enough = next(number for number, gap in zip(gradients.STEPS, share, strict=True) if gap <= 0.01)
    answers = {"1": 1, "8": 8, "64": 64}
    return Question(
        _("How many steps does this walk need, so that less than 1 % of the change is missed?"),
        {"1": _("One"), "8": _("About {number}").format(number=max(2, min(enough, 32))), "64": _("More than 32")},
        "1" if enough == 1 else "64" if enough > 32 else min(("8",), key=lambda name: abs(answers[name] - enough)),
        _(
            "{steps} steps miss {gap:.1f} %; one step misses {one:.0f} %. The gap is known for every map, so a map without its gap is "
            "half an answer. It is never scaled away."
        ).format(steps=enough, gap=100 * walk.gap(enough), one=100 * walk.gap(1)),
    )


def _who(answered: bool) -> Question:
    walk = gradients.walk()
    place = _place(4, _("Walk: percent of the way"), 60)
    counts = walk.counts.reshape(TOKENS, PATCH).mean(axis=1)
    limit = float(np.percentile(np.abs(walk.so_far[-1]), 99))
    chart(gradient_charts.attributed(counts, walk.so_far[place], walk.planted, limit, theme=theme_name()))
    share, part = walk.so_far[-1][walk.planted].sum() / walk.so_far[-1].sum(), walk.planted.mean()
    return Question(
        _(
            "This person sleeps in: {part:.0f} % of the week are planted, quiet mornings. How much of the change do they add at the end "
            "of the way?"
        ).format(part=100 * part),
        {"0.1": _("About a tenth"), "0.5": _("About half"), "0.75": _("About three quarters")},
        min(("0.1", "0.5", "0.75"), key=lambda name: abs(float(name) - share)),
        _(
            "{share:.0f} % of the change. Red mornings say: that it was quiet here raised the score. It is what the model responds to. "
            "Why a person sleeps in, no gradient knows."
        ).format(share=100 * share),
    )


def _baseline(answered: bool) -> Question:
    walk = gradients.walk()
    percent = 0
    planted = np.array([walk.on_planted(mix) for mix in gradients.MIXES])
    if answered:
        percent = moved(
            ("gradients", 5), st.select_slider, _("Baseline: percent from the mean week to non-wear"), 0, options=gradients.MIXES
        )
        counts, values = walk.counts.reshape(TOKENS, PATCH).mean(axis=1), walk.mixes[gradients.MIXES.index(percent)]
        chart(gradient_charts.attributed(counts, values, walk.planted, float(np.percentile(np.abs(walk.mixes[0]), 99)), theme=theme_name()))
    else:
        answer_first()
    kept = planted[-1] / planted[0]
    return Question(
        _(
            "The baseline so far was the mean week of other people. Take instead a device that lies on a table: no movement at all. What "
            "becomes of the quiet mornings on the map?"
        ),
        {"stay": _("They stay as they are"), "fade": _("They all but vanish"), "grow": _("They grow")},
        "fade" if abs(kept) < 0.34 else "grow" if kept > 1.2 else "stay",
        _(
            "From the mean week they add {mean:+.2f} logits, from non-wear {nonwear:+.2f}. A quiet morning and a device on a table are "
            "nearly the same, so there is no difference to share out: to this model a device on a table sleeps in. A baseline decides "
            "what can be seen."
        ).format(mean=planted[0], nonwear=planted[-1]),
    )


SCREENS = (
    Screen(
        _("The slope of a score"),
        _(
            "Change a week step by step: from a baseline, the mean week of other people, to the week of one simulated person who sleeps "
            "in. The model’s score goes along. Walk, and watch the slope."
        ),
        _slope,
    ),
    Screen(
        _("Watch the sum close"),
        _(
            "Every minute has a gradient of its own: by how much the score would rise if this minute rose. Walk the way again and let all"
            " minutes add up what they bring."
        ),
        _walk,
    ),
    Screen(
        _("How many steps?"),
        _(
            "A walk in few long steps misses the bends. Take 1, 2, 4, 8 steps and more: the figure says how much of the change the sum "
            "misses."
        ),
        _steps,
    ),
    Screen(
        _("Who adds it"),
        _(
            "Now by place: what each patch of 18 minutes has added so far. The person is simulated, and the violet strip says where the "
            "truth was planted."
        ),
        _who,
    ),
    Screen(
        _("A baseline hides things"),
        _("Integrated gradients compare with a baseline. Nobody can do without one, and every baseline has its blind spot."),
        _baseline,
    ),
)
