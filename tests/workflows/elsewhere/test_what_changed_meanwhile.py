"""What a run was started on changed before its training is sent again, or a disk is full: a sentence, and the run is kept."""

from __future__ import annotations

import pytest

from pat_core.errors import PlaceTrouble, TrainingError, WorkspaceError
from pat_core.jobs.launchers.launcher_contract import KeptFile
from pat_core.jobs.launchers.launcher_kinds import launcher_of
from pat_core.jobs.launchers.place_book import Place
from pat_core.jobs.packing import pack
from pat_core.workflows.elsewhere.finetune_elsewhere import FINETUNE_ELSEWHERE
from pat_core.workflows.elsewhere.held_run import held, refuse_without_people
from pat_core.workflows.learn.finetune_run import prepare_run
from pat_core.workflows.learn.run_record import new_run
from pat_core.workflows.models.run_files import keep_fingerprint
from tests.tiny_disk import tiny_disk
from tests.workflows.elsewhere.made import with_people
from tests.workflows.made import REQUEST


@pytest.fixture
def begun(tmp_path, twenty_four):
    """A workspace with a run that was begun, and has a checkpoint."""
    workspace = with_people(tmp_path, twenty_four)
    run = new_run(workspace, REQUEST)
    keep_fingerprint(run, prepare_run(workspace, REQUEST).fingerprint())
    (run.folder / "model").mkdir()
    (run.folder / "model" / "last.safetensors").write_bytes(b"half")
    return workspace, run


def test_what_was_kept_goes_along(begun, tmp_path):
    workspace, _ = begun
    parcel = pack(workspace, FINETUNE_ELSEWHERE, REQUEST, tmp_path / "draft")
    assert [file.name for file in parcel.kept] == ["model/last.safetensors"]


def test_labels_that_are_gone_or_others_are_a_sentence_and_the_run_stays(begun, tmp_path):
    workspace, run = begun
    group = {person.participant: person.labels["group"] for person in workspace.people("people")}
    one, other = (next(who for who, label in group.items() if label == wanted) for wanted in ("late", "early"))
    workspace.set_labels("people", {one: {"group": "early"}, other: {"group": "late"}})
    with pytest.raises(TrainingError, match="the labels"):
        pack(workspace, FINETUNE_ELSEWHERE, REQUEST, tmp_path / "draft")
    workspace.set_labels("people", {who: {"group": None} for who in group})
    with pytest.raises(TrainingError):
        pack(workspace, FINETUNE_ELSEWHERE, REQUEST, tmp_path / "draft")
    assert (run.folder / "model" / "last.safetensors").read_bytes() == b"half"


def test_who_deleted_the_people_has_no_run_to_go_on_with(begun):
    workspace, run = begun
    refuse_without_people(workspace, REQUEST)
    workspace.delete_cohort("people")
    with pytest.raises(WorkspaceError, match="was deleted, so its training was stopped"):
        refuse_without_people(workspace, REQUEST)
    assert not (run.folder / "model" / "last.safetensors").exists(), "what was trained of deleted people goes"


def test_a_run_that_is_elsewhere_is_not_trained_here_too(begun):
    workspace, _ = begun
    with held(workspace, REQUEST), pytest.raises(WorkspaceError, match="being trained by another process"), held(workspace, REQUEST):
        raise AssertionError("two at once")
    assert not workspace.run_owned(workspace.run(REQUEST.name))


def test_a_full_disk_at_either_end_is_a_sentence_and_leaves_nothing_half(begun, tmp_path):
    workspace, _ = begun
    parcel = pack(workspace, FINETUNE_ELSEWHERE, REQUEST, tmp_path / "draft")
    another = pack(workspace, FINETUNE_ELSEWHERE, REQUEST, tmp_path / "other", "of another job")
    with tiny_disk(tmp_path / "disk", 8) as disk:
        launcher = launcher_of(Place("next door", "process", folder=str(disk.folder / "there")))
        try:
            launcher.send(parcel, lambda done, total: None)
            (disk.folder / "there" / "parcels" / parcel.id / "kept" / "model" / "last.safetensors").write_bytes(b"whole")
            (file,) = launcher.kept(parcel.id)
            disk.fill()
            (disk.folder / "here").mkdir()
            with pytest.raises(OSError, match="No space left"):
                launcher.fetch(parcel.id, file, disk.folder / "here" / "last.safetensors")
            assert list((disk.folder / "here").iterdir()) == []
            launcher.fetch(parcel.id, file, tmp_path / "last.safetensors")
            assert (tmp_path / "last.safetensors").read_bytes() == b"whole"
            with pytest.raises(PlaceTrouble, match="changed at next door"):
                launcher.fetch(parcel.id, KeptFile(file.name, file.size, "0" * 64), tmp_path / "last.safetensors")
            with pytest.raises(PlaceTrouble, match="The disk there is full"):
                launcher.send(another, lambda done, total: None)
            assert [path.name for path in (disk.folder / "there" / "parcels").iterdir()] == [parcel.id]
        finally:
            launcher.close()
