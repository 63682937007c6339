"""What is learned of a label: one of two groups, one of several classes, a place in an order, or a number; as people type it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from pat_core.errors import TrainingError
from pat_core.models.outputs import KINDS, Kind, Outputs

MAIN: Mapping[Kind, str] = {"two classes": "AUC", "classes": "macro AUC", "ordinal": "concordance", "value": "R2"}
"""Kind -> the figure that a run is judged by, on people kept aside while it trains and on those who test it."""
MOST_CLASSES = 20
"""A label with more values is a number, or needs its classes chosen."""

_COMPARED = re.compile(r"\s*(?P<column>.*?\S)\s*(?P<sign>>=|<=|≥|≤|>|<)\s*(?P<cut>[-+]?[0-9.,]+(?:[eE][-+]?\d+)?)\s*")
_SIGNS = {"≥": ">=", "≤": "<="}


def label_text(value: object) -> str:
    """A label's value as people write it: "" where there is none, 2 and not 2.0."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def label_number(value: object) -> float | None:
    """A label's value as a finite number, with a point or a comma; None where it is none."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    try:
        number = float(text if "." in text else text.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True)
class TargetChoice:
    """How a label is to be learned, where more is to be said than a positive and a negative value.

    kind: one of KINDS. positives: the values that are the positive group together, where they are several. classes: the values to tell
    apart, those of "ordinal" from low to high; empty takes all, numbers in their order. cuts: rising numbers at each of which a class
    begins. unit: of a "value", in the reader's word. TrainingError where these do not go together.
    """

    kind: Kind = "two classes"
    positives: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    cuts: tuple[float, ...] = ()
    unit: str = ""

    def __post_init__(self) -> None:
        for name in ("positives", "classes", "cuts"):  # as lists, where they were stored as JSON
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.kind not in KINDS:
            raise TrainingError(f"Expected the kind to be one of {', '.join(KINDS)}, got {self.kind!r}.")
        belongs = {"positives": ("two classes",), "classes": ("classes", "ordinal"), "cuts": ("classes", "ordinal"), "unit": ("value",)}
        for name, kinds in belongs.items():
            if getattr(self, name) and self.kind not in kinds:
                raise TrainingError(f"The {name} belong to {' and '.join(kinds)}, but the kind is {self.kind}. Leave one of the two out.")
        if self.classes and self.cuts:
            raise TrainingError("Classes come from the label's values or from cuts of a number; both were given. Leave one of the two out.")
        if list(self.cuts) != sorted(set(self.cuts)) or not all(map(math.isfinite, self.cuts)):
            raise TrainingError(f"Expected the cuts as rising numbers, each once, got {', '.join(map(label_text, self.cuts))}.")
        for name in ("positives", "classes"):
            given = getattr(self, name)
            if len(set(given)) != len(given) or not all(value.strip() for value in given):
                raise TrainingError(f"Expected the {name} as values of the label, each once, got {', '.join(map(repr, given))}.")


@dataclass(frozen=True)
class Target:
    """What is learned of a label.

    label: its column. classes: names in order; of two classes the other group and the positive one; none of a value. positives, negatives:
    of two classes, the values that belong to each; negatives None: everyone else who has a value. sign, cuts: of a number that is
    compared with one cut (two classes) or sorted into classes by several, each of which begins its class. unit: of a value.
    """

    label: str = ""
    kind: Kind = "two classes"
    classes: tuple[str, ...] = ()
    positives: tuple[str, ...] = ()
    negatives: tuple[str, ...] | None = None
    sign: str = ""
    cuts: tuple[float, ...] = ()
    unit: str = ""

    @property
    def two_classes(self) -> bool:
        return self.kind == "two classes"

    @property
    def numeric(self) -> bool:
        """Whether the label is read as a number."""
        return self.kind == "value" or bool(self.cuts)

    def number(self, value: object) -> float | None:
        """A person's label as the number that is learned: 0 and 1, the place of a class, the value; None for who has no part in it."""
        text = label_text(value)
        if not text:
            return None
        if self.numeric:
            number = label_number(value)
            if number is None or self.kind == "value":
                return number
            return float(_compare(number, self.sign, self.cuts[0]) if self.sign else np.searchsorted(self.cuts, number, side="right"))
        if self.two_classes:
            there = text in self.positives or self.negatives is None or text in self.negatives
            return float(text in self.positives) if there else None
        return float(self.classes.index(text)) if text in self.classes else None

    def outputs(self) -> Outputs:
        """What a head that was trained for this answers."""
        return Outputs(self.kind, () if self.two_classes else self.classes, self.unit)

    def words(self) -> str:
        """For a reader: "group: late against early", "stage: mild, moderate, severe", "age in years"."""
        if self.kind == "value":
            return f"{self.label} in {self.unit}" if self.unit else f"{self.label}, as a number"
        if self.two_classes:
            return f"{self.label}: {self.classes[1]} against {self.classes[0]}"
        return f"{self.label}: {', '.join(self.classes)}" + (", in this order" if self.kind == "ordinal" else "")

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Target:
        """Back from plain values."""
        known = {field.name for field in fields(cls)}
        as_tuples: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in plain.items() if name in known
        }
        return cls(**as_tuples)


