"""Real archives through the command line: is everyone accounted for, and are the values the file's?

    python -m benchmarks.imports ../shared/data

obf_psychiatric_dev.zip: people in the archive against people that came in and people refused by name.
nhanes_2003_paxraw_c_dev.zip: every stored minute against an independent reader (pyreadstat) of the same transport file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pyreadstat

from benchmarks.machine import keep
from pat_core.cohorts import Workspace


def imported(archive: Path, name: str, workspace: Path) -> dict[str, object]:
    """`python -m pat_core import ... --json`, and how long it took, the start of Python included."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "pat_core", "import", str(archive), "--cohort", name, "--workspace", str(workspace), "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout) | {"seconds": round(time.perf_counter() - began, 1)}


def psychiatric(data: Path, workspace: Path) -> dict[str, object]:
    """One recording a person in the archive: each is in the cohort or among the refused."""
    archive = data / "obf_psychiatric_dev.zip"
    with zipfile.ZipFile(archive) as packed:
        people = {Path(name).stem for name in packed.namelist() if name.endswith(".csv") and not name.endswith("-info.csv")}
    done = imported(archive, "psychiatric", workspace)
    refused = {one["what"] for one in done["refused"]}
    came_in = {person.participant for person in Workspace(workspace).people("psychiatric")}
    return {
        "people in the archive": len(people),
        "came in": len(came_in),
        "weeks": done["weeks"],
        "refused by name": len(refused),
        "everyone accounted for": came_in | refused == people and not came_in & refused,
        "seconds": done["seconds"],
    }


def nhanes(data: Path, workspace: Path) -> dict[str, object]:
    """One week a person, each minute as in the file."""
    archive = data / "nhanes_2003_paxraw_c_dev.zip"
    done = imported(archive, "nhanes", workspace)
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(archive) as packed:
            path = packed.extract(next(name for name in packed.namelist() if name.lower().endswith(".xpt")), folder)
        table, _ = pyreadstat.read_xport(path)
    space = Workspace(workspace)
    weeks = space.weeks_array("nhanes")
    truth = {f"{int(person)}": group["PAXINTEN"].to_numpy(np.float32) for person, group in table.groupby("SEQN", sort=False)}
    same = [np.array_equal(weeks[row.row], truth[row.participant]) for row in space.week_rows("nhanes")]
    return {
        "people in the file": len(truth),
        "came in": done["people"],
        "weeks": done["weeks"],
        "refused": len(done["refused"]),
        "weeks identical to the file": sum(same),
        "minutes compared": int(weeks.size),
        "seconds": done["seconds"],
    }


def main() -> None:
    """Import both archives and keep the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        keep("imports", {"obf_psychiatric_dev.zip": psychiatric(data, workspace), "nhanes_2003_paxraw_c_dev.zip": nhanes(data, workspace)})


if __name__ == "__main__":
    main()
