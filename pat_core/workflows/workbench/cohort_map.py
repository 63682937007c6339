"""A cohort as a map: each person's first window as a point, so that weeks that are alike to the model lie near one another.

Principal components keep as much of the spread as two numbers can (Jolliffe & Cadima 2016, doi 10.1098/rsta.2015.0202). UMAP (McInnes et
al. 2018, arXiv 1802.03426; the package umap-learn, BSD-3) keeps who is next to whom, and neither distances nor the sizes of gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.errors import ExplanationError
from pat_core.plurals import counted
from pat_core.records import StandardizeBy
from pat_core.weights import Model
from pat_core.workflows.explanations.cohort_embeddings import cohort_embeddings
from pat_core.workflows.explanations.week_maps import sha256_of
from pat_core.workflows.workbench.people_sources import first_rows

MapMethod = Literal["pca", "umap"]
FEWEST = 4
"""People, below which a map shows nothing: three points always lie in a plane."""
SEED = 0
NEIGHBOURS = 15
VERSION = 1
_PLACES = Codec[np.ndarray](np.ndarray)


@dataclass(frozen=True, eq=False)
class CohortMap:
    """participants: who has a place. places: (people, 2). method: how it was drawn. shares: of the variance, 0 to 1, of each of the two
    components; () for UMAP. width: how many numbers the model sums a week up in. without: people who have no place, as their first window
    is unfit for the model. trained: False where the encoder is random."""

    participants: tuple[str, ...]
    places: np.ndarray
    method: MapMethod
    shares: tuple[float, ...]
    width: int
    without: int
    trained: bool

    @property
    def words(self) -> str:
        """What the places say and what they do not, in a few sentences."""
        who = f"{counted(len(self.participants), 'person', 'people')}, each by their first window."
        if self.without:
            who += f" {counted(self.without, 'person has', 'people have')} no place: their first window is unfit for the model."
        if self.method == "umap":
            return f"{who} UMAP keeps who is next to whom. How far groups lie apart, and how large they look, means nothing."
        first, second = (100 * share for share in self.shares)
        of = f"of the variance of the model's {self.width} numbers ({first:.0f} and {second:.0f} %)"
        return f"{who} Two principal components hold {first + second:.0f} % {of}: people who lie together here may be apart in the rest."


def umap_installed() -> bool:
    """Whether the optional package is here; it is an extra, for it brings a compiler along."""
    return find_spec("umap") is not None


def cohort_map(
    workspace: Workspace,
    model: Model,
    cohort: str,
    standardize_by: StandardizeBy | None = None,
    method: MapMethod = "pca",
    only_kept: bool = False,
) -> CohortMap | None:
    """Everyone's place. only_kept: None where somebody's window was not read through the network yet. ExplanationError for a baseline, for
    fewer than FEWEST people, and for UMAP where it is not installed."""
    read = cohort_embeddings(workspace, model, cohort, standardize_by, only_kept=only_kept)
    if read is None:
        return None
    first = {row.row for row in first_rows(workspace, cohort)}
    own = [number for number, row in enumerate(read.rows) if row.row in first]
    values = read.values[own].astype(np.float64)
    if len(own) < FEWEST:
        raise ExplanationError(f"A map needs at least {FEWEST} people whose first window is fit for the model, and {len(own)} are here.")
    shares: tuple[float, ...] = ()
    if method == "pca":
        places, shares = principal_components(values)
    else:
        parts: dict[str, object] = {"cohort": workspace.cohort(cohort).id, "values": sha256_of(values), "neighbours": NEIGHBOURS}
        question = Question("map by umap", parts | {"seed": SEED, "version": VERSION})
        places = workspace.remember(question, lambda: _by_umap(values), _PLACES)
    names = tuple(read.rows[number].participant for number in own)
    return CohortMap(names, places, method, shares, values.shape[1], len(first) - len(own), read.trained)


def principal_components(values: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """((people, 2) places, the share of the variance of each). values: (people, width). The sign of a component means nothing; it is fixed
    so that its largest weight is positive, and the same people have the same map."""
    centred = values - values.mean(axis=0)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(right[np.arange(2), np.abs(right[:2]).argmax(axis=1)])
    signs[signs == 0] = 1
    whole = float((sizes**2).sum())
    first, second = (float(size**2 / whole) if whole else 0.0 for size in sizes[:2])
    return left[:, :2] * sizes[:2] * signs, (first, second)


def _by_umap(values: np.ndarray) -> np.ndarray:
    if not umap_installed():
        raise ExplanationError("UMAP is not installed here. Install it with pip install 'pat-explorer[umap]', or draw components.")
    from umap import UMAP

    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    neighbours = min(NEIGHBOURS, len(values) - 1)
    return np.asarray(UMAP(n_components=2, n_neighbors=neighbours, random_state=SEED, n_jobs=1).fit_transform(scaled), dtype=np.float64)
