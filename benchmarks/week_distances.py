"""By which distance between embeddings are weeks of one person nearer than weeks of two?

    python -m benchmarks.week_distances ARCHIVE

ARCHIVE: recordings of people with several weeks, as `import` takes them. Windows of 3 and of 7 days are read by the bundled encoders and
by a random one. For each distance: in how many pairs out of (two windows of one person, two of different people) the first two are
nearer, and how often the nearest window of somebody with several is their own. Writes benchmarks/results/<date>-week-distances.json.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.machine import keep
from pat_core.cohorts import Workspace
from pat_core.explain.week_neighbours import cohort_nearness
from pat_core.workflows.explanations.cohort_embeddings import cohort_embeddings
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.read.cohort_import import ImportSettings, import_recordings

MODELS = ("pat-s-lifelike", "pat-m-lifelike", "pat-s-simulated", "pat-m-simulated", "random-small")


def places(values: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """(name, coordinates (weeks, ...) whose Euclidean distances are compared)."""
    from sklearn.covariance import ledoit_wolf

    centred = values - values.mean(axis=0)
    whitened = centred @ np.linalg.cholesky(np.linalg.inv(ledoit_wolf(values)[0]))
    yield "Euclidean", values
    yield "Euclidean, each number in SDs", cohort_nearness(values, range(len(values))).places
    yield "Mahalanobis, covariance shrunk", whitened
    yield "cosine", values / np.linalg.norm(values, axis=1, keepdims=True)
    yield "cosine from the mean", centred / np.linalg.norm(centred, axis=1, keepdims=True)


def own_is_nearer(places: np.ndarray, people: np.ndarray) -> dict[str, float]:
    """nearer: of all (pair of one person, pair of two people), the share in which the first is nearer. first: of windows of people with
    several, those whose nearest one is of the same person."""
    between = np.sqrt(np.square(places[:, None] - places[None]).sum(axis=2))
    same = people[:, None] == people[None]
    upper = np.triu_indices(len(people), 1)
    others = np.sort(between[upper][~same[upper]])
    farther = 1 - np.searchsorted(others, between[upper][same[upper]]) / len(others)
    np.fill_diagonal(between, np.inf)
    several = same.sum(axis=1) > 1
    nearest = people[between.argmin(axis=1)] == people
    return {"nearer": round(float(farther.mean()), 3), "first": round(float(nearest[several].mean()), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    archive, result = parser.parse_args().archive, {}
    with tempfile.TemporaryDirectory() as folder:
        space = Workspace(Path(folder) / "workspace")
        for days in (3, 7):
            import_recordings(space, [archive], f"{days} days", ImportSettings(days=days))
            for name in MODELS:
                read = cohort_embeddings(space, resolve(space, name), f"{days} days")
                if read is None:
                    continue
                people = np.array([row.participant for row in read.rows])
                figures = {way: own_is_nearer(found, people) for way, found in places(read.values.astype(float))}
                result[f"{days} days, {name}"] = {"windows": len(people), "people": len(set(people)), "distances": figures}
    keep("week-distances", result)


if __name__ == "__main__":
    main()
