"""What an explanation must say of itself: its error, what it was made of, how usual the week is, how steady the map.

A week's embedding is compared with the people a model learned from where they are still here, else with the people shown.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pat_core import __version__
from pat_core.cohorts import CohortInfo, WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.errors import ExplanationError, WeekError
from pat_core.explain.embedding_distance import FEWEST_PEOPLE, Reference, distance, fit_reference, pooled
from pat_core.explain.judging.stability import Stability
from pat_core.explain.windows import WearMass
from pat_core.models.baselines import BaselineConfig
from pat_core.models.pat.pat_config import WIDTH
from pat_core.progress import Progress
from pat_core.records import Attribution, Finding, StandardizeBy, Standardizer
from pat_core.wear import QualitySettings
from pat_core.weeks import GATE_VERSION, apply, by_length, span, standardizer_sha
from pat_core.weights import Model
from pat_core.workflows.explanations.scoreboard import verdict
from pat_core.workflows.explanations.week_maps import METHOD_VERSION, sha256_of
from pat_core.workflows.models.predictions import ReadWeek, cohort_standardizer, default_standardizer
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.read.worn_days import few_days_of, quality_settings
from pat_core.workflows.week.cohort_weeks import draw, findings, first_weeks, refused, week_of

AT_ONCE = 512
"""Weeks of a cohort whose embeddings are kept together, so that a stop loses at most these."""
NUMBERS = Codec[np.ndarray](np.ndarray)
MOST_READ = 400
"""People of one reference: each is read through the network once, and more of them hardly move a percentile."""
EMBEDDINGS = Codec[dict[str, np.ndarray]](dict[str, np.ndarray])
NOT_YET = "How unusual this week is to the model is not worked out yet."
UNSAID = "How unusual this week is to the model cannot be said."


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
        if (
            trained and trained[0].lengths != info.lengths
        ):  # a mean over fewer tokens varies more: only windows as long as these are near or far
            trained = None
        source, rows, self.words = trained or (info, first_weeks(workspace.week_rows(cohort)), f"other people of “{info.name}”")
        usual = default_standardizer(model, info.lengths)
        standardize_by = usual if trained else standardize_by or usual
        try:
            standardizer = cohort_standardizer(workspace, source.name, model, standardize_by)
            read = _embeddings(workspace, model, source, rows, standardize_by, standardizer, progress, only_kept)
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


def _embeddings(
    workspace: Workspace,
    model: Model,
    source: CohortInfo,
    rows: Sequence[WeekRow],
    standardize_by: StandardizeBy,
    standardizer: Standardizer,
    progress: Progress | None,
    only_kept: bool,
) -> tuple[list[WeekRow], np.ndarray] | None:
    """At most `MOST_READ` of these rows that the input gate lets pass with enough valid days, and their (people, 96); kept, as they depend
    on content and on how wear is judged alone."""
    rows, settings = draw(rows, MOST_READ), quality_settings(workspace)
    question = _question(model, rows, standardize_by, standardizer, settings)

    def make() -> dict[str, np.ndarray]:
        weeks, flags = workspace.weeks_array(source.name), workspace.device_flags(source.name)
        looked = [week_of(row, weeks, flags) for row in rows]
        judged = [(*findings(week, standardizer, model, standardize_by), *few_days_of(week, settings)) for week in looked]
        fit = np.array([not refused(of_week) for of_week in judged], dtype=bool)
        good = [row for row, passes in zip(rows, fit, strict=True) if passes]
        embeddings = np.empty((len(good), WIDTH), np.float32)
        for alike in by_length([row.report.minutes for row in good]):
            some = [good[place] for place in alike]
            z = apply(standardizer, weeks[[row.row for row in some]], [row.start for row in some])
            embeddings[alike] = pooled(model.network, z, progress)
        return {"embeddings": embeddings, "fit": fit}

    read = workspace.kept(question, EMBEDDINGS) if only_kept else workspace.remember(question, make, EMBEDDINGS)
    if read is None:
        return None
    return [row for row, good in zip(rows, read["fit"], strict=True) if good], read["embeddings"]


def _question(
    model: Model, rows: Sequence[WeekRow], standardize_by: StandardizeBy, by: Standardizer, settings: QualitySettings
) -> Question:
    """All that embeddings and the gate's findings depend on: the weights, the weeks with unit, start and wear, how wear is judged, the
    standardizer, versions."""
    weeks = [(row.as_read, row.unit, str(row.start), row.report.nonwear_share) for row in rows]  # the last tells other flags of a device
    parts = {"weights": model.sha256, "weeks": digest(weeks), "unit": model.card.get("unit")}
    parts |= {"whose": standardize_by, "standardizer": standardizer_sha(by), "of": by.people, "standardizer unit": by.unit}
    return Question("embeddings", parts | {"gate": GATE_VERSION, "wear": repr(settings)})


__all__ = [
    "SCHEMA", "Compared", "WeekDistance", "baseline_of", "cohort_distances", "explanation_receipt", "plain", "reference_for", "sealed",
    "week_distance",
]  # fmt: skip

SCHEMA = 5
"""Of receipts. 1 were those without hashes, which cannot be checked; 2 without the settings of wear; 3 without the answer as it is shown
and without where the maps lie by wear; 4 with percentages that the model's test did not bear out, and answers on hardly worn weeks."""


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
) -> tuple[dict[int, WeekDistance], str]:
    """(row -> how unusual each of these weeks of a cohort is to the model, as `week_distance` says it of one; why that is not said of
    some, in a sentence, or ""). rows: those that are fit for the model. only_kept: of weeks that were not read before, nothing is said."""
    compared = Compared(workspace, model, cohort, standardize_by, progress, only_kept)
    if compared.why:
        return {}, compared.why
    of_person: dict[str, list[WeekRow]] = {}
    for row in workspace.week_rows(cohort):
        of_person.setdefault(row.participant, []).append(row)
    standardizer = cohort_standardizer(workspace, cohort, model, standardize_by)
    distances, reasons = dict[int, WeekDistance](), dict[str, None]()
    for first in range(0, len(rows), AT_ONCE):
        some = rows[first : first + AT_ONCE]
        embeddings = _embeddings_of(workspace, model, cohort, some, standardize_by, standardizer, progress, only_kept)
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


