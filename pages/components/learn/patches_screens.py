"""The screens of lesson 2, patches and tokens."""

from __future__ import annotations

import streamlit as st

from pages.components.learn.lesson_frame import Question, Screen, answer_first, chart, moved, reading
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.figures.lessons import patch_charts
from pat_core.workflows.lessons import lesson_patches as patches
from pat_core.workflows.lessons.lesson_people import FIRST, lesson_people

START = patches.WINDOW[1]
BOUT = (40, 12, 72)
"""First minute, length, and how many minutes are shown."""
KEPT = (1, 2, 4, 8, 12, 16, 17, 18, 24, 48, 96)


def _patch(screen: int, default: int) -> int:
    return moved(
        ("patches", screen), st.select_slider, _("Minutes in a patch"), default, options=patches.PATCHES, format_func=lambda n: f"{n} min"
    )


def _cut(answered: bool) -> Question:
    counts = patches.window_of(lesson_people().people[FIRST].counts)
    chart(patch_charts.patched(counts, _patch(1, 60), START, theme=theme_name()))
    answers = {number: f"{number:,}" for number in (168, 560, 10080)}
    right = patches.tokens(patches.PATCH)
    return Question(
        _("PAT-S reads patches of 18 minutes. How many tokens is a week?"),
        {str(number): words for number, words in answers.items()},
        str(right),
        _(
            "10,080 minutes / 18 = {tokens}. PAT-L reads patches of 9 minutes: {more:,} tokens. To the model a week is a sentence of so "
            "many words."
        ).format(tokens=right, more=patches.tokens(9)),
    )


def _lose(answered: bool) -> Question:
    counts = lesson_people().people[FIRST].counts
    patch = _patch(2, 5)
    means = patches.as_means(counts, patch)
    chart(patch_charts.patched(patches.window_of(counts), patch, START, patches.window_of(means.values), theme=theme_name()))
    reading(_("Means of {patch} minutes keep {kept:.0f} % of how the minutes of the week vary.").format(patch=patch, kept=100 * means.kept))
    of = {patch: patches.as_means(counts, patch).kept for patch in patches.PATCHES}
    half = min(of, key=lambda one: abs(of[one] - 0.5))
    return Question(
        _("If a token held no more than the mean of its patch: near which patch would half of the variation be lost?"),
        {"5": _("5 minutes"), "18": _("18 minutes"), "120": _("An hour or two")},
        "120" if half >= 60 else str(half),
        _(
            "Means of 18 minutes keep {eighteen:.0f} %, of an hour {hour:.0f} %, of two hours {two:.0f} %. What goes first are short bouts."
        ).format(eighteen=100 * of[18], hour=100 * of[60], two=100 * of[120]),
    )


def _keep(answered: bool) -> Question:
    z = patches.window_of(patches.standardized())
    if answered:
        numbers = moved(("patches", 3), st.select_slider, _("Numbers of each token that are kept"), 4, options=KEPT)
    else:
        answer_first()
        numbers = 1
    back = patches.restored(numbers)
    chart(patch_charts.computed_back(z, patches.window_of(back.values), numbers, START, theme=theme_name()))
    enough = min(number for number in KEPT if patches.restored(number).error < 0.001)
    return Question(
        _("A token is 96 numbers, made of 18 minutes by one matrix. How many of them give the 18 minutes back exactly?"),
        {"none": _("Not even all 96: only the mean is left"), "18": _("18 of them"), "96": _("All 96 are needed")},
        str(enough) if enough in (18, 96) else "none",
        _(
            "{numbers} numbers, {minutes} unknown minutes: the equations can be solved, and nothing is lost yet. But all that follows "
            "speaks of tokens: PAT can point at 18 minutes, never at one of them."
        ).format(numbers=enough, minutes=patches.PATCH),
    )


def _pay(answered: bool) -> Question:
    patch = _patch(4, 60)
    chart(patch_charts.cost(patches.PATCHES, [patches.pairs(one) for one in patches.PATCHES], patch, theme=theme_name()))
    times = patches.pairs(9) / patches.pairs(18)
    return Question(
        _("Patches of 9 in place of 18 minutes: twice the tokens. And the comparisons?"),
        {"2": _("Twice as many"), "4": _("Four times as many"), "8": _("Eight times as many")},
        f"{times:.0f}",
        _(
            "{before:,} become {after:,}: tokens times tokens. Without patches, minute by minute, there would be {minutes:,} in each "
            "head. That is why a week is cut at all."
        ).format(before=patches.pairs(18), after=patches.pairs(9), minutes=patches.pairs(1)),
    )


def _borders(answered: bool) -> Question:
    first, length, minutes = BOUT
    if answered:
        shift = moved(("patches", 5), st.slider, _("Minutes by which the recording starts later"), 0, min_value=0, max_value=17)
    else:
        answer_first()
        shift = 0
    shares = patches.shared_out(first, length, shift)
    chart(patch_charts.bout_across(first, length, shift, patches.PATCH, minutes, shares, theme=theme_name()))
    same, every = patches.shared_tokens(9), patches.tokens(patches.PATCH)
    return Question(
        _("The same week, but the recording starts 9 minutes later. How many tokens still hold the same 18 minutes?"),
        {"all": _("All but the last"), "half": _("About half"), "none": _("None")},
        "none" if same == 0 else "half" if same < 0.75 * every else "all",
        _(
            "{same} of {tokens}: every border has moved, and one bout can lie in one token or be split between two. So a map by patches "
            "has its own chance in it: read stretches, not single patches."
        ).format(same=same, tokens=every),
    )


SCREENS = (
    Screen(
        _("Minutes become tokens"),
        _(
            "A transformer reads tokens, as a text is read in words. PAT cuts the week into patches of equal length, and each patch "
            "becomes one token. Move the length: short patches are many, long ones few."
        ),
        _cut,
    ),
    Screen(
        _("What a mean would lose"),
        _(
            "The simplest token would be the patch’s mean: one number. Make the patches longer and watch what the violet steps still "
            "follow, and what they no longer see."
        ),
        _lose,
    ),
    Screen(
        _("What a token keeps"),
        _(
            "PAT’s token is not a mean. A matrix of 96 rows, learned in pretraining, turns the 18 minutes of a patch into 96 numbers. "
            "Here they are turned back into minutes, out of as many of the 96 as you keep."
        ),
        _keep,
    ),
    Screen(
        _("What short patches cost"),
        _(
            "Why not one token a minute? Attention compares every token with every token. Move the length and read how many comparisons "
            "one head makes for one week."
        ),
        _pay,
    ),
    Screen(
        _("Borders fall anywhere"),
        _("Patches begin where the recording begins, not where something happens. A bout of twelve minutes lies somewhere on this grid."),
        _borders,
    ),
)
