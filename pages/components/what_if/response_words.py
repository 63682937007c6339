"""What the model answers to an edited week, in sentences: of its response, never of an effect."""

from __future__ import annotations

from pages.components.shared import sentences
from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.workflows.models.answers import FREQUENCY, RANK
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.dose_response import Place, WhatIf

RESPONSE = _("its response to an edited recording, not an effect on the person")


def change_words(opening: str, response: WhatIf) -> str:
    """What the model's logit (or what else is read of it) does, in a sentence: a response, and nothing more.

    opening: the edit, as the sentence begins.
    """
    # A change far smaller than the score itself needs more decimals to be seen at all.
    decimals = 2 if abs(response.change) >= 0.1 or response.change == 0 else 3 if abs(response.change) >= 0.01 else 5
    opening, what = literal(opening), literal(response.explains) or _("logit")
    before, after, size = (
        sentences.number(value, decimals) for value in (response.before.logit, response.after.logit, abs(response.change))
    )
    if not response.changed_minutes:
        return _("{edit} no minute changes, and the model's {answer} stays exactly as it is ({logit}).").format(
            edit=opening, logit=before, answer=what
        )
    minutes = _("{changed:,} of {total:,} minutes are changed.").format(changed=response.changed_minutes, total=response.changed.size)
    if response.change == 0:
        return _("{edit} the model's {answer} would be the same ({logit}): {caution}. {minutes}").format(
            edit=opening, answer=what, logit=before, caution=RESPONSE, minutes=minutes
        )
    way = _("higher") if response.change > 0 else _("lower")
    return _("{edit} the model's {answer} would be **{size} {direction}** ({before} to {after}): {caution}. {minutes}").format(
        edit=opening, answer=what, size=size, direction=way, before=before, after=after, caution=RESPONSE, minutes=minutes
    )


def answer_words(response: WhatIf, entry: ModelEntry) -> str:
    """The one number of both weeks: of the recorded one as on the page of the person."""
    if response.before.outputs:  # the logit of a class or a value, which is all that is read of both weeks
        return _("Of a model of several classes or of a value, the response is that of one number, which stands above.")
    before, after = response.answer_before, response.answer_after
    group = f"“{sentences.condition(entry)}”" if entry.card.get("label") else _("the group")
    if before.what == after.what == RANK:
        return _("The recording scores higher than {before:,} of the {tested:,} people of the test, the edited one than {after:,}.").format(
            before=before.below, after=after.below, tested=before.n
        )
    if not (before.of_the_group and after.of_the_group):
        return before.why
    place = sentences.at_words(before, entry)
    if before.low is None or before.high is None or after.low is None or after.high is None:
        shares = [sentences.percent(answer.value) for answer in (before, after)]
        own = _("The model's own probability of {group}: {before} for the recording, {after} for the edited one.").format(
            group=group, before=shares[0], after=shares[1]
        )
        return f"{own} {place}".strip()
    first, second = (sentences.of_100(answer.value, answer.low or 0.0, answer.high or 0.0) for answer in (before, after))
    if before.what == FREQUENCY:
        both = _(
            "In {group}, of 100 test people scored like the recording: {before}; of 100 scored like the edited one: {after} "
            "(95 % intervals)."
        ).format(before=first, group=group, after=second)
    else:
        both = _(
            "Recalibrated, in {group}, of 100 people scored like the recording: {before}; like the edited one: {after} (with intervals)."
        ).format(before=first, group=group, after=second)
    return f"{both} {place}".strip()


def place_words(response: WhatIf) -> str:
    """How unusual both weeks are to the model, and what that means for the answer."""
    before, after = response.place_before, response.place_after
    if before is None or after is None:
        return response.whom
    if after.far:
        outside = _(" The same holds for the recording as it is.") if before.far else ""
        return _(
            "To the model the edited recording is more unusual than {share} {people}: the answer there is extrapolation.{note}"
        ).format(share=_of(after), people=response.whom, note=outside)
    return _("To the model the edited recording is more unusual than {share} {people}; as it is, than {recorded} them.").format(
        share=_of(after), people=response.whom, recorded=_of(before)
    )


def _of(place: Place) -> str:
    return _("all of") if place.nearer == 1 else _("{share} of").format(share=sentences.percent(place.nearer))
