"""A run at another place that meets a full disk, there or here, says so, loses nothing that was kept, and goes on once there is room."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.jobs import endings
from pat_core.jobs.errand import errand_of
from pat_core.jobs.file_progress import read_state
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.training import FinetuneSettings
from pat_core.training.checkpoint import _read
from pat_core.workflows.learn.finetune_run import start_finetune
from tests.tiny_disk import tiny_disk
from tests.workflows.elsewhere.made import ended, with_people
from tests.workflows.made import REQUEST

LONG = replace(REQUEST, name="long", settings=FinetuneSettings("full", recipe="paper", max_epochs=5000, patience=5000))
NAME = "model/last.safetensors"


@pytest.fixture
def disk(tmp_path):
    with tiny_disk(tmp_path / "disk", 64) as one:
        yield one


def begun(folder: Path, there: Path, people) -> tuple[Workspace, str, Path]:
    """A workspace, its job at a place, and the parcel there, once it has a checkpoint."""
    workspace = with_people(folder, people)
    keep_place(workspace, Place("next door", "process", folder=str(there)))
    _, job = start_finetune(workspace, LONG, on="next door")
    followed(workspace, job.id, lambda: any(there.glob(f"parcels/*/kept/{NAME}")))
    return workspace, job.id, there / "parcels" / errand_of(workspace, job.id).parcel


def followed(workspace: Workspace, job: str, true) -> None:
    """Until something is true of a job."""

    class Seen(Exception):
        pass

    def look(now) -> None:
        if true():
            raise Seen

    with pytest.raises(Seen):
        ended(workspace, job, look)


def epoch(checkpoint: Path) -> int:
    return int(_read(checkpoint)[0]["epoch"])


def test_a_disk_that_fills_up_there_ends_the_work_in_words_and_leaves_its_checkpoint(disk, twenty_four, tmp_path):
    workspace, job, parcel = begun(tmp_path, disk.folder / "there", twenty_four)
    disk.fill()
    failed = ended(workspace, job)
    assert (failed.state, failed.error) == ("failed", f"next door: {endings.FULL}"), jobs.log_tail(workspace, job)
    assert (read_state(parcel)["state"], workspace.run("long").state, errand_of(workspace, job).begun) == ("failed", "failed", 1)
    kept = epoch(workspace.run("long").folder / NAME)
    assert kept == epoch(parcel / "kept" / NAME) > 0, "what was kept is whole, and home"
    disk.fill()
    jobs.resume(workspace, job)
    failed = ended(workspace, job)
    assert failed.state == "failed" and "The disk" in failed.error and "full" in failed.error, "nothing is begun before there is room"
    disk.make_room()
    jobs.resume(workspace, job)
    followed(workspace, job, lambda: epoch(parcel / "kept" / NAME) > kept)
    jobs.cancel(workspace, job)
    assert ended(workspace, job).state == "cancelled"


def test_a_disk_that_fills_up_here_leaves_the_work_there_alone(disk, twenty_four, tmp_path):
    workspace, job, parcel = begun(disk.folder, tmp_path / "there", twenty_four)
    disk.fill()
    failed = ended(workspace, job)
    assert (failed.state, failed.error, workspace.run("long").note) == ("failed", endings.FULL, endings.FULL)
    assert read_state(parcel)["state"] == "running" and errand_of(workspace, job).under_way
    disk.make_room()
    jobs.resume(workspace, job)
    followed(workspace, job, lambda: (workspace.run("long").folder / NAME).exists())
    assert errand_of(workspace, job).begun == 1, "it is watched again, not begun again"
    jobs.cancel(workspace, job)
    assert ended(workspace, job).state == "cancelled"
