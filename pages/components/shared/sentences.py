"""How figures become sentences: sensible digits, units, intervals, plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.records import Interval, Prediction, Week
from pat_core.reports import answer_sentences, several_sentences
from pat_core.reports.paper.paper_words import Words, with_minus
from pat_core.reports.several_sentences import SeveralAnswer
from pat_core.settings import MINUTES_PER_DAY, USUAL_DAYS
from pat_core.workflows.models.answers import FREQUENCY, PROBABILITY, RANK, RECALIBRATED, SCORE, Answer, Wish
from pat_core.workflows.models.cautions import percent
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.predictions import Pooled
from pat_core.workflows.models.similar_scores import BesideTest


def number(value: float, decimals: int = 2, signed: bool = False) -> str:
    """A number in a sentence, with so many decimals and a true minus sign; what rounds to zero has no sign. signed: with a plus as well."""
    rounded = round(value, decimals) + 0.0
    return with_minus(f"{rounded:{'+' if signed and rounded else ''}.{decimals}f}")


def minus(text: str) -> str:
    """A text with true minus signs before its negative numbers."""
    return with_minus(text)


def bullets(lines: Iterable[str]) -> str:
    """Sentences as a list, each as text."""
    return "\n".join(f"- {literal(line)}" for line in lines)


def facts(lines: Iterable[tuple[str, str]]) -> str:
    """(what, in words) as a list, each as text; what has no words is left out."""
    return "\n".join(f"- **{literal(what)}:** {literal(words)}" for what, words in lines if words)


def interval(value: dict[str, float] | Interval, digits: int = 2) -> str:
    """ "0.73 (0.61 to 0.84)"."""
    get = value.get if isinstance(value, dict) else lambda name: getattr(value, name)
    best, low, high = (f"{get(name):.{digits}f}" for name in ("value", "low", "high"))
    return _("{value} ({low} to {high})").format(value=best, low=low, high=high)


def condition(entry: ModelEntry) -> str:
    """What the model was trained to tell apart, in words."""
    return answer_sentences.condition_words(entry.card, _english())


def of_100(value: float, low: float, high: float) -> str:
    """ "55 (41 to 68)"."""
    return _("{value:.0f} ({low:.0f} to {high:.0f})").format(value=100 * value, low=100 * low, high=100 * high)


ANSWER_TITLES = {
    FREQUENCY: _("Of 100 alike"),
    RECALIBRATED: _("Of 100"),
    PROBABILITY: _("Probability"),
    RANK: _("Scored lower"),
    SCORE: _("Score (logits)"),
}
"""What the answer is, as the header of a column, by what it is in `answers`; short, for the list has to fit a narrow window. What it is of
stands in a sentence above the list (`answers_of`)."""


def answers_of(entry: ModelEntry, what: str) -> str:
    """What the answers of a list are of. what: of `answers`."""
    return (
        answer_sentences.higher(entry.card, _english())
        if what in (RANK, SCORE)
        else _("Answers are of {group}.").format(group=answer_sentences.group_words(entry.card, _english()))
    )


def answer_help(entry: ModelEntry, what: str, answered: Answer | None = None) -> str:
    """What the answer in a list is, and that it is the same as on the page of one person. answered: one of them."""
    empty = _("Empty where the window is not fit for the model or was worn too little. The page of a person gives the same number.")
    if what == RANK:
        return _(
            "How many of the people whom the model was tested on scored lower than this person in their first window. A higher score is "
            "more like “{group}”. {note}"
        ).format(group=condition(entry), note=empty)
    if what == SCORE:
        return _("The model's raw output for the first window; a higher score is more like “{group}”. {note}").format(
            group=condition(entry), note=empty
        )
    place = "" if answered is None else f"{at_words(answered, entry)} "
    if what == PROBABILITY:
        return _("The model's own probability of {group} by the first window. {place}{note}").format(
            group=condition(entry), place=place, note=empty
        )
    if what == RECALIBRATED:
        return _(
            "Of 100 people with this score, how many are to be expected in the group “{group}”, recalibrated on the people of the test; in "
            "brackets the interval. {place}{note}"
        ).format(group=condition(entry), place=place, note=empty)
    return _(
        "Of 100 people in the model's test who scored like this one in their first window, how many were in the "
        "group “{group}”; in brackets the 95 % interval. {place}{note}"
    ).format(group=condition(entry), place=place, note=empty)


@cache
def _english() -> Words:
    """The language of the pages."""
    return Words()


def at_words(answer: Answer, entry: ModelEntry) -> str:
    """At which prevalence a share holds, and whose that is, in a sentence; "" where it is not known."""
    return answer_sentences.at_words(answer, entry.card, _english())


def answer_sentence(answer: Answer, entry: ModelEntry, minutes: int) -> str:
    """The one number in a sentence: as natural frequencies where the model's test bears them out, else a rank, or the score alone.
    minutes: of the window that it is about."""
    return answer_sentences.answer_sentence(answer, entry.card, minutes, _english())


def answer_in_short(answer: Answer) -> str:
    """The one number in a few words, for a card: "31 (19 to 44) of 100", "probability 62 %", "9 of 36 scored lower", "score −0.42"."""
    if answer.what == RANK:
        return _("{below:,} of {tested:,} scored lower").format(below=answer.below, tested=answer.n)
    if answer.what == SCORE:
        return _("score {score}").format(score=number(answer.value))
    if answer.what == PROBABILITY:
        return _("probability {share}").format(share=percent(answer.value))
    if answer.low is None or answer.high is None:
        return _("{value:.0f} of 100").format(value=100 * answer.value)
    return _("{share} of 100").format(share=of_100(answer.value, answer.low, answer.high))


def several_answer(prediction: Prediction, entry: ModelEntry, held_out: float | None, split: str | None) -> SeveralAnswer:
    """An answer of several classes, of an order or of a value, with how sure it is."""
    return several_sentences.several_answer(entry.card, prediction, _english(), held_out, split)


def together_answer(pooled: Pooled, entry: ModelEntry) -> str:
    """What all usable windows of a person say together, of several classes, of an order or of a value."""
    return several_sentences.together_answer(entry.card, pooled, _english())


def set_sentence(beside: BesideTest, entry: ModelEntry) -> str:
    """Which groups stay possible, with how often such an answer was wrong in the test; "" where that is not known."""
    return answer_sentences.set_sentence(beside, entry.card, _english())


def figure_lines(prediction: Prediction, beside: BesideTest, wish: Wish) -> list[str]:
    """All further figures of an answer, each with its name: the score, its rank, and every percentage that the model's test bears out."""
    lines = [
        _("Score: {score} logits, the model's raw output. 0 stands for even odds; 0.7 more doubles them.").format(
            score=number(prediction.logit)
        )
    ]
    if beside.below is not None:
        lines.append(
            _("Rank: {below:,} of the {tested:,} people of its test scored lower.").format(below=beside.below, tested=beside.tested)
        )
    named = {FREQUENCY: _("People who scored alike"), PROBABILITY: _("The model's own probability")}
    for way in beside.ways():
        answer = beside.answer(prediction, replace(wish, way=way))
        if not answer.of_the_group:
            continue
        share = percent(answer.value)
        if answer.low is not None and answer.high is not None:
            share = _("{share} ({low} to {high})").format(share=share, low=percent(answer.low), high=percent(answer.high))
        name = named.get(answer.what) or _("Recalibrated by {method}").format(method=answer.by)
        lines.append(_("{name}: {share}. {worth}").format(name=name, share=share, worth=answer.why).strip())
    return lines


