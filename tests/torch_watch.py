"""Says who imports torch, which only a fresh process can tell: `python -m tests.torch_watch pages`, or `verbs`.

Prints a line for the page or verb with which torch came: its name, and through which lines of ours.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("overview", "data", "participants", "models", "finetune")


class Watch:
    """Stands among the finders of modules, finds none, and notes through which lines torch was asked for."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "torch" and not self.lines:
            ours = [frame for frame in traceback.extract_stack() if Path(frame.filename).is_relative_to(ROOT / "pat_core")]
            pages = [frame for frame in traceback.extract_stack() if Path(frame.filename).is_relative_to(ROOT / "pages")]
            self.lines = [f"{Path(frame.filename).relative_to(ROOT)}:{frame.lineno}" for frame in (*pages, *ours)]


def pages(folder: Path) -> Iterator[str]:
    """Opens pages that read no model: before any data exists, and with the demonstration."""
    from pat_core import settings
    from tests.app.made import opened_at

    assets = settings.ASSETS
    for workspace, there in (("empty", folder / "no-assets"), ("demonstration", assets)):
        os.environ["PAT_WORKSPACE"], settings.ASSETS = str(folder / workspace), there
        for page in PAGES:
            app = opened_at(f"pages/{page}.py")
            if app.exception or not app.title:
                raise RuntimeError(f"{page} does not open: {app.exception}")
            yield f"{page}, {workspace}"


def verbs(folder: Path) -> Iterator[str]:
    """Runs verbs that read no model, on simulated people and on a recording."""
    from pat_core.__main__ import main

    simulated, recording = folder / "simulated", folder / "recording.csv"
    rows = (f"2024-01-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02},{minute % 7}" for minute in range(7 * 1440))
    recording.write_text("\n".join(["time,activity", *rows]))
    for line in (
        "--help",
        "cohorts",
        "models",
        "methods",
        f"simulate --people 2 --out {simulated} --cohort simulated",
        f"import {recording} --cohort own",
        "cohorts",
        f"quality --cohort own --out {folder}/quality.csv",
        f"nights --cohort simulated --out {folder}/nights.csv",
        "marks --cohort own",
        "mappings",
        "forget --cohort own --yes",
    ):
        with redirect_stdout(StringIO()), suppress(SystemExit):
            if main([*line.split(), *([] if line == "--help" else ["--workspace", str(folder / "verbs")])]):
                raise RuntimeError(f"The verb failed: {line}")
        yield line.split()[0]


if __name__ == "__main__":
    watch = Watch()
    sys.meta_path.insert(0, watch)  # type: ignore[arg-type]  # it finds nothing
    with tempfile.TemporaryDirectory() as scratch:
        for step in {"pages": pages, "verbs": verbs}[sys.argv[1]](Path(scratch)):
            if "torch" in sys.modules:
                sys.stdout.write(f"{step}: torch was imported through {' > '.join(watch.lines) or 'no file of ours'}\n")
                break
