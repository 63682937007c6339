"""Rows of a cohort's arrays that changed on the disk: whoever reads them refuses, names the people, and says what to do."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept import checked_rows
from pat_core.errors import WorkspaceError
from pat_core.records import Period
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.people.demo import COHORT, MODEL, ensure_demo
from pat_core.workflows.read import worn_days
from tests.cohorts.made import three_people, week
from tests.commands import refusal
from tests.workflows.runs import BRIEF, with_people

HURT = range(3, 13)


def damage(path, rows=HURT, at: int = 100) -> None:
    stored = np.load(path, mmap_mode="r+")
    stored[list(rows), at] = 7 if stored.dtype == np.float32 else 1 - np.minimum(stored[list(rows), at], 1)
    stored.flush()


@pytest.fixture(scope="module")
def hurt(tmp_path_factory, twenty_four) -> Workspace:
    """A cohort whose predictions and findings were made, and kept, before ten of its rows changed; and a model that was trained here."""
    folder = tmp_path_factory.mktemp("hurt")
    space = with_people(Workspace(folder / "workspace"), twenty_four, folder)
    ensure_demo(space)
    assert len(predict_cohort(space, resolve(space, MODEL), "people")) == 24
    assert len(predict_cohort(space, resolve(space, MODEL), COHORT)) > 24
    damage(space.folder / "cohorts" / space.cohort("people").id / "weeks.npy")
    return space


def verbs(out):
    yield "finetune", "--label", "group", "--positive", "late", "--model", "pat-s-simulated", "--style", "linear_probe", "--name", "r"
    yield "predict", "--model", MODEL, "--out", out / "p.csv"
    yield "predict", "--model", MODEL, "--out", out / "p.npz", "--internals"
    yield "explain", "--model", MODEL, "--method", "authors", "--out", out / "e.npz"
    yield "quality", "--out", out / "q.csv"
    yield "nights", "--out", out / "n.csv"


@pytest.mark.parametrize("number", range(6))
def test_every_verb_that_reads_weeks_refuses_and_writes_nothing(hurt, twenty_four, tmp_path, number):
    verb, *words = list(verbs(tmp_path))[number]
    said = refusal(verb, "--cohort", "people", *words, workspace=hurt.folder)
    names = [twenty_four.participants[row] for row in HURT]
    assert "cohort 'people'" in said and names[0] in said and "import it again" in said
    assert list(tmp_path.iterdir()) == [] and hurt.runs() == ()


def test_the_sentence_names_all_people_of_a_read_of_all_and_other_cohorts_go_on(hurt, twenty_four):
    with pytest.raises(WorkspaceError, match="sim-0008 and 5 more") as said:
        hurt.weeks_array("people").check()
    assert all(twenty_four.participants[row] in str(said.value) for row in itertools.islice(HURT, checked_rows.NAMED))
    assert len(predict_cohort(hurt, resolve(hurt, MODEL), COHORT)) > 24
    np.testing.assert_array_equal(hurt.weeks_array("people")[0], twenty_four.weeks[0], "a row that is as it was can be read")


def test_a_fine_tuning_that_goes_on_meets_the_damage(hurt):
    with pytest.raises(WorkspaceError, match="are damaged"):
        run_finetune(hurt, BRIEF)


@pytest.mark.parametrize(
    "read",
    [
        lambda weeks: weeks[3], lambda weeks: weeks[2:4], lambda weeks: weeks[[0, 3]], lambda weeks: weeks[-21], lambda weeks: weeks[:, 5],
        lambda weeks: weeks[np.arange(24) == 3], lambda weeks: weeks[3, 5], lambda weeks: weeks[..., 5], np.asarray, list,
        lambda weeks: weeks.check(), lambda weeks: weeks[np.int64(3)], np.stack, lambda weeks: weeks[None],
    ],
)  # fmt: skip
def test_no_way_of_reading_hands_out_a_damaged_row(hurt, read):
    for array in (hurt.weeks_array("people"), hurt.weeks_array("people", as_imported=True)):
        with pytest.raises(WorkspaceError, match="are damaged"):
            read(array)


def test_marks_do_not_hide_damage_nor_count_as_damage(workspace):
    info = workspace.create_cohort("c", three_people(), {})
    workspace.add_mark("c", ("p1", 0), Period(0, 60, "exclude"), who="Ada", why="strap")
    assert np.isnan(np.asarray(workspace.weeks_array("c"))[0]).all()
    damage(workspace.folder / "cohorts" / info.id / "weeks.npy", [0], 5)
    with pytest.raises(WorkspaceError, match="those of p1 are"):
        workspace.weeks_array("c")[0]


def test_a_row_is_hashed_once_until_the_file_changes(workspace, monkeypatch):
    info = workspace.create_cohort("c", three_people(), {})
    asked = []
    differing = checked_rows.CheckedRows._differing
    monkeypatch.setattr(checked_rows.CheckedRows, "_differing", lambda self, rows: asked.append(list(rows)) or differing(self, rows))
    for _ in range(2):
        weeks = workspace.weeks_array("c")
        assert len(weeks[1:3]) == 2 and np.asarray(weeks).shape == (4, 60)
    assert asked == [[1, 2], [0, 3]]
    damage(workspace.folder / "cohorts" / info.id / "weeks.npy", [2], 5)
    with pytest.raises(WorkspaceError, match="those of p2 are"):
        np.asarray(workspace.weeks_array("c"))


@pytest.mark.parametrize("how", ["flipped", "gone", "older"])
def test_flags_of_wear_are_checked_too(workspace, how):
    weeks = [week("p1", worn=np.arange(60) % 2 == 0), week("p2"), week("p3", worn=np.ones(60, bool))]
    info = workspace.create_cohort("c", weeks, {})
    path = workspace.folder / "cohorts" / info.id / "worn.npy"
    assert [flags is None for flags in map(workspace.device_flags("c"), range(3))] == [False, True, False]
    if how == "older":  # a cohort of a version that kept no hashes shows what lies there
        with workspace.writing() as connection:
            connection.execute("UPDATE weeks SET worn_sha256 = NULL")
    path.unlink() if how == "gone" else damage(path, [2], 5)
    if how == "older":
        assert not workspace.week("c", "p3").worn[5]
        return
    for read in (lambda: workspace.week("c", "p3"), lambda: workspace.device_flags("c")(2), lambda: worn_days.hours_worn(workspace, "c")):
        with pytest.raises(
            WorkspaceError, match="flags of wear of cohort 'c' are damaged: those of p3" if how == "flipped" else "are gone"
        ):
            read()


def test_what_was_planted_is_checked_too(workspace):
    info = workspace.create_cohort("c", three_people(), {}, truth={"late": np.eye(4, 60, dtype=bool)})
    assert workspace.truth("c")["late"][3, 3]
    damage(workspace.folder / "cohorts" / info.id / "truth_late.npy", [0], 5)
    with pytest.raises(WorkspaceError, match=r"planted into the people of cohort 'c' \(late\)"):
        workspace.truth("c")
    (workspace.folder / "cohorts" / info.id / "truth_late.npy").unlink()
    with pytest.raises(WorkspaceError, match="are gone"):
        workspace.truth("c")
