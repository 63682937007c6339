"""Maps of an ensemble that are read inside its members: each member is explained by itself, and the maps are averaged.

Methods that look at the score alone need none of this: they differentiate or probe the mean logit itself. Integrated gradients are linear
in the score, so there the mean of the members' maps along the same path is the map of their mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

import numpy as np
import torch

from pat_core.explain.baselines import Baseline
from pat_core.models.ensemble import Ensemble
from pat_core.models.pat.heads import Classifier
from pat_core.progress import Progress, Share
from pat_core.records import Attribution


@torch.no_grad()
def as_read_by(network: Ensemble, member: int, weeks: np.ndarray) -> np.ndarray:
    """Weeks (..., minutes) standardized by the ensemble's reference, as a member's own standardizer gives them."""
    z = torch.from_numpy(np.atleast_2d(np.asarray(weeks, np.float32))).to(network.scale)
    return network.as_read(z, member).cpu().numpy().reshape(np.shape(weeks))


def is_ensemble(network: object) -> TypeGuard[Ensemble]:
    """For who knows networks without importing torch."""
    return isinstance(network, Ensemble)


def each_member(network: Classifier | Ensemble, z: np.ndarray) -> list[tuple[Classifier, np.ndarray]]:
    """The networks that read z, each with the week as it reads it: the members of an ensemble, or the one network itself."""
    if not isinstance(network, Ensemble):
        return [(network, z)]
    return [(member, as_read_by(network, number, z)) for number, member in enumerate(network.members)]


def mean_of_members(
    run: Callable[..., Attribution],
    network: Ensemble,
    z: np.ndarray,
    baseline: Baseline | None,
    settings: Mapping[str, Any],
    progress: Progress,
) -> Attribution:
    """The mean of the maps that `run` makes of each member, for a week z (minutes,) standardized by the reference.

    baseline: standardized as z is, and so given to each member as it would read that week; None where the method has none.
    """
    maps, number_of = [], len(network.members)
    for number, (member, own) in enumerate(each_member(network, z)):
        taken = dict(settings)
        if baseline is not None:
            taken["baseline"] = replace(baseline, weeks=as_read_by(network, number, baseline.weeks))
        progress.at(number / number_of, f"Explaining model {number + 1} of {number_of}")
        maps.append(run(member, own, progress=Share(progress, number / number_of, 1 / number_of), **taken))
    return _mean(maps, baseline)


def _mean(maps: Sequence[Attribution], baseline: Baseline | None) -> Attribution:
    """With the settings of the first, but for what was counted or measured on the way."""
    first, settings = maps[0], dict(maps[0].settings)
    for name, many in (("gap_bound", np.mean), ("map_error", np.mean), ("steps", np.sum)):
        if name in settings:
            settings[name] = many([one.settings[name] for one in maps]).item()
    settings |= baseline.settings() if baseline is not None else {}
    passes = [one.evaluations for one in maps if one.evaluations is not None]
    return replace(
        first,
        values=averaged([one.values for one in maps]),
        delta=_of_all([one.delta for one in maps]),
        completeness_gap=_of_all([one.completeness_gap for one in maps]),
        settings=settings | {"members": len(maps)},
        note=f"{first.note} The mean over {len(maps)} models.",
        evaluations=sum(passes) if passes else None,
        flag=next((one.flag for one in maps if one.flag), ""),
    )


def averaged(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """The mean of arrays of one shape, float32; NaN where any of them is."""
    return np.stack(arrays).mean(axis=0, dtype=np.float64).astype(np.float32)


def _of_all(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None
