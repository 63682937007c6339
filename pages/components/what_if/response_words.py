"""What the model answers to an edited week, in sentences: of its response, never of an effect."""

from __future__ import annotations

from pages.components.shared import sentences
from pages.components.shared.plain_text import literal
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.dose_response import Place, WhatIf

RESPONSE = "its response to an edited week, not an effect on the person"


def change_words(opening: str, made: WhatIf) -> str:
    """What the model's logit does, in a sentence: a response, and nothing more. opening: the edit, as the sentence begins."""
    # A change far smaller than the score itself needs more decimals to be seen at all.
    decimals = 2 if abs(made.change) >= 0.1 or made.change == 0 else 3 if abs(made.change) >= 0.01 else 5
    opening = literal(opening)
    before, after, size = (sentences.number(value, decimals) for value in (made.before.logit, made.after.logit, abs(made.change)))
    if not made.changed_minutes:
        return f"{opening} no minute of the week changes, and the model's logit stays exactly as it is ({before})."
    minutes = f"{made.changed_minutes:,} of the week's {made.changed.size:,} minutes are changed."
    if made.change == 0:
        return f"{opening} the model's logit would be the same ({before}): {RESPONSE}. {minutes}"
    way = "higher" if made.change > 0 else "lower"
    return f"{opening} the model's logit would be **{size} {way}** ({before} to {after}): {RESPONSE}. {minutes}"


def answer_words(made: WhatIf, entry: ModelEntry) -> str:
    """The one number of both weeks: of the recorded one as on the page of the person."""
    before, after = made.answer_before, made.answer_after
    group = f"“{sentences.condition(entry)}”" if entry.card.get("label") else "the group"
    if before.low is None or before.high is None or after.low is None or after.high is None:
        shares = [sentences.percent(one.value) for one in (before, after)]
        return f"The model's own probability of {group}: {shares[0]} for the recorded week, {shares[1]} for the edited one."
    told = sentences.of_100(before.value, before.low, before.high), sentences.of_100(after.value, after.low, after.high)
    return (
        f"Of 100 test people scored like the recorded week, {told[0]} were in {group}; of 100 scored like the edited one, {told[1]} "
        "(95 % intervals)."
    )


def figure_lines(made: WhatIf, entry: ModelEntry) -> list[str]:
    """The further figures of both weeks, each with its name."""
    lines = zip(sentences.figure_lines(made.before, entry), sentences.figure_lines(made.after, entry), strict=True)
    both = [(before, after) for before, after in lines if before != after]
    return [f"Recorded: {before}" for before, _ in both] + [f"Edited: {after}" for _, after in both]


def place_words(made: WhatIf) -> str:
    """How unusual both weeks are to the model, and what that means for the answer."""
    before, after = made.place_before, made.place_after
    if before is None or after is None:
        return made.whom
    if after.far:
        outside = " The same holds for the recorded week." if before.far else ""
        return f"To the model the edited week is more unusual than {_of(after)} {made.whom}: the answer there is extrapolation.{outside}"
    return f"To the model the edited week is more unusual than {_of(after)} {made.whom}; the recorded week, than {_of(before)} them."


def _of(place: Place) -> str:
    return "all of" if place.nearer == 1 else f"{sentences.percent(place.nearer)} of"
