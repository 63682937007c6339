"""How much memory several fine-tunings hold that are asked for at once, with the queue of jobs and without it.

    python -m benchmarks.training.queue_memory --runs 8 --people 60 --epochs 30 [--folder DIR]

The app runs as a reader starts it; the runs are asked for one after another, as by eight readers, with one and two at a time and with all
at once, as before there was a queue. Measured is what the app and all workers hold: resident memory (pages that they share count for each)
and proportional memory (shared pages count once).
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks.machine import keep
from pat_core.cohorts import Workspace
from pat_core.simulate import simulate
from pat_core.training import FinetuneSettings
from pat_core.workflows.learn.finetune_run import start_finetune
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.labelled_weeks import RunRequest
from tests.browser.server import Server
from tests.workflows.made import label_table, weeks_file

EVERY, LONGEST = 0.25, 1200.0
"""Seconds between two looks, and that all runs may take together."""
SETTLED = 8.0
"""Seconds of silence after which a page is taken to be there."""
KINDS = {"resident": ("status", "VmRSS"), "proportional": ("smaps_rollup", "Pss")}


def held(processes: list[int], kind: str) -> float:
    """MB that these processes hold; one that has ended holds nothing."""
    file, field = KINDS[kind]
    return sum(_kilobytes(Path(f"/proc/{process}/{file}"), field) for process in processes) / 1024


def _kilobytes(path: Path, field: str) -> int:
    try:
        found = re.search(rf"^{field}:\s*(\d+)", path.read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def family(process: int) -> Iterator[int]:
    """A process and all that it started."""
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:
            continue
        for child in found:
            yield from family(int(child))


def measure(folder: Path, at_once: int, runs: int, people: int, epochs: int) -> dict[str, object]:
    """One row: what app and workers held at most, and in the middle, while all runs went through."""
    os.environ["PAT_JOBS_AT_ONCE"] = str(at_once)
    space, made = Workspace(folder / "workspace"), simulate(people, seed=1, prevalence=0.5)
    import_recordings(space, [weeks_file(folder / "people.npz", made)], "people", labels=label_table(folder / "groups.csv", made))
    server = Server(space.folder)
    server.start()
    try:
        reader = open_page(server)
        before = held(list(family(server.process.pid)), "resident")
        settings = FinetuneSettings("full", max_epochs=epochs, patience=epochs, recipe="paper")
        asked = RunRequest("", "people", "group", "late", "pat-s-simulated", "early", settings=settings)
        began = time.perf_counter()
        for number in range(runs):
            start_finetune(space, replace(asked, name=f"run {number}"))
        seen: dict[str, list[float]] = {kind: [] for kind in KINDS}
        most = 0
        while any(job.active for job in space.jobs()) and time.perf_counter() - began < LONGEST:
            working = [job.pid for job in space.jobs() if job.state == "running" and job.pid]
            processes = list({one for process in (server.process.pid, *working) for one in family(process)})
            for kind, values in seen.items():
                values.append(held(processes, kind))
            most = max(most, len(working))
            time.sleep(EVERY)
        reader.close()
        done = sum(job.state == "done" for job in space.jobs())
        return {
            "at once": at_once,
            "runs": runs,
            "done": done,
            "workers at most": most,
            "seconds": round(time.perf_counter() - began, 1),
            "MB of the app alone": round(before),
            **{f"MB {kind}, at most": round(max(values)) for kind, values in seen.items()},
            **{f"MB {kind}, median": round(float(np.median(values))) for kind, values in seen.items()},
        }
    finally:
        server.stop()


def open_page(server: Server) -> ClientConnection:
    """A reader at the first page, so that the app holds what it holds in use; the open socket."""
    reader = connect(f"ws://127.0.0.1:{server.port}/_stcore/stream", origin=server.address, max_size=None, ping_interval=None)
    asked = BackMsg()
    asked.rerun_script.query_string = ""
    reader.send(asked.SerializeToString())
    with suppress(TimeoutError):
        while True:
            reader.recv(timeout=SETTLED)
    return reader


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    rows = []
    for at_once in (1, 2, chosen.runs):
        with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
            rows.append(measure(Path(folder), at_once, chosen.runs, chosen.people, chosen.epochs))
    keep("queue-memory", {"people": chosen.people, "epochs": chosen.epochs, "rows": rows})


if __name__ == "__main__":
    main()
