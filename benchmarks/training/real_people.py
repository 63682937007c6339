"""The labelled real people of ../shared/data as cohorts of a workspace, and the questions that are asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.records import Alignment
from pat_core.workflows.read.cohort_import import ImportSettings, import_recordings

PSYCHIATRIC, NHANES = "psychiatric", "NHANES 2003-04"


@dataclass(frozen=True)
class Task:
    """Two classes of a label column of a cohort. floor: the AUC of six rhythm features on the whole set, of which a part is kept aside
    (../shared/data/README.md)."""

    cohort: str
    label: str
    positive: str
    negative: str
    floor: float


TASKS = {
    "schizophrenia": Task(PSYCHIATRIC, "group", "schizophrenia", "control", 0.93),
    "depression": Task(PSYCHIATRIC, "group", "depression", "control", 0.73),
    "adhd": Task(PSYCHIATRIC, "group", "adhd", "clinical", 0.52),
    "age 60": Task(NHANES, "adult age", "60 and older", "18 to 59", 0.82),
    "sex": Task(NHANES, "adult sex", "F", "M", 0.53),
}


def import_people(workspace: Workspace, data: Path, alignment: Alignment = "start") -> None:
    """OBF-Psychiatric and NHANES 2003-04 as two cohorts, the first seven full days of each person among their weeks; those that are there
    already are left as they are. alignment: of the psychiatric weeks; those of NHANES begin at midnight."""
    here = {cohort.name for cohort in workspace.cohorts()}
    if PSYCHIATRIC not in here:
        import_recordings(workspace, [data / "obf_psychiatric_dev.zip"], PSYCHIATRIC, ImportSettings(alignment))
    if NHANES not in here:
        import_nhanes(workspace, data)


def import_nhanes(workspace: Workspace, data: Path) -> None:
    """NHANES 2003-04, of whom only adults have a label."""
    known = pd.read_csv(data / "nhanes_2003_dev_people.csv")
    adult = known["age"] >= 18
    labels = pd.DataFrame({"participant": known["SEQN"]})
    labels["adult age"] = known["age"].map(lambda age: "60 and older" if age >= 60 else "18 to 59").where(adult)
    labels["adult sex"] = known["sex"].where(adult)
    file = workspace.folder / "nhanes_labels.csv"
    labels.to_csv(file, index=False)
    import_recordings(workspace, [data / "nhanes_2003_paxraw_c_dev.zip"], NHANES, labels=file)
