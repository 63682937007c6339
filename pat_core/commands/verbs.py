"""What the verbs of the command line have in common. Each group of verbs stands with its options in a `verbs_...` file beside this one:
plain options in, an answer out. They print nothing; `__main__` does.

Heavy imports wait for the verb that needs them, so that --help answers at once.
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass

from pat_core.errors import WorkspaceTrouble


@dataclass(frozen=True)
class Answer:
    """What a verb tells: plain values for --json, the same as text, sentences to know before it is believed, and the exit code."""

    plain: object = None
    text: str = ""
    cautions: tuple[str, ...] = ()
    code: int = 0


def wrong_usage(chosen: Namespace) -> str | None:
    """A sentence where options that do not go together were given; None where they do. `check`: what the verb knows of that."""
    check = vars(chosen).get("check")
    return check(chosen) if check else None


def workspace_of(chosen: Namespace):
    """The workspace that was asked for; one that cannot be written is opened to be looked at."""
    from pat_core.cohorts import Workspace

    try:
        return Workspace(chosen.workspace)
    except WorkspaceTrouble as error:
        if error.kind != "read-only":
            raise
        return Workspace(chosen.workspace, read_only=True)
