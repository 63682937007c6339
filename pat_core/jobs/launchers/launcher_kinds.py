"""The kinds of places, and what reaches each. A new kind is a line here, with a launcher (launcher_contract.py) of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pat_core.cohorts.database_values import valid_name
from pat_core.errors import JobError
from pat_core.jobs.launchers.by_porter import ByPorter
from pat_core.jobs.launchers.launcher_contract import Launcher
from pat_core.jobs.launchers.place_book import WORD, Place, refuse_address
from pat_core.jobs.launchers.ray_server import of_place

OF_ALL = {
    "days": "days that arrays stay there after their last use (default 14)",
    "processes": "that train together there, a GPU each (default 1)",
}
OF_SSH = {
    "port": "of its SSH server, where it is not 22 or in your SSH configuration",
    "ssh_config": "another configuration file of OpenSSH than your own",
}
OF_CODE = {"code": "folder of a checkout of PAT Explorer there, where it is not installed"}
OF_SLURM = {
    "partition": "of the cluster",
    "gpus": "how many, or which: 1, a100:1",
    "time": "limit, as minutes or days-hours:minutes:seconds",
    "memory": "as 32G",
    "cpus": "cores",
    "account": "that pays for it",
    "qos": "quality of service",
    "constraint": "on the nodes",
    "modules": "to load before Python starts",
    "container": "image of Apptainer in which Python runs",
}

OF_RAY = {
    "client": "port of Ray Client (default 10001)",
    "gpus": "how many",
    "cpus": "cores (default 1)",
    "memory": "as 32G",
    "resource": "a resource of the cluster's own that the node must have",
    "network": "trusted, where nobody else can read what goes between here and there",
}


@dataclass(frozen=True)
class Kind:
    """title: for a list. address: whether a place of this kind has one: "none", "needed", or "possible". options: name -> in words. reach:
    its launcher."""

    title: str
    address: str
    options: Mapping[str, str]
    reach: Callable[[Place], Launcher]


KINDS: Mapping[str, Kind] = {
    "process": Kind("This computer, with another folder or Python", "none", OF_ALL | OF_CODE, lambda place: ByPorter(place, "process")),
    "ssh": Kind("Another computer over SSH", "needed", OF_ALL | OF_CODE | OF_SSH, lambda place: ByPorter(place, "process")),
    "slurm": Kind(
        "A Slurm cluster", "possible", OF_ALL | OF_CODE | OF_SSH | OF_SLURM, lambda place: ByPorter(place, "slurm")
    ),
    "ray": Kind("A Ray cluster, or one GPU server with Ray", "needed", OF_ALL | OF_CODE | OF_RAY, lambda place: ByPorter(place, "ray")),
}  # fmt: skip


def checked(place: Place) -> Place:
    """The place, where all of it makes sense together. JobError else, with what was expected."""
    valid_name(place.name, "place")
    kind = KINDS.get(place.kind)
    if kind is None:
        raise JobError(f"Expected the kind of the place {place.name!r} as one of {', '.join(KINDS)}, got {place.kind!r}.")
    if kind.address == "none" and place.address:
        raise JobError(f"A place of the kind {place.kind} has no address, but {place.address!r} was given. Choose ssh or slurm.")
    if place.kind == "ray":
        of_place(place.address, place.options)
    elif kind.address == "needed" or place.address:
        refuse_address(place)
    for name, value in place.options.items():
        if name not in kind.options:
            raise JobError(f"A place of the kind {place.kind} has no option {name!r}. It has {', '.join(kind.options)}.")
        for word in value if isinstance(value, list | tuple) else [value]:
            if not WORD.fullmatch(str(word)) or str(word).startswith("-"):
                raise JobError(f"Expected the option {name} of {place.name!r} as one word that does not begin with a hyphen, got {word!r}.")
    for name in ("port", "days", "processes", "client", "gpus" if place.kind == "ray" else "port"):
        if name in place.options and not str(place.options[name]).isdigit():
            raise JobError(f"Expected the option {name} of {place.name!r} as a whole number, got {place.options[name]!r}.")
    return place


def launcher_of(place: Place) -> Launcher:
    """What reaches a place; nothing is connected yet. JobError where its record makes no sense."""
    return KINDS[checked(place).kind].reach(place)
