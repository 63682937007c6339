"""People of a cohort who were chosen for a question: who they are, and how answers about them say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pat_core.cohorts import Selection, Workspace
from pat_core.plurals import counted

EVERYONE = ""
"""In place of a selection."""


def chosen(workspace: Workspace, cohort: str, identity: str) -> Selection | None:
    """The selection; None for everyone. WorkspaceError where it is not kept any more."""
    return workspace.selection(cohort, identity) if identity else None


def chosen_words(selection: Selection, of: int) -> str:
    """ "Only 37 of 146 people: filter “older”: age from 40 to 60 (sha256 0123456789ab)." of: people of the cohort."""
    how = f": {selection.words}" if selection.words else ""
    return f"Only {len(selection.participants):,} of {counted(of, 'person', 'people')}{how} (sha256 {selection.sha256[:12]})."


def chosen_plain(selection: Selection | None) -> dict[str, Any] | None:
    """For records and receipts: how many, how they were chosen, by which filter, and a hash of who they are; None for everyone."""
    if selection is None:
        return None
    plain: dict[str, Any] = {"people": len(selection.participants), "chosen by": selection.words, "filter": selection.kept_filter}
    return plain | {"sha256": selection.sha256}


def about_whom(selection: Selection | None) -> dict[str, Any]:
    """What a file of answers says of whom it is about, where that is not everyone."""
    return {} if selection is None else {"chosen": chosen_plain(selection)}


def only_chosen(of: Mapping[str, Any], selection: Selection | None) -> dict[str, Any]:
    """participant -> value, of the people who were chosen; of everybody where nobody was."""
    there = set(of) if selection is None else set(selection.participants)
    return {name: value for name, value in of.items() if name in there}


def not_chosen(many: int, selection: Selection) -> list[str]:
    """A sentence on how many of the others are left out; [] where there are none."""
    how = f" ({selection.words})" if selection.words else ""
    sentence = f"{counted(many, 'person is', 'people are')} left out: not among the {len(selection.participants):,} who were chosen{how}."
    return [sentence] if many else []
