"""Where and when a benchmark ran, and how its output is kept."""

from __future__ import annotations

import json
import os
import platform
from datetime import date
from pathlib import Path

import torch

from pat_core import __version__

RESULTS = Path(__file__).resolve().parent / "results"


def machine() -> dict[str, object]:
    """Date, processor, cores, versions."""
    described = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":")[1].strip() for line in described if line.startswith("model name")), platform.processor())
    return {
        "date": date.today().isoformat(),
        "processor": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "pat_core": __version__,
    }


def keep(name: str, result: object) -> Path:
    """Print a result and write it to benchmarks/results/<date>-<name>.json with the machine."""
    content = {"machine": machine(), "result": result}
    path = RESULTS / f"{date.today().isoformat()}-{name}.json"
    text = json.dumps(content, indent=1)
    path.write_text(text + "\n")
    print(text)
    return path