def _compare(number: float, sign: str, cut: float) -> bool:
    return {">=": number >= cut, ">": number > cut, "<=": number <= cut, "<": number < cut}[sign]


_OTHER = {">=": "<", ">": "<=", "<=": ">", "<": ">="}


def compared(label: str, columns: Iterable[str]) -> tuple[str, str, float] | None:
    """("madrs1", ">=", 25.0) of "madrs1>=25"; None of a label that is a column's name as it stands, or compares nothing."""
    match = None if label in set(columns) else _COMPARED.fullmatch(label)
    cut = label_number(match["cut"]) if match else None
    return None if match is None or cut is None else (match["column"], _SIGNS.get(match["sign"], match["sign"]), cut)


def target_of(
    label: str,
    columns: Mapping[str, Sequence[object]],
    choice: TargetChoice,
    positive: str = "",
    negative: str | None = None,
    where: str = "",
) -> Target:
    """What a request means of these people.

    label: a column, or one with a threshold (`compared`). columns: label -> a value a person, None where there is none. positive,
    negative: values of two classes. where: the cohort's name, for sentences. TrainingError where a value is empty or nobody's, a column
    is not there or holds no numbers, or the kind does not fit: people without a label never stand for a group.
    """
    if not label.strip():
        raise TrainingError("Expected the label column by name, got an empty one.")
    if cut := compared(label, columns):
        return _two_by_threshold(label, cut, columns, choice, (positive, negative))
    values = columns.get(label, ())
    if choice.kind == "two classes":
        return _two_by_values(label, values, choice, positive, negative, where)
    if positive or negative:
        raise TrainingError(
            f"A positive or a negative value belongs to two classes, but the kind is {choice.kind}. Leave one of the two out."
        )
    if choice.kind == "value":
        _refuse_no_numbers(label, values, where)
        return Target(label, "value", unit=choice.unit)
    if choice.cuts:
        _refuse_no_numbers(label, values, where)
        return Target(label, choice.kind, _ranges(choice), cuts=choice.cuts)
    return Target(label, choice.kind, _classes(label, values, choice, where))


def _two_by_threshold(
    label: str, cut: tuple[str, str, float], columns: Mapping[str, Sequence[object]], choice: TargetChoice, values: tuple[str, str | None]
) -> Target:
    column, sign, number = cut
    if choice != TargetChoice() or values[0] or values[1]:
        raise TrainingError(
            f"{label!r} makes two classes by itself, so no kind, positive or negative value goes with it. For several steps of a number "
            "take the kind ordinal with cuts."
        )
    if column not in columns:
        raise TrainingError(f"There is no label {column!r}. There are: {', '.join(columns) or 'none'}.")
    _refuse_no_numbers(column, columns[column], "")
    written = label_text(number)
    return Target(column, "two classes", (f"{_OTHER[sign]}{written}", f"{sign}{written}"), sign=sign, cuts=(number,))


