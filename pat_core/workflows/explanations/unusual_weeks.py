"""How unusual a week is to a model: its embedding beside those of people the model learned from where they are still here, else of the
people shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pat_core.cohorts import CohortInfo, WeekRow, Workspace
from pat_core.errors import ExplanationError, WeekError
from pat_core.explain.embedding_distance import FEWEST_PEOPLE, Reference, distance, fit_reference, pooled
from pat_core.models.baselines import BaselineConfig
from pat_core.progress import Progress, Share
from pat_core.records import Finding, StandardizeBy
from pat_core.weeks import span
from pat_core.weights import Model
from pat_core.workflows.explanations.cohort_embeddings import NO_SUMMARY, NOTHING, EmbeddingReader, together
from pat_core.workflows.models.cautions import by_cost
from pat_core.workflows.models.predictions import PredictedWeek, ReadWeek, default_standardizer, predict_cohort
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.week.cohort_weeks import first_weeks

PREDICTING = 0.6
"""Share of the progress that goes to the answers of a cohort; the rest goes to how unusual each week is to the model."""
NOT_YET = "How unusual this week is to the model is not worked out yet."
UNSAID = "How unusual this week is to the model cannot be said."


@dataclass(frozen=True)
class WeekDistance:
    """How far a week's embedding lies from those of `whom` (Mahalanobis, no unit); share_nearer: of these people, 0 to 1."""

    value: float
    share_nearer: float
    far: bool
    people: int
    whom: str
    words: str

    @property
    def caution(self) -> tuple[Finding, ...]:
        """What to know where the week is unlike anyone the model knows; () where it is not."""
        return (Finding("far", "warn", self.words),) if self.far else ()


def reference_for(
    workspace: Workspace,
    model: Model,
    cohort: str,
    standardize_by: StandardizeBy | None = None,
    without: str | None = None,
    progress: Progress | None = None,
    only_kept: bool = False,
) -> tuple[Reference | None, str]:
    """(people to compare embeddings of this cohort with, who they are in words) or (None, a sentence why there are none).

    Taken are the people this model was trained on (part "train" of its run, standardized as then) where their cohort is still here, else
    the people of `cohort`, standardized as the page shows them. without: leave out this participant of `cohort`, who is compared with
    the others, and whoever has one of the same weeks: the same person under another name or in another cohort. The
    embeddings are kept by content (weights, weeks, standardizer). only_kept: where these people were not read through the network yet,
    answer (None, NOT_YET) instead of doing so.
    """
    compared = Compared(workspace, model, cohort, standardize_by, progress, only_kept)
    return compared.with_all_but(without, workspace.week_rows(cohort, without) if without is not None else ())


class Compared:
    """Whom the weeks of a cohort are compared with (see `reference_for`): read once, and fitted anew for each person who is left out."""

    def __init__(
        self,
        workspace: Workspace,
        model: Model,
        cohort: str,
        standardize_by: StandardizeBy | None = None,
        progress: Progress | None = None,
        only_kept: bool = False,
    ) -> None:
        self.why, self.rows, self.fitted = "", list[WeekRow](), dict[bytes, Reference]()
        info = workspace.cohort(cohort)
        if isinstance(model.config, BaselineConfig):
            self.why = f"{UNSAID} {NO_SUMMARY}"
            return
        trained = _trained_on(workspace, model)
        if trained and trained[0].lengths != info.lengths:
            trained = None  # a mean over fewer tokens varies more: only windows as long as these are near or far
        source, rows, self.words = trained or (info, first_weeks(workspace.week_rows(cohort)), f"other people of “{info.name}”")
        usual = default_standardizer(model, info.lengths)
        standardize_by = usual if trained else standardize_by or usual
        try:
            read = EmbeddingReader.of(workspace, model, source.name, standardize_by, progress, only_kept).fit_ones(rows)
        except (WeekError, ExplanationError) as error:
            self.why = f"{UNSAID} {error}"
            return
        if read is None:
            self.why = NOT_YET
            return
        self.rows, self.embeddings = read
        self.same = source.id == info.id
        self.having: dict[str, set[str]] = {}
        for row in workspace.week_rows(source.name):
            self.having.setdefault(row.sha256, set()).add(row.participant)

    def with_all_but(self, participant: str | None, own: Sequence[WeekRow]) -> tuple[Reference | None, str]:
        """(the others, who they are in words) or (None, a sentence why there are none). own: the rows of the person left out; whoever has
        one of the same weeks is left out too (`others_than`)."""
        if self.why:
            return None, self.why
        alike = set[str]().union(*(self.having.get(row.sha256, ()) for row in own)) | ({participant} if self.same else set())
        others = np.array([row.participant not in alike for row in self.rows], dtype=bool)
        if others.sum() < FEWEST_PEOPLE:
            return None, f"{UNSAID} This needs at least {FEWEST_PEOPLE} other people with a fit week, and {others.sum()} are here."
        whom, key = f"the {others.sum()} {self.words}", others.tobytes()
        try:
            if key not in self.fitted:
                self.fitted[key] = fit_reference(self.embeddings[others], whom)
            return self.fitted[key], whom
        except ExplanationError as error:
            return None, f"{UNSAID} {error}"


