"""Several processes of one server on one job (torchrun): the first owns the job, its database and its files; helpers compute when called.

`python -m pat_core VERB --processes N` starts them, and so does `torchrun --standalone --nproc-per-node N -m pat_core VERB`. A helper knows
nothing but what the first process calls it for, keeps nothing, and ends when the first one does, however that ended.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pat_core.cohorts.processes import owner, owner_alive
from pat_core.errors import JobError, PatError
from pat_core.progress import Progress

if TYPE_CHECKING:
    from torch.distributed import Store

    from pat_core.training.distributed import Together

LOOK_SECONDS = 0.3
START_SECONDS = 300.0
"""Within which all processes stand ready: slow disks may take minutes to load torch."""
SEEN_SECONDS = 3.0
"""So long after a connection broke, the process at its other end is seen to be gone."""
STUCK_SECONDS = 30.0
"""A first process that still waits for a helper so long after that is gone, inside the library of its GPU, is ended."""
OF_TORCHRUN = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_USE_AGENT_STORE")
AGAIN = "What was saved up to the last checkpoint is kept: start it again, with a smaller batch or fewer processes if memory ran out."
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seat:
    """Which of several processes this is. rank: 0 is the first. address: of the store by which they meet; hosts: it is ours to open."""

    rank: int
    size: int
    address: tuple[str, int]
    hosts: bool

    def store(self) -> Store:
        import torch.distributed as dist

        return dist.PrefixStore("pat", dist.TCPStore(*self.address, self.size, self.hosts))


def take_seat() -> Seat | None:
    """This process' seat where torchrun started it; None where it is alone. What this process starts itself does not inherit it."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return None
    given = {name: os.environ.pop(name, "") for name in OF_TORCHRUN}
    rank, size = int(given["RANK"]), int(given["WORLD_SIZE"])
    hosts = rank == 0 and given["TORCHELASTIC_USE_AGENT_STORE"] != "True"
    return Seat(rank, size, (given["MASTER_ADDR"], int(given["MASTER_PORT"])), hosts) if size > 1 else None


def start_several(words: Sequence[str], processes: int) -> int:
    """Run `python -m pat_core WORDS` in so many processes by torchrun, to their end; the first one's exit code."""
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)  # what went wrong is a sentence of ours
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
    )
    try:
        elastic_launch(config, sys.executable)("-m", "pat_core", *words)
    except SignalException as stop:  # the first process has heard it too, and said how the work ended
        return 128 + int(stop.sigval)
    except ChildFailedError as error:
        first = error.failures.get(0)
        return first.exitcode if first is not None and first.exitcode > 0 else 1
    return 0


class First:
    """The process that owns the job, and what it knows of its helpers."""

    def __init__(self, seat: Seat) -> None:
        self.seat, self.store = seat, seat.store()
        self.group: Together | None = None
        self.processes: dict[int, str] = {}
        self.store.set("process/0", owner())

    def call(self, kind: str, spec: Mapping[str, Any], folder: Path, progress: Progress) -> Together:
        """All helpers at work on the same. JobError where one of them is not there."""
        from pat_core.training.distributed import join

        if self.group is None:
            self._wait_for_helpers(progress)
            self.group = join(self.store, self.seat.rank, self.seat.size)
        self.group.agreed({"kind": kind, "spec": dict(spec), "folder": str(folder)})
        return self.group

    def lost(self) -> str | None:
        """Why a helper can do no more, in a sentence; None where all can."""
        for rank in range(1, self.seat.size):
            which = f"Process {rank + 1} of {self.seat.size}, which train together,"
            if reason := self._read(f"failed/{rank}"):
                return f"{which} could not go on: {reason} {AGAIN}"
            known = self.processes.get(rank) or self._read(f"process/{rank}")
            if known and not owner_alive(known):
                return f"{which} is gone: it was killed, or the machine ran out of memory. {AGAIN}"
            self.processes[rank] = known
        return None

    def _read(self, key: str) -> str:
        try:
            return self.store.get(key).decode() if self.store.check([key]) else ""
        except RuntimeError:  # who kept the store is gone; processes can still be looked at
            return ""

    def _wait_for_helpers(self, progress: Progress) -> None:
        until = time.monotonic() + START_SECONDS
        while not self.store.check([f"ready/{rank}" for rank in range(1, self.seat.size)]):
            progress.at(0.0, f"Waiting for {self.seat.size} processes to start")
            if lost := self.lost():
                raise JobError(lost)
            if time.monotonic() > until:
                raise JobError(f"Not all of the {self.seat.size} processes stood ready within {START_SECONDS:.0f} seconds. Start it again.")
            time.sleep(LOOK_SECONDS)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Ends this process where a helper is gone and the block does not notice: a GPU's library can wait for it for ever."""
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(LOOK_SECONDS):
                if (lost := self.lost()) and not ended.wait(STUCK_SECONDS):
                    logger.critical("%s", lost)
                    os._exit(1)

        threading.Thread(target=look, name="helpers", daemon=True).start()
        try:
            yield
        finally:
            ended.set()


_first: First | None = None


def lead(seat: Seat) -> None:
    """This process is the first of several: `called_in` calls the others from now on."""
    global _first
    _first = First(seat)


@contextmanager
def called_in(kind: str, spec: Mapping[str, Any], folder: Path, progress: Progress) -> Iterator[None]:
    """Trainings inside the block are shared with the helpers, who do what `serve` was given meanwhile; nothing changes without any.

    JobError where one of them is gone or could not go on.
    """
    first = _first
    if first is None:
        yield
        return
    from pat_core.training.distributed import sharing

    try:
        with sharing(first.call(kind, spec, folder, progress)), first.watching():
            yield
    except BaseException as error:  # a cancel as well: torchrun ends all when one of them is gone
        until = time.monotonic() + (SEEN_SECONDS if isinstance(error, RuntimeError) else 0.0)
        while (lost := first.lost()) is None and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        if lost is None or isinstance(error, JobError) and str(error) == lost:
            raise
        raise JobError(lost) from error


def serve(seat: Seat, help_with: Callable[[str, Mapping[str, Any], Path], None]) -> NoReturn:
    """A helper's whole life: it does what the first process calls it for, until that one ends, in whatever way. help_with: (kind, spec,
    folder) as of `called_in`."""
    for number in (signal.SIGTERM, signal.SIGINT):  # the first process decides
        signal.signal(number, signal.SIG_IGN)
    store = seat.store()
    store.set(f"process/{seat.rank}", owner())
    first = store.get("process/0").decode()
    threading.Thread(target=_end_with, args=(first,), name="first", daemon=True).start()
    try:
        _serve(seat, store, help_with)
    except BaseException as error:
        logger.exception("a helper could not go on")
        store.set(f"failed/{seat.rank}", str(error) if isinstance(error, PatError) else f"{type(error).__name__}: {str(error)[:300]}.")
    while True:
        time.sleep(LOOK_SECONDS)


def _serve(seat: Seat, store: Store, help_with: Callable[[str, Mapping[str, Any], Path], None]) -> NoReturn:
    from pat_core.training.distributed import join, left, sharing

    store.set(f"ready/{seat.rank}", "")
    group = join(store, seat.rank, seat.size)
    try:
        with sharing(group):
            while True:
                asked: dict[str, Any] = group.agreed({})
                help_with(asked["kind"], asked["spec"], Path(asked["folder"]))
    finally:
        left()  # who waits for this process hears at once that it will not come


def _end_with(first: str) -> NoReturn:
    while owner_alive(first):
        time.sleep(LOOK_SECONDS)
    os._exit(0)
