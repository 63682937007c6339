"""A side is a process that builds a case once and runs it when it is asked to: so two sides take turns, and noise meets both alike."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Case = Mapping[str, Any]


class Side:
    """command: that starts it; it answers each line of JSON, a case, with one line of JSON. tree: where its packages are imported from."""

    def __init__(self, command: list[str], tree: Path, threads: int) -> None:
        environment = os.environ | {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tree, env=environment)

    def run(self, case: Case) -> dict[str, Any]:
        """Run a case once; the first time, build it and run it once before. RuntimeError where the process has ended."""
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.process.args} ended at {dict(case)}; what it printed stands above.")
        return json.loads(answer)

    def __enter__(self) -> Side:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.stdin.close()
        self.process.wait()


def serve(run: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """The other end: answer cases until there are none. What is printed on the way goes to the error stream."""
    answers, asked = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(0))
    os.dup2(2, 1)
    for line in asked:
        answers.write(json.dumps(run(json.loads(line))) + "\n")
        answers.flush()


def former(commit: str, folder: Path) -> Path | None:
    """The engine and its assets at a commit, unpacked into a folder; None where this checkout does not hold that commit."""
    packed = subprocess.run(["git", "archive", commit, "pat_core", "assets"], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        return None
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder
