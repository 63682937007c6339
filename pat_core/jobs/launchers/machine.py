"""What a machine has for work: versions, processors, memory, and how much of it is in use."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pat_core import __version__

SMI = ["nvidia-smi", "--query-gpu=name,memory.total,memory.used,utilization.gpu", "--format=csv,noheader,nounits"]


def machine_facts(folder: Path) -> dict[str, Any]:
    """Fields of `Look` for this machine. folder: on whose disk work would lie. Torch is not imported, so that this is quick."""
    cores, memory = os.cpu_count() or 1, _memory()
    load = _load(os.getloadavg()[0], cores) if hasattr(os, "getloadavg") else ""
    processors = _graphics()
    in_use = [f"{name}: {share} % in use, {used:,.0f} of {total:,.0f} MB" for name, total, used, share in processors]
    return {
        "versions": {
            "python": platform.python_version(),
            "pat_core": __version__,
            "torch": installed("torch"),
            "numpy": installed("numpy"),
        },
        "devices": ["cpu", *(f"cuda: {name}, {total / 1024:,.0f} GB" for name, total, _, _ in processors)],
        "cores": cores,
        "memory": memory,
        "disk_free": shutil.disk_usage(folder).free,
        "busy": "; ".join(filter(None, [load, *in_use])),
        "queue": "",
    }


def installed(package: str) -> str:
    """The version of a package; "" where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _load(wanted: float, cores: int) -> str:
    """wanted: how many cores the work at hand would keep busy."""
    if wanted > cores:
        return f"all {cores} cores in use, with work for {wanted:.0f}"
    return f"{wanted:.1f} of {cores} cores in use"


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def _graphics() -> list[tuple[str, float, float, str]]:
    """(name, memory in MB, of it in use, use in per cent) of each graphics processor of NVIDIA; none where its program is not there."""
    try:
        answer = subprocess.run(SMI, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in answer.splitlines()]
    return [(name, _number(total), _number(used), share) for name, total, used, share in (row for row in rows if len(row) == 4)]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
