"""What a model answers that was trained for more than two classes: probabilities of classes, or a value; and what of it is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.records import Prediction
from pat_core.weights import Model
from pat_core.workflows.models.cautions import condition

LOGIT_OF = "logit of "
"""Before the name of a class, where it is what a map explains."""


def outputs_of(card: Mapping[str, Any]) -> Outputs:
    """What the head of a model in a list answers, by the card that the list has of it (see `ModelEntry.card`)."""
    try:
        return Outputs.from_dict(card["outputs"])
    except (KeyError, TypeError, AttributeError, ValueError):
        return ONE_LOGIT


def class_probabilities(outputs: Outputs, card: Mapping[str, Any], numbers: np.ndarray) -> np.ndarray:
    """(weeks, count) numbers of a head -> (weeks, classes).

    Training weighs classes alike, so they are corrected to the prevalences among the training people where the card has them. Classes in
    order are not weighed: their thresholds follow the frequencies already.
    """
    shares = outputs.probabilities(numbers)
    prevalences = _prevalences(card.get("prevalences"), shares.shape[1]) if outputs.kind == "classes" else None
    if prevalences is None:
        return shares
    shares = shares * prevalences
    return shares / shares.sum(axis=1, keepdims=True)


def _prevalences(stated: Any, classes: int) -> np.ndarray | None:
    if not isinstance(stated, list | tuple) or len(stated) != classes:
        return None
    if not all(isinstance(share, int | float) and not isinstance(share, bool) and 0 < share < 1 for share in stated):
        return None
    return np.array(stated, dtype=np.float64)


def with_several(outputs: Outputs, card: Mapping[str, Any], participant: str, index: int, numbers: np.ndarray) -> Prediction:
    """The numbers (count,) of a head of another kind than two classes as a prediction."""
    row = np.asarray(numbers, dtype=np.float64).reshape(1, -1)
    probabilities = class_probabilities(outputs, card, row)[0].tolist() if np.isfinite(row).all() else [float("nan")] * len(outputs.classes)
    score = float(outputs.score(row)[0])
    return Prediction(participant, index, score, float("nan"), None, None, tuple(row[0].tolist()), tuple(probabilities))


def likeliest(outputs: Outputs, prediction: Prediction) -> int:
    """The place of the most probable class."""
    return int(np.argmax(prediction.probabilities))


def answer_words(outputs: Outputs, prediction: Prediction, percentages: bool = False) -> str:
    """ "42.1 years", "moderate", or where the test bears out percentages "moderate, 62 %"."""
    if outputs.kind == "value":
        return f"{value_text(prediction.logit)} {outputs.unit}".strip()
    place = likeliest(outputs, prediction)
    return f"{outputs.classes[place]}, {100 * prediction.probabilities[place]:.0f} %" if percentages else outputs.classes[place]


def value_text(value: float) -> str:
    """A value with as many digits as anyone can use: 42.1, 1,234, 0.012."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def explained(model: Model, name: str | None = None, z: np.ndarray | None = None) -> Model:
    """The model as its explanations see it: with one number for an answer, which its `explains` says.

    Of several classes it is the logit of the class `name`, or where none is named of the most probable one for the standardized week z
    (minutes,). Of classes in order it is the score, whatever class is named, as the steps differ by constants; of a value the value.
    ExplanationError where no class is called so, or where one is needed and neither a name nor a week says which.
    """
    outputs = model.outputs
    if model.explains or not model.has_head:
        return model
    if name is not None and outputs.kind in ("classes", "ordinal") and name not in outputs.classes:
        raise ExplanationError(f"{model.name} has no class {name!r}. Its classes are {', '.join(outputs.classes)}.")
    if name is not None and outputs.kind in ("value", "two classes"):
        raise ExplanationError(f"{model.name} has no several classes: what is explained is {what_is_explained(model)}. Name no class.")
    if outputs.kind == "classes":
        if name is None and z is None:
            raise ExplanationError(f"Which class is to be explained must be named: {', '.join(outputs.classes)}.")
        name = name or outputs.classes[_top(model, z)]
        place = outputs.classes.index(name)
        return replace(model, build=lambda: model.network.answering(place), explains=f"{LOGIT_OF}{name}")
    if outputs.kind == "ordinal":
        return replace(model, build=lambda: model.network.answering(), explains=what_is_explained(model))
    return replace(model, build=lambda: model.network, explains=what_is_explained(model)) if outputs.kind == "value" else model


def _top(model: Model, z: np.ndarray | None) -> int:
    import torch  # who explains needs it anyway

    with torch.no_grad():
        numbers = model.network(torch.from_numpy(np.asarray(z, dtype=np.float32)[None])).numpy()
    return int(class_probabilities(model.outputs, model.card, numbers)[0].argmax())


def what_is_explained(model: Model, name: str | None = None) -> str:
    """In words: "logit of group: late", "score of stage (mild to severe)", "age in years"."""
    if model.explains:
        return model.explains
    outputs, label = model.outputs, str(model.card.get("label") or "")
    if outputs.kind == "classes":
        return f"{LOGIT_OF}{name}" if name else "logit of the most probable class"
    if outputs.kind == "ordinal":
        return f"score{f' of {label}' if label else ''} ({outputs.classes[0]} to {outputs.classes[-1]})"
    if outputs.kind == "value":
        return f"{label or 'value'}{f' in {outputs.unit}' if outputs.unit else ''}"
    return f"logit of {condition(model.card)}" if condition(model.card) else "logit"


def columns_of(outputs: Outputs, predictions: Sequence[Prediction | None]) -> dict[str, list[Any]]:
    """Column of a table -> a value a week, None where the answer is withheld.

    A value: "value". Classes: "class" (the most probable), "probability of NAME" of each, and "logit of NAME", or "score" where they are
    in order.
    """
    if outputs.kind == "value":
        return {"value": [prediction and prediction.logit for prediction in predictions]}
    columns: dict[str, list[Any]] = {
        "class": [outputs.classes[likeliest(outputs, prediction)] if prediction else None for prediction in predictions]
    }
    for place, name in enumerate(outputs.classes):
        columns[f"probability of {name}"] = [prediction and prediction.probabilities[place] for prediction in predictions]
    if outputs.kind == "ordinal":
        return columns | {"score": [prediction and prediction.logit for prediction in predictions]}
    for place, name in enumerate(outputs.classes):
        columns[f"logit of {name}"] = [prediction and prediction.outputs[place] for prediction in predictions]
    return columns
