"""A table of a cohort's people out of the columns that are asked for, and the people whom a filter lets through."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.errors import WorkspaceError
from pat_core.progress import Progress
from pat_core.records import StandardizeBy
from pat_core.weights import Model
from pat_core.workflows.models.predictions import default_standardizer, predict_cohort
from pat_core.workflows.read.worn_days import hours_worn
from pat_core.workflows.workbench.people_columns import (
    COLUMN_GROUPS,
    OF_ANSWERS,
    OF_FIGURES,
    OF_PEOPLE,
    OF_WEAR,
    PARTICIPANT,
    PeopleColumn,
    empty,
    of_unit,
)
from pat_core.workflows.workbench.people_conditions import Condition, let_through
from pat_core.workflows.workbench.people_sources import (
    PeopleColumns,
    answers_of_people,
    distances_of_people,
    figures_of_people,
    known_of_people,
    reviews_of_people,
    worn_of_people,
)

DISTANCES = ("distance", "nearer")
OF_A_MODEL = frozenset(column.key for column in OF_ANSWERS)
OF_A_FIGURE = frozenset(each.column.key for each in OF_FIGURES)


@dataclass(frozen=True, eq=False)
class PeopleTable:
    """frame: a row a person in the cohort's order, a column a key. columns: key -> what it is. notes: sentences on who has no values."""

    frame: pd.DataFrame
    columns: Mapping[str, PeopleColumn]
    notes: tuple[str, ...] = ()

    @property
    def participants(self) -> list[str]:
        """Everyone's identifier, a row each."""
        return self.frame[PARTICIPANT].tolist()

    def only(self, rows: Sequence[int] | pd.Series) -> PeopleTable:
        """The same with some of its rows."""
        return PeopleTable(self.frame.loc[rows].reset_index(drop=True), self.columns, self.notes)


def joined(parts: Iterable[PeopleColumns]) -> PeopleTable:
    """One table of several sources. WorkspaceError where they are of other numbers of people, as after somebody was deleted meanwhile."""
    parts = list(parts)
    if len({len(part.frame) for part in parts}) > 1:
        raise WorkspaceError("The people of this cohort have just changed. Load the page again.")
    columns = {column.key: column for part in parts for column in part.columns}
    return PeopleTable(pd.concat([part.frame for part in parts], axis=1), columns, tuple(note for part in parts for note in part.notes))


def offered_columns(known: PeopleColumns, unit: str, with_model: bool) -> dict[str, PeopleColumn]:
    """Every column that can be asked for, whether or not it is computed yet, labels first. known: what is known of the people; unit: of
    their cohort."""
    columns = [
        *OF_PEOPLE,
        *known.columns,
        *OF_WEAR,
        *(of_unit(each.column, unit) for each in OF_FIGURES),
        *(OF_ANSWERS if with_model else ()),
    ]
    return {column.key: column for group in COLUMN_GROUPS for column in columns if column.group == group}


def people_table(
    workspace: Workspace,
    cohort: str,
    keys: Collection[str],
    model: Model | None = None,
    standardize_by: StandardizeBy | None = None,
    progress: Progress | None = None,
) -> PeopleTable:
    """Everyone with the columns that are asked for and all that come with them; what is not kept yet is computed. WorkspaceError where
    answers are asked for without a model."""
    hours, known = hours_worn(workspace, cohort), known_of_people(workspace, cohort)
    participants = known.frame[PARTICIPANT].tolist()
    parts = [known, reviews_of_people(workspace, cohort, participants), worn_of_people(workspace, cohort, hours)]
    if OF_A_FIGURE & set(keys):
        parts.append(figures_of_people(workspace, cohort, progress))
    if OF_A_MODEL & set(keys):
        if model is None:
            raise WorkspaceError("The filter asks for a model's answers. Say which model with --model.")
        by = standardize_by or default_standardizer(model, workspace.cohort(cohort).lengths)
        predicted = predict_cohort(workspace, model, cohort, by, progress)
        parts.append(answers_of_people(workspace, model, cohort, predicted, hours))
        if set(DISTANCES) & set(keys):
            fit = [week.row for week in predicted if not week.refused]
            parts.append(distances_of_people(workspace, model, cohort, by, fit, progress, only_kept=False))
    return joined(parts)


def with_columns(table: PeopleTable, columns: Mapping[str, PeopleColumn]) -> PeopleTable:
    """The table with further columns of which nothing is known yet."""
    lacking = {key: column for key, column in columns.items() if key not in table.columns}
    frame = table.frame.assign(**{key: empty(column, len(table.frame)) for key, column in lacking.items()})
    return PeopleTable(frame, dict(table.columns) | lacking, table.notes)


def chosen_by(table: PeopleTable, conditions: Sequence[Condition]) -> list[str]:
    """The participants for whom all conditions hold, in the cohort's order. WorkspaceError as `let_through`."""
    return table.frame.loc[let_through(conditions, table.frame, table.columns), PARTICIPANT].tolist()


def as_file(table: PeopleTable, keys: Sequence[str]) -> pd.DataFrame:
    """These columns for a file, titles with units above; clock times as they are read."""
    columns = [table.columns[key] for key in dict.fromkeys((PARTICIPANT, *keys)) if key in table.columns]
    titles = [column.called for column in columns]
    series = [table.frame[column.key].map(column.words) if column.kind == "clock" else table.frame[column.key] for column in columns]
    several = {title for title in titles if titles.count(title) > 1}
    names = [f"{title}, {column.group.lower()}" if title in several else title for title, column in zip(titles, columns, strict=True)]
    return pd.DataFrame(dict(zip(names, series, strict=True)))
