"""How unusual a week is to a model: its embedding beside those of people the model learned from where they are still here, else of the
people shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from pat_core.cohorts import CohortInfo, WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.errors import ExplanationError, WeekError
from pat_core.explain.embedding_distance import FEWEST_PEOPLE, Reference, distance, fit_reference, pooled
from pat_core.models.baselines import BaselineConfig
from pat_core.models.pat.pat_config import WIDTH
from pat_core.progress import Progress, Share
from pat_core.records import Finding, StandardizeBy, Standardizer, Week
from pat_core.weeks import GATE_VERSION, apply, by_length, span, standardizer_sha
from pat_core.weights import Model
from pat_core.workflows.explanations.cohort_request import unfit_by
from pat_core.workflows.models.cautions import by_cost
from pat_core.workflows.models.predictions import PredictedWeek, ReadWeek, cohort_standardizer, default_standardizer, predict_cohort
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.read.worn_days import few_days_of, quality_settings
from pat_core.workflows.week.cohort_weeks import draw, findings, first_weeks, refused, week_of

PREDICTING = 0.6
"""Share of the progress that goes to the answers of a cohort; the rest goes to how unusual each week is to the model."""
AT_ONCE = 512
"""Weeks of a cohort whose embeddings are kept together, so that a stop loses at most these."""
NUMBERS = Codec[np.ndarray](np.ndarray)
MOST_READ = 400
"""People of one reference: each is read through the network once, and more of them hardly move a percentile."""
NOTHING: Mapping[int, np.ndarray] = MappingProxyType({})
Kept = TypeVar("Kept")
EMBEDDINGS = Codec[dict[str, np.ndarray]](dict[str, np.ndarray])
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
            self.why = f"{UNSAID} A baseline has no summary of a week in which weeks could lie near one another or far apart."
            return
        trained = _trained_on(workspace, model)
        if trained and trained[0].lengths != info.lengths:
            trained = None  # a mean over fewer tokens varies more: only windows as long as these are near or far
        source, rows, self.words = trained or (info, first_weeks(workspace.week_rows(cohort)), f"other people of “{info.name}”")
        usual = default_standardizer(model, info.lengths)
        standardize_by = usual if trained else standardize_by or usual
        try:
            read = _Reader.of(workspace, model, source.name, standardize_by, progress, only_kept).fit_ones(rows)
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


@dataclass(frozen=True, eq=False)
class _Reader:
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
    ) -> _Reader:
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
    reader = _Reader.of(workspace, model, cohort, standardize_by, progress, only_kept)
    distances, reasons = dict[int, WeekDistance](), dict[str, None]()
    for some in _together(rows):
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


def keep_embeddings(
    workspace: Workspace, model: Model, cohort: str, standardize_by: StandardizeBy, known: Mapping[int, np.ndarray]
) -> None:
    """Keep embeddings that were read elsewhere, so that `cohort_distances` reads none of these weeks again. known: row -> (width,)."""
    unfit = unfit_by(workspace, model, cohort, standardize_by)
    reader = _Reader.of(workspace, model, cohort, standardize_by, None, only_kept=False)
    for some in _together([row for row in workspace.week_rows(cohort) if not unfit[row.row]]):
        if all(row.row in known for row in some):
            reader.all_of(some, known)


def _together(rows: Sequence[WeekRow]) -> list[Sequence[WeekRow]]:
    """The weeks of which embeddings are kept together."""
    return [rows[first : first + AT_ONCE] for first in range(0, len(rows), AT_ONCE)]


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
