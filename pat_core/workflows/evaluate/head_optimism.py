"""How much a linear probe looks better on the people it has learned from, and how much its answers depend on who they were.

Heads are trained again on people drawn anew (Harrell's bootstrap; instability as Riley & Collins 2023 plot it). A probe's encoder stays
as it is, so each takes milliseconds; of a model that was trained whole, everything would have to be trained again, which nobody waits for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pat_core.cohorts import RunInfo, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.errors import EvaluationError
from pat_core.evaluation.study.optimism import Optimism, bootstrap_optimism
from pat_core.progress import Progress, Share, Silent
from pat_core.training import LabelledWeeks
from pat_core.weeks import by_length
from pat_core.weights import Model
from pat_core.workflows.evaluate.tested_people import own_run
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_weeks

DRAWS, STRENGTH = 100, 0.1
"""Heads that are trained, and the C of their logistic regression on standardized embeddings."""
FEWEST, MOST_PEOPLE = 5, 3000
"""People of the rarer group; and in all, so that nobody waits for minutes."""


@dataclass(frozen=True, eq=False)
class HeadOptimism:
    """participants, positive (bool): (people,) by their first fit week. optimism: of heads on this model's encoder."""

    participants: np.ndarray
    positive: np.ndarray
    optimism: Optimism


KEPT = Codec[HeadOptimism](HeadOptimism)


def why_no_optimism(workspace: Workspace, model: Model) -> str:
    """Why it cannot be measured, in a sentence; "" where it can."""
    run = own_run(workspace, model)
    if run is None or run.cohort_id is None or not any(cohort.id == run.cohort_id for cohort in workspace.cohorts()):
        return "Optimism is measured on the people of the model's own run. This workspace does not hold that run together with its cohort."
    if model.card.get("style") != "linear_probe":
        return (
            "Optimism is measured for linear probes, of which a head alone is trained again. This model was trained whole, and would have "
            f"to be a hundred times. {_INSTEAD}"
        )
    if model.outputs.kind != "two classes":
        return (
            "Optimism is measured for two classes, and this model has learned another kind of target. Of a number, two classes by a "
            f"threshold (madrs1>=25) can be learned by another run, and measured. {_INSTEAD}"
        )
    return ""


_INSTEAD = (
    "Its test is on people whom it had not seen, so that needs no correction; how much the test depends on who trained is shown by a "
    "cross-validation with repeats (`finetune --folds 5 --repeats 10`)."
)


def head_optimism(workspace: Workspace, model: Model, seed: int = 0, progress: Progress | None = None) -> HeadOptimism:
    """Train `DRAWS` logistic heads on people drawn anew, all on this model's frozen encoder; kept. EvaluationError where that is not
    possible (`why_no_optimism`), or people are too few or too many."""
    if why := why_no_optimism(workspace, model):
        raise EvaluationError(why)
    run, progress = own_run(workspace, model), progress or Silent()
    request = _request(workspace, run)
    data, order = labelled_weeks(workspace, request)
    rows = {row.row: row for row in workspace.week_rows(request.cohort)}
    rarer = int(min(data.positive.sum(), (~data.positive).sum()))
    if rarer < FEWEST or len(order) > MOST_PEOPLE:
        raise EvaluationError(
            f"Optimism needs {FEWEST} people of each group and at most {MOST_PEOPLE:,}; here are {len(order):,}, {rarer} of one."
        )
    weeks = digest([[rows[int(number)].as_read for number in order], data.positive.tolist()])
    parts = {"model": model.sha256, "weeks": weeks, "draws": DRAWS, "strength": STRENGTH, "seed": seed}

    def make() -> HeadOptimism:
        x = _embedded(model, data, len(order), Share(progress, 0.0, 0.5))
        done = bootstrap_optimism(
            data.positive, lambda chosen: _head(x, data.positive, chosen), None, DRAWS, seed, Share(progress, 0.5, 0.5)
        )
        return HeadOptimism(data.people.astype(str), data.positive, done)

    return workspace.remember(Question("optimism of heads", parts), make, KEPT)


def _request(workspace: Workspace, run: RunInfo | None) -> RunRequest:
    """The run's, on its cohort as it is called now, a week a person."""
    if run is None:
        raise EvaluationError("The model's run is not here any more.")
    name = next(cohort.name for cohort in workspace.cohorts() if cohort.id == run.cohort_id)
    return replace(RunRequest.from_spec(run.config), cohort=name, weeks="first")


def _embedded(model: Model, data: LabelledWeeks, count: int, progress: Progress) -> np.ndarray:
    """(people, width) as the head reads them."""
    from pat_core.explain.embedding_distance import WEEKS_AT_ONCE, pooled  # torch is for those alone who ask for this
    from pat_core.training.read_weeks import standardized

    if model.standardizer is None:
        raise EvaluationError(f"{model.name} brings no standardizer, so its weeks cannot be read as they were. Fine-tune it again.")
    done, parts = 0, []
    groups = by_length(data.lengths())
    for rows in (group[first : first + WEEKS_AT_ONCE] for group in groups for first in range(0, len(group), WEEKS_AT_ONCE)):
        progress.at(done / count, f"Reading {done} of {count} people")
        parts.append(pooled(model.network, standardized(model.standardizer, data, rows)))
        done += len(rows)
    return np.concatenate(parts)[np.argsort(np.concatenate(groups))]


def _head(x: np.ndarray, positive: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(people,) logits of all by a head that has learned from these rows."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, class_weight="balanced", solver="newton-cholesky"))
    return model.fit(x[rows], positive[rows]).decision_function(x)


def optimism_words(done: HeadOptimism) -> str:
    """What came of it, in a sentence."""
    o = done.optimism
    return (
        f"A head on this encoder that learns from all {len(done.positive):,} people reaches an AUC of {o.apparent.value:.2f} on them; "
        f"{o.draws} heads that learned from people drawn anew say that {o.optimism:.2f} of it is optimism, which leaves "
        f"{o.corrected.value:.2f} ({o.corrected.low:.2f} to {o.corrected.high:.2f}). Depending on whom it had learned from, a person's "
        f"probability differs by {100 * o.instability.mean_error:.0f} points on average."
    )
