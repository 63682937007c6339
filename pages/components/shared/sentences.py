"""How figures become sentences: sensible digits, units, intervals, plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pages.components.shared.plain_text import literal
from pat_core.records import Interval, Prediction, Week
from pat_core.workflows.models.cautions import condition as known_condition
from pat_core.workflows.models.cautions import percent, tested_on_simulated
from pat_core.workflows.models.headline import Answer
from pat_core.workflows.models.model_entries import ModelEntry


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


def of_100(value: float, low: float, high: float) -> str:
    """ "55 (41 to 68)"."""
    return f"{100 * value:.0f} ({100 * low:.0f} to {100 * high:.0f})"


def answer_title(entry: ModelEntry, compared: bool, longest: int = 44) -> str:
    """What the answer is of, as a column's header: "late wake: planted, of 100 scored alike", "Probability of late wake: planted"."""
    if not entry.card.get("label"):
        return "Of 100 scored alike" if compared else "Probability"
    name = f"{condition(entry)}, of 100 alike" if compared else f"Probability of {condition(entry)}"
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def answer_help(entry: ModelEntry, compared: bool) -> str:
    """What the answer in a list is, and that it is the same as on the page of one person."""
    empty = "Empty where the week is not fit for the model. The page of a person gives the same number."
    if compared:
        return (
            f"Of 100 people in the model's test who scored like this one in their first week, how many were in the group "
            f"“{condition(entry)}”; in brackets the 95 % interval. {empty}"
        )
    return (
        f"The model's own probability of {condition(entry)} by the first week, because there are no test people to compare with, "
        f"corrected to how frequent the group was among the people it was trained on, where that is known. {empty}"
    )


def answer_sentence(answer: Answer, entry: ModelEntry) -> str:
    """The one number in a sentence: as natural frequencies where people of the model's test scored alike, else the model's own word."""
    if answer.low is None or answer.high is None:
        return f"The model's own probability of {_group(entry)}: {percent(answer.value)}."
    people = "simulated people" if tested_on_simulated(entry.card) else "people"
    return (
        f"Among 100 {people} scored like this one, about {100 * answer.value:.0f} were in the group “{condition(entry)}” "
        f"(interval {100 * answer.low:.0f} to {100 * answer.high:.0f}, from {answer.n} {people} in the test set who scored nearest)."
    )


def _group(entry: ModelEntry) -> str:
    if not entry.card.get("label"):
        return "a group that its file does not name"
    return f"“{condition(entry)}”, against “{entry.card.get('negative', 'everyone else')}”"


def figure_lines(prediction: Prediction, entry: ModelEntry, held_out: float | None = None) -> list[str]:
    """All further figures of an answer, each with its name. That training weighs the groups alike is known of our own models alone."""
    raw = f"As the model gives it, before any correction: {percent(prediction.probability_raw)}"
    raw += " (the training weighs both groups equally)." if entry.card.get("style") else "."
    lines = [f"Score: {number(prediction.logit)} logits, the model's raw output. 0 stands for even odds; 0.7 more doubles them.", raw]
    if prediction.probability is None:
        lines.append("No prevalence is known to correct it with.")
    else:
        share = percent(prediction.prevalence)
        lines.append(f"Corrected to {share}, the share of the group among the people it was trained on: {percent(prediction.probability)}.")
    if held_out is not None:
        lines.append(f"From a model of the same run that had not seen this person: {percent(held_out)}.")
    return lines


def score_words(entry: ModelEntry) -> str:
    """How good the model was on people it had not seen, beside how frequent the group was."""
    test = entry.card.get("test") or {}
    if not test.get("auc"):
        claimed = dict(entry.card.get("claims", ())).get("Test")
        return f"Its file says: {claimed}. That was not tested here." if claimed else "Its file mentions no test on held-out people."
    people = "simulated people" if tested_on_simulated(entry.card) else "people"
    how, prevalence = test.get("how", "held-out people"), entry.card.get("prevalence")
    said = f"Test AUC {interval(test['auc'])} on {test['auc']['n']} {people} ({how}). 0.50 is chance, 1.00 is perfect."
    return said if prevalence is None else f"{said} Prevalence where it was trained: {percent(float(prevalence))}."


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
