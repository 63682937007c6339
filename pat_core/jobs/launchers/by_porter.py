"""The launcher of every place that a porter answers for: this computer in another folder or Python, another one over SSH, a Slurm
cluster."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pat_core.errors import PlaceTrouble
from pat_core.files import make_folder, replacing
from pat_core.jobs.file_progress import LOG, METRICS
from pat_core.jobs.launcher import ROOT
from pat_core.jobs.launchers.launcher_contract import KeptFile, Look, News, Sent, There
from pat_core.jobs.launchers.place_book import DAYS_KEPT, Place
from pat_core.jobs.launchers.porter_line import PorterLine
from pat_core.jobs.launchers.ray_server import explain_bridge
from pat_core.jobs.launchers.ssh_command import explain, of_python, ssh_command
from pat_core.jobs.parcel import Parcel, ParcelFile, source_of

AT_ONCE = 4 << 20
SENT_AT_MOST = 3
"""How often a file is sent that arrives damaged."""


class ByPorter:
    """Implements `launcher_contract.Launcher`. starter: what begins work there, a key of `porter.STARTERS`."""

    def __init__(self, place: Place, starter: str) -> None:
        self.place, self.starter = place, starter
        self._line = _line(place)

    def look(self) -> Look:
        answer = self._ask("look", days=float(self.place.option("days", DAYS_KEPT)))
        return Look(**answer | {"devices": tuple(answer["devices"])})

    def send(self, parcel: Parcel, sent: Sent) -> None:
        wanted = {file.sha256: file.size for file in parcel.files}
        there, total = self._ask("sent", wanted=wanted)["there"], sum(wanted.values())
        before = sum(there.values())
        sent(before, total)
        for file in parcel.files:
            self._send_file(parcel, file, there, lambda: sent(sum(there.values()), total))
        self._ask("open", parcel=parcel.as_plain())

    def begin(self, parcel: str) -> There:
        return There(**self._ask("begin", id=parcel))

    def state(self, parcel: str) -> There:
        return There(**self._ask("state", id=parcel))

    def news(self, parcel: str, after: Mapping[str, int]) -> News:
        answer = self._ask("news", id=parcel, after=dict(after))
        points = [json.loads(line) for line in answer[METRICS].splitlines() if line.startswith("[")]
        return News(tuple((int(step), values) for step, values in points), answer[LOG], answer["after"])

    def kept(self, parcel: str) -> tuple[KeptFile, ...]:
        return tuple(KeptFile(**file) for file in self._ask("kept", id=parcel)["files"])

    def fetch(self, parcel: str, file: KeptFile, to: Path) -> None:
        make_folder(to.parent)
        digest, offset = hashlib.sha256(), 0
        with replacing(to, durable=True) as waiting:
            with open(waiting, "wb") as stream:
                while offset < file.size:
                    _, content = self._line.ask("read", id=parcel, name=file.name, offset=offset)
                    if not content:
                        break
                    stream.write(content)
                    digest.update(content)
                    offset += len(content)
            if digest.hexdigest() != file.sha256:
                raise PlaceTrouble(f"{file.name} changed at {self.place.name} while it was fetched.", passing=True)

    def cancel(self, parcel: str) -> There:
        there = There(**self._ask("cancel", id=parcel))
        if there.state in ("queued", "running"):
            raise PlaceTrouble(f"The work at {self.place.name} ({there.id}) does not stop.", passing=True)
        return there

    def forget(self, parcel: str) -> None:
        self._ask("forget", id=parcel)

    def close(self) -> None:
        self._line.close()

    def _ask(self, verb: str, **values: Any) -> dict[str, Any]:
        return self._line.ask(verb, starter=self.starter, options=dict(self.place.options), **values)[0]

    def _send_file(self, parcel: Parcel, file: ParcelFile, there: dict[str, int], sent: Any) -> None:
        begun = 0
        with open(source_of(parcel, file), "rb") as stream:
            while there[file.sha256] < file.size:
                offset = there[file.sha256]
                begun += offset == 0
                if begun > SENT_AT_MOST:
                    raise PlaceTrouble(f"{file.name} arrives damaged at {self.place.name} again and again. Check the disk there.")
                stream.seek(offset)
                content = stream.read(AT_ONCE)
                if not content:
                    raise PlaceTrouble(f"{file.name} changed here while it was sent. Resume the job.", passing=True)
                plain = {"sha256": file.sha256, "size": file.size, "offset": offset}
                there[file.sha256] = int(self._line.ask("append", content, **plain)[0]["there"])
                sent()


def _line(place: Place) -> PorterLine:
    """The way to the porter of a place."""
    there = [place.python, "-m", "pat_core", "porter", "--folder", place.folder]
    code = str(place.option("code"))
    if place.kind == "ray":
        words = [f"--ray={place.address}", f"--place={place.name}", f"--options={json.dumps(dict(place.options))}"]
        return PorterLine(place.name, [_python(place), *there[1:], *words], _environment(str(ROOT)), partial(explain_bridge, place.name))
    if place.address:
        command = ssh_command(place, there, {"PYTHONPATH": code} if code else {})
        return PorterLine(place.name, command, None, partial(explain, place))
    return PorterLine(place.name, [_python(place), *there[1:]], _environment(code or str(ROOT)), partial(of_python, place))


def _python(place: Place) -> str:
    """The Python on this computer that speaks with a place: the one that runs here, unless its record names another."""
    return str(Path(place.python).expanduser()) if place.python != Place.python else sys.executable


def _environment(code: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": code}