def _trained_on(workspace: Workspace, model: Model) -> tuple[CohortInfo, list[WeekRow], str] | None:
    """The cohort a model was trained on with the first weeks of its training people; None where either is no longer known."""
    info = next((cohort for cohort in workspace.cohorts() if cohort.id == model.card.get("cohort_id")), None)
    if info is None:
        return None
    parts = seen(workspace, model, info.name).split
    rows = [row for row in first_weeks(workspace.week_rows(info.name)) if parts.get(row.participant) == "train"]
    return (info, rows, "people this model was trained on") if len(rows) >= FEWEST_PEOPLE else None


def week_distance(
    workspace: Workspace, model: Model, read: ReadWeek, *, only_kept: bool = False, progress: Progress | None = None
) -> tuple[WeekDistance | None, str]:
    """(how unusual a week is to the model, "") or (None, a sentence why that is not said). only_kept: as for `reference_for`."""
    question = read.question
    reference, why = reference_for(workspace, model, question.cohort, question.standardize_by, question.participant, progress, only_kept)
    if reference is None:
        return None, why
    return _beside(reference, pooled(model.network, read.z), read.z.size), ""


def cohort_distances(
    workspace: Workspace,
    model: Model,
    cohort: str,
    standardize_by: StandardizeBy,
    rows: Sequence[WeekRow],
    progress: Progress | None = None,
    only_kept: bool = False,
    known: Mapping[int, np.ndarray] = NOTHING,
) -> tuple[dict[int, WeekDistance], str]:
    """(row -> how unusual each of these weeks of a cohort is to the model, as `week_distance` says it of one; why that is not said of
    some, in a sentence, or ""). rows: those that are fit for the model. only_kept: of weeks that were not read before, nothing is said.
    known: row -> (width,), the embeddings that were read already."""
    compared = Compared(workspace, model, cohort, standardize_by, progress, only_kept)
    if compared.why:
        return {}, compared.why
    of_person: dict[str, list[WeekRow]] = {}
    for row in workspace.week_rows(cohort):
        of_person.setdefault(row.participant, []).append(row)
    reader = EmbeddingReader.of(workspace, model, cohort, standardize_by, progress, only_kept)
    distances, reasons = dict[int, WeekDistance](), dict[str, None]()
    for some in together(rows):
        embeddings = reader.all_of(some, known)
        if embeddings is None:
            reasons[NOT_YET] = None
            continue
        for row, embedding in zip(some, embeddings, strict=True):
            reference, why = compared.with_all_but(row.participant, of_person[row.participant])
            if reference is None:
                reasons[why] = None
            else:
                distances[row.row] = _beside(reference, embedding, row.report.minutes)
    return distances, " ".join(reasons)


def predict_with_distances(
    workspace: Workspace, model: Model, cohort: str, standardize_by: StandardizeBy, progress: Progress, only_kept: bool = False
) -> tuple[list[PredictedWeek], str]:
    """(`predict_cohort`, with a caution of each fit week that is unlike anyone the model knows; why that is not said of some, in a
    sentence, "" where it is). A week that is predicted anew is read once for both. only_kept: see `cohort_distances`."""
    embedded: dict[int, np.ndarray] = {}
    predicted = predict_cohort(workspace, model, cohort, standardize_by, Share(progress, 0.0, PREDICTING), embedded)
    fit, rest = [item.row for item in predicted if not item.refused], Share(progress, PREDICTING, 1 - PREDICTING)
    distances, unsaid = cohort_distances(workspace, model, cohort, standardize_by, fit, rest, only_kept, embedded)
    far = {row: of_week.caution for row, of_week in distances.items()}
    return [replace(item, cautions=by_cost((*item.cautions, *far.get(item.row.row, ())))) for item in predicted], unsaid


def _beside(reference: Reference, embedding: np.ndarray, minutes: int) -> WeekDistance:
    value = float(distance(reference, embedding)[0])
    share, far = reference.share_nearer(value), reference.is_far(value)
    return WeekDistance(value, share, far, reference.people, reference.whom, reference.words(value, span(minutes)))
