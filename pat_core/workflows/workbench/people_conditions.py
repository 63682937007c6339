"""Conditions on people that a reader puts together, keeps under a name and takes to other pages: ranges, values, what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from pat_core.errors import WorkspaceError
from pat_core.workflows.workbench.people_columns import PeopleColumn

Missing = Literal["without", "with", "only"]
"""People without a value of the column: left out, let through as well, or they alone."""


@dataclass(frozen=True)
class Condition:
    """One condition. column: its key. low, high: both ends are let through, None where there is none; a low end above the high one goes
    around the clock, through the hour at which the column's day opens. values: of texts; () for any."""

    column: str
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    missing: Missing = "without"

    def holds(self, values: pd.Series) -> np.ndarray:
        """(people,) bool, who is let through. values: of the column, NaN or "" where missing."""
        texts = values.dtype == object or pd.api.types.is_string_dtype(values)
        absent = (values == "").to_numpy(dtype=bool) if texts else values.isna().to_numpy(dtype=bool)
        if self.missing == "only":
            return absent
        inside = np.ones(len(values), dtype=bool)
        if not texts:
            numbers = values.to_numpy(dtype=float)
            above = numbers >= self.low if self.low is not None else inside
            below = numbers <= self.high if self.high is not None else inside
            around = self.low is not None and self.high is not None and self.low > self.high
            inside = above | below if around else above & below
        if self.values:
            inside &= values.isin(self.values).to_numpy(dtype=bool)
        return absent | inside if self.missing == "with" else ~absent & inside

    def words(self, column: PeopleColumn | None) -> str:
        """ "Age from 40 to 60", "sex is f or m", "bmi is missing". column: None where there is none of that name."""
        name = self.column.removeprefix("label:") if column is None else column.called
        if self.missing == "only":
            return f"{name} is missing"
        parts = []
        if self.values:
            parts.append(f"is {' or '.join(self.values)}")
        low, high = (None if end is None else f"{end:g}" if column is None else _end(end, column) for end in (self.low, self.high))
        if low is not None and high is not None:
            parts.append(f"from {low} to {high}")
        elif low is not None or high is not None:
            parts.append(f"at least {low}" if low is not None else f"at most {high}")
        text = f"{name} {' and '.join(parts)}" if parts else f"{name} is known"
        return f"{text}, or missing" if self.missing == "with" and parts else text

    def plain(self) -> dict[str, Any]:
        """For the address and for what is kept; what is as usual is left out."""
        whole = {"column": self.column, "low": self.low, "high": self.high, "values": list(self.values), "missing": self.missing}
        return {name: value for name, value in whole.items() if value not in (None, [], "without")}


def _end(value: float, column: PeopleColumn) -> str:
    return column.words(value) if column.kind == "clock" else f"{value:,.10g}"


def from_plain(plain: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Conditions out of what `Condition.plain` wrote. ValueError for what cannot have been written so."""
    conditions = []
    for entry in plain:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("column"), str):
            raise ValueError("a condition names its column")
        low, high = (None if entry.get(end) is None else float(entry[end]) for end in ("low", "high"))
        values, missing = entry.get("values") or (), entry.get("missing", "without")
        if missing not in get_args(Missing) or not all(isinstance(value, str) for value in values):
            raise ValueError("a condition has texts as values and says what becomes of those without one")
        if any(end is not None and not np.isfinite(end) for end in (low, high)):
            raise ValueError("the ends of a range are finite")
        conditions.append(Condition(entry["column"], low, high, tuple(values), missing))
    return tuple(conditions)


def written(conditions: Sequence[Condition]) -> str:
    """As one word of the address."""
    return json.dumps([condition.plain() for condition in conditions], ensure_ascii=False, separators=(",", ":"))


def read_back(text: str) -> tuple[Condition, ...]:
    """Conditions out of `written`. ValueError for anything else."""
    plain = json.loads(text)
    if not isinstance(plain, list):
        raise ValueError("expected a list of conditions")
    return from_plain(plain)


def gone(conditions: Sequence[Condition], columns: Mapping[str, PeopleColumn]) -> list[str]:
    """The columns that conditions ask for and that are not here, as their keys say them."""
    return list(dict.fromkeys(one.column.removeprefix("label:") for one in conditions if one.column not in columns))


def let_through(conditions: Sequence[Condition], frame: pd.DataFrame, columns: Mapping[str, PeopleColumn]) -> np.ndarray:
    """(people,) bool, for whom all conditions hold. WorkspaceError where a column that they ask for is not here: to pass it over would let
    more people through than were meant."""
    if absent := gone(conditions, columns):
        raise WorkspaceError(
            f"The filter asks for {', '.join(absent)}, which {'is' if len(absent) == 1 else 'are'} not here (any more), so nobody can be "
            "chosen by it. Take that condition out, or bring the column back."
        )
    holds = np.ones(len(frame), dtype=bool)
    for condition in conditions:
        holds &= condition.holds(frame[condition.column])
    return holds


def conditions_words(conditions: Sequence[Condition], columns: Mapping[str, PeopleColumn]) -> str:
    """All of them in a line; "everyone" where there is none."""
    return "; ".join(condition.words(columns.get(condition.column)) for condition in conditions) or "everyone"
