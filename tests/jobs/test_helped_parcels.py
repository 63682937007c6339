"""Work at another place in two processes there comes to what one process comes to here."""

from __future__ import annotations

from pathlib import Path

from pat_core import jobs
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.simulate import simulate
from pat_core.training import PretrainSettings
from pat_core.workflows.learn.pretrain_people import CUSTOM, PretrainRequest
from pat_core.workflows.learn.pretrain_run import run_pretraining, start_pretraining
from pat_core.workflows.models.model_entries import resolve
from tests.workflows.elsewhere.made import ended, with_people

BRIEF = PretrainSettings(epochs=3, batch=7, seed=4, device="cpu", learning_rate=1e-3)
REQUEST = PretrainRequest("together", "people", CUSTOM, patch=720, heads=1, blocks=1, settings=BRIEF)


def at_work_on(folder: str) -> int:
    """Processes that do a parcel's work below a folder."""
    words = [path.read_bytes() if path.exists() else b"" for path in Path("/proc").glob("[0-9]*/cmdline")]
    return sum(b"--parcel\0" + folder.encode() in line for line in words)


def test_a_place_trains_in_as_many_processes_as_its_record_says(tmp_path):
    space = with_people(tmp_path, simulate(24, seed=5, prevalence=0.5), "away")
    keep_place(space, Place("next door", "process", folder=str(tmp_path / "there"), options={"processes": "2"}))
    _, job = start_pretraining(space, REQUEST, on="next door")
    at_work = [0]
    done = ended(space, job.id, lambda _: at_work.append(at_work_on(str(tmp_path / "there" / "parcels"))))
    assert max(at_work) == 3, "torchrun and two processes"
    log = jobs.log_tail(space, job.id)
    assert (done.state, done.error) == ("done", None), log
    here = with_people(tmp_path, simulate(24, seed=5, prevalence=0.5), "here")
    run_pretraining(here, REQUEST)
    one, both = (resolve(one, REQUEST.name).network.state_dict() for one in (here, space))
    assert max(float((both[name] - one[name]).abs().max()) for name in one) < 1e-5
