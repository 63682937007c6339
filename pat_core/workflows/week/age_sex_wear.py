"""Age, sex and hours of wear of people, as far as they are known: what else could tell groups apart than the model's score."""

from __future__ import annotations

import re

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.training.target import label_text
from pat_core.workflows.read.worn_days import hours_worn
from pat_core.workflows.week.cohort_weeks import first_weeks

AGE, SEX = ("age",), ("sex", "gender")
"""How labels that hold these are called, or begin."""
FEWEST_KNOWN = 4
"""People of whom something must be known: with fewer it says nothing of the others."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def other_variables(workspace: Workspace, cohort: str, participants: np.ndarray, label: str) -> tuple[tuple[str, ...], np.ndarray]:
    """(names, (participants, columns)): a column for age, for sex and for hours of wear, of those that are known and vary. label: what is
    predicted, which is none of them."""
    known = {person.participant: person.labels for person in workspace.people(cohort)}
    labels = dict.fromkeys(name for one in known.values() for name in one if name != label)
    columns: dict[str, np.ndarray] = {}
    for name in labels:
        texts = [label_text(known.get(str(who), {}).get(name)) for who in participants]
        if _called(name, AGE) and "age" not in columns:
            columns["age"] = np.array([_number_in(text) for text in texts])
        elif _called(name, SEX) and "sex" not in columns:
            columns["sex"] = _coded(texts)
    columns["hours of wear"] = _mean_wear(workspace, cohort, participants)
    varying = {name: column for name, column in columns.items() if np.isfinite(column).sum() > FEWEST_KNOWN and np.nanstd(column) > 1e-9}
    table = np.column_stack(list(varying.values())) if varying else np.empty((len(participants), 0))
    return tuple(varying), table


def _called(label: str, words: tuple[str, ...]) -> bool:
    plain = re.split(r"[^a-z]+", label.casefold())
    return plain[0] in words


def _number_in(text: str) -> float:
    """A number, or the middle of a band such as 35-39; NaN of what is neither."""
    numbers = [float(part) for part in _NUMBER.findall(text)]
    return float(np.mean(numbers[:2])) if numbers else float("nan")


def _coded(texts: list[str]) -> np.ndarray:
    """The first value by name as 0, the others as 1; NaN where nothing is known."""
    values = sorted(set(texts) - {""})
    return np.array([float("nan") if not text else float(text != values[0]) for text in texts])


def _mean_wear(workspace: Workspace, cohort: str, participants: np.ndarray) -> np.ndarray:
    """Mean hours a day that each wore the device in their first week; NaN where that is not known."""
    hours = hours_worn(workspace, cohort)
    rows = {row.participant: row.row for row in first_weeks(workspace.week_rows(cohort))}
    days = [hours[rows[str(who)]] if str(who) in rows else np.full(1, np.nan) for who in participants]
    return np.array([float(one[np.isfinite(one)].mean()) if np.isfinite(one).any() else float("nan") for one in days])
