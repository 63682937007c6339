"""What-if: edit a week's activity, standardize again, predict again. It shows how a model responds to another week, and nothing of people.

Every week is read alone, in a batch of one, as the page of one person reads it: equal weeks then have equal logits to the last bit, and an
edit that changes no minute changes the logit by exactly 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.errors import WeekError
from pat_core.explain.embedding_distance import Reference, distance, pooled
from pat_core.models.baselines import BaselineConfig
from pat_core.progress import Progress, Silent
from pat_core.records import Finding, Prediction, Week
from pat_core.wear import QualitySettings
from pat_core.weeks import GATE_VERSION, not_worn, report, standardizer_sha
from pat_core.weeks.edits import EDITS, EDITS_VERSION, Edit, EditContext
from pat_core.weights import Model, require_attention, require_head
from pat_core.workflows.explanations.unusual_weeks import reference_for
from pat_core.workflows.explanations.week_maps import sha256_of
from pat_core.workflows.models.answers import USUAL, Answer, Wish
from pat_core.workflows.models.kind_answers import explained
from pat_core.workflows.models.predictions import ReadWeek, as_prediction, as_read, predict_logits
from pat_core.workflows.models.similar_scores import REFUSED, BesideTest, comparison
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.read.worn_days import quality_settings
from pat_core.workflows.week.cohort_weeks import refused
from pat_core.workflows.week.week_nights import WeekNights, week_nights


@dataclass(frozen=True)
class Place:
    """Where an embedding lies: its distance from the reference people (no unit), and the share of them, 0 to 1, who lie nearer.

    far: farther than nearly all of them (see explain.distance.FAR).
    """

    distance: float
    nearer: float
    far: bool


@dataclass(frozen=True)
class WeekEdit:
    """What is done to a week. name: a key of EDITS. window: (first, end) minutes of the week, for edits that need one. anyway: edit a week
    too that the input gate refused."""

    name: str = "shift_wake"
    window: tuple[int, int] | None = None
    anyway: bool = False


@dataclass(frozen=True, eq=False)
class Ground:
    """What all doses of one edit of one week share. settings: how wear is judged. anyway: as in `WeekEdit`. whom: the people of
    `reference`, or why there are none."""

    model: Model
    read: ReadWeek
    settings: QualitySettings
    edit: Edit
    anyway: bool
    context: EditContext
    reference: Reference | None
    whom: str

    @property
    def week(self) -> Week:
        """As recorded."""
        return self.read.week

    def at(self, dose: float) -> tuple[Week, np.ndarray, tuple[Finding, ...], float, np.ndarray]:
        """The week at a dose: itself, standardized, what the gate says of it, its logit and its embedding (96,)."""
        values = self.edit.apply(self.week.values, dose, self.context)
        worn = self.edit.flags(self.week.worn, dose, self.context)
        edited = replace(self.week, values=values, worn=worn, report=report(values, self.week.unit, worn))
        read = as_read(self.model, self.read.question, edited, self.read.standardizer, self.settings)
        logit, embedding = _read(self.model, read.z)
        return edited, read.z, read.findings, logit, embedding

    def recorded(self) -> tuple[float, Place | None]:
        """Logit and place of the week as it is stored, not through the edit at dose 0: dose 0 is then a test of the edit."""
        logit, embedding = _read(self.model, self.read.z)
        return logit, self.place(embedding)

    def place(self, embedding: np.ndarray) -> Place | None:
        """Where an embedding (96,) lies; None where there is nobody to compare with."""
        if self.reference is None:
            return None
        far = float(distance(self.reference, embedding)[0])
        return Place(far, self.reference.share_nearer(far), self.reference.is_far(far))


def ground_of(
    workspace: Workspace,
    model: Model,
    read: ReadWeek,
    edit: WeekEdit,
    *,
    nights: WeekNights | None = None,
    only_kept: bool = False,
    progress: Progress | None = None,
) -> Ground:
    """What an edit of this week needs. nights: of the week, by the sleep score that rest is told by; by that of its device unless given.

    only_kept: where the people to compare with were not read through the network yet, leave the places out, and `whom` says so.

    Raises UntrainedError without a trained head, and WeekError where there is no such edit and where the input gate refuses the recorded
    week, unless `anyway`.
    """
    require_head(model)
    model = explained(model, z=read.z)
    if edit.name not in EDITS:
        raise WeekError(f"There is no edit called “{edit.name}”. Known are: {', '.join(EDITS)}.")
    if read.refused and not edit.anyway:
        reason = next(finding.message for finding in read.findings if finding.severity == "refuse")
        raise WeekError(f"The input check found the recorded week unfit for the model, so no edit of it is read. {reason}")
    settings = quality_settings(workspace)
    known = nights or week_nights(read.week, None, settings)
    context = EditContext(known.rest, read.week.start, edit.window, nights=known.in_bed)
    question = read.question
    reference, whom = reference_for(workspace, model, question.cohort, question.standardize_by, question.participant, progress, only_kept)
    return Ground(model, read, settings, EDITS[edit.name], edit.anyway, context, reference, whom)


def _read(model: Model, z: np.ndarray) -> tuple[float, np.ndarray]:
    """Logit and embedding (width,) of one standardized week (minutes,); of a PAT in one pass."""
    import torch

    embedding = pooled(model.network, z)
    if isinstance(model.config, BaselineConfig):  # nothing stands between its input and its score
        return float(predict_logits(model, z[None])[0]), embedding[0]
    with torch.no_grad():
        return float(require_attention(model).head(torch.from_numpy(embedding))[0]), embedding[0]


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
    `whom` says why. explains: what is read of the model where that is no logit of two classes, a class or a value; "" else.
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
    explains: str = ""

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
    distances, nearer: NaN where there is nobody to compare with. whom: the reference people, or why there are none. answer: what of the
    model changes, and in which unit.
    """

    edit: str
    doses: np.ndarray
    changes: np.ndarray
    distances: np.ndarray
    nearer: np.ndarray
    refused: np.ndarray
    whom: str
    answer: tuple[str, str] = ("logit", "logits")


