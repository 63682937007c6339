"""Every reader under a fuzzer that follows the code's branches, and imports of damaged files: does anything but an answer come out?

    pip install atheris                    (Apache-2.0; used here alone)
    python -m benchmarks.fuzz [--seconds 20] [--formats agd csv ...] [--kept FOLDER]

An input is answered by a Reading, or by a sentence of a PatError. Anything else is a failure and its input is kept as a file: another
exception (also one that the import would have caught), more than 5 s of the processor (or 30 s of the clock), more than 500 MB above the
start, or values that no recording may have. Each format has a process of its own, and as many seconds of the processor as the others.
Inputs begin with small valid files written by the tests; formats behind checksums are fed twice, once as they are and once packed after
the fuzzer changed what is inside. Imports: cohorts of whole weeks, damaged at random, through `workflows.import_recordings`; a cohort is
complete (all weeks of all people that were read, all refusals) or not there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.fuzzing.imports import imports
from benchmarks.fuzzing.targets import answers, fuzz
from benchmarks.fuzzing.watch import MOST_WAITED


def one(number: int, name: str, seconds: int, kept: Path) -> dict[str, object]:
    """Run a target in a child and say how it went; inputs that failed are copied to `kept`."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        out, began = Path(folder), time.monotonic()
        line = [sys.executable, "-m", "benchmarks.fuzz", "--child", str(number), "--seconds", str(seconds), "--kept", folder]
        environment = os.environ | {"TMPDIR": folder, "PAT_WORKSPACE": f"{folder}/none", "OMP_NUM_THREADS": "1"}
        with contextlib.suppress(subprocess.TimeoutExpired), (out / "said").open("wb") as said:
            subprocess.run(line, stdout=said, stderr=said, env=environment, timeout=(MOST_WAITED + 1) * seconds + 300, check=False)
        text = (out / "said").read_text(errors="replace")
        watched = out / "watch.json"
        found = json.loads(watched.read_text()) if watched.exists() else {"inputs": 0, "failures": {f"did not run: {text[-400:]}": 1}}
        if not found["inputs"] and not found["failures"]:
            found["failures"]["not one input: give it more seconds, or a machine with less to do"] = 1
        ended = sorted(out.glob("ended-*"))
        if ended:
            found["failures"]["ended by the fuzzer: " + ended[0].name.split("-")[1]] = len(ended)
        edges = re.findall(r" cov: (\d+)", text)
        for file in [*ended, *out.glob("????????-?")]:
            kept.mkdir(parents=True, exist_ok=True)
            (kept / f"{re.sub(r'[^A-Za-z0-9]+', '-', name)[:40]}-{file.name}").write_bytes(file.read_bytes())
        return {"target": name, "seconds": round(time.monotonic() - began), "edges": int(edges[-1]) if edges else None} | found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20, help="of the processor, for each format")
    parser.add_argument("--formats", nargs="*", default=[], help="words of the names of formats; default all")
    parser.add_argument("--kept", type=Path, default=Path(tempfile.gettempdir()) / "pat-fuzz", help="where inputs that failed go")
    parser.add_argument("--child", type=int, help="fuzz this target in this process (used by the script itself)")
    chosen = parser.parse_args()
    if chosen.child is not None:
        (imports if chosen.child < 0 else fuzz)(chosen.child, chosen.seconds, chosen.kept)
        return
    targets = [(number, name) for number, (name, _, _) in enumerate(answers())] + [(-1, "import of whole cohorts")]
    rows = []
    for number, name in targets:
        if not chosen.formats or any(word.lower() in name.lower() for word in chosen.formats):
            rows.append(one(number, name, chosen.seconds, chosen.kept))
            print(json.dumps(rows[-1]), flush=True)
    if not chosen.formats:
        from benchmarks.machine import keep

        failed = sum(len(row["failures"]) for row in rows)
        keep("fuzz", {"inputs": sum(row["inputs"] for row in rows), "failures": failed, "targets": rows})


if __name__ == "__main__":
    main()
