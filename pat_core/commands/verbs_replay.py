"""What the verb `reproduce` does, and its options."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from pat_core.commands.verbs import Answer, workspace_of
from pat_core.progress import Progress


def reproduce(chosen: Namespace, progress: Progress) -> Answer:
    """A run from its replay file; exit code 1 where other numbers come out."""
    from pat_core.workflows.learn.replay import reproduce

    done = reproduce(workspace_of(chosen), chosen.file, chosen.cohort, chosen.device, progress)
    plain = asdict(done) | {"exact": done.exact, "same": done.same}
    return Answer(plain, f"{done.run}: {done.words}", code=0 if done.same else 1)


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    a = verb("reproduce", reproduce, "Make a run again from its replay.json, on the same recordings, and hold the numbers against it.")
    a.add_argument("file", type=Path, metavar="FILE", help="replay.json of a run, from its folder or from whoever published it")
    a.add_argument("--cohort", help="the cohort of these recordings (default: of the name that it had)")
    a.add_argument("--device", help="cpu, cuda or mps (default: as the run was asked)")