def what_if(workspace: Workspace, ground: Ground, dose: float = 90, wish: Wish = USUAL) -> WhatIf:
    """Edit one week and read it again. ground: see `ground_of`. wish: how the reader wants answers.

    Raises WeekError where the edit is not possible."""
    logit, before = ground.recorded()
    edited, z, findings, after, embedding = ground.at(dose)
    question = ground.read.question
    answers = _answers(workspace, ground, logit, after, wish)
    changed = ~((edited.values == ground.week.values) | (np.isnan(edited.values) & np.isnan(ground.week.values)))
    return WhatIf(
        edit=ground.edit.name,
        dose=dose,
        before=as_prediction(ground.model, question.participant, question.index, logit),
        after=as_prediction(ground.model, question.participant, question.index, after),
        answer_before=answers[0],
        answer_after=answers[1],
        week=ground.week,
        edited=edited,
        z=z,
        changed=changed,
        rest=ground.context.rest,
        nonwear=_not_worn(ground, edited, changed),
        findings=findings,
        place_before=before,
        place_after=ground.place(embedding),
        whom=ground.whom,
        nights=ground.edit.nights(len(ground.week.values), ground.context),
        room=ground.edit.room(len(ground.week.values), ground.context),
        explains=ground.model.explains,
    )


def _not_worn(ground: Ground, edited: Week, changed: np.ndarray) -> np.ndarray:
    """(minutes,) bool, when the device was not worn in the edited week: by the settings, and wherever a minute that the edit left alone was
    not worn as recorded. What is left of a period that an edit cut short may be too short for the rule, and was not worn all the same.
    """
    off = not_worn(edited, ground.settings)
    if ground.edit.needs == "start":  # whole days change places, and their minutes with them
        return off
    return off | (not_worn(ground.week, ground.settings) & ~changed)


