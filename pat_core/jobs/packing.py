"""A parcel made from a request, and what it says of itself before anything leaves."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pat_core.cohorts import Workspace
from pat_core.files import make_folder
from pat_core.jobs.parcel import READS, Elsewhere, Parcel, seal
from pat_core.jobs.task import Spec


def pack(ws: Workspace, elsewhere: Elsewhere[Any], request: Spec, folder: Path, job: str = "") -> Parcel:
    """The parcel of a request in a folder, which is emptied first. What the task itself would refuse is refused."""
    shutil.rmtree(folder, ignore_errors=True)
    packed = elsewhere.pack(ws, request, make_folder(folder / READS))
    kept_in = elsewhere.keeps_in(ws, request)
    return seal(folder, elsewhere.task.kind, packed, kept_in, kept_names(kept_in, elsewhere), job)


def kept_names(folder: Path, elsewhere: Elsewhere[Any]) -> tuple[str, ...]:
    """The files of a folder that the work keeps, as paths below it."""
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return tuple(name for name in names if re.fullmatch(elsewhere.keeps, name))


@contextmanager
def leaving(ws: Workspace, elsewhere: Elsewhere[Any], request: Spec) -> Iterator[Parcel]:
    """What would leave this computer for a request, as the parcel that would be sent: its files with sizes, hashes and what they hold. It
    is there while the block runs."""
    with TemporaryDirectory(prefix="pat-parcel-") as folder:
        yield pack(ws, elsewhere, request, Path(folder) / "parcel")


def leaving_words(parcel: Parcel, address: str) -> list[str]:
    """What leaves, where to, in lines for a reader."""
    who = f"{parcel.people:,} people, as numbers" if parcel.people else "no people"
    what = f"{parcel.size / 1e6:,.1f} MB go" if parcel.files else "Nothing but settings goes"
    head = f"{what} to {address}: {who}; no names, no dates, no participants' ids."
    return [head, *(f"{file.name}: {file.holds}. {file.size:,} bytes, SHA-256 {file.sha256}" for file in parcel.files)]
