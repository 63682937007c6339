"""What to know of a model before its answers on these people are believed. About one week's values, the input gate speaks instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pat_core.cohorts import CohortInfo
from pat_core.records import Finding
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.training.target import Target, label_text
from pat_core.wear import QualitySettings
from pat_core.weeks import in_days, span
from pat_core.weights import Model
from pat_core.workflows.models.standardizer_choice import standardizer_facts

FEW_TESTED = 30
CHANCE = {"AUC": 0.5, "macro AUC": 0.5, "concordance": 0.5, "R2": 0.0}
"""Figure that a model is judged by -> what it comes to by chance (of R2: by the mean of everyone)."""


def cautions(
    card: Mapping[str, Any],
    origin: str,
    cohort: CohortInfo | None,
    standardize_by: str,
    device: str | None = None,
    minutes: int | tuple[int, int] | None = None,
) -> tuple[Finding, ...]:
    """Sentences about a model on the people of a cohort, the gravest first; empty where there is nothing to say.

    card, origin: the model's; keys that are missing say nothing, and its own warning is passed on. cohort: None for weeks out of
    a file, which count as real people. standardize_by: the standardizer in use, "model", "cohort", "cohort_day" or another word for none of
    these. device: what recorded the weeks. minutes: the length of the window that is read, or of the shortest and the longest where many
    are; None where nothing is read.
    """
    simulated = cohort is not None and cohort.simulated
    findings = []
    if origin == "random":
        findings.append(_caution("random_encoder", "This model is random and untrained. Nothing it shows is a finding."))
    elif card.get("encoder_trained") is False:
        findings.append(
            _caution(
                "random_encoder",
                "The part of this model that reads the week is random and untrained: it has learned from nobody, only the "
                "last step was trained. Use its answers only as a comparison for other models.",
            )
        )
    if tested_on_simulated(card) and not simulated:
        findings.append(
            _caution("simulated_test", "This score was tested on simulated people only. What it is worth for real people is unknown.")
        )
    if card.get("warning"):
        findings.append(_caution("of_the_model", str(card["warning"])))
    if card.get("not_learned"):
        findings.append(_caution("not_learned", str(card["not_learned"])))
    if card.get("simulated") and not simulated:
        findings.append(_caution("simulated_training", _simulated(card)))
    people = tested_people(card)
    if people is not None and people < FEW_TESTED:
        findings.append(
            _caution(
                "few_tested",
                f"This model was tested on only {people} people. How good it looked may be chance: on other people it can be "
                "much better or much worse.",
                float(people),
            )
        )
    findings += [*_of_the_test(card), *_of_the_measurement(card, standardize_by, device), *_of_the_length(card, minutes)]
    return tuple(findings)


def _of_the_test(card: Mapping[str, Any]) -> list[Finding]:
    """Where the test does not show that the model is better than chance."""
    name, figure = main_figure(card)
    try:
        value, low, high = (float(figure[part]) for part in ("value", "low", "high"))
    except (TypeError, KeyError, ValueError):
        return []
    chance = CHANCE.get(name, 0.0)
    if low > chance:
        return []
    better, nothing = ("chance", "chance") if chance else ("the mean of everyone", "no better than that")
    return [
        _caution(
            "no_better_than_chance",
            f"The test does not show that this model does better than {better}: its test {name} is {value:.2f} "
            f"({low:.2f} to {high:.2f}), and {chance:.2f} is {nothing}. Its answers may say nothing.",
            value,
        )
    ]


def _of_the_measurement(card: Mapping[str, Any], standardize_by: str, device: str | None) -> list[Finding]:
    findings = []
    learned = card.get("device")
    if learned and device and str(learned).strip().casefold() != device.strip().casefold():
        findings.append(
            _caution(
                "other_device",
                f"The model was trained on recordings of another device ({learned}); here the device is {device}. Devices do "
                "not measure movement alike, so its test score may not hold here.",
            )
        )
    if standardize_by in ("cohort", "cohort_day") and card.get("has_standardizer"):
        findings.append(
            _caution(
                "other_standardizer",
                "Each minute is compared with this cohort's own people here; the model was trained and tested with "
                "another comparison, which it brings along. Its test score does not say how good it is this way.",
            )
        )
    return findings


def _of_the_length(card: Mapping[str, Any], minutes: int | tuple[int, int] | None) -> list[Finding]:
    """Where a model reads windows of another length than those it learned from. Models of before the length was kept learned from weeks."""
    learned = learned_lengths(card)
    if minutes is None or not card.get("label") or learned is None:
        return []
    shortest, longest = (minutes, minutes) if isinstance(minutes, int) else minutes
    if learned[0] <= shortest and longest <= learned[1]:
        return []
    if isinstance(minutes, int):
        read = f"this is {_long(minutes)}. It can be read, but nothing tells how good the answer is"
    elif shortest == longest:
        read = f"these are {_many(shortest)}. They can be read, but nothing tells how good the answers are"
    else:
        read = f"these are {_longs(minutes)}. Those of another length can be read, but nothing tells how good the answers about them are"
    text = f"The model learned from {_longs(learned)}, and {read}: its test was on windows of the length it learned from."
    return [_caution("other_length", text, float(shortest if shortest < learned[0] else longest))]


def learned_lengths(card: Mapping[str, Any]) -> tuple[int, int] | None:
    """Minutes of the shortest and the longest window that a model learned from, a week where its card is from before that was kept; None
    where the card says what makes no sense."""
    stated = card.get("minutes", MINUTES_PER_WEEK)
    lengths = stated if isinstance(stated, list) else [stated, stated]
    known = len(lengths) == 2 and all(isinstance(one, int) and not isinstance(one, bool) for one in lengths)
    return (lengths[0], lengths[1]) if known else None


def _longs(lengths: tuple[int, int]) -> str:
    return _long(lengths[0]) if lengths[0] == lengths[1] else f"windows of {in_days(lengths[0])} to {in_days(lengths[1])}"


def _long(minutes: int) -> str:
    name = span(minutes)
    return f"a {name}" if name != "window" else f"a window of {in_days(minutes)}"


def _many(minutes: int) -> str:
    name = span(minutes)
    return f"{name}s" if name != "window" else f"windows of {in_days(minutes)}"


def group_caution(card: Mapping[str, Any], labels: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What to know where a person belongs to neither of the two groups that the model learned to tell apart. labels: the person's."""
    learned = target_in(card)
    if learned is not None and (learned.numeric or not learned.two_classes or len(learned.positives) > 1):
        return _outside(learned, labels)
    group, positive = label_text(labels.get(str(card.get("label")))), str(card.get("positive", ""))
    negative = str(card.get("negative", ""))
    if not group or not positive or not negative or negative == f"not {positive}" or group in (positive, negative):
        return ()
    return (
        _caution(
            "other_group",
            f"This person belongs to neither of the two groups of {card['label']}: the model learned to tell {positive} from "
            f"{negative} and was not tested on people like this one, so its answer says little here.",
        ),
    )


