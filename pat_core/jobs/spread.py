"""Chunks of work that know nothing of one another: done in turn, or inside a Ray Job as tasks on all nodes of its cluster.

What a chunk came to is handed on as soon as it is done, in whatever order. A task on a node that fails is done again on another one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from pat_core.errors import JobError
from pat_core.progress import Progress

SPREAD = "PAT_SPREAD"
"""In the environment of work: "ray" inside a Ray Job."""
TRIES = 5
LOOK_SECONDS = 0.5
Arrays = dict[str, np.ndarray]
Compute = Callable[[bytes, list[np.ndarray], Mapping[str, Any]], Arrays]
"""(weights, weeks, asked) -> what they come to. A function of a module, of nothing but its arguments."""


def spread(
    compute: Compute, weights: bytes, asked: Mapping[str, Any], chunks: Mapping[int, Callable[[], list[np.ndarray]]], progress: Progress
) -> Iterator[tuple[int, Arrays]]:
    """(number, what it came to) of each chunk. chunks: number -> reads its weeks. Raises as `compute`, and Cancelled as `progress`."""
    if os.environ.get(SPREAD) == "ray":
        yield from _by_ray(compute, weights, asked, chunks, progress)
        return
    for number, read in chunks.items():
        yield number, compute(weights, read(), asked)


def _by_ray(
    compute: Compute, weights: bytes, asked: Mapping[str, Any], chunks: Mapping[int, Callable[[], list[np.ndarray]]], progress: Progress
) -> Iterator[tuple[int, Arrays]]:
    import ray
    from ray.exceptions import RayError, RayTaskError

    try:
        ray.init(address="auto", log_to_driver=False, runtime_env={"env_vars": {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}})
    except (RayError, ConnectionError, RuntimeError) as error:
        raise JobError(f"The Ray cluster of this job does not answer ({type(error).__name__}: {str(error)[:200]}). Resume it.") from error
    try:
        task, shared = ray.remote(num_cpus=1, max_retries=TRIES)(compute), ray.put(weights)
        at_once = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))  # a few wait for each core, and no more weeks are held than that
        waiting, under_way = list(chunks.items()), dict[Any, int]()
        while waiting or under_way:
            while waiting and len(under_way) < at_once:
                number, read = waiting.pop(0)
                under_way[task.remote(shared, read(), dict(asked))] = number
            done, _ = ray.wait(list(under_way), timeout=LOOK_SECONDS)
            progress.at(1.0 - (len(waiting) + len(under_way)) / len(chunks), f"{len(under_way)} chunks at work on the cluster")
            for one in done:
                yield under_way.pop(one), ray.get(one)
    except RayTaskError as error:
        raise error.cause from error
    except RayError as error:
        raise JobError(f"The cluster could not do a part of the work in {TRIES} tries ({type(error).__name__}). Resume the job.") from error
    finally:
        ray.shutdown()
