"""A model's answer in sentences, in a reader's language: as the pages, the report on paper and whoever else gives it say it alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pat_core.records import Interval
from pat_core.reports.paper.paper_words import Words
from pat_core.reports.run_words import floors_alone
from pat_core.weeks import span
from pat_core.workflows.models.answers import CANNOT_TELL, FREQUENCY, NEITHER, PROBABILITY, RANK, SCORE, Answer, set_words
from pat_core.workflows.models.cautions import condition, main_figure, tested_on_simulated
from pat_core.workflows.models.held_out_calibration import COVERAGE
from pat_core.workflows.models.predictions import Pooled
from pat_core.workflows.models.sampling import sampling_words
from pat_core.workflows.models.similar_scores import BesideTest


def answer_sentence(answer: Answer, card: Mapping[str, Any], minutes: int, words: Words) -> str:
    """The one number in a sentence, as natural frequencies where the model's test bears them out, else a rank, or the score alone.
    minutes: of the window that it is about."""
    people = people_words(card, words)
    window = words.of_engine(span(minutes))
    if answer.what == RANK:
        return words.say(
            "This {window} scores higher than {below} of the {tested} {people} whom the model was tested on. {direction}"
        ).format(
            window=window,
            below=words.number(answer.below, 0),
            tested=words.number(answer.n, 0),
            people=people,
            direction=higher(card, words),
        )
    if answer.what == SCORE:
        return words.say("The model's score of this {window} is {score} logits. {direction}").format(
            window=window, score=words.number(answer.value), direction=higher(card, words)
        )
    if answer.what == PROBABILITY or answer.low is None or answer.high is None:
        share = words.say("The model's own probability of {group}: {share}.").format(
            group=group_words(card, words), share=words.percent(answer.value)
        )
        return f"{share} {at_words(answer, card, words)}".strip()
    source = (
        words.say("from {tested} {people} in the test set who scored nearest").format(tested=answer.n, people=people)
        if answer.what == FREQUENCY
        else words.say("recalibrated by {method} on the {tested} {people} of the test").format(
            method=words.of_engine(answer.by), tested=answer.n, people=people
        )
    )
    of = 1000 if answer.stated else 100
    low, high = (words.number(of * bound, 0) for bound in (answer.low, answer.high))
    if answer.stated and answer.prevalence is not None:
        return words.many(
            "Of 1,000 {people} scored like this one, where the group “{group}” is {share} in 100, about {number} is in it "
            "(interval {low} to {high}, {source}).",
            "Of 1,000 {people} scored like this one, where the group “{group}” is {share} in 100, about {number} are in it "
            "(interval {low} to {high}, {source}).",
            round(of * answer.value),
            people=words.say("people"),
            share=in_100(answer.prevalence, words),
            group=condition_words(card, words),
            low=low,
            high=high,
            source=source,
        )
    sentence = words.many(
        "Among 100 {people} scored like this one, about {number} was in the group “{group}” (interval {low} to {high}, {source}).",
        "Among 100 {people} scored like this one, about {number} were in the group “{group}” (interval {low} to {high}, {source}).",
        round(of * answer.value),
        people=people,
        group=condition_words(card, words),
        low=low,
        high=high,
        source=source,
    )
    return f"{sentence} {at_words(answer, card, words)}".strip()


def in_100(share: float, words: Words) -> str:
    """A prevalence, of 100: "40", "0.5"."""
    return words.rewritten(f"{100 * share:.3g}")


def at_words(answer: Answer, card: Mapping[str, Any], words: Words) -> str:
    """At which prevalence a share holds, and whose that is; "" where it is not known."""
    if answer.prevalence is None:
        return ""
    share = in_100(answer.prevalence, words)
    if answer.stated:
        return words.say("For a place where the group is {share} in 100, as you said.").format(share=share)
    where = words.of_engine(sampling_words(card))
    return words.say("That is {where}, where the group is {share} in 100.").format(where=where, share=share)


def people_words(card: Mapping[str, Any], words: Words) -> str:
    """Whom the model was tested on."""
    return words.say("simulated people") if tested_on_simulated(card) else words.say("people")


def condition_words(card: Mapping[str, Any], words: Words) -> str:
    """What the model was trained to tell apart."""
    return condition(card) or words.say("the condition it was trained on")


def group_words(card: Mapping[str, Any], words: Words) -> str:
    """The group and whom it is held against."""
    if not card.get("label"):
        return words.say("a group that its file does not name")
    others = card.get("negative") or words.say("everyone else")
    return words.say("“{group}”, against “{others}”").format(group=condition_words(card, words), others=others)


def higher(card: Mapping[str, Any], words: Words) -> str:
    """What a higher score means."""
    return words.say("A higher score is more like {group}.").format(group=group_words(card, words))


def set_sentence(beside: BesideTest, card: Mapping[str, Any], words: Words) -> str:
    """Which groups stay possible, with how often such a set was wrong in the test; "" where that is not known."""
    possible, sets = beside.possible(), beside.calibration.sets if beside.calibration else None
    if possible is None or sets is None:
        return ""
    negative, positive = str(card.get("negative") or words.say("not the group")), str(card.get("positive") or words.say("the group"))
    named = {
        CANNOT_TELL: words.say("both, so it cannot tell"),
        NEITHER: words.say("neither; a score like this one hardly occurred in the test"),
    }
    which = set_words(possible, negative, positive)
    sentence = words.say("Of its two groups, scores like this one leave possible: {groups} (at {asked} % coverage).").format(
        groups=named.get(which) or words.say("“{name}”").format(name=which), asked=words.number(100 * COVERAGE, 0)
    )
    wrong = words.say("Among the {people} people of its test, such sets left the right group out for {wrong} of 100.").format(
        people=words.number(sets.measured.n, 0), wrong=words.number(100 - 100 * sets.measured.value, 0)
    )
    return f"{sentence} {wrong}"


def together_sentence(pooled: Pooled, answer: Answer, words: Words) -> str:
    """What all windows of a person say together, beside what one says."""
    score, windows = words.number(pooled.prediction.logit), pooled.windows
    if answer.what == SCORE:
        return words.say("The {windows} usable windows of this person together: a mean score of {score} logits.").format(
            windows=windows, score=score
        )
    if answer.what == RANK:
        return words.say(
            "The {windows} usable windows of this person together score higher than {below} of the {tested} people of the test (mean score "
            "{score} logits)."
        ).format(windows=windows, below=words.number(answer.below, 0), tested=words.number(answer.n, 0), score=score)
    share = words.percent(answer.value)
    if answer.low is not None and answer.high is not None:
        low, high = words.number(100 * answer.low, 0), words.number(100 * answer.high, 0)
        share = words.say("{value} ({low} to {high})").format(value=words.number(100 * answer.value, 0), low=low, high=high)
    return words.say("The {windows} usable windows of this person together: {share} (mean score {score} logits).").format(
        windows=windows, share=share, score=score
    )


def score_words(card: Mapping[str, Any], words: Words) -> str:
    """How good the model was on people it had not seen, as the page says it."""
    test = card.get("test") or {}
    name, figure = main_figure(card)
    people, how = people_words(card, words), words.of_engine(str(test.get("how", "held-out people")))
    if not name:
        claimed = dict(card.get("claims", ())).get("Test")
        if claimed:
            return words.say("Its file says: {claim}. That was not tested here.").format(claim=claimed)
        return words.say("Its file mentions no test on held-out people.")
    value = interval_words(Interval(float(figure["value"]), float(figure["low"]), float(figure["high"]), int(figure["n"])), words)
    floors = words.of_engine(floors_alone(card))
    if name != "AUC":
        chance = words.say("0 is no better than the mean of everyone") if name == "R2" else words.say("0.50 is chance")
        result = words.say("Test {figure} {value} on {number} people ({method}). {chance}, 1.00 is perfect.").format(
            figure=words.of_engine(name), value=value, number=words.number(figure["n"], 0), method=how, chance=chance
        )
        return f"{result} {floors}".strip()
    result = words.say("Test AUC {interval} on {number} {people} ({method}). 0.50 is chance, 1.00 is perfect.").format(
        interval=value, number=words.number(figure["n"], 0), people=people, method=how
    )
    result = f"{result} {floors}".strip()
    prevalence = card.get("prevalence")
    if prevalence is None:
        return result
    return words.say("{test} The group was {share} of the people, {where}.").format(
        test=result, share=words.percent(float(prevalence)), where=words.of_engine(sampling_words(card))
    )


def interval_words(interval: Interval, words: Words) -> str:
    """ "0.73 (0.61 to 0.84)"."""
    value, low, high = (words.number(bound) for bound in (interval.value, interval.low, interval.high))
    return words.say("{value} ({low} to {high})").format(value=value, low=low, high=high)
