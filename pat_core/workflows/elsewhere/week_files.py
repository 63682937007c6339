"""Labelled weeks as files of a parcel, and back: numbers alone. People are P000001, P000002, ..., in the order of their names, so that
every split, which is drawn among sorted names, is the same on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.cohorts.kept.ragged_rows import RaggedRows
from pat_core.errors import TrainingError
from pat_core.files import open_private
from pat_core.training import LabelledWeeks
from pat_core.training.target import Target
from pat_core.weeks import Weeks, lengths_of

WEEKS, PEOPLE = "weeks.npy", "people.npz"
HOLDS_WEEKS = "Activity, a number a minute, in the order of the file people.npz; marked minutes are missing"
HOLDS_PEOPLE = (
    "For each week: its person as a number, which of their weeks it is, the minute of the day at which it begins, the number to learn"
)
AT_ONCE = 64


def write_weeks(path: Path, weeks: Weeks) -> None:
    """(rows, minutes) float32 as .npy, a few rows at a time; flat where rows differ in length."""
    lengths, rows = lengths_of(weeks), weeks.shape[0]
    alike = np.unique(lengths).size == 1
    shape = (rows, int(lengths[0])) if alike else (int(lengths.sum()),)
    with open_private(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        for first in range(0, rows, AT_ONCE if alike else 1):
            some = weeks[first : first + AT_ONCE] if alike else weeks[first]
            file.write(np.ascontiguousarray(some, dtype="<f4").tobytes())


def read_weeks(path: Path, lengths: Sequence[int] | np.ndarray) -> Weeks:
    """The weeks of a file as rows, out of a read-only memory map. lengths: minutes of each row."""
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    return array if array.ndim == 2 else RaggedRows(array, np.asarray(lengths).tolist())


def write_people(path: Path, data: LabelledWeeks) -> None:
    """Who stands in which row, without a name or a date. Recordings under several names stay together, as numbers too."""
    names = sorted(set(map(str, data.people)))
    number = {name: place for place, name in enumerate(names)}
    arrays = {
        "person": np.array([number[str(person)] for person in data.people], np.int32),
        "week": np.asarray(data.indices(), np.int32),
        "begins": np.asarray(data.begins(), np.int32),
        "target": data.targets(),
        "minutes": np.asarray(data.lengths(), np.int32),
        "same": np.array(sorted((number[name], number[first]) for name, first in data.same.items()), np.int32).reshape(-1, 2),
    }
    with open_private(path, "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def task_facts(data: LabelledWeeks) -> dict[str, Any]:
    """What is learned, without the label's name or its classes', and the unit of the weeks: plain values for `read_people`."""
    return {"kind": data.task.kind, "classes": len(data.task.classes), "unit": data.unit}


def read_people(folder: Path, facts: Mapping[str, Any], prefix: str = "") -> LabelledWeeks:
    """The labelled weeks of a parcel. facts: `task_facts`. prefix: of the names of their files. TrainingError where these do not fit."""
    with np.load(folder / f"{prefix}{PEOPLE}", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    weeks = read_weeks(folder / f"{prefix}{WEEKS}", arrays["minutes"])
    if weeks.shape[0] != len(arrays["person"]):
        raise TrainingError(f"The parcel holds {weeks.shape[0]} weeks of {len(arrays['person'])} rows. Resume the job to send it again.")
    task = Target("label", facts["kind"], tuple(f"class {number + 1}" for number in range(facts["classes"])))
    target = arrays["target"]
    return LabelledWeeks(
        weeks=weeks,
        positive=target.astype(bool) if task.two_classes else np.empty(0, dtype=bool),
        people=np.array([_code(number) for number in arrays["person"]]),
        unit=facts["unit"],
        source="a parcel",
        week=arrays["week"],
        same={_code(name): _code(first) for name, first in arrays["same"]},
        target=target,
        task=task,
        starts=arrays["begins"],
    )


def _code(number: int) -> str:
    return f"P{int(number) + 1:06d}"
