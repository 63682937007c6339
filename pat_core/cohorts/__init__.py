"""The workspace: cohorts, models, runs, jobs and cached results, kept whole against kills and safe for several processes.

Read cohort_records.py (what is in it), then workspace.py, kept/shelf.py (how writes stay whole), and one store for each table.
"""

from pat_core.cohorts.cohort_records import (
    CohortInfo,
    Diary,
    Interpretation,
    JobInfo,
    KeptFilter,
    Mark,
    ModelInfo,
    Person,
    Review,
    RunInfo,
    Selection,
    WeekRow,
)
from pat_core.cohorts.kept.checked_rows import CheckedRows
from pat_core.cohorts.processes import alive, started
from pat_core.cohorts.workspace import Workspace

__all__ = [
    "CheckedRows",
    "CohortInfo",
    "Diary",
    "Interpretation",
    "JobInfo",
    "KeptFilter",
    "Mark",
    "ModelInfo",
    "Person",
    "Review",
    "RunInfo",
    "Selection",
    "WeekRow",
    "Workspace",
    "alive",
    "started",
]