def _two_by_values(label: str, values: Sequence[object], choice: TargetChoice, positive: str, negative: str | None, where: str) -> Target:
    positives = choice.positives or (positive,)
    for what, value in (*(("positive", value) for value in positives), ("negative", negative)):
        if value is not None and not value.strip():
            without = " Leave it out to compare with everyone else who has a value." if what == "negative" else ""
            raise TrainingError(f"Expected the {what} value by name, got an empty one.{without}")
    _refuse_nobodys(label, values, (*positives, *([] if negative is None else [negative])), where)
    if negative in positives:
        raise TrainingError(f"{label} = {negative!r} cannot be the positive and the negative value at once. Choose another negative value.")
    name = " or ".join(positives)
    return Target(
        label, "two classes", (f"not {name}" if negative is None else negative, name), positives, None if negative is None else (negative,)
    )


def _classes(label: str, values: Sequence[object], choice: TargetChoice, where: str) -> tuple[str, ...]:
    """Names of the classes in their order."""
    _refuse_nobodys(label, values, choice.classes, where)
    there = dict.fromkeys(filter(None, map(label_text, values)))
    numbers = {text: label_number(text) for text in there}
    by_number = all(number is not None for number in numbers.values())
    if choice.kind == "ordinal" and not choice.classes and not by_number:
        raise TrainingError(
            f"The values of {label} are words, so their order must be given: name the classes from low to high (`--class` for each, or the "
            f"box on the page). There are {_counts(values)}."
        )
    names = choice.classes or tuple(sorted(there, key=(lambda text: numbers[text] or 0.0) if by_number else str.casefold))
    if not 3 <= len(names) <= MOST_CLASSES:
        instead = "Take two classes, with a positive value" if len(names) < 3 else "Name those to learn, set cuts, or learn it as a value"
        raise TrainingError(f"Expected 3 to {MOST_CLASSES} classes, but {label} has {len(names)} values{_in(where)}. {instead}.")
    return names


def _ranges(choice: TargetChoice) -> tuple[str, ...]:
    """The classes between rising cuts: "<7", "7 to <20", ">=20"."""
    edges = [label_text(float(cut)) for cut in choice.cuts]
    if len(edges) < 2:
        raise TrainingError("One cut makes two classes: give it with the label, as in madrs1>=25, or set a second cut.")
    between = (f"{low} to <{high}" for low, high in zip(edges, edges[1:], strict=False))
    return (f"<{edges[0]}", *between, f">={edges[-1]}")


def _refuse_nobodys(label: str, values: Sequence[object], wanted: Sequence[str], where: str) -> None:
    there = set(map(label_text, values)) - {""}
    if not there:
        raise TrainingError(f"Nobody{_in(where)} has a label {label}. Choose one that these people have.")
    for value in wanted:
        if value not in there:
            raise TrainingError(f"Nobody{_in(where)} has {label} = {value!r}. Its values are: {_counts(values)}.")


def _refuse_no_numbers(label: str, values: Sequence[object], where: str) -> None:
    """A few words among numbers are left out, and told of; a column of words is no number."""
    texts = [value for value in values if label_text(value)]
    numbers = sum(label_number(value) is not None for value in texts)
    if numbers <= len(texts) / 2:
        raise TrainingError(
            f"Expected numbers in {label}, got {numbers} among {len(texts)} values{_in(where)}: {_counts(values)}. Choose another kind."
        )


def no_numbers(target: Target, values: Sequence[object]) -> str:
    """Whom a numeric label leaves out, in a sentence; "" where everyone who has the label has a number."""
    words = [value for value in values if label_text(value) and label_number(value) is None] if target.numeric else []
    if not words:
        return ""
    people = "1 person is" if len(words) == 1 else f"{len(words):,} people are"
    return f"{people} left out: their {target.label} is no number ({_counts(words)})."


def _counts(values: Iterable[object], most: int = 12) -> str:
    counted = Counter(text for value in values if (text := label_text(value)))
    named = [f"{text} ({n})" for text, n in counted.most_common(most)]
    return ", ".join(named + ([f"and {len(counted) - most} more"] if len(counted) > most else [])) or "none"


def _in(where: str) -> str:
    return f" in {where}" if where else ""
