"""Several labels learned by one request, and how many models were tested on one cohort: the more, the better the best looks by chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pat_core.cohorts import RunInfo, Workspace
from pat_core.cohorts.database_values import LONGEST_NAME
from pat_core.errors import TrainingError
from pat_core.training.target import label_text
from pat_core.workflows.models.cautions import main_figure, target_in
from pat_core.workflows.week.labelled_weeks import RunRequest, what_is_learned

BEYOND_CHANCE = 0.025
"""How often the 95 % interval of a model that knows nothing lies above chance."""
MANY = 5
"""Models tested on one cohort from which on this stands among the cautions of each result."""


def for_labels(request: RunRequest, labels: Sequence[str]) -> list[RunRequest]:
    """The same request for each label, the runs called "NAME: LABEL" where they are several. TrainingError where a label stands twice."""
    if len(set(labels)) != len(labels):
        raise TrainingError(f"Expected each label once, got {', '.join(labels)}.")
    if len(labels) < 2:
        return [replace(request, label=label) for label in labels]
    return [replace(request, label=label, name=_name(request.name, label)) for label in labels]


def _name(name: str, label: str) -> str:
    tail = f": {label}"
    return f"{name[: max(1, LONGEST_NAME - len(tail))].rstrip()}{tail}"[:LONGEST_NAME]


def also_learnable(workspace: Workspace, request: RunRequest, labels: Iterable[str]) -> list[str]:
    """Those of the labels, besides the request's own, of which the very same can be learned."""
    return [label for label in labels if label != request.label and _fits(workspace, replace(request, label=label))]


def _fits(workspace: Workspace, request: RunRequest) -> bool:
    try:
        task = what_is_learned(workspace, request)
    except TrainingError:
        return False
    values = {label_text(person.labels.get(task.label)) for person in workspace.people(request.cohort)} - {""}
    return len(values) > 1


def count_tested(workspace: Workspace, cohort_id: str) -> int:
    """One more model was tested on this cohort; the how many-th it is. Runs that are deleted stay counted."""
    number = tested_on(workspace, cohort_id) + 1
    workspace.keep_setting(_key(cohort_id), number)
    return number


def tested_on(workspace: Workspace, cohort_id: str | None) -> int:
    """How many models were tested on this cohort so far."""
    if cohort_id is None:
        return 0
    kept = workspace.setting(_key(cohort_id), 0)
    done = sum(
        run.tests and run.cohort_id == cohort_id and run.state == "done" for run in workspace.runs()
    )  # those of before were not counted
    return max(kept if isinstance(kept, int) else 0, done)


def _key(cohort_id: str) -> str:
    return f"models_tested.{cohort_id}"


def multiplicity_words(tested: int, cohort: str) -> str:
    """What many tests on one cohort mean for the best of them; "" for a first one."""
    if tested < 2:
        return ""
    share = 1 - (1 - BEYOND_CHANCE) ** tested
    return (
        f"{tested:,} models were tested on the people of “{cohort}” so far. If none of them knew anything, at least one would still look "
        f"better than chance in up to {100 * share:.0f} of 100 such cohorts: test the best again on other people."
    )


@dataclass(frozen=True)
class Tested:
    """The runs of a cohort whose tests are known, and what their number means. table: a row a run."""

    table: pd.DataFrame
    words: str


def tested_runs(workspace: Workspace, cohort: str) -> Tested:
    """All runs of a cohort that are done, the latest first: Run, Learned, Figure, Value, Low, High, People."""
    info = workspace.cohort(cohort)
    runs = [run for run in workspace.runs() if run.tests and run.cohort_id == info.id and run.state == "done"]
    table = pd.DataFrame([_row(run, run.result or {}) for run in runs])
    return Tested(table, multiplicity_words(tested_on(workspace, info.id), cohort))


def _row(run: RunInfo, result: Mapping[str, Any]) -> dict[str, Any]:
    name, figure = main_figure(result)
    learned = target_in(result)
    words = learned.words() if learned else f"{run.config.get('label')}: {run.config.get('positive')}"
    known = {column: figure.get(column.lower()) for column in ("Value", "Low", "High")}
    return {"Run": run.name, "Learned": words, "Figure": name, **known, "People": figure.get("n")}
