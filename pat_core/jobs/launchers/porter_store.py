"""What lies at a place: arrays by their hashes, and parcels. Used by the porter there (porter.py), and by whatever else reaches its files.

<folder>/objects/<sha256>          files that were sent; <sha256>.part: one that is on its way
<folder>/parcels/<id>/             a parcel (`pat_core.jobs.parcel`), whose files are links to objects
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pat_core.cohorts.workspace_trouble import NO_ROOM
from pat_core.errors import JobError
from pat_core.files import make_folder, open_private, replacing, write_text
from pat_core.jobs.file_progress import STATE
from pat_core.jobs.parcel import KEPT, MANIFEST, READS, hash_of, parcel_of

_HASH, _ID = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{16}")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*){0,3}")
NEW = ".new-"


class PorterStore:
    """The folder of a place, made where it is not there. JobError where it cannot be, or what is asked has no proper name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self._hashes: dict[Path, tuple[Any, ...]] = {}
        try:
            self.objects, self.parcels = make_folder(self.folder / "objects"), make_folder(self.folder / "parcels")
        except OSError as error:
            raise JobError(f"The folder {self.folder} cannot be made there: {error.strerror or error}. Choose another folder.") from error

    def parcel(self, identity: str) -> Path:
        """The folder of a parcel, which need not be there."""
        if not _ID.fullmatch(identity):
            raise JobError(f"Expected the id of a parcel, got {identity!r}.")
        return self.parcels / identity

    def sent(self, wanted: Mapping[str, int]) -> dict[str, int]:
        """Hash -> bytes that are there of each of these files; its size only where it is whole. wanted: hash -> size."""
        for sha256, size in wanted.items():
            part = self._object(sha256).with_suffix(".part")
            if part.exists() and part.stat().st_size >= size:  # a kill came between its last byte and its name
                self._finish(part, sha256)
        return {sha256: self._there(sha256) for sha256 in wanted}

    def append(self, sha256: str, size: int, offset: int, content: bytes) -> int:
        """Adds to a file that is on its way; the bytes that are there now, which are others than expected where another sender was faster.
        The file is whole once it has its size and its hash; with another hash it starts anew, at 0. JobError where the disk is full."""
        there = self._there(sha256)
        if there != offset or self._object(sha256).exists():
            return there
        part = self._object(sha256).with_suffix(".part")
        try:
            with open_private(part, "ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if file.seek(0, os.SEEK_END) != offset:
                    return file.tell()
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise refused(error, self.folder) from error
        if offset + len(content) < size:
            return offset + len(content)
        return size if self._finish(part, sha256) else 0

    def open(self, plain: Mapping[str, Any]) -> None:
        """Lays out a parcel whose files are all there. One that lies there already gets what is kept at the sender in place of its own."""
        parcel = parcel_of(plain, Path())
        folder = self.parcel(parcel.id)
        for file in parcel.files:
            self._checked(file.name)
        if folder.is_dir():
            self._lay(folder / KEPT, [(file.name, file.sha256) for file in parcel.kept])
            return
        draft = self.parcels / f"{NEW}{parcel.id}-{os.getpid()}"
        try:
            shutil.rmtree(draft, ignore_errors=True)
            self._lay(make_folder(draft) / READS, [(file.name, file.sha256) for file in parcel.reads])
            self._lay(draft / KEPT, [(file.name, file.sha256) for file in parcel.kept])
            write_text(draft / MANIFEST, json.dumps(parcel.as_plain(), indent=1))
            os.rename(draft, folder)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            if not folder.is_dir():
                raise refused(error, self.folder) from error

    def kept(self, identity: str) -> list[dict[str, Any]]:
        """Name, size and hash of what the work keeps."""
        folder = self.parcel(identity) / KEPT
        names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*"))]
        described = (self._described(folder / name, name) for name in names if _NAME.fullmatch(name))
        return [one for one in described if one is not None]

    def read(self, identity: str, name: str, offset: int, most: int) -> bytes:
        """Some bytes of a kept file."""
        with open(self.parcel(identity) / KEPT / self._checked(name), "rb") as file:
            file.seek(offset)
            return file.read(most)

    def forget(self, identity: str) -> None:
        """Removes a parcel; its arrays stay until they are swept."""
        shutil.rmtree(self.parcel(identity), ignore_errors=True)

    def sweep(self, days: float) -> None:
        """Removes arrays that no parcel has and that lay unused for so many days, and parcels of work that was silent for as long."""
        oldest = time.time() - days * 86_400
        for folder in self.parcels.iterdir():
            state = folder / STATE  # written every second by work at hand
            if state.exists() and max(path.stat().st_mtime for path in (state, folder / MANIFEST)) < oldest:
                shutil.rmtree(folder, ignore_errors=True)
        for path in self.objects.iterdir():
            facts = path.stat()
            if facts.st_nlink == 1 and max(facts.st_mtime, facts.st_atime) < oldest:
                path.unlink(missing_ok=True)

    @contextmanager
    def alone(self, identity: str) -> Iterator[Path]:
        """The folder of a parcel, to be begun or stopped by one process at a time. JobError where it was not sent."""
        folder = self.parcel(identity)
        if not folder.is_dir():
            raise JobError(f"The parcel {identity} is not there any more. It is sent again when the job is resumed.")
        with open_private(folder / "begin.lock", "a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield folder

    def _described(self, path: Path, name: str) -> dict[str, Any] | None:
        """Hashes are remembered: checkpoints of hundreds of megabytes are asked for again and again."""
        try:
            with open(path, "rb") as file:  # one that is replaced meanwhile stays as it was while it is open
                facts = os.fstat(file.fileno())
                state = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
                if self._hashes.get(path, (None,))[0] != state:
                    self._hashes[path] = (state, hashlib.file_digest(file, "sha256").hexdigest())
        except (FileNotFoundError, IsADirectoryError):
            return None
        return {"name": name, "size": facts.st_size, "sha256": self._hashes[path][1]}

    def _finish(self, part: Path, sha256: str) -> bool:
        """Gives a file its name once all of it is there; False where it arrived damaged, and is sent again."""
        if hash_of(part) != sha256:
            part.unlink(missing_ok=True)
            return False
        os.replace(part, self._object(sha256))
        return True

    def _lay(self, folder: Path, files: Iterable[tuple[str, str]]) -> None:
        make_folder(folder)
        for name, sha256 in files:
            path = folder / name
            make_folder(path.parent)
            with replacing(path) as waiting:
                if folder.name == KEPT:  # the work replaces these
                    shutil.copyfile(self._object(sha256), waiting)
                else:
                    _link(self._object(sha256), waiting)

    def _there(self, sha256: str) -> int:
        whole = self._object(sha256)
        for path in (whole, whole.with_suffix(".part")):
            if path.exists():
                if path == whole:
                    os.utime(path)  # it is used: not to be swept
                return path.stat().st_size
        return 0

    def _object(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise JobError(f"Expected a SHA-256, got {sha256!r}.")
        return self.objects / sha256

    def _checked(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise JobError(f"Expected the name of a file in a parcel, got {name!r}.")
        return name


def _link(whole: Path, name: Path) -> None:
    """One file under two names; a copy where the disk has no such links."""
    name.unlink()
    try:
        os.link(whole, name)
    except OSError:
        shutil.copyfile(whole, name)


def refused(error: OSError, folder: Path) -> JobError:
    """What it means that the folder of a place cannot be written."""
    if error.errno in NO_ROOM:
        return JobError(f"The disk there is full ({folder}). Make room there, or choose another folder for the place, then resume the job.")
    return JobError(
        f"The folder {folder} there cannot be written: {error.strerror or error}. Allow writing there, or choose another folder."
    )