def _embeddings_of(
    workspace: Workspace,
    model: Model,
    cohort: str,
    rows: Sequence[WeekRow],
    standardize_by: StandardizeBy,
    standardizer: Standardizer,
    progress: Progress | None,
    only_kept: bool,
) -> np.ndarray | None:
    """(rows, 96) of these weeks with their marks, kept; None where they are not kept and nothing is to be read."""

    def make() -> np.ndarray:
        weeks, flags = workspace.weeks_array(cohort, as_imported=True), workspace.device_flags(cohort)
        embeddings = np.empty((len(rows), WIDTH), np.float32)
        for alike in by_length([row.report.minutes for row in rows]):
            some = [rows[place] for place in alike]
            values = np.stack([week_of(row, weeks, flags).values for row in some])
            embeddings[alike] = pooled(model.network, apply(standardizer, values, [row.start for row in some]), progress)
        return embeddings

    question = _question(model, rows, standardize_by, standardizer, quality_settings(workspace))
    question = Question("embeddings of these weeks", question.parts)
    return workspace.kept(question, NUMBERS) if only_kept else workspace.remember(question, make, NUMBERS)


def _beside(reference: Reference, embedding: np.ndarray, minutes: int) -> WeekDistance:
    value = float(distance(reference, embedding)[0])
    share, far = reference.share_nearer(value), reference.is_far(value)
    return WeekDistance(value, share, far, reference.people, reference.whom, reference.words(value, span(minutes)))


def explanation_receipt(
    attribution: Attribution, model: Model, z: np.ndarray, stability: Stability | None = None, wear: WearMass | None = None
) -> dict[str, object]:
    """One map's receipt, plain values: error, settings, evaluations, and the hashes of all that it was made from and of itself.

    wear: how much of it lies on minutes that were worn, not worn and missing. measured: how its method did where the truth is known.

    Logits for delta, sum, drawn (the sum of |values|) and gap; hashes are sha256 of float32 bytes, of the settings of their JSON text.
    """
    settings = plain(dict(attribution.settings))
    return plain(
        {
            "method": attribution.method,
            "kind": attribution.kind,
            "settings": settings,
            "settings_sha256": hash_of(settings),
            "baseline": baseline_of(settings),
            "steps": settings.get("steps"),
            "evaluations": attribution.evaluations,
            "patch": attribution.patch,
            "resolution": attribution.resolution,
            "delta": attribution.delta,
            "sum": float(np.nansum(attribution.values, dtype=np.float64)),
            "drawn": float(np.nansum(np.abs(attribution.values), dtype=np.float64)),
            "completeness_gap": attribution.completeness_gap,
            "relative_gap": attribution.relative_gap,
            "gap_share": attribution.gap_share,
            "wear": None if wear is None else asdict(wear),
            "measured": verdict(attribution.method, model.config.size),
            "stability": None if stability is None else {**asdict(stability), "steady": stability.steady},
            "weights_sha256": model.sha256,
            "input_sha256": sha256_of(z),
            "values_sha256": sha256_of(attribution.values),
            "methods": METHOD_VERSION,
            "engine": __version__,
            "flag": attribution.flag,
            "note": attribution.note,
        }
    )


def baseline_of(settings: Mapping[str, object]) -> dict[str, object] | None:
    """What a result's settings tell of its baseline; None for a method that has none."""
    if "baseline" not in settings:
        return None
    parts = {"name": "baseline", "weeks": "baseline_weeks", "of": "baseline_of", "sha256": "baseline_sha256"}
    return {name: settings.get(key) for name, key in parts.items()}


def sealed(content: Mapping[str, object]) -> dict[str, object]:
    """The same as plain values, with a checksum of all of it: a field that changes afterwards is noticed (it proves no origin)."""
    bare = plain({name: value for name, value in content.items() if name != "receipt_sha256"})
    return {**bare, "receipt_sha256": hash_of(bare)}


def hash_of(content: object) -> str:
    """sha256 of plain values, whatever the order of their names."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()


def plain(value: Any) -> Any:
    """Values that JSON can hold: tuples as lists, NumPy's numbers as Python's, what is no finite number as null."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
