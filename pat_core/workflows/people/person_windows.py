"""All windows of one person together, for the page of that person."""

from __future__ import annotations

from dataclasses import replace

from pat_core.cohorts import Workspace
from pat_core.records import WeekQuestion
from pat_core.weights import Model
from pat_core.workflows.models.predictions import Pooled, as_prediction, pooled_people, predict_logits, read_week
from pat_core.workflows.models.similar_scores import comparison
from pat_core.workflows.models.training_overlap import seen


def together(workspace: Workspace, model: Model, question: WeekQuestion) -> Pooled | None:
    """The fit windows of the person of a question, pooled as people are tested; None where they have fewer than two. Raises WeekError where
    the standardizer cannot be had."""
    rows = workspace.week_rows(question.cohort, question.participant)
    if len(rows) < 2 or not model.has_head:
        return None
    reads = [(row, read_week(workspace, model, replace(question, index=row.index))) for row in rows]
    fit = [(row, read) for row, read in reads if not read.refused]
    known = {row.row: as_prediction(model, row.participant, row.index, predict_logits(model, read.z[None])[0]) for row, read in fit}
    info = workspace.cohort(question.cohort)
    by, own = str(reads[0][1].question.standardize_by), seen(workspace, model, info.name)
    mine = info.id == model.card.get("cohort_id") and not workspace.read_only
    code = workspace.codes(info.name, [question.participant])[0] if mine else ""
    among = comparison(model, by, info, own.tested)
    pooled = pooled_people(model, [row for row, _ in fit], known, lambda who, logit: among.beside(logit, who, code))
    return pooled.get(question.participant)
