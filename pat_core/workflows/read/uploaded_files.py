"""Files that a reader brings: kept under the workspace until their import has ended, and checked before anything is started.

Each upload has a folder <workspace>/incoming/<id>-<pid>-<start>/, named after the process that wrote it, so that what a dead server
left behind is known. The import's job removes the folder when it is done; one that failed keeps it for a day, to be tried again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from pat_core.cohorts import CohortInfo, JobInfo, Workspace
from pat_core.cohorts.database_values import LONGEST_NAME, valid_name
from pat_core.cohorts.kept.shelf import new_id
from pat_core.cohorts.processes import owner, owner_alive
from pat_core.errors import PatError, RecordingError, WorkspaceError
from pat_core.files import make_folder, open_private
from pat_core.recordings.person_names import Matched, match
from pat_core.workflows.read.cohort_import import IMPORT, USUAL, ImportRequest, ImportSettings, read_labels

CHUNK = 1 << 20
LONGEST_FILE_NAME = 120
KEPT_AFTER_FAILURE = timedelta(days=1)
"""How long the files of an import that did not end well are kept, so that it can be tried again."""

Labels = dict[str, dict[str, str | float | None]]


class NamedStream(Protocol):
    """An uploaded file: its name as the reader's machine has it, and its bytes."""

    name: str

    def read(self, size: int = -1, /) -> bytes: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...


@dataclass(frozen=True)
class KeptUpload:
    """An upload that lies on disk already: its name as it was brought, and its file, in a folder of its own under incoming/."""

    name: str
    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size


def receive(workspace: Workspace, files: Sequence[NamedStream | KeptUpload]) -> tuple[KeptUpload, ...]:
    """Stream uploads to disk, a folder each, before it is known what becomes of them, so that none stays in memory. None of them, and
    WorkspaceError, where the disk is full. `discard_upload` removes one; those of a server that ended go at the next `sweep`."""
    received: list[KeptUpload] = []
    try:
        for file in files:
            received += [KeptUpload(file.name, path) for path in keep(workspace, [file])[1]]
    except BaseException:
        for upload in received:
            discard_upload(upload)
        raise
    return tuple(received)


def discard_upload(upload: KeptUpload) -> None:
    """Remove an upload that was received."""
    discard(upload.path.parent)


def start_import(
    workspace: Workspace,
    cohort: str,
    files: Sequence[NamedStream | KeptUpload] = (),
    place: str = "",
    labels: NamedStream | None = None,
    settings: ImportSettings = USUAL,
) -> str:
    """Check what was asked, keep the uploads and start the import's job; its id. Nothing is left behind where it is refused.

    files: uploads, as they come or as they were received; place: instead of them, a file or folder on this machine, read where it lies.
    labels: a table of people.
    Raises WorkspaceError (name taken, disk full), RecordingError (nothing chosen, no such place, labels no table), JobError.
    """
    name = _free_name(workspace, cohort)
    paths = [_existing(place)] if place.strip() else []
    if not files and not paths:
        raise RecordingError("No recording was chosen. Choose one or more files, or give a path on this machine.")
    brought = [*files, labels] if labels is not None else list(files)
    folder, uploads = keep(workspace, brought) if brought else (None, ())
    try:
        table = uploads[-1] if labels is not None else None
        if table is not None:
            read_labels(table)
        request = ImportRequest(
            paths=tuple(str(path) for path in [*paths, *uploads[: len(files)]]),
            cohort=name,
            labels=None if table is None else str(table),
            alignment=settings.alignment,
            incoming=None if folder is None else str(folder),
            note=f"Import {new_id()}",
            mappings=tuple(settings.mappings),
            clocks=settings.clocks,
            device=settings.device,
            placement=settings.placement,
            days=settings.days,
        )
        return IMPORT.launch(workspace, request, f"Import {name}")
    except BaseException:
        discard(folder)
        raise


def keep(workspace: Workspace, files: Sequence[NamedStream | KeptUpload]) -> tuple[Path, tuple[Path, ...]]:
    """Stream uploads to a folder of their own; the folder, and the files in the order given. WorkspaceError where the disk is full."""
    folder = workspace.folder / "incoming" / f"{new_id()}-{owner()}"
    try:
        make_folder(folder)
        return folder, tuple(write_upload(file, folder) for file in files)
    except OSError as error:
        discard(folder)
        raise WorkspaceError(
            f"The files could not be kept in {folder.parent}: {error.strerror or error}. Make room on the disk, or give a path on this "
            "machine instead: then nothing is copied."
        ) from error
    except BaseException:
        discard(folder)
        raise


