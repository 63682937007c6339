"""How figures become sentences: sensible digits, units, intervals, plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pages.components.text import literal
from pat_core.records import Interval, Prediction, Week
from pat_core.workflows import ModelEntry
from pat_core.workflows.caution_words import condition as known_condition
from pat_core.workflows.caution_words import tested_on_simulated


def percent(share: float | None) -> str:
    """0.312 -> "31 %"; what rounds to none or all of it is said as what it is: "under 1 %", "over 99 %"."""
    if share is None:
        return "unknown"
    if 0 < share < 0.005 or 0.995 < share < 1:
        return "under 1 %" if share < 0.5 else "over 99 %"
    return f"{100 * share:.0f} %"


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


def interval(value: dict[str, float] | Interval, digits: int = 2) -> str:
    """ "0.73 (0.61 to 0.84)"."""
    get = value.get if isinstance(value, dict) else lambda name: getattr(value, name)
    return f"{get('value'):.{digits}f} ({get('low'):.{digits}f} to {get('high'):.{digits}f})"


def condition(entry: ModelEntry) -> str:
    """What the model was trained to tell apart, in words."""
    return known_condition(entry.card) or "the condition it was trained on"


def probability_title(entry: ModelEntry, longest: int = 40) -> str:
    """What the probability is of, as a column's header: "Probability of late wake: planted"."""
    if not entry.card.get("label"):
        return "Probability"
    name = f"Probability of {condition(entry)}"
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def prediction_sentence(like: Interval, entry: ModelEntry) -> str:
    """The prediction as natural frequencies, from people in the test set who scored like this one."""
    people = "simulated people" if tested_on_simulated(entry.card) else "people"
    return (
        f"Among 100 {people} scored like this one, about {100 * like.value:.0f} were in the group “{condition(entry)}” "
        f"(interval {100 * like.low:.0f} to {100 * like.high:.0f}, from {like.n} {people} in the test set who scored nearest)."
    )


def probability_words(prediction: Prediction, entry: ModelEntry) -> str:
    """The model's own probability, of what, corrected, with the raw one beside it.

    That training weighs the groups alike is known of our own models alone.
    """
    if not entry.card.get("label"):
        whose = "The model's own probability of a group that its file does not name"
    else:
        whose = f"The model's own probability of “{condition(entry)}”, against “{entry.card.get('negative', 'everyone else')}”"
    if prediction.probability is None:
        return f"{whose}: {percent(prediction.probability_raw)} as the model gives it; no prevalence is known to correct it with."
    weighed = " (the training weighs both groups alike)" if entry.card.get("style") else ""
    return (
        f"{whose}: {percent(prediction.probability)} at a prevalence of {percent(prediction.prevalence)}; "
        f"{percent(prediction.probability_raw)} before correction{weighed}."
    )


def score_words(entry: ModelEntry) -> str:
    """How good the model was on people it had not seen, beside how frequent the group was."""
    test = entry.card.get("test") or {}
    if not test.get("auc"):
        claimed = dict(entry.card.get("claims", ())).get("Test")
        return f"Its file says: {claimed}. That was not tested here." if claimed else "Its file tells of no test on held-out people."
    people = "simulated people" if tested_on_simulated(entry.card) else "people"
    how, prevalence = test.get("how", "held-out people"), entry.card.get("prevalence")
    said = f"Test AUC {interval(test['auc'])} on {test['auc']['n']} {people} ({how}). 0.50 is chance, 1.00 is perfect."
    return said if prevalence is None else f"{said} Prevalence where it was trained: {percent(float(prevalence))}."


def split_words(split: str | None, held_out: float | None) -> str | None:
    """A warning where the model has seen this person in training, with what was said of them unseen."""
    if split in ("train", "validation"):
        unseen = f" Held out in cross-validation, this person got {percent(held_out)}." if held_out is not None else ""
        return f"The model was trained on this person, so its answer here is no test of it.{unseen}"
    if split == "unknown":
        return "The model was trained on people of this cohort, but its run is no longer here: whether it has seen this person is unknown."
    return "This person was held out when the model was trained." if split == "test" else None


ALIGNMENTS = {"start": "Weeks begin at the recording's first minute.", "midnight": "Weeks begin at midnight."}


def week_words(week: Week, weeks: int) -> str:
    """Which week, from when and on whose clock, where weeks begin, of which device worn where, in which unit."""
    if week.start is None:
        when = "start unknown"
    elif week.date_known:
        when = f"from {week.start:%a} {week.start.day} {week.start:%B %Y}, {week.start:%H:%M}"
    else:
        when = f"from a {week.start:%A}, {week.start:%H:%M} (date not given)"
    when += f" on the clock of {week.zone}" if week.zone else ""
    device = f"Device: {week.device}" if week.device else "Device not given"
    device += f", worn at: {week.placement}" if week.placement else ""
    which = f"Week {week.index + 1} of {weeks}" if week.index < weeks else f"Week {week.index + 1} ({weeks} have values)"
    return f"{which}, {when}. {ALIGNMENTS[week.alignment]} {device}, {week.unit}, one value a minute."


STATES = {
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "lost": "stopped, can go on",
}


def state(name: str) -> str:
    """A run's state in a reader's words."""
    return STATES.get(name, name)
