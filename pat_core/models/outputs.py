"""What the numbers are that a trained head gives for a week, whatever the network: how many, of which classes, in which unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

Kind = Literal["two classes", "classes", "ordinal", "value"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What can be learned of a label: one of two groups, one of several, one of several in order, or a number."""
CLASSES_AT_MOST = 50
"""Of a head: more classes than people can be shown in a table are a value, or a mistake."""


@dataclass(frozen=True)
class Outputs:
    """What a head answers for one week.

    kind "two classes": one number, the logit of the positive class. "classes": one logit a class, whose mean over the classes is 0.
    "ordinal": one logit a step, of reaching class 1, 2, ... or a higher one: a score less the step's threshold. "value": the value, in
    `unit`. classes: their names in order, of "classes" and "ordinal" alone. unit: of the value, "" where nobody said.
    """

    kind: Kind = "two classes"
    classes: tuple[str, ...] = ()
    unit: str = ""

    @property
    def count(self) -> int:
        """Numbers a week."""
        return {"classes": len(self.classes), "ordinal": len(self.classes) - 1}.get(self.kind, 1)

    @property
    def ordinal(self) -> bool:
        return self.kind == "ordinal"

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """(weeks, count) numbers of a head -> (weeks, classes) probabilities, before any correction for prevalence.

        "two classes": of the other class and of the positive one. Of a "value" there are none: (weeks, 0).
        """
        outputs = np.asarray(outputs, dtype=np.float64).reshape(len(outputs), -1)
        if self.kind == "value":
            return np.empty((len(outputs), 0))
        if self.kind == "classes":
            raised = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            return raised / raised.sum(axis=1, keepdims=True)
        reaching = 0.5 * (1 + np.tanh(outputs / 2))  # the sigmoid, without an overflow
        ends = np.ones((len(outputs), 1)), np.zeros((len(outputs), 1))
        return -np.diff(np.concatenate([ends[0], reaching, ends[1]], axis=1), axis=1)

    def score(self, outputs: np.ndarray) -> np.ndarray:
        """(weeks, count) -> (weeks,): the one number by which weeks are put in order. Several classes have none: the largest logit."""
        outputs = np.asarray(outputs, dtype=np.float64).reshape(len(outputs), -1)
        return outputs.max(axis=1) if self.kind == "classes" else outputs.mean(axis=1)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for the metadata of a file."""
        return {"kind": self.kind, "classes": list(self.classes), "unit": self.unit}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Outputs:
        """Back from plain values. ValueError where they make no sense."""
        kind, classes, unit = plain.get("kind"), plain.get("classes", []), plain.get("unit", "")
        if kind not in KINDS or not isinstance(unit, str) or not isinstance(classes, list | tuple):
            raise ValueError(f"a kind out of {', '.join(KINDS)}, classes and a unit were expected")
        if not all(isinstance(name, str) for name in classes) or len(set(classes)) != len(classes):
            raise ValueError("names of classes were expected, each once")
        fewest = 3 if kind in ("classes", "ordinal") else 0
        if not fewest <= len(classes) <= (CLASSES_AT_MOST if fewest else 0):
            raise ValueError(f"3 to {CLASSES_AT_MOST} classes were expected" if fewest else f"no names of classes belong to {kind!r}")
        return cls(kind, tuple(classes), unit)


ONE_LOGIT = Outputs()
"""Of the positive one of two classes: what a head answers where nothing else is known of it."""
