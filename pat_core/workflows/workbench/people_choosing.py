"""People who are chosen by a filter that is kept, or by a file of identifiers, and become a selection."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pat_core.cohorts import Selection, Workspace
from pat_core.csv_text import as_meant
from pat_core.errors import WorkspaceError
from pat_core.progress import Progress
from pat_core.records import StandardizeBy
from pat_core.weights import Model
from pat_core.workflows.workbench.everyone_table import chosen_by, people_table
from pat_core.workflows.workbench.people_conditions import conditions_words, from_plain

ID_COLUMNS = ("participant", "participant_id", "subject", "subject_id", "id", "patient", "code", "seqn")
MOST_BYTES = 20_000_000


def choose_by_filter(
    workspace: Workspace,
    cohort: str,
    name: str,
    model: Model | None = None,
    standardize_by: StandardizeBy | None = None,
    progress: Progress | None = None,
) -> Selection:
    """The people whom a kept filter lets through now, as a selection. WorkspaceError where there is no such filter, where it asks for what
    is not here, and where it lets nobody through."""
    kept = workspace.filter_called(cohort, name)
    conditions = from_plain(kept.conditions)
    table = people_table(workspace, cohort, [one.column for one in conditions], model, standardize_by, progress)
    names = chosen_by(table, conditions)
    if not names:
        raise WorkspaceError(f"The filter {name!r} lets nobody of {cohort!r} through ({conditions_words(conditions, table.columns)}).")
    return workspace.keep_selection(cohort, names, filter_words(name, conditions_words(conditions, table.columns)), name)


def filter_words(name: str, conditions: str) -> str:
    """How people were chosen, where a filter did; name: "" where it is not kept."""
    return f"filter “{name}”: {conditions}" if name else conditions


def choose_by_file(workspace: Workspace, cohort: str, path: Path) -> Selection:
    """The people whom a file names, one a line, or a CSV with a column of identifiers. WorkspaceError where it cannot be read, names
    nobody, or somebody who is not in the cohort."""
    names = names_in(path)
    return workspace.keep_selection(cohort, names, f"named in {path.name}")


def names_in(path: Path) -> list[str]:
    """The identifiers in a file, each once. WorkspaceError where it cannot be read or names nobody."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise WorkspaceError(
                f"Expected a file of identifiers of at most {MOST_BYTES // 1_000_000} MB, got {path.name}, which is larger."
            )
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise WorkspaceError(f"The file of people {path} cannot be read: {error.strerror or error}. Check its name.") from error
    except UnicodeDecodeError as error:
        raise WorkspaceError(f"Expected identifiers as text (UTF-8) in {path.name}, got something else. Save it as a text file.") from error
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text))]
    rows = [row for row in rows if any(row)]
    place = next((number for name in ID_COLUMNS for number, cell in enumerate(rows[0] if rows else ()) if cell.casefold() == name), None)
    if place is None and any(len(row) > 1 for row in rows):
        raise WorkspaceError(
            f"Expected one identifier a line in {path.name}, or a column called participant; its first line is {len(rows[0])} columns "
            "without one. Give the column that name."
        )
    cells = [row[0] for row in rows] if place is None else [row[place] if place < len(row) else "" for row in rows[1:]]
    names = list(dict.fromkeys(as_meant(cell) for cell in cells if cell))
    if not names:
        raise WorkspaceError(f"Expected identifiers in {path.name}, one a line, got none.")
    return names


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return next((sign for sign in (";", "\t") if sign in head), ",")