def target_in(card: Mapping[str, Any]) -> Target | None:
    """What a model was trained for, by its card; None where the card does not say so in full."""
    try:
        return Target.from_dict(card["target"])
    except (KeyError, TypeError, AttributeError):
        return None


def _outside(learned: Target, labels: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Of a person who has the label, but none of the values that were learned."""
    value = labels.get(learned.label)
    if learned.numeric or not label_text(value) or learned.number(value) is not None:
        return ()
    names, label = learned.classes, learned.label
    if learned.two_classes:
        text = (
            f"This person belongs to neither of the two groups of {label}: the model learned to tell {names[1]} from {names[0]} "
            "and was not tested on people like this one, so its answer says little here."
        )
    else:
        text = (
            f"This person belongs to none of the classes of {label}: the model learned to tell {', '.join(names)} apart "
            "and was not tested on people like this one, so its answer says little here."
        )
    return (_caution("other_group", text),)


def percent(share: float | None) -> str:
    """0.312 -> "31 %"; what rounds to none or all of it is said as what it is: "under 1 %", "over 99 %"."""
    if share is None:
        return "unknown"
    if 0 < share < 0.005 or 0.995 < share < 1:
        return "under 1 %" if share < 0.5 else "over 99 %"
    return f"{100 * share:.0f} %"


def seen_caution(split: str | None, held_out: bool = False) -> tuple[Finding, ...]:
    """What a model has seen of a person. split: their part in its training (see `training_overlap.Seen`). held_out: the answer rests on
    the score that a model of the same run gave which had not seen them."""
    if split in ("train", "validation") and held_out:
        return (Finding("held_out", "note", "The answer is by a model of the same run that had not seen this person; the score is not."),)
    if split in ("train", "validation"):
        return (_caution("trained_on", "The model was trained on this person, so its answer here is no test of it."),)
    if split == "copy":
        return (
            _caution(
                "trained_on",
                "The model was trained on this very recording, under another name or in another cohort, so its answer here is no "
                "test of it.",
            ),
        )
    if split == "unknown":
        return (
            _caution(
                "trained_on",
                "The model was trained on people of this cohort, but its run is no longer here: whether it has seen this "
                "person is unknown.",
            ),
        )
    return (Finding("held_out", "note", "This person was held out when the model was trained."),) if split == "test" else ()


def wear_caution(
    share: float | None, settings: QualitySettings, findings: Iterable[Finding], minutes: int = MINUTES_PER_WEEK
) -> tuple[Finding, ...]:
    """Where more of a week was not worn than the workspace's settings let pass, and nothing else says so already.

    share: of the week, 0 to 1; None where nothing tells when the device was worn. findings: of the week. minutes: how long it is.
    """
    if share is None or share <= settings.off_share or any(finding.code in ("nonwear", "few_days") for finding in findings):
        return ()
    return (
        _caution(
            "not_worn",
            f"The device was not worn for {100 * share:.0f} % of this {span(minutes)} ({share * minutes / 60:.0f} hours). The model reads "
            "those minutes as a body that lies still, so they can drive its answer.",
            share,
        ),
    )


GRAVITY = (
    "random_encoder", "no_better_than_chance", "trained_on", "other_group", "other_device", "other_length", "unit", "unit_unknown",
    "few_days", "nonwear", "not_worn", "day_off", "length", "missing", "filled_up", "flat_run", "far", "simulated_test",
    "simulated_training", "few_tested",
    "other_standardizer", "of_the_model",
)  # fmt: skip
"""Codes by what they cost a reader who overlooks them, costliest first; others come after them, in the order in which they were found."""


def by_cost(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What makes an answer unfit first, then what changes what it is worth (see GRAVITY), then what merely describes. Each message once."""
    rank = {code: number for number, code in enumerate(GRAVITY)}
    severity = {"refuse": 0, "warn": 1, "note": 2}
    once = {finding.message: finding for finding in reversed(list(findings))}
    return tuple(sorted(reversed(once.values()), key=lambda finding: (severity[finding.severity], rank.get(finding.code, len(rank)))))


def model_cautions(
    model: Model, cohort: CohortInfo | None, standardize_by: str, device: str | None = None, minutes: int | tuple[int, int] | None = None
) -> tuple[Finding, ...]:
    """`cautions` of a model that is at hand, by what its file says rather than what a list remembers."""
    known = standardizer_facts(model) | {"encoder_trained": model.encoder_trained}
    return cautions({**model.card, **known}, model.origin, cohort, standardize_by, device, minutes)


def tested_on_simulated(card: Mapping[str, Any]) -> bool:
    """Whether the people of the model's test were simulated; False where it had no test, or its card does not say."""
    return bool(card.get("test") and card.get("tested_on_simulated"))


def tested_people(card: Mapping[str, Any]) -> int | None:
    """How many people the model was tested on; None where its card does not say."""
    try:
        return int(main_figure(card)[1]["n"])
    except (TypeError, KeyError, ValueError):
        return None


def main_figure(card: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """(name, interval as plain values) of the figure by which a card's or a run's test is judged; ("", {}) where there is none."""
    test = card.get("test")
    test = test if isinstance(test, Mapping) else {}
    named = {"AUC": test["auc"]} if "auc" in test else test.get("figures")
    named = named if isinstance(named, Mapping) else {}
    name = next((name for name in CHANCE if name in named), "")  # files keep names in no order
    return (name, named[name]) if isinstance(named.get(name), Mapping) else ("", {})


def condition(card: Mapping[str, Any]) -> str:
    """What the model's probability is the probability of, "label: positive value"; "" where its card does not say."""
    return f"{card['label']}: {card.get('positive', '')}" if card.get("label") else ""


def _simulated(card: Mapping[str, Any]) -> str:
    """What it means that a model learned from simulated weeks, from those alone or from few people's besides."""
    besides = re.search(r"simulated people.*(?:, | and )([\d,]+) people of ([^().]+)", str(card.get("pretrained_on", "")))
    if besides is None:
        return "This model learned what a week looks like from simulated weeks, not from people. It may miss what matters in a real week."
    return (
        f"This model learned what a week looks like mostly from simulated weeks, and from those of only {besides[1]} people "
        f"({besides[2].strip()}). It may miss what matters in a real week."
    )


def _caution(code: str, message: str, value: float | None = None) -> Finding:
    return Finding(code, "warn", message, value)
