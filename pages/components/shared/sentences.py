"""How figures become sentences: sensible digits, units, intervals, plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.records import Interval, Prediction, Week
from pat_core.workflows.models.cautions import condition as known_condition
from pat_core.workflows.models.cautions import percent, tested_on_simulated
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.similar_scores import Answer


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
    best, low, high = (f"{get(name):.{digits}f}" for name in ("value", "low", "high"))
    return _("{value} ({low} to {high})").format(value=best, low=low, high=high)


def condition(entry: ModelEntry) -> str:
    """What the model was trained to tell apart, in words."""
    return known_condition(entry.card) or _("the condition it was trained on")


def of_100(value: float, low: float, high: float) -> str:
    """ "55 (41 to 68)"."""
    return _("{value:.0f} ({low:.0f} to {high:.0f})").format(value=100 * value, low=100 * low, high=100 * high)


def answer_title(entry: ModelEntry, compared: bool, longest: int = 44) -> str:
    """What the answer is of, as a column's header: "late wake: planted, of 100 scored alike", "Probability of late wake: planted"."""
    if not entry.card.get("label"):
        return _("Of 100 scored alike") if compared else _("Probability")
    name = (
        _("{group}, of 100 alike").format(group=condition(entry))
        if compared
        else _("Probability of {group}").format(group=condition(entry))
    )
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def answer_help(entry: ModelEntry, compared: bool) -> str:
    """What the answer in a list is, and that it is the same as on the page of one person."""
    empty = _("Empty where the week is not fit for the model or was worn too little. The page of a person gives the same number.")
    if compared:
        return _(
            "Of 100 people in the model's test who scored like this one in their first week, how many were in the "
            "group “{group}”; in brackets the 95 % interval. {note}"
        ).format(group=condition(entry), note=empty)
    return _(
        "The model's own probability of {group} by the first week, because there are no test people to compare "
        "with, corrected to how frequent the group was among the people it was trained on, where that is known. "
        "{note}"
    ).format(group=condition(entry), note=empty)


def answer_sentence(answer: Answer, entry: ModelEntry) -> str:
    """The one number in a sentence: as natural frequencies where people of the model's test scored alike, else the model's own word."""
    if answer.low is None or answer.high is None:
        return _("The model's own probability of {group}: {share}.").format(group=_group(entry), share=percent(answer.value))
    people = _("simulated people") if tested_on_simulated(entry.card) else _("people")
    return _(
        "Among 100 {people} scored like this one, about {number:.0f} were in the group “{group}” (interval "
        "{low:.0f} to {high:.0f}, from {tested} {people} in the test set who scored nearest)."
    ).format(
        people=people, number=100 * answer.value, group=condition(entry), low=100 * answer.low, high=100 * answer.high, tested=answer.n
    )


def _group(entry: ModelEntry) -> str:
    if not entry.card.get("label"):
        return _("a group that its file does not name")
    return _("“{group}”, against “{others}”").format(group=condition(entry), others=entry.card.get("negative", _("everyone else")))


def figure_lines(prediction: Prediction, entry: ModelEntry, held_out: float | None = None) -> list[str]:
    """All further figures of an answer, each with its name. That training weighs the groups alike is known of our own models alone."""
    raw = _("As the model gives it, before any correction: {share}").format(share=percent(prediction.probability_raw))
    raw += _(" (the training weighs both groups equally).") if entry.card.get("style") else "."
    lines = [
        _("Score: {score} logits, the model's raw output. 0 stands for even odds; 0.7 more doubles them.").format(
            score=number(prediction.logit)
        ),
        raw,
    ]
    if prediction.probability is None:
        lines.append(_("No prevalence is known to correct it with."))
    else:
        share = percent(prediction.prevalence)
        lines.append(
            _("Corrected to {prevalence}, the share of the group among the people it was trained on: {share}.").format(
                prevalence=share, share=percent(prediction.probability)
            )
        )
    if held_out is not None:
        lines.append(_("From a model of the same run that had not seen this person: {share}.").format(share=percent(held_out)))
    return lines


def score_words(entry: ModelEntry) -> str:
    """How good the model was on people it had not seen, beside how frequent the group was."""
    test = entry.card.get("test") or {}
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
    return (
        result
        if prevalence is None
        else _("{test} Prevalence where it was trained: {share}.").format(test=result, share=percent(float(prevalence)))
    )


ALIGNMENTS = {"start": _("Weeks begin at the recording's first minute."), "midnight": _("Weeks begin at midnight.")}


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
        _("Week {number} of {weeks}").format(number=week.index + 1, weeks=weeks)
        if week.index < weeks
        else _("Week {number} ({weeks} have values)").format(number=week.index + 1, weeks=weeks)
    )
    return _("{week}, {start}. {alignment} {device}, {unit}, one value a minute.").format(
        week=which, start=when, alignment=ALIGNMENTS[week.alignment], device=device, unit=week.unit
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
