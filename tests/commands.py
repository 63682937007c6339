"""One verb of the command line, run to its end as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-m", "pat_core"]
PATIENCE = 120.0


def command(*words: object, workspace: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run one verb to its end."""
    line = [*COMMAND, *map(str, words), *(["--workspace", str(workspace)] if workspace else [])]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)


def answer(*words: object, workspace: Path) -> object:
    """What a verb that succeeds prints with --json: nothing else is on stdout."""
    done = command(*words, "--json", workspace=workspace)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(*words: object, workspace: Path | None) -> str:
    """Why a verb could do nothing: exit code 1, a sentence on stderr, nothing on stdout, no traceback."""
    done = command(*words, workspace=workspace)
    assert done.returncode == 1, done
    assert done.stdout == "" and "Traceback" not in done.stderr, done
    return done.stderr
