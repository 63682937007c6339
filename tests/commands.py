"""One verb of the command line, run to its end: as a process of its own, or called here, which spares each the start of one."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from pat_core.__main__ import main

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-m", "pat_core"]
PATIENCE = 120.0


def command(*words: object, workspace: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run one verb to its end as a process of its own."""
    return subprocess.run([*COMMAND, *_line(words, workspace)], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)


def called(*words: object, workspace: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run one verb to its end in this process: what it returns is the exit code."""
    out, err, line = io.StringIO(), io.StringIO(), _line(words, workspace)
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(line)
        except SystemExit as left:
            code = left.code
    return subprocess.CompletedProcess(line, code, out.getvalue(), err.getvalue())


def answer(*words: object, workspace: Path) -> object:
    """What a verb that succeeds prints with --json: nothing else is on stdout."""
    done = called(*words, "--json", workspace=workspace)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(*words: object, workspace: Path | None) -> str:
    """Why a verb could do nothing: exit code 1, a sentence on stderr, nothing on stdout, no traceback."""
    done = called(*words, workspace=workspace)
    assert done.returncode == 1, done
    assert done.stdout == "" and "Traceback" not in done.stderr, done
    return done.stderr


def _line(words: tuple[object, ...], workspace: Path | None) -> list[str]:
    return [*map(str, words), *(["--workspace", str(workspace)] if workspace else [])]
