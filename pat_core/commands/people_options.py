"""Options of verbs that can be asked about some people of a cohort only: a file of identifiers, or a filter that is kept with it."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from pat_core.progress import Progress

if TYPE_CHECKING:
    from pat_core.cohorts import Selection, Workspace
    from pat_core.weights import Model


def people_options(a: argparse.ArgumentParser) -> None:
    """--people and --filter."""
    which = a.add_mutually_exclusive_group()
    which.add_argument(
        "--people", type=Path, metavar="FILE", help="only the people whom this file names: one a line, or a column participant"
    )
    which.add_argument("--filter", metavar="NAME", help="only the people whom a filter lets through that is kept on the Participants page")


def people_chosen(workspace: Workspace, chosen: Namespace, model: Model, progress: Progress, cohort: str = "") -> Selection | None:
    """Who was asked for; None for everyone. cohort: where it is not that of --cohort. WorkspaceError as `chosen_people` says it."""
    from pat_core.workflows.workbench.people_choosing import choose_by_file, choose_by_filter

    cohort = cohort or chosen.cohort
    if chosen.people:
        return choose_by_file(workspace, cohort, chosen.people)
    return choose_by_filter(workspace, cohort, chosen.filter, model, chosen.standardizer, progress) if chosen.filter else None


def people_words(workspace: Workspace, selection: Selection | None) -> str:
    """A sentence on whom an answer is about; "" for everyone."""
    from pat_core.workflows.week.chosen_people import chosen_words

    return "" if selection is None else chosen_words(selection, workspace.cohort(selection.cohort).people)


def without_cohort(chosen: Namespace) -> str | None:
    """A sentence where people are asked for and no cohort is; None where all is well."""
    if (chosen.people or chosen.filter) and not chosen.cohort:
        return "--people and --filter go with --cohort: only its people have names. Name a cohort, or leave them out."
    return None
