"""How the people of a cohort were chosen: only where they are a sample of a population is the share of a group among them a prevalence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pat_core.cohorts import CohortInfo, Workspace
from pat_core.errors import WorkspaceError

Sampling = Literal["case-control", "population"]
CASE_CONTROL: Sampling = "case-control"
POPULATION: Sampling = "population"
WORDS: dict[str, str] = {CASE_CONTROL: "in this sample (case-control)", POPULATION: "in this sample of a population"}
"""Where a share of a group is found, for a sentence."""
CHOICES: dict[str, str] = {
    CASE_CONTROL: "cases and controls, as many as were found of each",
    POPULATION: "a sample of a population, as it came",
}


def sampling_of(workspace: Workspace, cohort: CohortInfo) -> Sampling:
    """As the reader has it; case-control unless they say otherwise, for a share that nobody vouches for is no prevalence."""
    return POPULATION if workspace.setting(_key(cohort)) == POPULATION else CASE_CONTROL


def keep_sampling(workspace: Workspace, cohort: CohortInfo, sampling: str) -> None:
    """Remember how a cohort's people were chosen. WorkspaceError for a word that is none of the two."""
    if sampling not in WORDS:
        raise WorkspaceError(f"People of a cohort were chosen as one of {', '.join(WORDS)}; got {sampling!r}.")
    workspace.keep_setting(_key(cohort), sampling)


def sampling_words(card: Mapping[str, Any]) -> str:
    """Where the prevalence of a model's card was found: "in this sample (case-control)"; so too where the card does not say."""
    return WORDS.get(str(card.get("sampling")), WORDS[CASE_CONTROL])


def _key(cohort: CohortInfo) -> str:
    return f"sampling of {cohort.id}"
