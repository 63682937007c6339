"""Places where work can run, in words: what one has, how long work would take there, and what would go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pat_core.jobs.launchers.launcher_contract import Look
from pat_core.jobs.parcel import Parcel
from pat_core.plurals import counted

if TYPE_CHECKING:
    from pat_core.workflows.learn.time_to_expect import TimeToExpect


def look_lines(look: Look) -> list[tuple[str, str]]:
    """(what, in words) of all that is known of a place; what is not known is left out."""
    cores = counted(look.cores, "core", "cores") if look.cores else ""
    memory = f"{look.memory / 2**30:,.0f} GB of memory" if look.memory else ""
    lines = [
        ("Devices", "; ".join(look.devices)),
        ("Machine", ", ".join(filter(None, [cores, memory]))),
        ("Now", look.busy),
        ("Queue", look.queue or "nothing has to wait"),
        ("Free on its disk", f"{look.disk_free / 2**30:,.1f} GB" if look.disk_free else ""),
        ("Versions", ", ".join(f"{VERSIONS.get(name, name)} {number}" for name, number in look.versions.items() if number)),
    ]
    return [(what, words) for what, words in lines if words]


VERSIONS = {"python": "Python", "torch": "PyTorch", "numpy": "NumPy", "pat_core": "PAT Explorer"}


def time_words(time: TimeToExpect, place: str = "") -> str:
    """How long work takes. place: its name, "" for this computer."""
    where = f"at {place}" if place else "on this computer"
    words = f"About {duration_words(time.seconds)}{' at the most' if time.at_most else ''} {where} ({time.device})."
    if time.epochs and time.epoch:
        words += f" {time.epochs:,} epochs of {time.epoch:,.1f} s each; most trainings end sooner."
    elif time.epochs:
        words += f" {time.epochs:,} epochs in all; most trainings end sooner."
    return f"{words} Sending and waiting in a queue come on top." if place else words


def duration_words(seconds: float) -> str:
    """A length of time, roughly."""
    for unit, length in (("year", 365 * 86400.0), ("day", 86400.0), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:,.0f} {unit}s"
    return "a minute"


def leaving_table(parcel: Parcel) -> pd.DataFrame:
    """A row for each file that would leave this computer: its size, what it holds, and its SHA-256."""
    rows = [{"File": file.name, "Bytes": file.size, "Holds": file.holds, "SHA-256": file.sha256} for file in parcel.files]
    return pd.DataFrame(rows, columns=["File", "Bytes", "Holds", "SHA-256"])


def option_title(option: str) -> str:
    """What an option of a place is called."""
    return OPTIONS.get(option, option.replace("_", " ").capitalize())


OPTIONS = {"gpus": "GPUs", "cpus": "CPU cores", "qos": "Quality of service", "ssh_config": "SSH configuration", "time": "Time limit"}
