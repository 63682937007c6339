"""How figures become sentences: sensible digits, units, intervals, plain words."""

from __future__ import annotations

from pat_core.records import Interval, Prediction, Week
from pat_core.workflows import ModelEntry, WeekView


def percent(share: float | None) -> str:
    """0.312 -> "31 %"."""
    return "unknown" if share is None else f"{100 * share:.0f} %"


def interval(value: dict[str, float] | Interval, digits: int = 2) -> str:
    """ "0.73 (0.61 to 0.84)"."""
    get = value.get if isinstance(value, dict) else lambda name: getattr(value, name)
    return f"{get('value'):.{digits}f} ({get('low'):.{digits}f} to {get('high'):.{digits}f})"


def condition(entry: ModelEntry) -> str:
    """What the model was trained to tell apart, in words."""
    card = entry.card
    return f"{card['label']}: {card['positive']}" if card.get("label") else "the condition it was trained on"


def prediction_sentence(view: WeekView, entry: ModelEntry) -> str:
    """The prediction as natural frequencies, from people in the test set who scored like this one."""
    if view.prediction is None:
        return "This model has no trained head, so it gives no prediction: only where it attended."
    if view.like is None:
        return (
            f"The model's score for this week is {percent(view.prediction.probability_raw)}, uncorrected. Its file tells of no test set, "
            "so what this score means for people is unknown."
        )
    return (
        f"Among 100 people scored like this one in the test set, about {100 * view.like.value:.0f} were in the group "
        f"“{condition(entry)}” (interval {100 * view.like.low:.0f} to {100 * view.like.high:.0f})."
    )


def probability_words(prediction: Prediction) -> str:
    """The corrected probability with the raw one beside it."""
    raw = f"{percent(prediction.probability_raw)} before correction (the training weighs both groups alike)"
    if prediction.probability is None:
        return f"Probability {raw}; no prevalence is known to correct it with."
    return f"Probability {percent(prediction.probability)} at a prevalence of {percent(prediction.prevalence)}; {raw}."


def score_words(entry: ModelEntry) -> str:
    """How good the model was on people it had not seen."""
    test = entry.card.get("test") or {}
    if not test.get("auc"):
        return "Its file tells of no test on held-out people."
    how = test.get("how", "held-out people")
    return f"Test AUC {interval(test['auc'])} on {test['auc']['n']} people ({how}). 0.50 is chance, 1.00 is perfect."


def split_words(split: str | None, held_out: float | None) -> str | None:
    """A warning where the model has seen this person in training, with what was said of them unseen."""
    if split in ("train", "validation"):
        unseen = f" Held out in cross-validation, this person got {percent(held_out)}." if held_out is not None else ""
        return f"The model was trained on this person, so its answer here is no test of it.{unseen}"
    return "This person was held out when the model was trained." if split == "test" else None


def week_words(week: Week, weeks: int) -> str:
    """Which week, from when, of which device, in which unit."""
    if week.start is None:
        when = "start unknown"
    elif week.date_known:
        when = f"from {week.start:%a} {week.start.day} {week.start:%B %Y}, {week.start:%H:%M}"
    else:
        when = f"from a {week.start:%A}, {week.start:%H:%M} (date not given)"
    device = f"Device: {week.device}" if week.device else "Device not given"
    return f"Week {week.index + 1} of {weeks}, {when}. {device}, {week.unit}, one value a minute."


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
