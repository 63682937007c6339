"""The embeddings of a cohort's weeks, read through a model once and kept: for how unusual a week is, for similar people, for maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from pat_core.cohorts import WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.errors import ExplanationError
from pat_core.explain.embedding_distance import pooled
from pat_core.jobs import Spec, Task
from pat_core.models.baselines import BaselineConfig
from pat_core.models.pat.pat_config import WIDTH
from pat_core.progress import Progress, Share, Silent
from pat_core.records import StandardizeBy, Standardizer, Week
from pat_core.weeks import GATE_VERSION, apply, by_length, standardizer_sha
from pat_core.weights import Model
from pat_core.workflows.explanations.cohort_request import unfit_by
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import cohort_standardizer, default_standardizer
from pat_core.workflows.read.worn_days import few_days_of, quality_settings
from pat_core.workflows.week.cohort_weeks import draw, findings, refused, week_of

AT_ONCE = 512
"""Weeks of a cohort whose embeddings are kept together, so that a stop loses at most these."""
MOST_READ = 400
"""People of one reference: each is read through the network once, and more of them hardly move a percentile."""
NUMBERS = Codec[np.ndarray](np.ndarray)
EMBEDDINGS = Codec[dict[str, np.ndarray]](dict[str, np.ndarray])
NOTHING: Mapping[int, np.ndarray] = MappingProxyType({})
NO_SUMMARY = "A baseline has no summary of a week in which weeks could lie near one another or far apart."
Kept = TypeVar("Kept")


@dataclass(frozen=True, eq=False)
class CohortEmbeddings:
    """rows: the weeks of a cohort that are fit for the model, in the cohort's order, with the marks they have. values: (weeks, width)
    float32, the mean over the tokens of each (of an ensemble those of its members side by side). unfit: how many weeks are left out.
    trained: False where the encoder is random, so that nothing that is seen in these numbers is a finding."""

    rows: tuple[WeekRow, ...]
    values: np.ndarray
    unfit: int
    trained: bool


def cohort_embeddings(
    workspace: Workspace,
    model: Model,
    cohort: str,
    standardize_by: StandardizeBy | None = None,
    progress: Progress | None = None,
    only_kept: bool = False,
) -> CohortEmbeddings | None:
    """The embeddings of every fit week of a cohort; those that were read before, for predictions too, are not read again.

    standardize_by: the model's usual way unless given. only_kept: None where any of these weeks was not read yet. ExplanationError for a
    baseline, which has no embedding; WeekError where the standardizer cannot be had.
    """
    if isinstance(model.config, BaselineConfig):
        raise ExplanationError(f"{NO_SUMMARY} Choose a PAT.")
    standardize_by = standardize_by or default_standardizer(model, workspace.cohort(cohort).lengths)
    unfit, everyone, progress = unfit_by(workspace, model, cohort, standardize_by), workspace.week_rows(cohort), progress or Silent()
    rows = [row for row in everyone if not unfit[row.row]]
    parts = list[np.ndarray]()
    for some in together(rows):
        share = Share(progress, len(parts) * AT_ONCE / len(rows), len(some) / len(rows))
        reader = EmbeddingReader.of(workspace, model, cohort, standardize_by, share, only_kept)
        read = reader.all_of(some, NOTHING)
        if read is None:
            return None
        parts.append(read)
    values = np.concatenate(parts) if parts else np.empty((0, WIDTH), np.float32)
    return CohortEmbeddings(tuple(rows), values, len(everyone) - len(rows), model.encoder_trained)


def keep_embeddings(
    workspace: Workspace, model: Model, cohort: str, standardize_by: StandardizeBy, known: Mapping[int, np.ndarray]
) -> None:
    """Keep embeddings that were read elsewhere, so that `cohort_embeddings` reads none of these weeks again. known: row -> (width,)."""
    unfit = unfit_by(workspace, model, cohort, standardize_by)
    reader = EmbeddingReader.of(workspace, model, cohort, standardize_by, None, only_kept=False)
    for some in together([row for row in workspace.week_rows(cohort) if not unfit[row.row]]):
        if all(row.row in known for row in some):
            reader.all_of(some, known)


def together(rows: Sequence[WeekRow]) -> list[Sequence[WeekRow]]:
    """The weeks of which embeddings are kept together."""
    return [rows[first : first + AT_ONCE] for first in range(0, len(rows), AT_ONCE)]


@dataclass(frozen=True, eq=False)
class EmbeddingReader:
    """Reads weeks of one cohort through a model's network, and keeps what came out, by content. only_kept: nothing is read anew."""

    workspace: Workspace
    model: Model
    cohort: str
    standardize_by: StandardizeBy
    standardizer: Standardizer
    progress: Progress | None
    only_kept: bool

    @classmethod
    def of(
        cls, workspace: Workspace, model: Model, cohort: str, standardize_by: StandardizeBy, progress: Progress | None, only_kept: bool
    ) -> EmbeddingReader:
        return cls(
            workspace, model, cohort, standardize_by, cohort_standardizer(workspace, cohort, model, standardize_by), progress, only_kept
        )

    def fit_ones(self, rows: Sequence[WeekRow]) -> tuple[list[WeekRow], np.ndarray] | None:
        """At most `MOST_READ` of these rows that the input gate lets pass with enough valid days, and their embeddings (people, width);
        None where they are not kept and nothing is to be read."""
        rows, settings = draw(rows, MOST_READ), quality_settings(self.workspace)

        def make() -> dict[str, np.ndarray]:
            looked = self._weeks(rows)
            judged = [
                (*findings(week, self.standardizer, self.model, self.standardize_by), *few_days_of(week, settings)) for week in looked
            ]
            fit = np.array([not refused(of_week) for of_week in judged], dtype=bool)
            good = [week for week, passes in zip(looked, fit, strict=True) if passes]
            return {"embeddings": self._embedded(good), "fit": fit}

        read = self._kept(self._question("embeddings", rows), make, EMBEDDINGS)
        return None if read is None else ([row for row, good in zip(rows, read["fit"], strict=True) if good], read["embeddings"])

    def all_of(self, rows: Sequence[WeekRow], known: Mapping[int, np.ndarray]) -> np.ndarray | None:
        """(rows, width) of these weeks; None where they are not kept and nothing is to be read. known: row -> (width,), read already."""

        def make() -> np.ndarray:
            if all(row.row in known for row in rows):
                return np.stack([known[row.row] for row in rows])
            return self._embedded(self._weeks(rows))

        return self._kept(self._question("embeddings of these weeks", rows), make, NUMBERS)

    def _kept(self, question: Question, make: Callable[[], Kept], codec: Codec[Kept]) -> Kept | None:
        return self.workspace.kept(question, codec) if self.only_kept else self.workspace.remember(question, make, codec)

    def _weeks(self, rows: Sequence[WeekRow]) -> list[Week]:
        """With their marks."""
        weeks, flags = self.workspace.weeks_array(self.cohort, as_imported=True), self.workspace.device_flags(self.cohort)
        return [week_of(row, weeks, flags) for row in rows]

    def _embedded(self, weeks: Sequence[Week]) -> np.ndarray:
        """(weeks, width): of an ensemble the embeddings of all its members side by side."""
        embeddings = np.empty((0, WIDTH), np.float32)
        for alike in by_length([week.values.size for week in weeks]):
            some = [weeks[place] for place in alike]
            z = apply(self.standardizer, np.stack([week.values for week in some]), [week.start for week in some])
            read = pooled(self.model.network, z, self.progress)
            if not len(embeddings):
                embeddings = np.empty((len(weeks), read.shape[1]), np.float32)
            embeddings[alike] = read
        return embeddings

    def _question(self, what: str, rows: Sequence[WeekRow]) -> Question:
        """All that embeddings and the gate's findings depend on: the weights, the weeks with unit, start and wear, how wear is judged, the
        standardizer, versions."""
        by = self.standardizer
        weeks = [(row.as_read, row.unit, str(row.start), row.report.nonwear_share) for row in rows]  # the last tells other flags
        parts = {"weights": self.model.sha256, "weeks": digest(weeks), "unit": self.model.card.get("unit")}
        parts |= {"whose": self.standardize_by, "standardizer": standardizer_sha(by), "of": by.people, "standardizer unit": by.unit}
        return Question(what, parts | {"gate": GATE_VERSION, "wear": repr(quality_settings(self.workspace))})


@dataclass(frozen=True, kw_only=True)
class EmbeddingRequest(Spec):
    """Whose weeks to read through which model. sha256, cohort_id: as they were when asked."""

    model: str
    sha256: str | None = None
    cohort: str
    cohort_id: str = ""
    standardizer: StandardizeBy | None = None


def run_embedding(workspace: Workspace, request: EmbeddingRequest, progress: Progress) -> int:
    """Read and keep the embeddings of every fit week of a cohort; how many there are."""
    read = cohort_embeddings(workspace, resolve(workspace, request.model), request.cohort, request.standardizer, progress)
    return 0 if read is None else len(read.rows)


EMBED = Task("embed", EmbeddingRequest, run_embedding, lambda weeks: {"weeks": weeks})
