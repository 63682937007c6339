"""What a model of several classes, of an order or of a value answers, in sentences: as the page and the report on paper say it alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pat_core.models.outputs import Outputs
from pat_core.records import Prediction
from pat_core.reports.paper.paper_words import Words
from pat_core.workflows.models.class_calibration import class_percentages, possible_classes, value_range
from pat_core.workflows.models.held_out_calibration import COVERAGE
from pat_core.workflows.models.kind_answers import answer_words, outputs_of, value_text
from pat_core.workflows.models.predictions import Pooled
from pat_core.workflows.read.duplicates import LEARNED_FROM


@dataclass(frozen=True)
class SeveralAnswer:
    """headline: the answer. lines: how sure it is, from what concerns this person to what concerns the model. shares: each class with its
    probability, where the model's test bears percentages out."""

    headline: str
    lines: tuple[str, ...]
    shares: tuple[tuple[str, float], ...] = ()


def several_answer(
    card: Mapping[str, Any], prediction: Prediction, words: Words, held_out: float | None = None, split: str | None = None
) -> SeveralAnswer:
    """held_out: the value of a model of the same run that had not seen this person. split: part the person had in the training."""
    outputs, learned = outputs_of(card), split in LEARNED_FROM
    label = str(card.get("label") or words.say("the label"))
    if outputs.kind == "value":
        headline = words.say("The model's answer for “{label}”: {value}.").format(
            label=label, value=_valued(prediction.logit, outputs, words)
        )
        return SeveralAnswer(headline, tuple(_of_value(card, prediction.logit, held_out, learned, outputs, words)))
    borne_out, worth = class_percentages(card)
    answer = words.rewritten(answer_words(outputs, prediction, borne_out))
    headline = words.say("Most probable by the model, of the classes of “{label}”: {answer}.").format(label=label, answer=answer)
    pairs = tuple(zip(outputs.classes, prediction.probabilities, strict=True))
    lines = []
    if not learned:
        lines.append(_set_words(card, prediction, outputs, words))
    if borne_out:
        lines.append(
            words.say("The probabilities are the model's own, at how frequent the classes were among the people it was trained on.")
            if card.get("prevalences")
            else words.say("The probabilities are the model's own, as if all classes were equally frequent.")
        )
    else:
        names = ", ".join(name for name, _share in sorted(pairs, key=lambda pair: -pair[1]))
        lines.append(words.say("From the most to the least probable: {classes}.").format(classes=names))
    lines.append(words.of_engine(worth))
    return SeveralAnswer(headline, tuple(line for line in lines if line), pairs if borne_out else ())


def together_answer(card: Mapping[str, Any], pooled: Pooled, words: Words) -> str:
    """What all usable windows of a person say together, beside what one says."""
    answer = words.rewritten(answer_words(outputs_of(card), pooled.prediction, class_percentages(card)[0]))
    return words.say("The {windows} usable windows of this person together: {answer}.").format(windows=pooled.windows, answer=answer)


def _valued(value: float, outputs: Outputs, words: Words) -> str:
    return f"{words.typeset(value_text(value))} {outputs.unit}".strip()


def _of_value(card: Mapping[str, Any], value: float, held_out: float | None, learned: bool, outputs: Outputs, words: Words) -> list[str]:
    lines = []
    if held_out is not None:
        unseen = words.say("A model of the same run that had not seen this person answers {value}.")
        lines.append(unseen.format(value=_valued(held_out, outputs, words)))
    reach = None if learned and held_out is None else value_range(card, value if held_out is None else held_out)
    if reach is not None:
        low, high = (words.typeset(value_text(bound)) for bound in (reach.low, reach.high))
        between = words.say("For {asked} of 100 people like those of its test the true value is between {low} and {high} {unit}.").format(
            asked=words.number(100 * COVERAGE, 0), low=low, high=high, unit=outputs.unit
        )
        kept = words.say("Among the {people} people of its test, such ranges held the true value for {held} of 100.").format(
            people=words.number(reach.measured.overall.n, 0), held=words.number(100 * reach.measured.overall.value, 0)
        )
        lines.append(f"{between.replace(' .', '.')} {kept}")
    off = ((card.get("test") or {}).get("figures") or {}).get("MAE")
    if off:
        lines.append(
            words.say("In its test such an answer was off by {size} on average.").format(size=_valued(off["value"], outputs, words))
        )
    return lines


def _set_words(card: Mapping[str, Any], prediction: Prediction, outputs: Outputs, words: Words) -> str:
    """Which classes stay possible; "" where the test does not say so."""
    possible = possible_classes(card, prediction.probabilities)
    if possible is None:
        return ""
    names = ", ".join(words.say("“{name}”").format(name=name) for name in possible.classes)
    if not possible.classes:
        names = words.say("none of them; an answer like this one hardly occurred in the test")
    elif len(possible.classes) == len(outputs.classes):
        names = words.say("all of them, so it cannot tell")
    sentence = words.say("Of its classes, answers like this one leave possible: {classes} (at {asked} % coverage).").format(
        classes=names, asked=words.number(100 * COVERAGE, 0)
    )
    wrong = words.say("Among the {people} people of its test, such sets left the right class out for {wrong} of 100.").format(
        people=words.number(possible.measured.overall.n, 0), wrong=words.number(100 - 100 * possible.measured.overall.value, 0)
    )
    return f"{sentence} {wrong}"
