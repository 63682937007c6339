"""Who of a cohort is nearest to a person by a model's embedding of their weeks, and who is most unlike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pat_core.cohorts import Person, WeekRow, Workspace
from pat_core.errors import ExplanationError, UntrainedError
from pat_core.explain.week_neighbours import Nearness, cohort_nearness
from pat_core.progress import Progress
from pat_core.records import Prediction, StandardizeBy, Week, WeekQuestion
from pat_core.weeks import span
from pat_core.weights import Model, require_attention
from pat_core.workflows.explanations.cohort_embeddings import CohortEmbeddings, cohort_embeddings
from pat_core.workflows.models.answers import USUAL, Answer, Wish
from pat_core.workflows.models.predictions import as_prediction
from pat_core.workflows.models.similar_scores import BesideTest, comparison
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.week.cohort_weeks import first_weeks, week_of

MOST, UNLIKE = 7, 4
"""How many of the nearest people are shown, and of the most unlike ones."""
RANDOM = (
    "The encoder of {model} was never trained: who is near whom in its embedding says nothing about people, so nobody is listed. Choose a "
    "trained model."
)


LIMITS = (
    "Near means that the model reads the two alike, whatever the reason: the device, the hours worn, the rhythm. It says nothing of a "
    "shared condition."
)


@dataclass(frozen=True, eq=False)
class CohortSpace:
    """The fit weeks of a cohort as a model sees them. of_whom: (weeks,) the number of the person of each, in the order of `names`."""

    embeddings: CohortEmbeddings
    nearness: Nearness
    names: tuple[str, ...]
    of_whom: np.ndarray


@dataclass(frozen=True, eq=False)
class Neighbour:
    """Another person by their week that is nearest to the one in question.

    distance: see `Nearness.distances`. share_nearer: of all pairs of people, 0 to 1, that are nearer to one another. copy: the minutes are
    the same, so it is the same recording under another name. prediction: None without a trained head.
    """

    person: Person
    row: WeekRow
    week: Week
    distance: float
    share_nearer: float
    copy: bool
    prediction: Prediction | None
    beside: BesideTest

    def answer(self, wish: Wish = USUAL) -> Answer | None:
        """The one number that a reader is given of them; None without a prediction, and of other targets than two classes."""
        return None if self.prediction is None or self.prediction.outputs else self.beside.answer(self.prediction, wish)


@dataclass(frozen=True, eq=False)
class SimilarPeople:
    """nearest: ascending by distance; unlike: descending. others: how many people were compared. pairs: of people, that distances stand
    beside. unfit: weeks of the cohort that are left out. alike_in_length: whether all windows have the same minutes."""

    nearest: tuple[Neighbour, ...]
    unlike: tuple[Neighbour, ...]
    others: int
    pairs: int
    unfit: int
    alike_in_length: bool


def cohort_space(
    workspace: Workspace, model: Model, cohort: str, standardize_by: StandardizeBy | None = None, progress: Progress | None = None
) -> CohortSpace:
    """Read every fit week of a cohort, but for what is kept of them. UntrainedError for a random encoder, ExplanationError for a baseline
    and under 3 people."""
    _check(model)
    read = cohort_embeddings(workspace, model, cohort, standardize_by, progress)
    if read is None:
        raise ExplanationError(f"The weeks of {cohort} could not be read. Try again.")
    return _space(read)


def kept_space(workspace: Workspace, model: Model, cohort: str, standardize_by: StandardizeBy | None = None) -> CohortSpace | None:
    """As `cohort_space` of what is kept; None where any fit week was not read yet."""
    _check(model)
    read = cohort_embeddings(workspace, model, cohort, standardize_by, only_kept=True)
    return None if read is None else _space(read)


def _check(model: Model) -> None:
    if not model.encoder_trained:
        raise UntrainedError(RANDOM.format(model=model.name))


def _space(read: CohortEmbeddings) -> CohortSpace:
    names = {name: number for number, name in enumerate(dict.fromkeys(row.participant for row in read.rows))}
    place = {row.row: number for number, row in enumerate(read.rows)}
    nearness = cohort_nearness(read.values, [place[row.row] for row in first_weeks(read.rows)])
    return CohortSpace(read, nearness, tuple(names), np.array([names[row.participant] for row in read.rows], int))


def similar_people(
    workspace: Workspace, model: Model, space: CohortSpace, question: WeekQuestion, most: int = MOST, unlike: int = UNLIKE
) -> SimilarPeople:
    """The people nearest to the week of a question and those most unlike it, each by their nearest week. space: of the same model and
    cohort. ExplanationError where no answer is given about this week, so that it is not compared either."""
    rows = space.embeddings.rows
    asked = (question.participant, question.index)
    own = next((number for number, row in enumerate(rows) if (row.participant, row.index) == asked), None)
    if own is None:
        raise ExplanationError(
            f"No answer is given about this {span(workspace.week(question.cohort, *asked).values.size)}, as it is not fit for the model or "
            "was worn too little, so it is not compared with others either."
        )
    distances, of_whom = space.nearness.distances(own), space.of_whom
    order = np.lexsort((distances, of_whom))
    nearest_of_each = order[np.unique(of_whom[order], return_index=True)[1]]
    others = nearest_of_each[of_whom[nearest_of_each] != of_whom[own]]
    others = others[np.argsort(distances[others], kind="stable")]
    near, far = others[:most], others[most:][::-1][:unlike]
    listed = _Neighbours(
        workspace, model, space, question, frozenset(row.sha256 for row in rows if row.participant == question.participant)
    )
    return SimilarPeople(
        listed.of(near, distances),
        listed.of(far, distances),
        len(others),
        len(space.nearness.pairs),
        space.embeddings.unfit,
        workspace.cohort(question.cohort).one_length,
    )


@dataclass(frozen=True, eq=False)
class _Neighbours:
    """Makes the records of a few weeks. own: sha256 of the weeks of the person in question."""

    workspace: Workspace
    model: Model
    space: CohortSpace
    question: WeekQuestion
    own: frozenset[str]

    def of(self, places: np.ndarray, distances: np.ndarray) -> tuple[Neighbour, ...]:
        workspace, cohort = self.workspace, self.question.cohort
        rows = [self.space.embeddings.rows[place] for place in places]
        people = {person.participant: person for person in workspace.people(cohort)}
        weeks, flags = workspace.weeks_array(cohort, as_imported=True), workspace.device_flags(cohort)
        answers = self._answers(rows, places)
        return tuple(
            Neighbour(
                people[row.participant],
                row,
                week_of(row, weeks, flags),
                float(distances[place]),
                self.space.nearness.share_nearer(float(distances[place])),
                row.sha256 in self.own,
                *answer,
            )
            for row, place, answer in zip(rows, places, answers, strict=True)
        )

    def _answers(self, rows: Sequence[WeekRow], places: np.ndarray) -> list[tuple[Prediction | None, BesideTest]]:
        """What the head makes of embeddings that are there: the same answers as on the pages of these people."""
        if not self.model.has_head or not rows:
            return [(None, BesideTest(float("nan"))) for _ in rows]
        import torch

        with torch.no_grad():
            numbers = require_attention(self.model).head(torch.from_numpy(self.space.embeddings.values[places])).numpy()
        cohort, by = self.workspace.cohort(self.question.cohort), str(self.question.standardize_by)
        among = comparison(self.model, by, cohort, seen(self.workspace, self.model, cohort.name).tested)
        named = [row.participant for row in rows]
        codes = self.workspace.codes(cohort.name, named) if among.same and not self.workspace.read_only else [""] * len(rows)
        predictions = [as_prediction(self.model, row.participant, row.index, one) for row, one in zip(rows, numbers, strict=True)]
        return [(one, among.beside(one.logit, name, code)) for one, name, code in zip(predictions, named, codes, strict=True)]


def similar_table(similar: SimilarPeople) -> pd.DataFrame:
    """A row a person: which (nearest, most unlike), participant, week (1 is the first), distance (in SDs of the cohort), pairs_nearer (of
    all pairs of people, the share that is nearer to one another, in percent),
    same_recording (yes, no) and score (logit; empty without one)."""
    listed = [("nearest", one) for one in similar.nearest] + [("most unlike", one) for one in similar.unlike]
    rows = [
        {
            "which": which,
            "participant": one.row.participant,
            "week": one.row.index + 1,
            "distance": one.distance,
            "pairs_nearer": 100 * one.share_nearer,
            "same_recording": "yes" if one.copy else "no",
            "score": None if one.prediction is None else one.prediction.logit,
        }
        for which, one in listed
    ]
    columns = ["which", "participant", "week", "distance", "pairs_nearer", "same_recording", "score"]
    return pd.DataFrame(rows, columns=columns)