def discard(folder: Path | None) -> None:
    """Remove an upload's folder."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def discard_import(workspace: Workspace, job: JobInfo) -> None:
    """Remove the files of an import that ended, for good: it cannot be tried again afterwards."""
    if not job.active and job.spec.get("incoming"):
        folder = Path(str(job.spec["incoming"]))
        if folder.parent == workspace.folder / "incoming":
            discard(folder)


def bring_again(workspace: Workspace, job: JobInfo) -> tuple[KeptUpload, ...]:
    """The recordings of an import that ended badly, as uploads to be imported anew; () where nothing of them is kept any more.

    Its own copies go. WorkspaceError where the disk is full; then they stay."""
    folder = Path(str(job.spec.get("incoming") or ""))
    paths = [Path(path) for path in job.spec.get("paths", ()) if folder in Path(path).parents and Path(path).exists()]
    if job.active or not paths:
        return ()
    again = receive(workspace, [KeptUpload(path.name, path) for path in paths])
    discard_import(workspace, job)
    return again


def cohort_of(workspace: Workspace, job: JobInfo) -> CohortInfo | None:
    """The cohort that an import made, also under another name; None where it made none, or it was deleted."""
    note = job.spec.get("note")
    return next((cohort for cohort in workspace.cohorts() if note and cohort.note == note), None)


def sweep(workspace: Workspace, now: datetime | None = None) -> tuple[Path, ...]:
    """Remove uploads that nothing will read any more; the folders removed.

    Kept are those of a job that waits or runs, those of one that ended badly within a day, and those a live process is writing.
    """
    folders = list((workspace.folder / "incoming").glob("*"))
    if not folders:
        return ()
    known = {str(job.spec["incoming"]): job for job in workspace.jobs(limit=None) if job.spec.get("incoming")}
    gone = tuple(folder for folder in folders if not _wanted(folder, known.get(str(folder)), now or datetime.now()))
    for folder in gone:
        discard(folder)
    return gone


def read_label_upload(file: NamedStream) -> Labels:
    """participant -> {column: value} of an uploaded table. Raises RecordingError in a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        return read_labels(write_upload(file, Path(folder)))


def named_in(names: Sequence[str], labels: Labels) -> int:
    """How many of these files are called after a participant of the table."""
    return len(match(labels, [Path(name).stem for name in names]).pairs)


def add_labels(workspace: Workspace, cohort: CohortInfo, labels: Labels) -> tuple[int, tuple[str, ...]]:
    """Add label columns to a cohort; names are found in other ways of writing too (see recordings.person_names).

    Returns how many people got some, and the table's people that the cohort does not have, the nearest names behind them.
    """
    matched = match(labels, [person.participant for person in workspace.people(cohort.name)])
    theirs = {matched.pairs.get(name, name): values for name, values in labels.items() if name not in matched.doubtful}
    unknown = workspace.set_labels(cohort.name, theirs)
    lost = (*unknown, *matched.doubtful)
    return len(theirs) - len(unknown), tuple(_hinted(name, matched) for name in lost)


def _hinted(name: str, matched: Matched) -> str:
    if name in matched.doubtful:
        return f"{name} ({matched.doubtful[name].rstrip('.')})"
    near = matched.missing.get(name, ())
    return f"{name} (did you mean {' or '.join(near)}?)" if near else name


def suggested_name(workspace: Workspace, names: Sequence[str]) -> str:
    """A free name for a cohort, after the first of some files."""
    stem = _safe_name(names[0]).split(".")[0].replace("_", " ").strip()[: LONGEST_NAME - 4] if names else ""
    taken = {cohort.name for cohort in workspace.cohorts()}
    tries = [stem or "My cohort", *(f"{stem or 'My cohort'} {number}" for number in range(2, len(taken) + 3))]
    return next(name for name in tries if name not in taken)


def _free_name(workspace: Workspace, cohort: str) -> str:
    name = valid_name(cohort, "cohort")
    coming = {job.spec.get("cohort") for job in workspace.jobs(limit=None, active_only=True) if job.kind == IMPORT.kind}
    if name in coming:
        raise WorkspaceError(f"Recordings are being imported into a cohort called {name!r} right now. Wait for it, or choose another name.")
    if any(info.name == name for info in workspace.cohorts()):
        raise WorkspaceError(f"A cohort is already called {name!r}. Choose another name.")
    return name


def _existing(place: str) -> Path:
    path = Path(place.strip().strip("\"'")).expanduser().absolute()
    if not path.exists():
        raise RecordingError(f"There is no file or folder {path} on the machine where PAT Explorer runs. Check the path.")
    return path


def _wanted(folder: Path, job: JobInfo | None, now: datetime) -> bool:
    if job is None:
        return owner_alive(folder.name) and now.timestamp() - folder.stat().st_mtime < KEPT_AFTER_FAILURE.total_seconds()
    if job.active:
        return True
    return job.state != "done" and job.finished is not None and now - job.finished < KEPT_AFTER_FAILURE


def write_upload(file: NamedStream | KeptUpload, folder: Path) -> Path:
    """One upload as a file of its own name: the name tells whose recording it is where nothing inside does."""
    target = folder / _safe_name(file.name)
    if target.exists():
        target = folder / new_id() / target.name
        make_folder(target.parent)
    if isinstance(file, KeptUpload):
        _link(file.path, target)
        return target
    file.seek(0)
    with open_private(target, "xb") as stream:
        while block := file.read(CHUNK):
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    return target


def _link(source: Path, target: Path) -> None:
    """The same bytes under another name; what was received stays, for where the import is refused."""
    try:
        os.link(source, target)
    except OSError:  # a file system without such names
        with open(source, "rb") as old, open_private(target, "xb") as new:
            shutil.copyfileobj(old, new, CHUNK)


def _safe_name(name: str) -> str:
    """The last part of a name, printable and of a length that every file system takes."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(character for character in last if character.isprintable()).strip()
    if plain.strip(".") == "":
        raise PatError("An uploaded file has no name. Give it one and choose it again.")
    stem, dot, ending = plain.rpartition(".")
    return plain if len(plain) <= LONGEST_FILE_NAME else f"{(stem or plain)[:80]}{dot}{ending[-20:]}"
