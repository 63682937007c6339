"""Which kind of target is offered first for a label."""

from __future__ import annotations

import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.label_kinds import label_kinds, label_numbers
from tests.workflows.made import weeks_file


def test_numbers_that_hardly_two_people_share_are_first_of_all_numbers(tmp_path, twenty_four):
    labels = {
        "participant": twenty_four.participants,
        "sex": [1, 2] * 12,
        "stage": [0, 1, 2, 3, 4, 5] * 4,
        "score of ten": [None] * 14 + list(range(20, 30)),
        "site": [None] * 20 + ["a", "b", "c", "d"],
    }
    pd.DataFrame(labels).to_csv(tmp_path / "labels.csv", index=False)
    workspace = Workspace(tmp_path / "workspace")
    import_recordings(workspace, [weeks_file(tmp_path / "people.npz", twenty_four)], "people", labels=tmp_path / "labels.csv")
    usual = {label: kinds[0] for label, kinds in label_kinds(workspace, "people").items()}
    assert usual == {"sex": "two classes", "stage": "two classes", "score of ten": "value", "site": "two classes"}
    in_order = {label for label, kinds in label_kinds(workspace, "people").items() if "ordinal" in kinds}
    assert in_order == {"stage", "score of ten", "site"}
    assert label_numbers(workspace, "people", "score of ten") == list(range(20, 30)) and label_numbers(workspace, "people", "site") == []