def score_words(entry: ModelEntry) -> str:
    """How good the model was on people it had not seen, beside what a few figures reach without a network, and how frequent the group
    was."""
    return answer_sentences.score_words(entry.card, _english())


ALIGNMENTS = {"start": _("Weeks begin at the recording's first minute."), "midnight": _("Weeks begin at midnight.")}
ALIGNMENTS_OF_WINDOWS = {"start": _("Windows begin at the recording's first minute."), "midnight": _("Windows begin at midnight.")}


def window_title(week: Week) -> str:
    """What a window is called at the beginning of a sentence: "Week", "5-day window", "Window"."""
    days, rest = divmod(week.values.size, MINUTES_PER_DAY)
    if rest or not days:
        return _("Window")
    return _("Week") if days == USUAL_DAYS else _("{days}-day window").format(days=days)


def window_name(minutes: int) -> str:
    """What a window of so many minutes is called within a sentence: "week", "5-day window", "window"."""
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    if rest or not days:
        return _("window")
    return _("week") if days == USUAL_DAYS else _("{days}-day window").format(days=days)


def together_sentence(pooled: Pooled, answer: Answer) -> str:
    """What all windows of a person say together, beside what one says."""
    return answer_sentences.together_sentence(pooled, answer, _english())


def week_words(week: Week, weeks: int) -> str:
    """Which week, from when and on whose clock, where weeks begin, of which device worn where, in which unit."""
    if week.start is None:
        when = _("start unknown")
    elif week.date_known:
        when = _("from {start:%a} {day} {start:%B %Y}, {start:%H:%M}").format(start=week.start, day=week.start.day)
    else:
        when = _("from a {start:%A}, {start:%H:%M} (date not given)").format(start=week.start)
    when += _(" on the clock of {zone}").format(zone=week.zone) if week.zone else ""
    device = _("Device: {device}").format(device=week.device) if week.device else _("Device not given")
    device += _(", worn at: {placement}").format(placement=week.placement) if week.placement else ""
    which = (
        _("{window} {number} of {weeks}").format(window=window_title(week), number=week.index + 1, weeks=weeks)
        if week.index < weeks
        else _("{window} {number} ({weeks} have values)").format(window=window_title(week), number=week.index + 1, weeks=weeks)
    )
    begins = ALIGNMENTS if week.values.size == USUAL_DAYS * MINUTES_PER_DAY else ALIGNMENTS_OF_WINDOWS
    return _("{week}, {start}. {alignment} {device}, {unit}, one value a minute.").format(
        week=which, start=when, alignment=begins[week.alignment], device=device, unit=week.unit
    )


STATES = {
    "queued": _("waiting"),
    "running": _("running"),
    "done": _("done"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
    "lost": _("stopped, can go on"),
}


def state(name: str) -> str:
    """A run's state in a reader's words."""
    return STATES.get(name, name)
