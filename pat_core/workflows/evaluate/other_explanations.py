"""What age, sex and wear alone would predict of the tested people, and what the model's score adds to them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.evaluation.study.adjustment import AdjustmentCheck, adjustment_check
from pat_core.training.target import label_text
from pat_core.workflows.evaluate.tested_people import TestedPeople, content
from pat_core.workflows.read.worn_days import hours_worn
from pat_core.workflows.week.cohort_weeks import first_weeks

AGE, SEX = ("age",), ("sex", "gender")
"""How labels that hold these are called, or begin."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
FEWEST = 4
"""People of the rarer group: fewer cannot be divided into parts to fit and to test on."""


@dataclass(frozen=True)
class OtherExplanations:
    """names: of the variables, in a reader's words. check: what they predict alone, and with the score."""

    names: tuple[str, ...]
    check: AdjustmentCheck


KEPT = Codec[OtherExplanations](OtherExplanations)


def other_explanations(workspace: Workspace, people: TestedPeople, seed: int = 0) -> OtherExplanations | None:
    """None where the people are not known by name, are too few, or nothing about them varies."""
    if not people.named or min(people.counts) < FEWEST:
        return None
    names, table = _variables(workspace, people)
    if not names:
        return None
    parts = {"people": content(people), "variables": digest([names, np.nan_to_num(table, nan=-1e9).tolist()]), "seed": seed}

    def make() -> OtherExplanations:
        return OtherExplanations(names, adjustment_check(people.positive, people.logits, table, None, people.fold[0], seed=seed))

    return workspace.remember(Question("what else explains a test", parts), make, KEPT)


def _variables(workspace: Workspace, people: TestedPeople) -> tuple[tuple[str, ...], np.ndarray]:
    """(names, (people, columns)): a column for age, for sex and for hours of wear, of those that are known and vary."""
    known = {person.participant: person.labels for person in workspace.people(people.cohort)}
    labels = dict.fromkeys(name for one in known.values() for name in one if name != people.label)
    columns: dict[str, np.ndarray] = {}
    for name in labels:
        texts = [label_text(known.get(str(who), {}).get(name)) for who in people.participants]
        if _called(name, AGE) and "age" not in columns:
            columns["age"] = np.array([_number(text) for text in texts])
        elif _called(name, SEX) and "sex" not in columns:
            columns["sex"] = _coded(texts)
    columns["hours of wear"] = _wear(workspace, people)
    varying = {name: column for name, column in columns.items() if np.isfinite(column).sum() > FEWEST and np.nanstd(column) > 1e-9}
    table = np.column_stack(list(varying.values())) if varying else np.empty((len(people), 0))
    return tuple(varying), table


def _called(label: str, words: tuple[str, ...]) -> bool:
    plain = re.split(r"[^a-z]+", label.casefold())
    return plain[0] in words


def _number(text: str) -> float:
    """A number, or the middle of a band such as 35-39; NaN of what is neither."""
    numbers = [float(part) for part in _NUMBER.findall(text)]
    return float(np.mean(numbers[:2])) if numbers else float("nan")


def _coded(texts: list[str]) -> np.ndarray:
    """The first value by name as 0, the others as 1; NaN where nothing is known."""
    values = sorted(set(texts) - {""})
    return np.array([float("nan") if not text else float(text != values[0]) for text in texts])


def _wear(workspace: Workspace, people: TestedPeople) -> np.ndarray:
    """Mean hours a day that each wore the device in their first week; NaN where that is not known."""
    hours = hours_worn(workspace, people.cohort)
    rows = {row.participant: row.row for row in first_weeks(workspace.week_rows(people.cohort))}
    days = [hours[rows[str(who)]] if str(who) in rows else np.full(1, np.nan) for who in people.participants]
    return np.array([float(np.nanmean(one)) if np.isfinite(one).any() else float("nan") for one in days])
