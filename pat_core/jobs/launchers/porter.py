"""The porter: our own program at a place, which answers whoever started it over its standard input and output (`python -m pat_core
porter`).

It ends with its connection; work that it began goes on. What it may be asked stands in `VERBS`.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from pat_core.cohorts.workspace_trouble import NO_ROOM
from pat_core.errors import JobError, PatError, PlaceTrouble
from pat_core.files import reserve
from pat_core.jobs.file_progress import LOG, METRICS, STOP
from pat_core.jobs.launchers.frames import GREETING, read_frame, write_frame
from pat_core.jobs.launchers.launcher_contract import ENDED, There, as_plain
from pat_core.jobs.launchers.machine import machine_facts
from pat_core.jobs.launchers.porter_store import NEW, PorterStore, refused
from pat_core.jobs.launchers.ray_starter import RayStarter
from pat_core.jobs.launchers.slurm_starter import SlurmStarter
from pat_core.jobs.launchers.starters import STOPS_WITHIN, ProcessStarter, Starter

STARTERS: Mapping[str, Callable[[], Starter]] = {"process": ProcessStarter, "slurm": SlurmStarter, "ray": RayStarter}
AT_ONCE = 4 << 20
"""Bytes of a file, a log or a curve in one answer."""
LEAST_FREE = 1 << 20
"""Bytes of the disk without which no work is begun: it could not even say how it ended."""


def serve(folder: Path, requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answers until the connection ends."""
    answers.write(GREETING.encode() + b"\n")
    answers.flush()
    porter = Porter(folder)
    while (frame := read_frame(requests)) is not None:
        write_frame(answers, *porter.reply(*frame))


class Porter:
    """What is asked of one place, done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def store(self) -> PorterStore:
        return PorterStore(self.folder)

    def reply(self, plain: Mapping[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
        """The answer to a request, or why there is none: {"error": sentence, "passing": ...}."""
        try:
            return self.answer(plain, content)
        except PatError as error:
            return {"error": str(error), "passing": isinstance(error, PlaceTrouble) and error.passing}, b""
        except OSError as error:
            if error.errno in NO_ROOM:
                return {"error": str(refused(error, self.folder))}, b""
            return {"error": f"The machine there answered: {error.strerror or error} ({error.filename or self.folder})."}, b""

    def answer(self, plain: Mapping[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
        """JobError for a verb that is none, or where it cannot be done."""
        verb = VERBS.get(str(plain.get("verb")))
        if verb is None:
            raise JobError(f"The other machine does not know {plain.get('verb')!r}. Both machines need the same PAT Explorer.")
        answer = verb(self, plain, content)
        return ({}, answer) if isinstance(answer, bytes) else (answer, b"")

    def look(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        self.store.sweep(float(plain["days"]))
        own = machine_facts(self.store.folder)
        ready = sum(not path.name.startswith(NEW) for path in self.store.parcels.iterdir())
        return own | {"ready": ready} | self._starter(plain).look(plain["options"])

    def sent(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        there = self.store.sent(plain["wanted"])
        missing = sum(size - there[sha256] for sha256, size in plain["wanted"].items())
        free = shutil.disk_usage(self.store.folder).free
        if missing > 0 and missing + sum(plain["wanted"].values()) > free:  # as much again for what the work keeps
            raise JobError(
                f"The disk there is full: {missing / 1e6:,.0f} MB are to be sent and {free / 1e6:,.0f} MB are free in {self.store.folder}. "
                "Make room there, or choose another folder for the place."
            )
        return {"there": there}

    def append(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        return {"there": self.store.append(plain["sha256"], plain["size"], plain["offset"], content)}

    def open(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        folder = self.store.parcel(plain["parcel"]["id"])
        if not folder.is_dir() or self._starter(plain).state(folder).state not in ("queued", "running", "done"):
            self.store.open(plain["parcel"])  # what work at hand keeps is newer than what its sender has
        return {}

    def begin(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        with self.store.alone(plain["id"]) as folder:
            starter = self._starter(plain)
            if shutil.disk_usage(folder).free < LEAST_FREE and starter.state(folder).state not in ("queued", "running", "done"):
                raise refused(OSError(NO_ROOM[0], os.strerror(NO_ROOM[0])), self.store.folder)
            return as_plain(starter.begin(folder, plain["options"]))

    def state(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        folder = self.store.parcel(plain["id"])
        return as_plain(self._starter(plain).state(folder) if folder.is_dir() else There("absent"))

    def news(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        folder, after = self.store.parcel(plain["id"]), dict(plain["after"])
        answer: dict[str, Any] = {}
        for name in (METRICS, LOG):
            text, after[name] = _lines(folder / name, after.get(name, 0))
            answer[name] = text
        return answer | {"after": after}

    def kept(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        return {"files": self.store.kept(plain["id"])}

    def read(self, plain: Mapping[str, Any], content: bytes) -> bytes:
        return self.store.read(plain["id"], plain["name"], plain["offset"], AT_ONCE)

    def cancel(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        starter = self._starter(plain)
        if not self.store.parcel(plain["id"]).is_dir():
            return as_plain(There("absent"))
        with self.store.alone(plain["id"]) as folder:
            reserve(folder / STOP)
            for hard in (False, True):
                there, until = starter.state(folder), time.monotonic() + STOPS_WITHIN
                if there.state in ("queued", "running"):
                    starter.stop(folder, hard)
                while there.state in ("queued", "running") and time.monotonic() < until:
                    time.sleep(0.2)
                    there = starter.state(folder)
        return as_plain(there)

    def stop(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        """Leaves the wish that the work stops, where it sees that by itself."""
        if (folder := self.store.parcel(plain["id"])).is_dir():
            reserve(folder / STOP)
        return {}

    def unwanted(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        return {"unwanted": (self.store.parcel(plain["id"]) / STOP).exists()}

    def forget(self, plain: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        folder = self.store.parcel(plain["id"])
        if folder.is_dir():
            if not plain.get("ended") and self._starter(plain).state(folder).state not in (*ENDED, "absent", "preempted", "lost"):
                raise JobError("The work is still under way there, so its files stay. Cancel it first.")
            self.store.forget(plain["id"])
        return {}

    def _starter(self, plain: Mapping[str, Any]) -> Starter:
        try:
            return STARTERS[plain["starter"]]()
        except KeyError as error:
            raise JobError(
                f"The other machine cannot start work by {plain.get('starter')!r}. Bring PAT Explorer up to date there."
            ) from error


VERBS: Mapping[str, Callable[[Porter, Mapping[str, Any], bytes], dict[str, Any] | bytes]] = {
    name: getattr(Porter, name)
    for name in ("look", "sent", "append", "open", "begin", "state", "news", "kept", "read", "cancel", "stop", "unwanted", "forget")
}


def _lines(path: Path, offset: int) -> tuple[str, int]:
    """Whole lines from an offset on, and where they end."""
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size < offset:
                offset = 0
            file.seek(offset)
            text = file.read(AT_ONCE)
    except FileNotFoundError:
        return "", offset
    text = text[: text.rfind(b"\n") + 1]
    return text.decode(errors="replace"), offset + len(text)
