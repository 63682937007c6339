"""What a launcher can do, whatever kind of place it sends work to.

A parcel (`pat_core.jobs.parcel`) is a folder with all that one piece of work reads; it is known by its id here and there. A launcher sends
it, begins its work and says how it fares. It never decides anything about the work itself: that is `pat_core.jobs.courier`, which calls it,
and may be killed between any two of these calls. So each call can be made again: nothing is sent or begun twice.

Every call may raise PlaceTrouble. `passing` means that the same call may work later (a network that is cut, a server that restarts): the
courier waits and tries again. Without it the sentence goes to the reader, and the job has failed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pat_core.jobs.launchers.place_book import Place
from pat_core.jobs.parcel import Parcel

WorkState = Literal["absent", "queued", "running", "preempted", "lost", "done", "failed", "cancelled"]
"""absent: not begun there, or unknown. preempted: stopped by the place (time limit, a job of higher priority, a node taken out) after a
checkpoint. lost: ended without a word (killed, a node that failed)."""
ENDED: tuple[WorkState, ...] = ("done", "failed", "cancelled")
AGAIN: tuple[WorkState, ...] = ("absent", "preempted", "lost")
"""States from which `begin` goes on, from the last checkpoint."""


@dataclass(frozen=True)
class Look:
    """What a place has. versions: of python, torch, numpy and pat_core there. devices: "cpu", "cuda: NVIDIA H200, 139 GB", ... that work
    would see; of a cluster those that its partitions offer. memory, disk_free: bytes, 0 where that is not known. busy: how much of it is in
    use, in words; queue: what waits there, in words, "" where nothing has to wait. ready: pieces of our work that lie there now.
    """

    versions: Mapping[str, str]
    devices: tuple[str, ...]
    cores: int = 0
    memory: int = 0
    disk_free: int = 0
    busy: str = ""
    queue: str = ""
    ready: int = 0


@dataclass(frozen=True)
class There:
    """How the work fares. id: what the place calls it (a process, a number in a queue), in words for a reader. reason: why it is in this
    state and what to change, in a sentence; "" where there is nothing to say. fraction, message: how far it is, as of `Progress.at`."""

    state: WorkState
    id: str = ""
    reason: str = ""
    fraction: float = 0.0
    message: str = ""


@dataclass(frozen=True)
class News:
    """What happened since `after`. metrics: (step, curve -> value), in order. log: what the work wrote. after: to ask from next time."""

    metrics: tuple[tuple[int, Mapping[str, float]], ...] = ()
    log: str = ""
    after: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class KeptFile:
    """A file that the work keeps there: a checkpoint, a result. name: its path below the folder of what is kept."""

    name: str
    size: int
    sha256: str


Sent = Callable[[int, int], None]
"""Called with the bytes that are there and those that there will be; it may raise Cancelled."""


class Launcher(Protocol):
    """One place, reached. Made by `launcher_kinds.launcher_of(place)`, which connects to nothing yet; `close` when it is not needed."""

    place: Place

    def look(self) -> Look:
        """What the place has. PlaceTrouble where it cannot be reached, or lacks what work needs (a Python with pat_core, the program of
        its queue), with what to do."""
        ...

    def send(self, parcel: Parcel, sent: Sent) -> None:
        """Brings a parcel there, whole or not at all. Files go by their SHA-256: those that are there are not sent again, and one that
        broke off goes on where it stopped. A parcel that is there already gets what is kept here in place of what is kept there."""
        ...

    def begin(self, parcel: str) -> There:
        """Begins the work of a parcel that was sent, or goes on with it from its last checkpoint; changes nothing where it is queued or
        running. PlaceTrouble where the place refuses, in its own words."""
        ...

    def state(self, parcel: str) -> There: ...

    def news(self, parcel: str, after: Mapping[str, int]) -> News:
        """after: that of the news before; {} for all of it."""
        ...

    def kept(self, parcel: str) -> tuple[KeptFile, ...]:
        """The files that the work keeps now. Each was written in one step, so each is whole."""
        ...

    def fetch(self, parcel: str, file: KeptFile, to: Path) -> None:
        """Brings one of them to a path here, in one step, once its hash was compared. PlaceTrouble (passing) where it changed meanwhile."""
        ...

    def cancel(self, parcel: str) -> There:
        """Asks the work to stop, with a checkpoint, and waits until the place itself says that it has. PlaceTrouble (passing) where it
        cannot be seen to have stopped."""
        ...

    def forget(self, parcel: str) -> None:
        """Removes a parcel there, with what it keeps. Its arrays stay for the next one for as long as the place's record says."""
        ...

    def close(self) -> None: ...


def as_plain(record: Look | There | KeptFile) -> dict[str, Any]:
    """As plain values, for JSON."""
    return dict(vars(record))
