"""How figures become sentences: sensible digits, units, intervals, plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pages.components.shared.plain_text import literal
from pages.components.shared.words import _, plural
from pat_core.records import Interval, Prediction, Week
from pat_core.reports.run_words import floors_alone
from pat_core.settings import MINUTES_PER_DAY, USUAL_DAYS
from pat_core.workflows.models.answers import (
    CANNOT_TELL,
    FREQUENCY,
    NEITHER,
    PROBABILITY,
    RANK,
    RECALIBRATED,
    SCORE,
    Answer,
    Wish,
    set_words,
)
from pat_core.workflows.models.cautions import condition as known_condition
from pat_core.workflows.models.cautions import main_figure, percent, tested_on_simulated
from pat_core.workflows.models.held_out_calibration import COVERAGE
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.predictions import Pooled
from pat_core.workflows.models.sampling import sampling_words
from pat_core.workflows.models.similar_scores import BesideTest


def number(value: float, decimals: int = 2, signed: bool = False) -> str:
    """A number in a sentence, with so many decimals and a true minus sign; what rounds to zero has no sign. signed: with a plus as well."""
    rounded = round(value, decimals) + 0.0
    return minus(f"{rounded:{'+' if signed and rounded else ''}.{decimals}f}")


def minus(text: str) -> str:
    """A text with true minus signs before its negative numbers; hyphens within words, names and dates stay."""
    return re.sub(r"(?<![\w.)-])-(?=\.?\d)", "\u2212", text)


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
    return known_condition(entry.card) or _("the condition it was trained on")


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
    return _higher(entry) if what in (RANK, SCORE) else _("Answers are of {group}.").format(group=_group(entry))


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


def in_100(share: float) -> str:
    """A prevalence, of 100: "40", "0.5"."""
    return f"{100 * share:.3g}"


def at_words(answer: Answer, entry: ModelEntry) -> str:
    """At which prevalence a share holds, and whose that is, in a sentence; "" where it is not known."""
    if answer.prevalence is None:
        return ""
    if answer.stated:
        return _("For a place where the group is {share} in 100, as you said.").format(share=in_100(answer.prevalence))
    where = sampling_words(entry.card)
    return _("That is {where}, where the group is {share} in 100.").format(where=where, share=in_100(answer.prevalence))


def answer_sentence(answer: Answer, entry: ModelEntry, minutes: int) -> str:
    """The one number in a sentence: as natural frequencies where the model's test bears them out, else a rank, or the score alone.
    minutes: of the window that it is about."""
    people = _("simulated people") if tested_on_simulated(entry.card) else _("people")
    if answer.what == RANK:
        return _("This {window} scores higher than {below:,} of the {tested:,} {people} whom the model was tested on. {direction}").format(
            window=window_name(minutes), below=answer.below, tested=answer.n, people=people, direction=_higher(entry)
        )
    if answer.what == SCORE:
        return _("The model's score of this {window} is {score} logits. {direction}").format(
            window=window_name(minutes), score=number(answer.value), direction=_higher(entry)
        )
    if answer.what == PROBABILITY or answer.low is None or answer.high is None:
        share = _("The model's own probability of {group}: {share}.").format(group=_group(entry), share=percent(answer.value))
        return f"{share} {at_words(answer, entry)}".strip()
    source = (
        _("from {tested} {people} in the test set who scored nearest").format(tested=answer.n, people=people)
        if answer.what == FREQUENCY
        else _("recalibrated by {method} on the {tested} {people} of the test").format(method=answer.by, tested=answer.n, people=people)
    )
    if answer.stated and answer.prevalence is not None:
        return plural(
            "Of 1,000 {people} scored like this one, where the group “{group}” is {share} in 100, about {number} is in it "
            "(interval {low:,.0f} to {high:,.0f}, {source}).",
            "Of 1,000 {people} scored like this one, where the group “{group}” is {share} in 100, about {number} are in it "
            "(interval {low:,.0f} to {high:,.0f}, {source}).",
            round(1000 * answer.value),
            people=_("people"),
            share=in_100(answer.prevalence),
            group=condition(entry),
            low=1000 * answer.low,
            high=1000 * answer.high,
            source=source,
        )
    sentence = plural(
        "Among 100 {people} scored like this one, about {number} was in the group “{group}” (interval {low:.0f} to {high:.0f}, {source}).",
        "Among 100 {people} scored like this one, about {number} were in the group “{group}” (interval {low:.0f} to {high:.0f}, {source}).",
        round(100 * answer.value),
        people=people,
        group=condition(entry),
        low=100 * answer.low,
        high=100 * answer.high,
        source=source,
    )
    return f"{sentence} {at_words(answer, entry)}".strip()


def set_sentence(beside: BesideTest, entry: ModelEntry) -> str:
    """Which groups stay possible, with how often such an answer was right in the test; "" where that is not known."""
    possible, sets = beside.possible(), beside.calibration.sets if beside.calibration else None
    if possible is None or sets is None:
        return ""
    negative, positive = str(entry.card.get("negative") or _("not the group")), str(entry.card.get("positive") or _("the group"))
    words = {CANNOT_TELL: _("cannot tell"), NEITHER: _("neither; a score like this one hardly occurred in the test")}
    which = set_words(possible, negative, positive)
    wrong = _("Answers given this way left the right group out for {wrong:.0f} of 100 people.").format(
        wrong=100 - 100 * sets.measured.value
    )
    sentence = _("At {asked:.0f} % coverage (measured {measured:.0f} % on {people:,} held-out people) the answer is: {answer}.").format(
        asked=100 * COVERAGE, measured=100 * sets.measured.value, people=sets.measured.n, answer=words.get(which, which)
    )
    return f"{sentence} {wrong}"


def _higher(entry: ModelEntry) -> str:
    return _("A higher score is more like {group}.").format(group=_group(entry))


def _group(entry: ModelEntry) -> str:
    if not entry.card.get("label"):
        return _("a group that its file does not name")
    return _("“{group}”, against “{others}”").format(group=condition(entry), others=entry.card.get("negative", _("everyone else")))


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


def _judged(entry: ModelEntry) -> str:
    """How good such a model was on people it had not seen; "" where its card tells of no such test."""
    name, figure = main_figure(entry.card)
    if not name or name == "AUC":
        return ""
    chance = _("0 is no better than the mean of everyone") if name == "R2" else _("0.50 is chance")
    words = f"{figure['value']:.2f} ({figure['low']:.2f} to {figure['high']:.2f})"
    how = (entry.card.get("test") or {}).get("how", _("held-out people"))
    return _("Test {figure} {value} on {number} people ({method}). {chance}, 1.00 is perfect.").format(
        figure=name, value=words, number=figure["n"], method=how, chance=chance
    )


def score_words(entry: ModelEntry) -> str:
    """How good the model was on people it had not seen, beside what a few figures reach without a network, and how frequent the group
    was."""
    test = entry.card.get("test") or {}
    if words := _judged(entry):
        return f"{words} {floors_alone(entry.card)}".strip()
    if not test.get("auc"):
        claimed = dict(entry.card.get("claims", ())).get("Test")
        return (
            _("Its file says: {claim}. That was not tested here.").format(claim=claimed)
            if claimed
            else _("Its file mentions no test on held-out people.")
        )
    people = _("simulated people") if tested_on_simulated(entry.card) else _("people")
    how, prevalence = test.get("how", _("held-out people")), entry.card.get("prevalence")
    result = _("Test AUC {interval} on {number} {people} ({method}). 0.50 is chance, 1.00 is perfect.").format(
        interval=interval(test["auc"]), number=test["auc"]["n"], people=people, method=how
    )
    result = f"{result} {floors_alone(entry.card)}".strip()
    return (
        result
        if prevalence is None
        else _("{test} The group was {share} of the people, {where}.").format(
            test=result, share=percent(float(prevalence)), where=sampling_words(entry.card)
        )
    )


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
    score = number(pooled.prediction.logit)
    if answer.what == SCORE:
        return _("All {windows} windows of this person together: a mean score of {score} logits.").format(
            windows=pooled.windows, score=score
        )
    if answer.what == RANK:
        return _(
            "All {windows} windows of this person together score higher than {below:,} of the {tested:,} people of the test (mean score "
            "{score} logits)."
        ).format(windows=pooled.windows, below=answer.below, tested=answer.n, score=score)
    share = percent(answer.value) if answer.low is None or answer.high is None else of_100(answer.value, answer.low, answer.high)
    return _("All {windows} windows of this person together: {share} (mean score {score} logits).").format(
        windows=pooled.windows, share=share, score=score
    )


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
