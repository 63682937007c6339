"""Runs the command line and scripts of a tree, in a folder of their own, and keeps every output in its form."""

from __future__ import annotations

import copy
import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.outputs.canonical import Form

PYTHON_M = """
import json, os, runpy, sys, traceback
sys.path[0] = os.getcwd()
import numpy, pandas, scipy.stats, sklearn, torch, pyarrow.parquet  # read once; every call is a process of its own, forked from here
for line in sys.stdin:
    call = json.loads(line)
    child = os.fork()
    if not child:
        for stream, path in enumerate((os.devnull, call["stdout"], call["stderr"])):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), stream)
        code = 0
        try:
            sys.argv = [call["module"], *call["arguments"]]
            sys.stdin = open(0)
            runpy.run_module(call["module"], run_name="__main__", alter_sys=True)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
            code = 99
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Runs `python -m MODULE ...` again and again without waiting each time until torch and pandas are read."""


class Bench:
    """Runs what is asked of one tree, in a folder of its own, and keeps every output in its form."""

    def __init__(self, tree: Path, data: Path, folder: Path) -> None:
        self.tree, self.data, self.folder = tree, data, folder
        self.began = time.time()
        self.stage = ""
        self.stages: dict[str, str] = {}
        self.forms: dict[str, Form] = {}
        self.took: dict[str, float] = {}
        self.followers: dict[str, str] = {}
        self.places = {str(folder / "shadow"): "<tree>", str(folder): "<workspace>", str(tree): "<tree>", str(data.parent): "<data>"}

    def form(self, name: str) -> Form:
        self.stages.setdefault(name, self.stage)
        return self.forms.setdefault(name, Form(self.places, self.began))

    def at(self, stage: str) -> Bench:
        """The same, for the outputs of one stage."""
        made = copy.copy(self)
        made.stage = stage
        return made

    def environment(self, workspace: str) -> dict[str, str]:
        threads = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        own = {"PAT_WORKSPACE": str(self.folder / workspace), "COLUMNS": "140", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        return {**os.environ, **threads, **own, "PYTHONPATH": "", "TZ": "UTC"}

    def script(self, name: str, workspace: str, code: str, *arguments: object, cwd: Path | None = None) -> None:
        """A script in a process of its own. What it prints is no output; that it fails is one."""
        began = time.time()
        command = [sys.executable, "-c", code, *map(str, arguments)]
        done = subprocess.run(command, cwd=cwd or self.tree, env=self.environment(workspace), capture_output=True, text=True)
        self.form(name).line("exit", done.returncode)
        if done.returncode:
            self.form(name).text("stderr", done.stderr)
        self.took[name] = time.time() - began


class Lane:
    """One workspace and what is done in it, one thing after another."""

    def __init__(self, bench: Bench, name: str, cwd: Path | None = None) -> None:
        self.bench, self.name = bench, name
        self.workspace = bench.folder / name
        self.files = bench.folder / f"{name}-files"
        self.files.mkdir()
        self.errors = (self.files / ".lane").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-c", PYTHON_M],
            cwd=cwd or bench.tree,
            env=bench.environment(name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    def __enter__(self) -> Lane:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def module(self, module: str, *arguments: object) -> tuple[int, str, str]:
        streams = {name: str(self.files / f".{name}") for name in ("stdout", "stderr")}
        call = {"module": module, "arguments": [str(one) for one in arguments], **streams}
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(call) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The process that runs `python -m {module}` ended: {Path(self.errors.name).read_text()[-2000:]}")
        out, err = (Path(path).read_text(errors="replace") for path in streams.values())
        return int(answer), out, err

    def run(self, name: str, *arguments: object, keep: str | Path | None = None, as_json: bool = True) -> Path | None:
        """`python -m pat_core ...`: exit code, stdout (plain values, with --json) and stderr; and the file or folder it writes."""
        began = time.time()
        code, out, err = self.module("pat_core", *arguments, *(["--json"] if as_json else []))
        form = self.bench.form(name)
        form.line("exit", code)
        try:
            form.value("stdout", json.loads(out)) if as_json else form.text("stdout", out)
        except ValueError:
            form.text("stdout", out)
        form.text("stderr", err)
        if keep is not None:
            self.keep(name, Path(keep))
        self.bench.took[name] = time.time() - began
        return None if keep is None else Path(keep)

    def keep(self, name: str, path: Path) -> None:
        """A file, or every file of a folder, as an output of that name."""
        if path.is_dir():
            for part in sorted(one for one in path.rglob("*") if one.is_file()):
                self.bench.form(f"{name}/{part.relative_to(path)}").file("file", part)
        elif path.exists():
            self.bench.form(f"{name}/{path.name}").file("file", path)
        else:
            self.bench.form(name).line("file", "was not written")

    def kept(self) -> None:
        """What lies in the workspace itself: its database, and the weeks of every cohort."""
        (database,) = self.workspace.glob("*.sqlite3")
        self.bench.form(f"{self.name}/database").database(database)
        with sqlite3.connect(database) as connection:
            for key, cohort in connection.execute("SELECT id, name FROM cohorts ORDER BY name").fetchall():
                self.keep(f"{self.name}/weeks of {cohort}", self.workspace / "cohorts" / key)
