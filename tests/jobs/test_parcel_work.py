"""The work of a parcel in its folder: how it ends, what it leaves, and that only one process does it."""

from __future__ import annotations

import json
import os
import signal

import pytest

from pat_core.errors import JobError, TrainingError
from pat_core.files import reserve
from pat_core.jobs import endings
from pat_core.jobs.file_progress import METRICS, STOP, FileProgress, read_state
from pat_core.jobs.parcel import Elsewhere, Packed, make_parts, read_manifest, seal
from pat_core.jobs.parcel_work import work_parcel
from tests.jobs.made import tasks


@pytest.fixture
def folder(tmp_path):
    (make_parts(tmp_path) / "numbers.txt").write_text("1 2 3")
    seal(tmp_path, "count", Packed({"seed": 4}, {"numbers.txt": "Numbers"}, 3), tmp_path / "none", ())
    return tmp_path


def done(folder, work) -> tuple[str, dict]:
    """The state in which the work ended, and what its state says."""
    (task,) = tasks(count=lambda ws, spec, progress: None)
    known = Elsewhere(task, *(None,) * 7)
    object.__setattr__(known, "work", work)
    return work_parcel(folder, [known]), read_state(folder)


def test_work_reads_its_parcel_tells_how_far_it_is_and_keeps_what_it_did(folder):
    def count(reads, kept, asked, progress):
        numbers = [int(number) for number in (reads / "numbers.txt").read_text().split()]
        for step, number in enumerate(numbers):
            progress.metric(step, {"sum": number})
        progress.at(0.5, "Half")
        (kept / "sum.txt").write_text(str(sum(numbers) + asked["seed"]))

    state, told = done(folder, count)
    assert state == told["state"] == "done" and (folder / "kept" / "sum.txt").read_text() == "10"
    assert (told["fraction"], told["message"], told["pid"]) == (0.5, "Half", os.getpid())
    assert [json.loads(line) for line in (folder / METRICS).read_text().splitlines()] == [[0, {"sum": 1}], [1, {"sum": 2}], [2, {"sum": 3}]]
    assert done(folder, None)[0] == "done", "what is done is not done again"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(TrainingError("Too few people. Import more."), "Too few people. Import more."), (MemoryError(), endings.NO_MEMORY),
     (OSError(28, "No space left on device"), endings.FULL), (ZeroDivisionError("by nought"), "An unexpected error stopped the job"),
     (type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"), endings.NO_DEVICE_MEMORY)],
)  # fmt: skip
def test_what_went_wrong_is_a_sentence_with_what_to_change(folder, error, reason):
    def fail(reads, kept, asked, progress):
        raise error

    state, told = done(folder, fail)
    assert state == told["state"] == "failed" and told["reason"].startswith(reason)


def test_a_stop_by_the_reader_is_a_cancel_and_one_by_the_place_is_none(folder):
    def long(reads, kept, asked, progress):
        os.kill(os.getpid(), signal.SIGTERM)
        progress.at(0.1, "On")

    assert done(folder, long)[0] == "preempted"
    reserve(folder / STOP)
    assert done(folder, long)[0] == "cancelled"


def test_two_processes_never_do_the_same_work(folder):
    def again(reads, kept, asked, progress):
        with pytest.raises(JobError, match="Another process is at work"):
            done(folder, None)

    assert done(folder, again)[0] == "done"


def test_half_a_line_that_a_kill_left_is_not_added_to(folder):
    (folder / METRICS).write_text('[0, {"loss": 1.0}]\n[1, {"lo')
    FileProgress(folder).metric(1, {"loss": 0.5})
    assert (folder / METRICS).read_text().splitlines()[-1] == '[1, {"loss": 0.5}]'


@pytest.mark.parametrize("text", ["", "{}", '{"format": "another"}', '{"format": "pat-explorer parcel", "version": 99}'])
def test_a_folder_without_a_parcel_is_refused_in_words(tmp_path, text):
    (tmp_path / "parcel.json").write_text(text)
    with pytest.raises(JobError, match="no parcel of this version"):
        read_manifest(tmp_path)
