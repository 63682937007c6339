"""Maps of many weeks side by side, each on a thread of its own: a step of one map is too small to be shared out well among threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled
from pat_core.progress import Progress
from pat_core.records import Attribution
from pat_core.weights import Model
from pat_core.workflows.explanations.week_maps import explain_standardized

SECONDS = 0.5
"""Between two looks at whether the work was cancelled."""


class _Stopped:
    """The progress of one map among many: it reports nothing, and hears that all of them were stopped."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def at(self, fraction: float, message: str) -> None:
        if self.event.is_set():
            raise Cancelled("The maps beside this one were stopped.")

    def metric(self, step: int, values: Mapping[str, float]) -> None: ...


def explain_all(
    workspace: Workspace, model: Model, z: Sequence[np.ndarray], method: str, each: Sequence[Progress]
) -> Iterator[Attribution]:
    """The map of each standardized week (minutes,), in their order; what was kept is read back, and what is finished is kept.

    each: a progress for each week, which is asked while that week's map is waited for. Cancelled where it was; whatever else goes wrong
    with a map is raised in its turn.
    """
    import torch  # a second to import, for those alone who explain

    from pat_core.training.device import one_thread

    model.network.eval()  # it is built here, before several threads ask for it at once
    stopped, threads = _Stopped(), torch.get_num_threads()
    with one_thread(), ThreadPoolExecutor(threads) as pool:
        maps = [pool.submit(explain_standardized, workspace, model, week, method, progress=stopped) for week in z]
        try:
            for waiting, progress in zip(maps, each, strict=True):
                progress.at(0.0, "")
                while True:
                    try:
                        yield waiting.result(timeout=SECONDS)
                        break
                    except TimeoutError:
                        progress.at(0.0, "")
        finally:
            stopped.event.set()
            pool.shutdown(cancel_futures=True)
