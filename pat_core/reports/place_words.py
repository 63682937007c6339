"""Places where work can run, in words: what one has, and what would go there."""

from __future__ import annotations

import pandas as pd

from pat_core.jobs.launchers.launcher_contract import Look
from pat_core.jobs.parcel import Parcel
from pat_core.plurals import counted


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


def leaving_table(parcel: Parcel) -> pd.DataFrame:
    """A row for each file that would leave this computer: its size, what it holds, and its SHA-256."""
    rows = [{"File": file.name, "Bytes": file.size, "Holds": file.holds, "SHA-256": file.sha256} for file in parcel.files]
    return pd.DataFrame(rows, columns=["File", "Bytes", "Holds", "SHA-256"])


def option_title(option: str) -> str:
    """What an option of a place is called."""
    return OPTIONS.get(option, option.replace("_", " ").capitalize())


OPTIONS = {"gpus": "GPUs", "cpus": "CPU cores", "qos": "Quality of service", "ssh_config": "SSH configuration", "time": "Time limit"}
