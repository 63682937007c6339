"""What can be learned of the labels of a cohort: which kinds of target fit the values that its people have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pat_core.cohorts import Workspace
from pat_core.training.target import MOST_CLASSES, label_number, label_text

LabelKind = Literal["two classes", "threshold", "classes", "ordinal", "value"]
"""A kind of target, or two classes by a threshold on a number."""
MOST_GROUPS = 12
"""Values out of which two groups are chosen by name."""
FEWEST_NUMBERS = 5
"""Different numbers of which a value can be learned."""
NOT_TARGETS = ("repeated_minutes", "axis", "serial", "filter", "reliable", "calibrated")
"""What readers note about a recording: good to see, nothing to predict."""


def label_kinds(workspace: Workspace, cohort: str) -> dict[str, tuple[LabelKind, ...]]:
    """Label -> what can be learned of it, the usual one first; labels of which nothing can be are left out."""
    values: dict[str, list[str]] = {}
    for person in workspace.people(cohort):
        for name, value in person.labels.items():
            if label_text(value) and name not in NOT_TARGETS:
                values.setdefault(name, []).append(label_text(value))
    kinds = {name: _kinds(set(there), len(there)) for name, there in values.items()}
    return {name: fit for name, fit in kinds.items() if fit}


def _kinds(values: set[str], people: int) -> tuple[LabelKind, ...]:
    """Numbers that hardly two people share (a score of a few patients) are first of all numbers: no value has people enough for a group."""
    numbers = {number for text in values if (number := label_number(text)) is not None}
    numeric = len(numbers) > len(values) / 2
    groups: list[LabelKind] = ["two classes"] if 2 <= len(values) <= MOST_GROUPS else []
    if 3 <= len(values) <= MOST_CLASSES:
        groups += ["classes", "ordinal"]
    of_numbers: list[LabelKind] = ["threshold"] if numeric and len(numbers) > 2 else []
    of_numbers += ["value"] if numeric and len(numbers) >= FEWEST_NUMBERS else []
    of_numbers[:0] = ["ordinal"] if of_numbers and "ordinal" not in groups else []  # where classes begin can be said of any numbers
    groups_first = len(values) <= MOST_GROUPS and (2 * len(values) <= people or not of_numbers)
    return tuple(groups + of_numbers if groups_first else of_numbers[::-1] + groups)


def label_numbers(workspace: Workspace, cohort: str, label: str) -> list[float]:
    """The label's numbers of all people who have one, rising; [] of a label that holds words rather than numbers."""
    values = [value for person in workspace.people(cohort) if label_text(value := person.labels.get(label))]
    numbers = [number for value in values if (number := label_number(value)) is not None]
    return sorted(numbers) if 2 * len(numbers) > len(values) else []


def thirds(numbers: Sequence[float]) -> list[float]:
    """One or two of these rising numbers at which classes could begin, so that each has about a third of the people."""
    return list(dict.fromkeys(numbers[len(numbers) * part // 3] for part in (1, 2)))


def label_values(workspace: Workspace, cohort: str, label: str) -> list[str]:
    """The values of a label, numbers in their order, others by alphabet."""
    there = {text for person in workspace.people(cohort) if (text := label_text(person.labels.get(label)))}
    numbers = {text: label_number(text) for text in there}
    if all(number is not None for number in numbers.values()):
        return sorted(there, key=lambda text: numbers[text] or 0.0)
    return sorted(there, key=str.casefold)
