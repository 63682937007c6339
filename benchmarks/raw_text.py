"""How fast, and with how much memory, a long raw recording is read from text.

    python -m benchmarks.raw_text --rows 24000000 [--folder DIR]

Rows at 100 Hz are written as OmGui writes them (a week has sixty million), read once as ENMO and once as counts, each in a process of its
own, and removed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.machine import keep
from tests.recordings.raw import text_writers

RATE, STEP = 100, 500_000
START = 1_709_287_200.0
MEASURES = ("enmo", "vector magnitude counts")


def write(path: Path, rows: int) -> None:
    """A device that shakes by day and lies by night, in pieces."""
    chance = np.random.default_rng(0)
    with path.open("wb") as file:
        file.write(b"time,x,y,z\n")
        for at in range(0, rows, STEP):
            times = START + np.arange(at, min(at + STEP, rows)) / RATE
            awake = (times // 3600 % 24 > 8)[:, None]
            xyz = chance.normal(0, 0.1, (times.size, 3)) * awake + chance.normal(0, 0.004, (times.size, 3)) + [0, -1, 0]
            file.write(text_writers.omgui(times, xyz))


def read(path: Path, measure: str, rows: int) -> dict[str, object]:
    """Rows a second and the most memory, of this process."""
    from pat_core.recordings.raw import read_raw
    from pat_core.recordings.source import file_source

    before = _memory()
    began, worked = time.perf_counter(), time.process_time()
    (recording,) = read_raw(file_source(path), measure=measure).recordings
    seconds = time.perf_counter() - began
    return {
        "measure": measure,
        "rows": rows,
        "GB of text": round(path.stat().st_size / 1e9, 2),
        "minutes": recording.values.size,
        "missing": int(np.isnan(recording.values).sum()),
        "seconds": round(seconds, 1),
        "seconds of processor": round(time.process_time() - worked, 1),
        "million rows a second": round(rows / seconds / 1e6, 2),
        "MB before": before,
        "MB at most": _memory(),
    }


def _memory() -> int:
    """Most MB that this process held so far. (What the operating system counts as its usage begins with its parent's.)"""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=24_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--one", nargs=2, metavar=("FILE", "MEASURE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(read(Path(chosen.one[0]), chosen.one[1], chosen.rows)))
        return
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        path = Path(folder) / "week.csv"
        write(path, chosen.rows)
        line = [sys.executable, "-m", "benchmarks.raw_text", "--rows", str(chosen.rows), "--one", str(path)]
        rows = [json.loads(subprocess.run([*line, one], check=True, capture_output=True, text=True).stdout) for one in MEASURES]
    keep("raw-text", rows)


if __name__ == "__main__":
    main()
