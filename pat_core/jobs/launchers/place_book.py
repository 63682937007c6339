"""The places of a workspace, where its work can run: backends.json in its folder, which never holds a password or a key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pat_core.cohorts import Workspace
from pat_core.cohorts.database_values import valid_name
from pat_core.errors import JobError
from pat_core.files import write_text

FILE = "backends.json"
HERE = "this computer"
"""The place that every workspace has, and that no record stands for."""
SECRET = re.compile(r"pass|secret|token|key|credential", re.IGNORECASE)
ADDRESS = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}@)?[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
"""[user@]host, or a name of the reader's own ssh configuration. It cannot begin with a hyphen, so it is never read as an option."""
WORD = re.compile(r"[A-Za-z0-9_.,:=+@/~%\[\]*-]{1,200}")
"""A value of an option that goes to another program."""
FOLDER = "~/pat-explorer"
DAYS_KEPT = 14
"""For so long arrays stay at a place after their last use, unless its record says otherwise."""


@dataclass(frozen=True)
class Place:
    """One place. kind: a key of `launcher_kinds.KINDS`. address: [user@]host, "" for this computer; of Ray the server's URL. folder: there,
    for parcels and arrays. python: there, with PAT Explorer and torch installed. options: of its kind (`launcher_kinds`).

    JobError where a value cannot be one, or something looks like a secret.
    """

    name: str
    kind: str
    address: str = ""
    folder: str = FOLDER
    python: str = "python3"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name == HERE:
            raise JobError(f"{HERE.capitalize()} is always there. Choose another name for the place.")
        for what, value in (("folder", self.folder), ("Python", self.python)):
            if not value.strip() or value.startswith("-") or not value.isprintable():
                raise JobError(f"Expected the {what} of the place {self.name!r} as a path there, got {value!r}.")
        if secret := next((name for name in self.options if SECRET.search(name)), None):
            raise JobError(
                f"{secret!r} looks like a secret, which is never kept here. Use your own SSH keys and ssh-agent, or an "
                "environment variable."
            )

    def option(self, name: str, default: Any = "") -> Any:
        """The value of an option."""
        return self.options.get(name, default)


def refuse_address(place: Place) -> None:
    """JobError unless the address is one that OpenSSH can only read as a host."""
    if not ADDRESS.fullmatch(place.address):
        raise JobError(
            f"Expected the address of {place.name!r} as user@host or a name of your SSH configuration, got {place.address!r}. It holds "
            "letters, digits, points and hyphens, and does not begin with a hyphen; a port goes into its options."
        )


def places(ws: Workspace) -> tuple[Place, ...]:
    """The places of a workspace, in the order in which they were added. JobError where their file cannot be read."""
    path = ws.folder / FILE
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Place(**one) for one in plain["places"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JobError(
            f"The list of places cannot be read ({path}: {error}). Mend the file, or remove it and add the places again."
        ) from error


def place_named(ws: Workspace, name: str) -> Place:
    """JobError where there is none of this name, with those that there are."""
    known = places(ws)
    one = next((place for place in known if place.name == name), None)
    if one is None:
        there = ", ".join([HERE, *(place.name for place in known)])
        raise JobError(f"No place is called {name!r}. There are: {there}. Add one on the page Backends, or with `backends add`.")
    return one


def keep_place(ws: Workspace, place: Place) -> None:
    """Adds a place, or puts it in the place of the one of the same name."""
    _write(ws, [*(one for one in places(ws) if one.name != valid_name(place.name, "place")), place])


def remove_place(ws: Workspace, name: str) -> None:
    """Forgets a place; what lies there stays there. JobError where there is none of this name."""
    gone = place_named(ws, name)
    _write(ws, [one for one in places(ws) if one != gone])


def _write(ws: Workspace, kept: list[Place]) -> None:
    plain = {"places": [asdict(place) for place in kept]}
    try:
        write_text(Path(ws.folder) / FILE, json.dumps(plain, indent=1))
    except OSError as error:
        raise JobError(
            f"The list of places cannot be written ({error.strerror or error}). Make room on the disk, then try again."
        ) from error
