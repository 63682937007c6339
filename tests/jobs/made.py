"""Work for tests: functions of (workspace, plain values, progress), as kinds of work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pat_core.jobs import Spec, Task


class AsStored(Spec):
    """A request that stays the plain values that it was stored as."""

    @classmethod
    def from_spec(cls, spec):
        return dict(spec)


def tasks(**work: Callable[..., Any]) -> list[Task]:
    """One task for each function, of its name's kind; what it returns is what the job keeps."""
    return [Task(kind, AsStored, run, lambda kept: kept) for kind, run in work.items()]
