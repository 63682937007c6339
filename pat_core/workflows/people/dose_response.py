"""What-if: edit a week's activity, standardize again, predict again. It shows how a model responds to another week, and nothing of people.

An edit that changes no minute changes the logit by exactly 0 (see edited_week: every week is read alone).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.record_arrays import Codec
from pat_core.cohorts.kept.result_cache import Question
from pat_core.progress import Progress, Silent
from pat_core.records import Finding, Prediction, Week
from pat_core.weeks import GATE_VERSION, not_worn, standardizer_sha
from pat_core.weeks.edits import EDITS_VERSION
from pat_core.workflows.explanations.week_maps import sha256_of
from pat_core.workflows.models.headline import Answer, answer_of
from pat_core.workflows.models.predictions import as_prediction
from pat_core.workflows.models.similar_scores import comparison
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.people.edited_week import Ground, Place
from pat_core.workflows.week.gate_findings import refused

READINGS = Codec[dict[str, np.ndarray]](dict[str, np.ndarray])


@dataclass(frozen=True, eq=False)
class WhatIf:
    """One edited week beside the recorded one.

    before, after: the predictions of both, corrected alike; answer_before, answer_after: the number that a reader is given of each.
    edited: the edited week with its own report. z: (minutes,) what the model
    reads of it. changed: (minutes,) bool, minutes whose value differs. rest: (minutes,) bool, of the recorded week, as its nights are told;
    None where unknown. nonwear: (minutes,) bool, of the edited week. findings: of the input gate, on the edited week.
    nights: how many nights the edit works on, None where it is no edit of nights. room: minutes from the chosen moment to the end of the
    week, None where the edit has no such end; a longer dose is cut short there.
    place_before, place_after: among whom, a sentence's "the 30 people ..."; None where there is nobody to compare with, and then
    `whom` says why.
    """

    edit: str
    dose: float
    before: Prediction
    after: Prediction
    answer_before: Answer
    answer_after: Answer
    week: Week
    edited: Week
    z: np.ndarray
    changed: np.ndarray
    rest: np.ndarray | None
    nonwear: np.ndarray
    findings: tuple[Finding, ...]
    place_before: Place | None
    place_after: Place | None
    whom: str
    nights: int | None = None
    room: int | None = None

    @property
    def change(self) -> float:
        """Change of the logit: after minus before; exactly 0 where no minute changed."""
        return self.after.logit - self.before.logit

    @property
    def changed_minutes(self) -> int:
        """How many minutes of the week differ."""
        return int(self.changed.sum())

    @property
    def refused(self) -> bool:
        """The input gate holds the edited week to be unfit for the model."""
        return refused(self.findings)


@dataclass(frozen=True, eq=False)
class DoseCurve:
    """One edit at several doses, (doses,) each: change of the logit, distance and share of reference people who lie nearer (0 to 1).

    changes is NaN at doses whose week the input gate refuses, unless they were asked for anyway; refused: (doses,) bool, which they are.
    distances, nearer: NaN where there is nobody to compare with. whom: the reference people, or why there are none.
    """

    edit: str
    doses: np.ndarray
    changes: np.ndarray
    distances: np.ndarray
    nearer: np.ndarray
    refused: np.ndarray
    whom: str


def what_if(workspace: Workspace, ground: Ground, dose: float = 90) -> WhatIf:
    """Edit one week and read it again. ground: see `edited_week.ground_of`. Raises WeekError where the edit is not possible."""
    logit, before = ground.recorded()
    edited, z, found, after, embedding = ground.at(dose)
    asked = ground.read.question
    answers = _answers(workspace, ground, logit, after)
    changed = ~((edited.values == ground.week.values) | (np.isnan(edited.values) & np.isnan(ground.week.values)))
    return WhatIf(
        edit=ground.edit.name,
        dose=dose,
        before=as_prediction(ground.model, asked.participant, asked.index, logit),
        after=as_prediction(ground.model, asked.participant, asked.index, after),
        answer_before=answers[0],
        answer_after=answers[1],
        week=ground.week,
        edited=edited,
        z=z,
        changed=changed,
        rest=ground.context.rest,
        nonwear=_not_worn(ground, edited, changed),
        findings=found,
        place_before=before,
        place_after=ground.place(embedding),
        whom=ground.whom,
        nights=ground.edit.nights(len(ground.week.values), ground.context),
        room=ground.edit.room(len(ground.week.values), ground.context),
    )


def _not_worn(ground: Ground, edited: Week, changed: np.ndarray) -> np.ndarray:
    """(minutes,) bool, when the device was not worn in the edited week: by the settings, and wherever a minute that the edit left alone was
    not worn as recorded. What is left of a period that an edit cut short may be too short for the rule, and was not worn all the same.
    """
    off = not_worn(edited, ground.settings)
    if ground.edit.needs == "start":  # whole days change places, and their minutes with them
        return off
    return off | (not_worn(ground.week, ground.settings) & ~changed)


def _answers(workspace: Workspace, ground: Ground, before: float, after: float) -> tuple[Answer, Answer]:
    """The one number of the recorded week, as the page of the person has it, and of the edited one; a refused week is compared with nobody,
    and then neither is the other."""
    model, asked = ground.model, ground.read.question
    own = seen(workspace, model, asked.cohort)
    among = comparison(model, str(asked.standardize_by), workspace.cohort(asked.cohort), own.tested)
    first, second = (as_prediction(model, asked.participant, asked.index, logit) for logit in (before, after))
    if among.test is None or ground.read.refused:
        return answer_of(first, None), answer_of(second, None)
    code = workspace.codes(asked.cohort, [asked.participant])[0] if among.same and not workspace.read_only else ""
    recorded = answer_of(first, among.like(before, asked.participant, code))
    return recorded, recorded if after == before else answer_of(second, among.like(after, asked.participant, code, edited=True))


def dose_curve(workspace: Workspace, ground: Ground, doses: Sequence[float] | None = None, progress: Progress | None = None) -> DoseCurve:
    """The same edit at every dose, kept by content. What it raises: as `what_if`.

    doses: by default the edit's own, without those that the end of the week would cut short.
    """
    own = ground.edit.whole(len(ground.week.values), ground.context)
    doses = tuple(float(dose) for dose in (own if doses is None else doses))
    kept = workspace.remember(_question(ground, doses), lambda: _readings(ground, doses, progress or Silent()), READINGS)
    changes = np.where(kept["refused"] & (not ground.anyway), np.nan, kept["logits"] - kept["recorded"])
    places = [ground.place(embedding) for embedding in kept["embeddings"]]
    distances, nearer = (np.array([getattr(place, name, np.nan) for place in places]) for name in ("distance", "nearer"))
    return DoseCurve(ground.edit.name, np.array(doses), changes, distances, nearer, kept["refused"], ground.whom)


def _readings(ground: Ground, doses: Sequence[float], progress: Progress) -> dict[str, np.ndarray]:
    """recorded (): the logit of the recorded week; logits (doses,), embeddings (doses, 96), refused (doses,) of the edited ones."""
    recorded, _ = ground.recorded()
    logits, embeddings, unfit = [], [], []
    for number, dose in enumerate(doses):
        progress.at(number / len(doses), f"Reading the edited week: {number} of {len(doses)} doses")
        _, _, found, logit, embedding = ground.at(dose)
        logits.append(logit)
        embeddings.append(embedding)
        unfit.append(refused(found))
    return {"recorded": np.array(recorded), "logits": np.array(logits), "embeddings": np.array(embeddings), "refused": np.array(unfit)}


def _question(ground: Ground, doses: Sequence[float]) -> Question:
    """Everything that the readings of a dose curve depend on."""
    week, by = ground.week, ground.read.standardizer
    parts: dict[str, Any] = {"model": ground.model.sha256, "week": sha256_of(week.values), "start": str(week.start), "unit": week.unit}
    parts |= {"marks": [vars(mark) for mark in week.marks]} if week.marks else {}
    parts |= {"flags": sha256_of(week.worn)} if week.worn is not None else {}
    parts |= {"standardizer": standardizer_sha(by), "of": by.people, "standardizer unit": by.unit}
    parts |= {"rest": [mask is not None and sha256_of(mask) for mask in (ground.context.rest, ground.context.nights)]}
    parts |= {"wear": repr(ground.settings), "whose": ground.read.question.standardize_by, "edit": ground.edit.name}
    parts |= {"doses": doses, "window": ground.context.window, "seed": ground.context.seed}
    return Question("what-if", parts | {"edits": EDITS_VERSION, "gate": GATE_VERSION})
