"""Runs at other places, killed at random moments: the same weights as an undisturbed run here? And how long each step takes undisturbed.

python -m benchmarks.elsewhere [--kills 10] [--epochs 140] [--places process ssh slurm ray] [--name NAME]

At each place the same training is done as here: with --kills 0 undisturbed, timed from the start to the first epoch seen here and to the
finished model; else at seeded random moments the process here, the one there or both are killed with -9, and at a third of them the network
is cut for some seconds too (where there is one). "slurm" is a cluster reached over SSH; "ray" needs Ray, and is not among the usual places.
The places are real servers on this computer (tests/servers.py, tests/ray_cluster.py), so the figures are of the programs and not of a
network or a cluster. The run here has as many threads as that at the place was begun with. Without --name nothing is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.machine import keep
from pat_core import jobs
from pat_core.cohorts import JobInfo, Workspace, alive
from pat_core.jobs.errand import errand_of
from pat_core.jobs.file_progress import read_state
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.simulate import simulate
from pat_core.training import FinetuneSettings
from pat_core.training.device import threads, threads_of
from pat_core.workflows.learn.finetune_run import run_finetune, start_finetune
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.people.simulated_people import store_simulated
from pat_core.workflows.week.labelled_weeks import RunRequest
from tests.ray_cluster import ray_place
from tests.servers import Cable, slurm_cluster, ssh_server

USUAL = ("process", "ssh", "slurm")
PLACES = (*USUAL, "ray")
PEOPLE, CUT_SECONDS = 24, 3.0


def request(name: str, epochs: int) -> RunRequest:
    """The same training under each name."""
    settings = FinetuneSettings("full", max_epochs=epochs, patience=epochs, seed=1)
    return RunRequest(name, "people", "late wake", "planted", "pat-s-simulated", settings=settings)


def with_people(folder: Path) -> Workspace:
    workspace = Workspace(folder)
    store_simulated(workspace, "people", simulate(PEOPLE, seed=5, prevalence=0.5))
    return workspace


@contextmanager
def reached(kind: str, folder: Path) -> Iterator[tuple[Place, Any]]:
    """A place of this kind, with a server of its own, and the cable to it; None where there is none."""
    there = folder / f"there-{kind}"
    with ExitStack() as open_ones:
        cable: Cable | Any = None
        if kind == "process":
            place = Place(kind, kind, folder=str(there), python=sys.executable)
        elif kind == "ray":
            place, cable = open_ones.enter_context(ray_place(there))
        else:
            variables = {"SLURM_CONF": str(open_ones.enter_context(slurm_cluster(folder / "slurm")))} if kind == "slurm" else {}
            variables |= {name: os.environ[name] for name in ("OMP_NUM_THREADS",) if name in os.environ}  # there as here
            server = open_ones.enter_context(ssh_server(folder / f"sshd-{kind}", **variables))
            place, cable = server.place(there, kind), server.cable
        yield replace(place, name=kind), cable


def undisturbed_here(workspace: Workspace, epochs: int, count: int) -> str:
    """The name of the run here on so many threads, made once."""
    name = f"here on {count}"
    if all(run.name != name for run in workspace.runs()):
        with threads(count):
            run_finetune(workspace, request(name, epochs))
    return name


def weights(workspace: Workspace, name: str) -> dict[str, np.ndarray]:
    return {key: value.numpy() for key, value in resolve(workspace, name).network.state_dict().items()}


def beside_here(workspace: Workspace, name: str, epochs: int) -> dict[str, Any]:
    """How far the weights and answers of a run are from those of the same training here, undisturbed, on as many threads."""
    count = threads_of(workspace.run(name).folder) or torch.get_num_threads()
    here = undisturbed_here(workspace, epochs, count)
    ours, theirs = weights(workspace, here), weights(workspace, name)
    difference = max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours)
    answers = [pd.read_csv(workspace.run(one).folder / "test.csv") for one in (here, name)]
    answer = float(np.abs(answers[0]["logit"] - answers[1]["logit"]).max())
    return {"threads": count, "largest difference of a weight": difference, "largest difference of an answer": answer}


def refuse_not_done(workspace: Workspace, now: JobInfo) -> None:
    if now.state != "done":
        raise SystemExit(f"{now.title}: {now.state}, {now.error}\n{jobs.log_tail(workspace, now.id)}")


def undisturbed(workspace: Workspace, place: Place, epochs: int) -> dict[str, Any]:
    """Seconds from the start of a run at a place to what is seen of it here."""
    began, seen = time.monotonic(), {}
    _, job = start_finetune(workspace, request(f"undisturbed at {place.name}", epochs), on=place.name)
    while (now := workspace.job(job.id)).active:
        errand = errand_of(workspace, job.id)
        for what, true in (("sent and begun", errand and errand.under_way), ("first epoch", bool(workspace.metrics(job.id))),
                           ("home, ending here", now.fraction >= 0.95)):  # fmt: skip
            if true:
                seen.setdefault(what, round(time.monotonic() - began, 1))
        jobs.refresh(workspace)
        time.sleep(0.1)
    refuse_not_done(workspace, now)
    return {"seconds": seen | {"done": round(time.monotonic() - began, 1)}}


def disturbed(workspace: Workspace, place: Place, cable: Any, kills: int, epochs: int) -> dict[str, Any]:
    """The same training, with kills at so many moments: where it is done before all of them, once more under another name."""
    chance = random.Random(place.kind)
    done = {"moments": 0, "kills of the process here": 0, "kills of the work there": 0, "cuts of the network": 0}
    runs: list[dict[str, Any]] = []
    while done["moments"] < kills:
        name = f"killed at {place.name}, {len(runs) + 1}"
        begun = _killed(workspace, place, cable, request(name, epochs), done, kills, chance)
        runs.append({"begun there": begun} | beside_here(workspace, name, epochs))
    return done | {"runs": runs}


def _killed(
    workspace: Workspace, place: Place, cable: Any, asked: RunRequest, done: dict[str, int], kills: int, chance: random.Random
) -> int:
    """One run, killed until all kills of `done` are made or it ends; how often it was begun there."""
    _, job = start_finetune(workspace, asked, on=place.name)
    while (number := done["moments"]) < kills:
        there = _at_work(workspace, job.id, Path(place.folder), chance.uniform(0.5, 4.0))
        now = workspace.job(job.id)
        if there is None or now.pid is None:
            break
        done["moments"] += 1
        for what, pid in (("kills of the process here", now.pid), ("kills of the work there", there)):
            if number % 3 == 2 or (number % 3 == 0) == (what == "kills of the process here"):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    done[what] += 1
        if cable is not None and number % 3 == 1:
            cable.cut()
            done["cuts of the network"] += 1
            time.sleep(CUT_SECONDS)
            cable.mend()
    while (now := workspace.job(job.id)).state not in ("done", "cancelled"):
        jobs.refresh(workspace)
        if now.state in ("lost", "failed"):
            jobs.resume(workspace, job.id)
        time.sleep(0.2)
    refuse_not_done(workspace, now)
    errand = errand_of(workspace, job.id)
    return errand.begun if errand else 0


def _at_work(workspace: Workspace, job: str, folder: Path, seconds: float) -> int | None:
    """Waits until the work is at hand there and watched here, and then so many seconds; its process there. None where it is done."""
    since = None
    while since is None or time.monotonic() - since < seconds:
        jobs.refresh(workspace)
        now, errand = workspace.job(job), errand_of(workspace, job)
        if now.state in ("lost", "failed"):  # given up after kills without a new checkpoint between them: a reader starts it again
            jobs.resume(workspace, job)
        if now.state in ("done", "cancelled"):
            return None
        state = read_state(folder / "parcels" / errand.parcel) if errand and errand.parcel else {}
        there = state.get("pid") if alive(state.get("pid"), state.get("started")) else None
        if there and now.state == "running" and since is None:
            since = time.monotonic()
        time.sleep(0.1)
    return there


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10, help="0: undisturbed, and timed (default 10)")
    parser.add_argument("--epochs", type=int, default=140, help="of the training (default 140)")
    parser.add_argument("--places", nargs="+", choices=PLACES, default=USUAL)
    parser.add_argument("--name", help="keep the figures under this name")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        workspace, began = with_people(folder / "workspace"), time.monotonic()
        undisturbed_here(workspace, chosen.epochs, torch.get_num_threads())
        figures: dict[str, Any] = {"people": PEOPLE, "epochs": chosen.epochs, "seconds here": round(time.monotonic() - began, 1)}
        for kind in chosen.places:
            with reached(kind, folder) as (place, cable):
                keep_place(workspace, place)
                if chosen.kills:
                    figures[kind] = disturbed(workspace, place, cable, chosen.kills, chosen.epochs)
                else:
                    figures[kind] = undisturbed(workspace, place, chosen.epochs)
            figures[kind]["load of the machine"] = round(os.getloadavg()[0], 1)
            print(kind, json.dumps(figures[kind]), flush=True)
    if chosen.name:
        keep(chosen.name, figures)


if __name__ == "__main__":
    main()
