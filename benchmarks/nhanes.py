"""Speed and memory of reading NHANES' minutes, on generated files of PAXMIN's layout, in one run.

    python -m benchmarks.nhanes [--people 30] [--large 600] [--rounds 3]

Speed: every cell of the same file by pandas.read_sas in chunks and by our own reader, in turn; then our reader on the columns that a week
needs, and the whole way onto tapes. Medians. Memory: the larger file is brought in by processes of their own, and what is told is the most
that each ever held, with everything that it imports: by the command itself (`python -m pat_core nhanes`, with its cohort), and by the
reading, cutting and standardizing in it alone; of these, also how much lay above what the process held before it began.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

from benchmarks.machine import keep
from pat_core.nhanes import Tapes, TransportFile, collect
from pat_core.progress import Silent
from pat_core.recordings.tables import xpt
from pat_core.recordings.tables.nhanes_days import NEEDED, OPTIONAL, WIDTHS

MINUTES = 8 * 1440 + 60
CHUNK = 100_000
FASTER, MEGABYTES = 5.0, 300.0
"""Asked for: at least so many times as fast as pandas, and at most so much memory."""
COLUMNS = (
    "SEQN",
    "PAXDAYM",
    "PAXDAYWM",
    "PAXSSNMP",
    "PAXTSM",
    "PAXAISMM",
    "PAXMTSM",
    "PAXMXM",
    "PAXMYM",
    "PAXMZM",
    "PAXPREDM",
    "PAXTRANM",
    "PAXLXMM",
    "PAXLXSDM",
    "PAXQFM",
    "PAXFLGSM",
)
CODES = {"PAXPREDM": "1", "PAXTRANM": "0", "PAXFLGSM": ""}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=30, help="in the file that speed is measured on")
    parser.add_argument("--large", type=int, default=600, help="in the file that memory is measured on")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small = generate(Path(folder) / "small" / "PAXMIN_G.xpt", chosen.people)
        result: dict[str, object] = {"speed": speed(small, chosen.people * MINUTES, chosen.rounds, Path(folder))}
        small.unlink()
        large = generate(Path(folder) / "large" / "PAXMIN_G.xpt", chosen.large)
        result["memory"] = memory(large)
    keep("nhanes", result)


def generate(path: Path, people: int) -> Path:
    """A file of so many people: one is written by pyreadstat, the others are her rows under other numbers and with other values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    clock = 870 + np.arange(MINUTES)
    values = np.random.default_rng(0).gamma(0.6, 12.0, MINUTES).round(3)
    numbers = {
        "SEQN": 62161.0,
        "PAXSSNMP": np.arange(MINUTES) * 4800.0,
        "PAXTSM": 60.0,
        "PAXMTSM": values,
        "PAXMXM": values / 3,
        "PAXMYM": values / 3,
        "PAXMZM": values / 3,
        "PAXLXMM": 12.5,
    }
    text = {"PAXDAYM": (clock // 1440 + 1).astype(str), "PAXDAYWM": (clock // 1440 % 7 + 1).astype(str), **CODES}
    frame = pd.DataFrame({name: text.get(name, numbers.get(name, 0.0)) for name in COLUMNS}, index=range(MINUTES))
    pyreadstat.write_xport(frame, str(path), file_format_version=5, table_name="PAXMIN_G")
    with path.open("rb") as stream:
        layout = xpt.read_layout(stream)
        head = stream.tell()
    content = path.read_bytes()
    rows = np.frombuffer(content, np.uint8, MINUTES * layout.row_bytes, head).reshape(MINUTES, -1).copy()
    value = next(variable.position for variable in layout.variables if variable.name == "PAXMTSM")
    cells = rows[:, value : value + 8].copy()
    with path.open("wb") as file:
        file.write(content[:head])
        for person in range(people):
            rows[:, :8] = np.frombuffer(_ibm(62161 + person), np.uint8)
            rows[:, value : value + 8] = np.roll(cells, 37 * person, axis=0)
            file.write(rows.data)
        file.write(b" " * (-(people * rows.size) % xpt.CARD))
    return path


def _ibm(number: int) -> bytes:
    """A whole number below 16^6 as an IBM float."""
    return bytes([0x46]) + number.to_bytes(3, "big") + bytes(4)


def speed(path: Path, rows: int, rounds: int, folder: Path) -> dict[str, object]:
    """Median seconds of each way, rows a second, and how many times as fast as pandas."""
    needed = (*NEEDED["PAXMIN"], *OPTIONAL["PAXMIN"])
    ways: dict[str, Callable[[], int]] = {
        "pandas.read_sas in chunks": lambda: _by_pandas(path),
        "own reader, every column": lambda: _by_own(path, None),
        "own reader, the columns of a week": lambda: _by_own(path, needed),
        "own, onto tapes": lambda: _onto_tapes(path, folder),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            if way() != rows:
                raise SystemExit(f"{name} did not read all {rows} rows")
            seconds[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    pandas = medians["pandas.read_sas in chunks"]
    told = {
        name: {"seconds": round(took, 3), "million rows a second": round(rows / took / 1e6, 2), "times as fast": round(pandas / took, 1)}
        for name, took in medians.items()
    }
    return {
        "rows": rows,
        "megabytes": round(path.stat().st_size / 1e6),
        "ways": told,
        "asked for": FASTER,
        "met": pandas / medians["own reader, every column"] >= FASTER,
    }


def _by_pandas(path: Path) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pd.read_sas(path, format="xport", chunksize=CHUNK) as chunks:
            return sum(len(chunk) for chunk in chunks)


def _by_own(path: Path, names: tuple[str, ...] | None) -> int:
    with path.open("rb") as stream:
        return sum(block["SEQN"].size for block in xpt.read_blocks(stream, xpt.read_layout(stream), names))


def _onto_tapes(path: Path, folder: Path) -> int:
    with Tapes(folder / "tapes", WIDTHS["PAXMIN"]) as tapes:
        return collect(TransportFile(path, path.stat().st_size), "PAXMIN", tapes, Silent()).rows


# Scripts of their own, so that nothing but what they need is in them: this module holds pandas' reader and more.
PEAK = """
import json, sys, time
from pathlib import Path

def peak():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")) / 1024
"""
COMMAND = """
from pat_core.__main__ import main

began = time.perf_counter()
line = ["nhanes", "--cycles", "2011", "--files", sys.argv[1], "--out", sys.argv[2], "--workspace", sys.argv[2] + "/workspace", "--json"]
sys.exit(main(line) or print(json.dumps({"MB at the most": peak(), "seconds": time.perf_counter() - began})))
"""
ALONE = """
from pat_core.nhanes import CYCLES, CycleFiles, Settings, locked, prepare, transport_files
from pat_core.progress import Silent

out, minutes = Path(sys.argv[2]), transport_files(Path(sys.argv[1]))["PAXMIN_G"]
before, began = peak(), time.perf_counter()
with locked(out):
    prepare(CYCLES[2011], CycleFiles(minutes, {}), out, Settings(), Silent())
print(json.dumps({"MB at the most": peak(), "MB above the start": peak() - before, "seconds": time.perf_counter() - began}))
"""


def memory(path: Path) -> dict[str, object]:
    """MB and seconds of both ways, each in a process of its own (Linux)."""
    told: dict[str, dict[str, float]] = {}
    for name, script in {"the command": COMMAND, "reading to standardizing alone": ALONE}.items():
        with tempfile.TemporaryDirectory() as out:
            line = [sys.executable, "-c", PEAK + script, str(path.parent), out]
            said = subprocess.run(line, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        told[name] = {what: round(value, 1) for what, value in json.loads(said).items()}
    peaks = {name: figures["MB at the most"] <= MEGABYTES for name, figures in told.items()}
    return {"megabytes of the file": round(path.stat().st_size / 1e6), "ways": told, "asked for": MEGABYTES, "met": peaks}


if __name__ == "__main__":
    main()
