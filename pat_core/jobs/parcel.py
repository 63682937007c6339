"""A parcel: all that one piece of work reads, in one folder, made for another machine. It says of itself what is in it.

<folder>/parcel.json            what is asked, and every file with its size and SHA-256
<folder>/reads/<name>           what the work reads
<folder>/kept/<path>            what the work keeps: checkpoints and results, each written in one step
<folder>/state.json, metrics.jsonl, log.txt     how it fares (`parcel_work.py`)

There is no database in it: a cluster's nodes share files over a network, on which SQLite's log cannot be shared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pat_core.cohorts import Workspace
from pat_core.errors import JobError
from pat_core.files import make_folder, write_text
from pat_core.jobs.task import Task
from pat_core.progress import Progress

FORMAT, VERSION = "pat-explorer parcel", 1
MANIFEST, READS, KEPT = "parcel.json", "reads", "kept"
Asked = TypeVar("Asked")


@dataclass(frozen=True)
class ParcelFile:
    """One file of a parcel. name: its path below the folder of what is read, or of what is kept. holds: what stands in it, in words."""

    name: str
    size: int
    sha256: str
    holds: str = ""


@dataclass(frozen=True)
class Parcel:
    """kind: of the work. asked: plain values. reads: what it needs; kept: what was done of it so far, here or there. people: how many it is
    about. path: the folder here that holds what it reads, kept_in: the one with what is kept. id: the same for the same work on the same
    files.
    """

    id: str
    kind: str
    asked: Mapping[str, Any]
    reads: tuple[ParcelFile, ...]
    kept: tuple[ParcelFile, ...]
    people: int
    path: Path = field(default=Path(), compare=False)
    kept_in: Path = field(default=Path(), compare=False)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def files(self) -> tuple[ParcelFile, ...]:
        return (*self.reads, *self.kept)

    def as_plain(self) -> dict[str, Any]:
        """What parcel.json holds."""
        plain = {name: value for name, value in asdict(self).items() if name not in ("path", "kept_in")}
        return {"format": FORMAT, "version": VERSION, **plain}


@dataclass(frozen=True)
class Packed:
    """What a task puts into a parcel. asked: plain values that the work gets. holds: name of a file that it wrote into `reads` -> what
    stands in it, in words. people: how many it is about."""

    asked: Mapping[str, Any]
    holds: Mapping[str, str]
    people: int


@dataclass(frozen=True)
class Elsewhere(Generic[Asked]):
    """How a kind of work, `task`, is done on another machine: its long part there, from what a parcel holds; what is left of it here,
    where names, cards and tables are. The long part goes on from what is kept, so a run that was begun in one place can be ended in
    another.

    pack: writes what the long part reads into the folder `reads`; raises what the task itself would raise where it cannot begin. The people
    in it are numbers: nothing of a parcel names them.
    work: does the long part on the other machine: (reads, kept, asked, progress). It keeps what it has done in the folder `kept`, each file
    in one step.
    keeps_in: the folder here in which the task looks for what is kept. keeps: a pattern of the names that may come into it (whole, below
    that folder): a place cannot write anything else.
    hold: keeps others from the same work while the block runs, and notes why it ended early. still: raises where the work has lost its
    sense meanwhile (its cohort was deleted). ending: puts what is kept where the task looks for it; the request for what is left to do
    here.
    """

    task: Task[Any, Any]
    pack: Callable[[Workspace, Asked, Path], Packed]
    work: Callable[[Path, Path, Mapping[str, Any], Progress], None]
    keeps_in: Callable[[Workspace, Asked], Path]
    keeps: str
    hold: Callable[[Workspace, Asked], AbstractContextManager[None]]
    still: Callable[[Workspace, Asked], None]
    ending: Callable[[Workspace, Asked], Asked]


def seal(folder: Path, kind: str, packed: Packed, kept_in: Path, kept: tuple[str, ...], job: str = "") -> Parcel:
    """The parcel in a folder, now that its files are written: their hashes, and parcel.json. kept: files of `kept_in` that go along. job:
    of the one that it is sent for."""
    reads = tuple(_file(folder / READS, name, words) for name, words in sorted(packed.holds.items()))
    begun = tuple(_file(kept_in, name, "What was trained so far") for name in sorted(kept))
    identity = json.dumps([kind, job, dict(packed.asked), [(file.name, file.sha256) for file in reads]], sort_keys=True)
    parcel = Parcel(hashlib.sha256(identity.encode()).hexdigest()[:16], kind, packed.asked, reads, begun, packed.people, folder, kept_in)
    write_text(folder / MANIFEST, json.dumps(parcel.as_plain(), indent=1))
    return parcel


def read_manifest(folder: Path) -> Parcel:
    """The parcel that lies in a folder. JobError where it is none, or of another version."""
    try:
        plain = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if plain.pop("format") != FORMAT or plain.pop("version") != VERSION:
            raise ValueError("another version")
        return parcel_of(plain, folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JobError(f"There is no parcel of this version in {folder} ({error}). Both machines need the same PAT Explorer.") from error


def parcel_of(plain: Mapping[str, Any], folder: Path) -> Parcel:
    """A parcel from plain values. KeyError, TypeError or ValueError where they are none."""
    reads, kept = (tuple(ParcelFile(**file) for file in plain[name]) for name in ("reads", "kept"))
    return Parcel(str(plain["id"]), str(plain["kind"]), dict(plain["asked"]), reads, kept, int(plain["people"]), folder, folder / KEPT)


def source_of(parcel: Parcel, file: ParcelFile) -> Path:
    """Where a file of a parcel lies here."""
    return (parcel.path / READS if file in parcel.reads else parcel.kept_in) / file.name


def hash_of(path: Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _file(folder: Path, name: str, holds: str) -> ParcelFile:
    path = folder / name
    return ParcelFile(name, path.stat().st_size, hash_of(path), holds)


def make_parts(folder: Path) -> Path:
    """The folders of a parcel; that of what it reads."""
    make_folder(folder / KEPT)
    return make_folder(folder / READS)
