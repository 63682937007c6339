"""What a reader sees where the network to a place is cut for a minute, or a disk is full there or here, and what becomes of the run.

python -m benchmarks.trouble_elsewhere [--places ssh slurm] [--epochs 140] [--no-disks] [--name NAME]

The network is cut once at each place that has one ("ray" needs Ray). The disks are real ones of some megabytes, which needs root; once the
run has failed, room is made and it is resumed. Its weights are then held against those of an undisturbed run here (see elsewhere.py).
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.elsewhere import PLACES, beside_here, reached, refuse_not_done, request, with_people
from benchmarks.machine import keep
from pat_core import jobs
from pat_core.cohorts import JobInfo, Workspace
from pat_core.jobs.errand import errand_of
from pat_core.jobs.launchers.place_book import keep_place
from pat_core.workflows.learn.finetune_run import start_finetune
from tests.tiny_disk import TinyDisk, tiny_disk

CUT_SECONDS, MEGABYTES = 60.0, 96


class Reader:
    """Who looks at a job, as the app does, and remembers what it says."""

    def __init__(self, workspace: Workspace, job: str) -> None:
        self.workspace, self.job, self.read = workspace, job, list[str]()

    def until(self, true: Callable[[JobInfo], Any]) -> JobInfo:
        """Looks until something is true of the job, or it has ended."""
        while True:
            jobs.refresh(self.workspace)
            now = self.workspace.job(self.job)
            words = re.sub(r"\d[\d.,]*", "#", now.error or now.message or "")
            if words not in self.read:
                self.read.append(words)
            if true(now) or not now.active:
                return now
            time.sleep(0.1)

    def trained(self) -> JobInfo:
        """The first epochs are seen, and a checkpoint has come home."""
        return self.until(lambda now: (errand := errand_of(self.workspace, self.job)) and "model/last.safetensors" in errand.kept)


def begun(workspace: Workspace, job: str) -> int:
    """How often its work was begun there."""
    errand = errand_of(workspace, job)
    return errand.begun if errand else 0


def cut(workspace: Workspace, folder: Path, kind: str, epochs: int) -> dict[str, Any]:
    """The network to a place of this kind is away for a minute."""
    name = f"cut off at {kind}"
    with reached(kind, folder) as (place, cable):
        keep_place(workspace, place)
        _, job = start_finetune(workspace, request(name, epochs), on=place.name)
        reader = Reader(workspace, job.id)
        reader.trained()
        reader.read.clear()
        cable.cut()
        until = time.monotonic() + CUT_SECONDS
        reader.until(lambda now: time.monotonic() > until)
        cable.mend()
        seen, mended = len(workspace.metrics(job.id)), time.monotonic()
        reader.until(lambda now: len(workspace.metrics(job.id)) > seen)
        again = round(time.monotonic() - mended, 1)
        refuse_not_done(workspace, reader.until(lambda now: False))
        read = [words for words in reader.read if "trying again" in words]
    return {"read": read, "seconds until seen again": again, "begun there": begun(workspace, job.id)} | beside_here(workspace, name, epochs)


def full(workspace: Workspace, folder: Path, there: bool, epochs: int) -> dict[str, Any]:
    """The disk of the place, or that of a workspace, is full for a while."""
    with tiny_disk(folder / "disk", MEGABYTES) as disk:
        workspace = workspace if there else with_people(disk.folder / "workspace")
        with reached("process", disk.folder if there else folder) as (place, _):
            keep_place(workspace, place)
            _, job = start_finetune(workspace, request("disk full", epochs), on=place.name)
            reader = Reader(workspace, job.id)
            reader.trained()
            failed = _filled(disk, reader)
            note = workspace.run("disk full").note
            jobs.resume(workspace, job.id)
            refuse_not_done(workspace, reader.until(lambda now: False))
            found = {"state": failed.state, "read": failed.error, "note of the run": note, "begun there": begun(workspace, job.id)}
            return found | beside_here(workspace, "disk full", epochs)


def _filled(disk: TinyDisk, reader: Reader) -> JobInfo:
    """The job as it ended on the full disk, which has room again."""
    disk.fill()
    failed = reader.until(lambda now: False)
    time.sleep(3.0)
    jobs.refresh(reader.workspace)
    disk.make_room()
    return failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--places", nargs="*", choices=PLACES[1:], default=PLACES[1:3], help="whose network is cut")
    parser.add_argument("--disks", action=argparse.BooleanOptionalAction, default=True, help="fill them (default)")
    parser.add_argument("--epochs", type=int, default=140, help="of the training (default 140)")
    parser.add_argument("--name", help="keep the figures under this name")
    chosen = parser.parse_args()
    figures: dict[str, Any] = {"epochs": chosen.epochs}
    with tempfile.TemporaryDirectory() as temporary:
        workspace = with_people(Path(temporary) / "workspace")
        for what, there in (("disk full there", True), ("disk full here", False)) if chosen.disks else ():
            figures[what] = full(workspace, Path(temporary) / what.replace(" ", "-"), there, chosen.epochs)
            print(what, json.dumps(figures[what]), flush=True)
        for kind in chosen.places:
            what = f"network to {kind} cut for a minute"
            figures[what] = cut(workspace, Path(temporary) / kind, kind, chosen.epochs)
            print(what, json.dumps(figures[what]), flush=True)
    if chosen.name:
        keep(chosen.name, figures)


if __name__ == "__main__":
    main()
