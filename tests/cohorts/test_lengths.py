"""Windows of different lengths are stored as they are: none is padded, and each is compared with its own identity."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import WorkspaceError
from pat_core.records import COUNTS, Period, Week
from pat_core.weeks import report

LENGTHS = (4320, 1440, 4320, 7200)


def window(participant: str, minutes: int, index: int = 0, worn: bool = False) -> Week:
    values = np.random.default_rng([minutes, index]).integers(0, 900, minutes).astype(np.float32)
    flags = np.arange(minutes) % 3 == 0 if worn else None
    return Week(participant, index, values, None, False, COUNTS, None, "start", report(values, COUNTS, flags), flags)


@pytest.fixture
def mixed(tmp_path):
    space = Workspace(tmp_path)
    windows = [window("a", 4320), window("b", 1440, worn=True), window("b", 4320, 1), window("c", 7200, worn=True)]
    space.create_cohort("c", windows, {})
    return space, windows


def test_each_row_has_its_own_length_and_nothing_lies_between_them(mixed):
    space, windows = mixed
    info, rows = space.cohort("c"), space.weeks_array("c")
    assert (info.minutes, info.shortest, info.one_length, info.span) == (7200, 1440, False, "window")
    assert rows.lengths.tolist() == list(LENGTHS) == [row.report.minutes for row in space.week_rows("c")]
    for row, one in enumerate(windows):
        np.testing.assert_array_equal(rows[row], one.values)
        week, flags = space.week("c", one.participant, one.index), space.device_flags("c")(row)
        np.testing.assert_array_equal(week.values, one.values)
        assert (flags is None) == (one.worn is None) and (flags is None or np.array_equal(flags, one.worn))
    on_disk = np.load(space.folder / "cohorts" / info.id / "weeks.npy")
    np.testing.assert_array_equal(on_disk, np.concatenate([one.values for one in windows]))
    rows.check()


def test_rows_of_one_length_come_at_once_and_others_do_not(mixed):
    space, windows = mixed
    rows = space.weeks_array("c")
    np.testing.assert_array_equal(rows[[0, 2]], np.stack([windows[0].values, windows[2].values]))
    for wrong in (slice(None), [0, 1]):
        with pytest.raises(WorkspaceError, match="differ in length"):
            rows[wrong]


def test_marks_and_damage_are_of_the_row_that_has_them(mixed):
    space, windows = mixed
    space.add_mark("c", ("b", 1), Period(10, 20, "exclude"), who="Ada", why="ill")
    assert np.flatnonzero(np.isnan(space.weeks_array("c")[2])).tolist() == list(range(10, 20))
    with pytest.raises(WorkspaceError, match="from 0 to 1440"):
        space.add_mark("c", ("b", 0), Period(1400, 1500, "exclude"), who="Ada", why="ill")
    path = space.folder / "cohorts" / space.cohort("c").id / "weeks.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    np.testing.assert_array_equal(space.weeks_array("c", as_imported=True)[1], windows[1].values)
    with pytest.raises(WorkspaceError, match="those of c are not"):
        space.weeks_array("c")[3]


def test_one_person_goes_and_the_lengths_are_those_of_the_others(mixed):
    space, windows = mixed
    space.delete_person("c", "b")
    assert (space.cohort("c").minutes, space.cohort("c").shortest, space.cohort("c").people) == (7200, 4320, 2)
    space.delete_person("c", "a")
    assert space.cohort("c").one_length and np.array_equal(space.weeks_array("c")[0], windows[3].values)
    assert np.array_equal(space.week("c", "c").worn, windows[3].worn)


def test_a_workspace_of_before_says_that_all_weeks_are_alike(tmp_path):
    space = Workspace(tmp_path)
    space.create_cohort("c", [window("a", 1440), window("b", 1440)], {})
    with sqlite3.connect(tmp_path / "workspace.sqlite3") as database:
        database.execute("UPDATE cohorts SET shortest = NULL")
    database.close()
    info = Workspace(tmp_path).cohort("c")
    assert info.one_length and info.span == "1-day window" and len(Workspace(tmp_path).weeks_array("c")[:]) == 2
