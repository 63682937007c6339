"""Groups of a cohort's people compared on figures of their first weeks: an exploration, corrected for how many comparisons were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from pat_core.errors import WorkspaceError
from pat_core.evaluation.group_difference import FEWEST, POINTS, GroupDifference, GroupSpread, corrected, group_difference, group_spread
from pat_core.plurals import counted
from pat_core.workflows.workbench.everyone_table import PeopleTable
from pat_core.workflows.workbench.people_columns import PARTICIPANT, PeopleColumn
from pat_core.workflows.workbench.people_conditions import Condition, gone, let_through

MOST_GROUPS = 6
"""Compared at once: of six groups there are fifteen pairs for each figure."""
MOST_VALUES = 50
"""Of a column, the most frequent ones, out of which groups are chosen."""
LEVEL = 0.05
EXPLORATION = (
    "This is an exploration: groups and figures were chosen while looking. A difference says nothing of why it is there, and people may "
    "differ in age, device or wear as well. Test what you find on other people, with a plan that was written before."
)


@dataclass(frozen=True)
class PairTest:
    """Two groups on one figure. adjusted: p after Benjamini and Hochberg, stepwise: after Holm, both over all tests of the comparison; NaN
    where nothing was tested."""

    first: str
    second: str
    difference: GroupDifference
    adjusted: float = float("nan")
    stepwise: float = float("nan")

    @property
    def stands_out(self) -> bool:
        """Whether the adjusted p is at most 0.05."""
        return bool(self.adjusted <= LEVEL)


@dataclass(frozen=True, eq=False)
class FigureCompared:
    """All groups on one figure. grid: (POINTS,) over which densities are."""

    column: PeopleColumn
    grid: np.ndarray
    groups: tuple[GroupSpread, ...]
    pairs: tuple[PairTest, ...]


@dataclass(frozen=True, eq=False)
class GroupComparison:
    """by: what makes the groups, in words. sizes: group -> people. tests: how many were made. notes: sentences on who is left out and what
    was not tested."""

    by: str
    sizes: Mapping[str, int]
    figures: tuple[FigureCompared, ...]
    tests: int
    notes: tuple[str, ...]

    @property
    def words(self) -> str:
        """What was done, in two sentences."""
        sizes = ", ".join(f"{name} ({size:,})" for name, size in self.sizes.items())
        if not self.tests:
            return f"Groups by {self.by}: {sizes}. Nothing was tested."
        standing_out = sum(pair.stands_out for figure in self.figures for pair in figure.pairs)
        many = counted(self.tests, "Mann-Whitney test", "Mann-Whitney tests")
        after = f"{standing_out:,} of them at most {LEVEL:g} after correction for {self.tests:,} (Benjamini-Hochberg)"
        return f"Groups by {self.by}: {sizes}. {many}, one value a person; {after}."


def groups_by_column(table: PeopleTable, key: str) -> dict[str, np.ndarray]:
    """Value of a text column -> (people,) bool, the largest groups first. WorkspaceError where there are fewer than two."""
    values = table.frame[key]
    counts = values[values != ""].value_counts()
    if len(counts) < 2:
        title = table.columns[key].title
        raise WorkspaceError(f"{title} has fewer than two values among these people, so there are no groups. Choose another.")
    return {str(value): (values == value).to_numpy(dtype=bool) for value in counts.index[:MOST_VALUES]}


def groups_by_filters(table: PeopleTable, filters: Mapping[str, Sequence[Condition]]) -> dict[str, np.ndarray]:
    """Name of a kept filter -> (people,) bool, whom it lets through; one filter alone stands against everyone else. Filters that ask for
    columns that are not here make no group. WorkspaceError where none is left."""
    usable = {name: conditions for name, conditions in filters.items() if not gone(conditions, table.columns)}
    groups = {name: let_through(conditions, table.frame, table.columns) for name, conditions in usable.items()}
    if not groups:
        raise WorkspaceError("No kept filter can be used with this cohort's columns. Keep one in the view Table.")
    if len(groups) == 1:
        groups["everyone else"] = ~next(iter(groups.values()))
    return groups


def apart(groups: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], int]:
    """Groups without the people who are in several of them, and how many these are: nobody is compared with themselves."""
    several = np.sum(list(groups.values()), axis=0) > 1
    return {name: members & ~several for name, members in groups.items()}, int(several.sum())


def compare_groups(
    table: PeopleTable, groups: Mapping[str, np.ndarray], keys: Sequence[str], by: str, copies: Sequence[str] = ()
) -> GroupComparison:
    """Every pair of groups on every figure. groups: name -> (people,) bool. keys: columns of numbers or clock times. by: what makes the
    groups. copies: participants whose recording is here under another name: each recording counts once.

    WorkspaceError for fewer than two groups, and for more than MOST_GROUPS.
    """
    if not 2 <= len(groups) <= MOST_GROUPS:
        raise WorkspaceError(f"Expected two to {MOST_GROUPS} groups to compare, got {len(groups)}. Choose others.")
    twice = table.frame[PARTICIPANT].isin(copies).to_numpy(dtype=bool)
    members, several = apart({name: there & ~twice for name, there in groups.items()})
    figures = [_figure(table.frame[key].to_numpy(dtype=float), table.columns[key], members) for key in keys]
    pairs = [pair for figure in figures for pair in figure.pairs]
    adjusted, stepwise = corrected([pair.difference.p for pair in pairs])
    after = iter(replace(pair, adjusted=float(a), stepwise=float(s)) for pair, a, s in zip(pairs, adjusted, stepwise, strict=True))
    figures = [replace(figure, pairs=tuple(next(after) for _ in figure.pairs)) for figure in figures]
    in_a_group = np.any(list(groups.values()), axis=0)
    notes = _notes(several, int((twice & in_a_group).sum()), int((~in_a_group).sum()), pairs)
    tests = int(np.isfinite(adjusted).sum())
    return GroupComparison(by, {name: int(there.sum()) for name, there in members.items()}, tuple(figures), tests, notes)


def _figure(values: np.ndarray, column: PeopleColumn, members: Mapping[str, np.ndarray]) -> FigureCompared:
    there = values[np.any(list(members.values()), axis=0) & np.isfinite(values)]
    low, high = (float(there.min()), float(there.max())) if len(there) else (0.0, 0.0)
    edge = (high - low) / 20
    grid = np.linspace(low - edge, high + edge, POINTS)
    groups = tuple(group_spread(name, values[of_group], grid) for name, of_group in members.items())
    pairs = tuple(
        PairTest(one, other, group_difference(values[members[one]], values[members[other]])) for one, other in combinations(members, 2)
    )
    return FigureCompared(column, grid, groups, pairs)


def _notes(several: int, copies: int, outside: int, pairs: Sequence[PairTest]) -> tuple[str, ...]:
    untested = sum(not pair.difference.tested for pair in pairs)
    sentences = [
        f"{counted(outside, 'person is', 'people are')} in none of these groups." if outside else "",
        f"{counted(several, 'person is', 'people are')} left out: in more than one of these groups." if several else "",
        f"{counted(copies, 'name is', 'names are')} left out: the recording is here under another name already." if copies else "",
    ]
    if untested:
        sentences.append(
            f"{untested:,} of {counted(len(pairs), 'comparison')} not tested: a group of fewer than {FEWEST} people with a value shows "
            "hardly anything but chance."
        )
    return tuple(sentence for sentence in sentences if sentence)


def spread_table(comparison: GroupComparison) -> pd.DataFrame:
    """A row a figure and group: people, missing, median with its interval, quartiles; clock times as they are read."""
    rows = []
    for figure in comparison.figures:
        words = figure.column.words if figure.column.kind == "clock" else float
        for group in figure.groups:
            median = group.median
            row = {"figure": figure.column.called, "group": group.name, "people": group.people, "missing": group.missing}
            row |= {"median": words(median.value), "median_low": words(median.low), "median_high": words(median.high)}
            rows.append(row | {"quartile_1": words(group.middle[0]), "quartile_3": words(group.middle[1])})
    return pd.DataFrame(rows)


def pair_table(comparison: GroupComparison) -> pd.DataFrame:
    """A row a figure and pair: people of both, how often the first is higher with its interval, p as it is and corrected."""
    rows = []
    for figure in comparison.figures:
        for pair in figure.pairs:
            each = pair.difference
            row = {"figure": figure.column.called, "group": pair.first, "people": each.first, "other_group": pair.second}
            row |= {
                "other_people": each.second,
                "higher": each.higher.value,
                "higher_low": each.higher.low,
                "higher_high": each.higher.high,
            }
            row |= {"p": each.p, "p_benjamini_hochberg": pair.adjusted, "p_holm": pair.stepwise, "tests": comparison.tests}
            rows.append(row | {"tested": "yes" if each.tested else f"no, fewer than {FEWEST} people in a group"})
    return pd.DataFrame(rows)
