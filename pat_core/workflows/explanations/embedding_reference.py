"""Who a week's embedding is compared with: the people a model learned from where they are still here, else the people shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pat_core.cohorts import CohortInfo, WeekRow, Workspace
from pat_core.cohorts.kept.record_arrays import Codec
from pat_core.cohorts.kept.result_cache import Question, digest
from pat_core.errors import ExplanationError, WeekError
from pat_core.explain.embedding_distance import FEWEST_PEOPLE, Reference, fit_reference, pooled
from pat_core.models.pat.pat_config import WIDTH
from pat_core.progress import Progress
from pat_core.records import StandardizeBy, Standardizer
from pat_core.weeks import GATE_VERSION, apply, standardizer_sha
from pat_core.weights import Model
from pat_core.workflows.models.predictions import cohort_standardizer, default_standardizer
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.week.gate_findings import findings, refused, week_of
from pat_core.workflows.week.week_rows import first_weeks, others_than

MOST_READ = 400
"""People of one reference: each is read through the network once, and more of them hardly move a percentile."""
SEED = 0
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
    info = workspace.cohort(cohort)
    trained = _trained_on(workspace, model)
    source, rows, told = trained or (info, first_weeks(workspace.week_rows(cohort)), f"other people of “{info.name}”")
    standardize_by = default_standardizer(model) if trained else standardize_by or default_standardizer(model)
    try:
        standardizer = cohort_standardizer(workspace, source.name, model, standardize_by)
        found = _embeddings(workspace, model, source, rows, standardize_by, standardizer, progress, only_kept)
        if found is None:
            return None, NOT_YET
        kept, embeddings = found
        of_source = workspace.week_rows(source.name)
        own = workspace.week_rows(cohort, without) if without is not None else ()
        there = {row.participant for row in others_than(without, own, of_source, source.id == info.id)}
        others = np.array([row.participant in there for row in kept], dtype=bool)
        if others.sum() < FEWEST_PEOPLE:
            return None, f"{UNSAID} This needs at least {FEWEST_PEOPLE} other people with a fit week, and {others.sum()} are here."
        whom = f"the {others.sum()} {told}"
        return fit_reference(embeddings[others], whom), whom
    except (WeekError, ExplanationError) as error:
        return None, f"{UNSAID} {error}"


def _trained_on(workspace: Workspace, model: Model) -> tuple[CohortInfo, list[WeekRow], str] | None:
    """The cohort a model was trained on with the first weeks of its training people; None where either is no longer known."""
    info = next((one for one in workspace.cohorts() if one.id == model.card.get("cohort_id")), None)
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
    """At most `MOST_READ` of these rows that the input gate lets pass, and their (people, 96); kept, as they depend on content alone."""
    if len(rows) > MOST_READ:
        rows = [rows[at] for at in np.sort(np.random.default_rng(SEED).choice(len(rows), MOST_READ, replace=False))]
    question = _question(model, rows, standardize_by, standardizer)

    def make() -> dict[str, np.ndarray]:
        weeks, flags = workspace.weeks_array(source.name), workspace.device_flags(source.name)
        looked = [findings(week_of(row, weeks, flags), standardizer, model, standardize_by) for row in rows]
        fit = np.array([not refused(found) for found in looked], dtype=bool)
        passed = [row.row for row, good in zip(rows, fit, strict=True) if good]
        made = pooled(model.network, apply(standardizer, weeks[passed]), progress) if passed else np.empty((0, WIDTH), np.float32)
        return {"embeddings": made, "fit": fit}

    found = workspace.kept(question, EMBEDDINGS) if only_kept else workspace.remember(question, make, EMBEDDINGS)
    if found is None:
        return None
    return [row for row, good in zip(rows, found["fit"], strict=True) if good], found["embeddings"]


def _question(model: Model, rows: Sequence[WeekRow], standardize_by: StandardizeBy, by: Standardizer) -> Question:
    """All that embeddings and the gate's findings depend on: the weights, the weeks with unit, start and wear, the standardizer,
    versions."""
    weeks = [(row.as_read, row.unit, str(row.start), row.report.nonwear_share) for row in rows]  # the last tells other flags of a device
    parts = {"weights": model.sha256, "weeks": digest(weeks), "unit": model.card.get("unit")}
    parts |= {"whose": standardize_by, "standardizer": standardizer_sha(by), "of": by.people, "standardizer unit": by.unit}
    return Question("embeddings", parts | {"gate": GATE_VERSION})
