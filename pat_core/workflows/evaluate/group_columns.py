"""By what tested people can be divided: their labels, numbers in bands, the device, the season."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.errors import EvaluationError
from pat_core.training.target import label_text
from pat_core.workflows.evaluate.tested_people import TestedPeople
from pat_core.workflows.people.participants_table import NOT_TARGETS
from pat_core.workflows.week.cohort_weeks import first_weeks, measured_with

DEVICE, SEASON = "device", "season"
MISSING = ""
"""The group of those of whom the column says nothing; it stays a group of its own."""
MOST_VALUES = 12
"""A label with more different texts divides nobody usefully; numbers are put into bands."""
AGE_BANDS = (18.0, 30.0, 45.0, 60.0, 75.0)
SEASONS = {
    12: "December to February", 1: "December to February", 2: "December to February", 3: "March to May", 4: "March to May",
    5: "March to May", 6: "June to August", 7: "June to August", 8: "June to August", 9: "September to November",
    10: "September to November", 11: "September to November",
}  # fmt: skip
"""By months and not by name: winter depends on where somebody lives."""


def group_columns(workspace: Workspace, people: TestedPeople) -> list[str]:
    """Columns that put these people into at least two groups; none where the people are not known by name."""
    if not people.named:
        return []
    values = _labels(workspace, people)
    columns = [name for name in values if name not in NOT_TARGETS and name != people.label]
    return [name for name in [*columns, DEVICE, SEASON] if _divides(_grouped(workspace, people, name, values.get(name)))]


def groups_of(workspace: Workspace, people: TestedPeople, column: str) -> np.ndarray:
    """(people,) the group of each by this column, MISSING where it says nothing. EvaluationError for a column that divides nobody."""
    if not people.named:
        raise EvaluationError(
            f"The people of this test are not known by name here, so they cannot be divided by {column}. "
            "Test the model on a labelled cohort of this workspace."
        )
    groups = _grouped(workspace, people, column, _labels(workspace, people).get(column))
    if not _divides(groups):
        there = ", ".join(group_columns(workspace, people)) or "none"
        raise EvaluationError(f"The column {column!r} does not divide these people into 2 to {MOST_VALUES} groups. Those that do: {there}.")
    return groups


def banded(values: np.ndarray, name: str) -> np.ndarray:
    """(people,) bands of numbers, MISSING for NaN: of ages 18, 30, 45, 60, 75, of others thirds of the people."""
    known = np.isfinite(values)
    inner = np.array(AGE_BANDS) if name.casefold().startswith("age") else np.unique(np.quantile(values[known], [1 / 3, 2 / 3]))
    place = np.searchsorted(inner, values, "right")
    bands = np.full(len(values), MISSING, dtype=object)
    for number in np.unique(place[known]):
        low = f"{inner[number - 1]:g}" if number else ""
        high = f"{inner[number]:g}" if number < len(inner) else ""
        words = f"{low} to under {high}" if low and high else f"under {high}" if high else f"{low} and over"
        bands[known & (place == number)] = words
    return bands.astype(str)


def ordered(groups: np.ndarray) -> list[str]:
    """The groups by name, numbers in rising order, those of whom nothing is known last."""

    def place(group: str) -> tuple[bool, bool, float, str]:
        words = group.removeprefix("under ").split(" ")[0]
        number = words.replace(".", "", 1).removeprefix("-").isdigit()
        return group == MISSING, not number, float(words) - 0.5 * group.startswith("under") if number else 0.0, group

    return sorted(set(groups.tolist()), key=place)


def _labels(workspace: Workspace, people: TestedPeople) -> dict[str, list[object]]:
    """Label -> the value of each of these people, None where they have none."""
    known = {person.participant: person.labels for person in workspace.people(people.cohort)}
    columns = dict.fromkeys(name for labels in known.values() for name in labels)
    return {name: [known.get(str(who), {}).get(name) for who in people.participants] for name in columns}


def _grouped(workspace: Workspace, people: TestedPeople, column: str, values: Sequence[object] | None) -> np.ndarray:
    if values is None:
        return _of_weeks(workspace, people, column) if column in (DEVICE, SEASON) else np.full(len(people), MISSING)
    texts = np.array([label_text(value) for value in values])
    numbers = np.array([_number(value) for value in values])
    if len(np.unique(numbers[np.isfinite(numbers)])) > 4 and np.isfinite(numbers).sum() == np.sum(texts != MISSING):
        return banded(numbers, column)
    return texts


def _of_weeks(workspace: Workspace, people: TestedPeople, column: str) -> np.ndarray:
    """Device or season by each person's first week."""
    rows = {row.participant: row for row in first_weeks(workspace.week_rows(people.cohort))}
    values = []
    for who in people.participants:
        row = rows.get(str(who))
        if row is None:
            values.append(MISSING)
        elif column == DEVICE:
            values.append(measured_with(row) or MISSING)
        else:
            values.append(SEASONS[row.start.month] if row.start is not None and row.date_known else MISSING)
    return np.array(values, dtype=str)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return float("nan")
    try:
        return float(value)
    except ValueError:
        return float("nan")


def _divides(groups: np.ndarray) -> bool:
    return 2 <= len(set(groups.tolist()) - {MISSING}) <= MOST_VALUES