def _answers(workspace: Workspace, ground: Ground, before: float, after: float, wish: Wish) -> tuple[Answer, Answer]:
    """The one number of the recorded week, as the page of the person has it, and of the edited one; a refused week is compared with nobody,
    and then neither is the other."""
    model, question = ground.model, ground.read.question
    own = seen(workspace, model, question.cohort)
    among = comparison(model, str(question.standardize_by), workspace.cohort(question.cohort), own.tested)
    first, second = (as_prediction(model, question.participant, question.index, logit) for logit in (before, after))
    if among.test is None or ground.read.refused:
        alone = BesideTest(before, why=REFUSED if ground.read.refused else among.why)
        return alone.answer(first, wish), alone.answer(second, wish)
    code = workspace.codes(question.cohort, [question.participant])[0] if among.same and not workspace.read_only else ""
    recorded = among.beside(before, question.participant, code).answer(first, wish)
    if after == before:
        return recorded, recorded
    return recorded, among.beside(after, question.participant, code, edited=True).answer(second, wish)


def dose_curve(workspace: Workspace, ground: Ground, doses: Sequence[float] | None = None, progress: Progress | None = None) -> DoseCurve:
    """The same edit at every dose, kept by content. What it raises: as `what_if`.

    doses: by default the edit's own, without those that the end of the week would cut short.
    """
    own = ground.edit.whole(len(ground.week.values), ground.context)
    doses = tuple(float(dose) for dose in (own if doses is None else doses))
    readings = workspace.remember(_question(ground, doses), lambda: _readings(ground, doses, progress or Silent()), READINGS)
    changes = np.where(readings["refused"] & (not ground.anyway), np.nan, readings["logits"] - readings["recorded"])
    places = [ground.place(embedding) for embedding in readings["embeddings"]]
    distances, nearer = (np.array([getattr(place, name, np.nan) for place in places]) for name in ("distance", "nearer"))
    outputs, of = ground.model.outputs, ground.model.explains or "logit"
    answer = of, (outputs.unit or "units of the label") if outputs.kind == "value" else "logits"
    return DoseCurve(ground.edit.name, np.array(doses), changes, distances, nearer, readings["refused"], ground.whom, answer)


def _readings(ground: Ground, doses: Sequence[float], progress: Progress) -> dict[str, np.ndarray]:
    """recorded (): the logit of the recorded week; logits (doses,), embeddings (doses, 96), refused (doses,) of the edited ones."""
    recorded, _ = ground.recorded()
    logits, embeddings, unfit = [], [], []
    for number, dose in enumerate(doses):
        progress.at(number / len(doses), f"Reading the edited week: {number} of {len(doses)} doses")
        _, _, findings, logit, embedding = ground.at(dose)
        logits.append(logit)
        embeddings.append(embedding)
        unfit.append(refused(findings))
    return {"recorded": np.array(recorded), "logits": np.array(logits), "embeddings": np.array(embeddings), "refused": np.array(unfit)}


def _question(ground: Ground, doses: Sequence[float]) -> Question:
    """Everything that the readings of a dose curve depend on."""
    week, by = ground.week, ground.read.standardizer
    parts: dict[str, Any] = {"model": ground.model.sha256, "week": sha256_of(week.values), "start": str(week.start), "unit": week.unit}
    parts |= {"explains": ground.model.explains} if ground.model.explains else {}
    parts |= {"marks": [vars(mark) for mark in week.marks]} if week.marks else {}
    parts |= {"flags": sha256_of(week.worn)} if week.worn is not None else {}
    parts |= {"standardizer": standardizer_sha(by), "of": by.people, "standardizer unit": by.unit}
    parts |= {"rest": [mask is not None and sha256_of(mask) for mask in (ground.context.rest, ground.context.nights)]}
    parts |= {"wear": repr(ground.settings), "whose": ground.read.question.standardize_by, "edit": ground.edit.name}
    parts |= {"doses": doses, "window": ground.context.window, "seed": ground.context.seed}
    return Question("what-if", parts | {"edits": EDITS_VERSION, "gate": GATE_VERSION})
