"""What the project puts out, with a SHA-256 each, so that a tree can be compared bit for bit with another one.

    python -m benchmarks.outputs --out FILE [--tree PATH] [--data ../shared/data] [--fast | --only STAGE ...]
    python -m benchmarks.outputs --out FILE --tree PATH --against BASELINE [--ignore-words]

Runs, stage by stage, the command line of the tree (cohorts, models, simulated people, imports, predictions, explanations by every
method, nights, quality, marks, fine-tunings, a small scoreboard, every --help), and takes the downloads of its pages. FILE names two
checksums of each output, of all of it and of its figures alone; the folder FILE.raw beside it holds the outputs in the form that was
compared (`benchmarks.outputs.canonical`, whose RULES say what is left out).

--against prints what differs and exits with 1; with --ignore-words sentences count by their digits alone. Without --tree, and where FILE
is there already, the two are compared and nothing runs. --fast leaves out trainings, the scoreboard and the large archive. Torch runs on
one thread: its sums depend on how many there are.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.outputs.canonical import RULES
from benchmarks.outputs.comparison import compare, raw_of
from benchmarks.outputs.lanes import Bench
from benchmarks.outputs.stages import FAST, STAGES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="a .json file; FILE.raw beside it holds the outputs")
    parser.add_argument("--tree", type=Path, help="whose outputs (default: this one)")
    parser.add_argument("--data", type=Path, help="recordings, with cases/ and golden/ beside them (default: TREE/../shared/data)")
    parser.add_argument("--against", type=Path, help="FILE of an earlier run")
    parser.add_argument("--ignore-words", action="store_true", help="sentences count by their digits alone")
    parser.add_argument("--fast", action="store_true", help="without trainings, scoreboard and the large archive")
    parser.add_argument("--only", nargs="+", choices=tuple(STAGES), metavar="STAGE", help=f"some alone: {', '.join(STAGES)}")
    parser.add_argument("--at-once", type=int, default=2, help="how many processes (default 2)")
    chosen = parser.parse_args()
    if chosen.tree or not (chosen.against and chosen.out.exists()):
        tree = (chosen.tree or Path(__file__).resolve().parents[2]).resolve()
        record(
            tree,
            (chosen.data or tree.parent / "shared" / "data").resolve(),
            chosen.out,
            chosen.only or (FAST if chosen.fast else tuple(STAGES)),
            chosen.at_once,
        )
    return compare(chosen.against, chosen.out, chosen.ignore_words) if chosen.against else 0


def record(tree: Path, data: Path, out: Path, stages: Sequence[str], at_once: int) -> None:
    """Run everything and keep it."""
    began = time.time()
    with tempfile.TemporaryDirectory(prefix="outputs-") as folder:
        bench = Bench(tree, data, Path(folder).resolve())
        with ThreadPoolExecutor(at_once) as pool:
            for done in [pool.submit(STAGES[stage], bench.at(stage)) for stage in stages]:
                done.result()
    raw = out.with_name(f"{out.name}.raw")
    shutil.rmtree(raw, ignore_errors=True)
    (raw / "arrays").mkdir(parents=True)
    outputs = {}
    for name, form in sorted(bench.forms.items()):
        texts = {"all": "\n".join(form.full) + "\n", "figures": "\n".join(form.figures) + "\n"}
        for follower, word in bench.followers.items():  # learned after some of the lines were written
            texts = {kind: text.replace(follower, word) for kind, text in texts.items()}
        outputs[name] = {"stage": bench.stages[name]} | {kind: hashlib.sha256(text.encode()).hexdigest() for kind, text in texts.items()}
        for kind, text in texts.items():
            raw_of(raw, name, kind).write_text(text)
        for key, values in form.arrays.items():
            np.save(raw / "arrays" / f"{key}.npy", values)
    about = {"rules": RULES, "stages": list(stages), "commit": _commit(tree), "seconds": round(time.time() - began)}
    out.write_text(json.dumps(about | {"outputs": outputs}, indent=1) + "\n")
    slowest = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in sorted(bench.took.items(), key=lambda one: -one[1])[:6])
    print(f"{len(outputs)} outputs of {tree} in {about['seconds']} s, into {out}. Slowest: {slowest}.")


def _commit(tree: Path) -> str:
    done = subprocess.run(["git", "-C", str(tree), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
