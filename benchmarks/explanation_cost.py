"""Speed and memory of explanations, as ratios in one run: adaptive integrated gradients beside captum's at its defaults, and peak memory.

    python -m benchmarks.explanation_cost [--weeks 12] [--models FILE ...]

Speed: the same fine-tuned model, week, threads and process; both in turn, week by week; medians. Memory: every figure in a process of its
own, the most it ever held (ru_maxrss) above what it held with the model loaded and one prediction made.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from captum.attr import IntegratedGradients

from benchmarks.machine import keep
from pat_core.explain import explain
from pat_core.explain.methods.integrated_gradients import integrated_gradients
from pat_core.models.pat import config_for
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.settings import ASSETS
from pat_core.simulate import simulate
from pat_core.weeks import apply
from pat_core.weights import load

MEASURED = ("integrated_gradients", "rollout", "authors", "gradient_rollout", "value_norm", "alti", "occlusion_day")
LIMITS = {"integrated_gradients": 500.0, "rollout": 400.0, "authors": 400.0}
"""MB above the model, for large."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--models", nargs="*", type=Path, default=[ASSETS / "demo" / "model.safetensors"])
    parser.add_argument("--sizes", nargs="*", default=["small", "medium", "large"], help="whose memory is measured")
    parser.add_argument("--memory", nargs=2, metavar=("SIZE", "METHOD"), help="measure this one and print it (used by the script itself)")
    chosen = parser.parse_args()
    if chosen.memory:
        print(json.dumps(_memory(*chosen.memory)))
        return
    speed = {path.stem if path.stem != "model" else path.parent.name: _speed(path, chosen.weeks) for path in chosen.models}
    memory = {f"{size} {method}": _alone(size, method) for size in chosen.sizes for method in MEASURED}
    for name, most in LIMITS.items():
        if (key := f"large {name}") in memory:
            memory[key] |= {"limit": most, "met": memory[key]["above"] <= most}
    keep("explanation-cost", {"threads": torch.get_num_threads(), "speed": speed, "memory in MB": memory})


def _speed(path: Path, weeks: int) -> dict[str, object]:
    """Seconds of both on each week, their ratio, and both gaps; captum at its defaults takes 50 Gauss-Legendre steps in one batch."""
    model = load(path)
    z = apply(model.standardizer, simulate(weeks, 4242).weeks)
    rows = []
    for week in z:
        point = torch.from_numpy(week)[None]
        ours, made = _timed(lambda week=week: integrated_gradients(model.network, week))
        theirs, found = _timed(lambda point=point: IntegratedGradients(model.network).attribute(point, torch.zeros_like(point)))
        gap = abs(float(found.sum(dtype=torch.float64)) - made.delta) / max(abs(made.delta), 1.0)
        rows.append((theirs / ours, ours, theirs, made.relative_gap, gap, made.evaluations))
    ratio, ours, theirs, gap, captum_gap, steps = np.array(rows).T
    return {
        "weeks": weeks,
        "captum's time over ours, median": round(float(np.median(ratio)), 2),
        "quartiles": [round(float(q), 2) for q in np.percentile(ratio, [25, 75])],
        "seconds ours, median": round(float(np.median(ours)), 3),
        "seconds captum, median": round(float(np.median(theirs)), 3),
        "gap ours, median and largest": [float(f"{np.median(gap):.2g}"), float(f"{gap.max():.2g}")],
        "gap captum, median and largest": [float(f"{np.median(captum_gap):.2g}"), float(f"{captum_gap.max():.2g}")],
        "weeks where our gap is equal or smaller": int((gap <= captum_gap).sum()),
        "gradients ours, median and most": [float(np.median(steps)), int(steps.max())],
        "target": 3.0,
        "met": bool(np.median(ratio) >= 3 and np.median(gap) <= np.median(captum_gap)),
    }


def _timed(call: Callable[[], object]) -> tuple[float, object]:
    began = time.perf_counter()
    found = call()
    return time.perf_counter() - began, found


def _alone(size: str, method: str) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.explanation_cost", "--memory", size, method]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _memory(size: str, method: str) -> dict[str, object]:
    """MB that the method needs above a model that has read one week."""
    network = seeded(lambda: Classifier(config_for(size)), 0).eval()
    z = np.random.default_rng(0).normal(size=10080).astype(np.float32)
    with torch.no_grad():
        network(torch.from_numpy(z)[None])
    before = _peak()
    seconds, made = _timed(lambda: explain(network, z, method, has_head=True))
    return {"above": round(_peak() - before, 1), "seconds": round(seconds, 2), "passes": made.evaluations}


def _peak() -> float:
    """MB of the most this process ever held. Linux's ru_maxrss would begin with what the parent held, so its own mark is read."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
