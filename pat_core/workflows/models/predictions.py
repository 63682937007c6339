"""Predictions: standardize, let the input gate look, read through the model, correct for prevalence; of one week or a whole cohort."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pat_core.cohorts import WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.errors import WeekError, WeightsError, WorkspaceTrouble
from pat_core.evaluation import correct_logit, sigmoid
from pat_core.models.baselines import BaselineConfig
from pat_core.models.network_config import unreadable
from pat_core.models.outputs import ONE_LOGIT
from pat_core.progress import Progress, Share, Silent
from pat_core.records import Finding, Prediction, StandardizeBy, Standardizer, Week, WeekQuestion
from pat_core.settings import MINIMUM_PEOPLE_FOR_STANDARDIZER
from pat_core.wear import QualitySettings
from pat_core.weeks import Starts, Weeks, apply, by_length, fit
from pat_core.weights import Model, require_attention, require_head
from pat_core.workflows.models.answers import USUAL, Answer, Wish
from pat_core.workflows.models.kind_answers import with_several
from pat_core.workflows.models.person_cautions import PersonCautions
from pat_core.workflows.models.similar_scores import REFUSED, BesideTest, comparison, shown_probability
from pat_core.workflows.models.standardizer_choice import BY_DAY, OTHERWISE, default_standardizer, only_its_length
from pat_core.workflows.models.training_overlap import Seen, WeekKey, seen
from pat_core.workflows.read.worn_days import all_with_days, few_days_of, hours_worn, off_shares, quality_settings, with_days
from pat_core.workflows.week.cohort_weeks import cohort_findings, findings, first_weeks, refused, week_of

logger = logging.getLogger(__name__)
WEEKS_AT_ONCE = 16
STANDARDIZERS, NUMBERS = Codec[Standardizer](Standardizer), Codec[np.ndarray](np.ndarray)
KEPT_AT_ONCE = 512
"""Predictions stored together. Each store compares them with the whole cohort's rows, so few at a time would be slow for many people."""
BEFORE_LAST = 0.9
"""Share of the progress that goes to reading the weeks through the model; the rest goes to the input gate."""


@dataclass(frozen=True)
class PredictedWeek:
    """One week's prediction with what was found in it. split: the person's part in this model's training, if any (see `Seen`).

    held_out: the probability (corrected as the prediction's) from a model of the same run that had not seen this person, where this
    week was in the run's test. beside: what the model's test says of the score. findings: of the input gate, and whether there
    are too few valid days. cautions: what else to know before the answer is believed, as the page of the person says it. pooled: of all
    windows of the person together; None where they have one that is fit.
    """

    row: WeekRow
    prediction: Prediction
    findings: tuple[Finding, ...]
    split: str | None
    held_out: float | None
    beside: BesideTest
    cautions: tuple[Finding, ...] = ()
    pooled: Pooled | None = None

    def answer(self, wish: Wish = USUAL) -> Answer | None:
        """The one number that a reader is given; None where it is withheld, and of other targets than two classes."""
        return None if self.refused or self.prediction.outputs else self.beside.answer(self.prediction, wish)

    @property
    def refused(self) -> bool:
        """The week is unfit for the model, or too few of its days are valid: its probability is not to be shown."""
        return refused(self.findings)


@dataclass(frozen=True, eq=False)
class Pooled:
    """The fit windows of one person together: the mean of their logits, or of the numbers of a head of another kind, as people are tested.
    windows: how many."""

    prediction: Prediction
    beside: BesideTest
    windows: int

    def answer(self, wish: Wish = USUAL) -> Answer | None:
        """The one number that a reader is given of the person; None of other targets than two classes."""
        return None if self.prediction.outputs else self.beside.answer(self.prediction, wish)


def standardizer_for(
    model: Model,
    weeks: Weeks,
    standardize_by: StandardizeBy,
    source: str,
    unit: str,
    rows: Sequence[int] | None = None,
    starts: Starts | None = None,
) -> Standardizer:
    """The model's own standardizer, or one fitted on the weeks (as the paper did), by minute of the window or of the day. Refuses what
    cannot be had. rows: those it is fitted on, all by default; starts: of all weeks."""
    if standardize_by == "model":
        if model.standardizer is None:
            raise WeekError(
                f"{model.name} brings no standardizer of its own. Use the cohort's own instead "
                f"(it needs at least {MINIMUM_PEOPLE_FOR_STANDARDIZER} people)."
            )
        for minutes in {weeks.shape[1], *getattr(weeks, "lengths", ())}:
            if not model.standardizer.reads(minutes):
                raise WeekError(f"{only_its_length(model.name, model.standardizer.mean.size)} {OTHERWISE}")
        return model.standardizer
    return fit(weeks, source, unit, rows, "window" if standardize_by == "cohort" else "day", starts)


def cohort_standardizer(workspace: Workspace, cohort: str, model: Model, standardize_by: StandardizeBy) -> Standardizer:
    """`standardizer_for` over a cohort's first weeks: one week a person, so that long recordings weigh no more than others."""
    info, weeks = workspace.cohort(cohort), workspace.weeks_array(cohort, as_imported=True)
    if standardize_by == "model":
        return standardizer_for(model, weeks, standardize_by, "", info.unit)
    if standardize_by == "cohort" and not info.one_length:
        raise WeekError(f"The windows of {cohort} differ in length, so they have no minutes of the window in common. {BY_DAY}")
    # By the weeks as they came in, which never change, and 30,000 of them are slow to read: a mark in one week would else move every
    # answer about everybody in the cohort.
    per = {} if standardize_by == "cohort" else {"per": "day"}
    question = Question("standardizer of each person's first week", {"cohort": info.as_imported} | per)
    source = f"cohort {cohort}"

    def make() -> Standardizer:
        everyone = workspace.week_rows(cohort)
        rows, starts = [row.row for row in first_weeks(everyone)], [row.start for row in everyone]
        return standardizer_for(model, weeks, standardize_by, source, info.unit, rows, starts)

    return replace(workspace.remember(question, make, STANDARDIZERS), source=source)  # a cohort may be called otherwise now


def predict_cohort(
    workspace: Workspace,
    model: Model,
    cohort: str,
    standardize_by: StandardizeBy | None = None,
    progress: Progress | None = None,
    embedded: dict[int, np.ndarray] | None = None,
) -> list[PredictedWeek]:
    """Predict every week of a cohort; what was predicted before with the same model and standardizer is read back.

    embedded: takes the pooled embedding (width,) of each row that is read anew, for whoever needs these too."""
    require_head(model)
    progress = progress or Silent()
    standardize_by = standardize_by or default_standardizer(model, workspace.cohort(cohort).lengths)
    standardizer = cohort_standardizer(workspace, cohort, model, standardize_by)
    rows = workspace.week_rows(cohort)
    workspace.weeks_array(cohort, as_imported=True).check()  # also where every answer is kept already: they are of these weeks
    known = _predictions(workspace, model, cohort, rows, standardize_by, standardizer, progress, embedded)
    findings = cohort_findings(workspace, model, cohort, rows, standardize_by, standardizer, Share(progress, BEFORE_LAST, 1 - BEFORE_LAST))
    settings, own = quality_settings(workspace), seen(workspace, model, cohort)
    hours = hours_worn(workspace, cohort, settings)
    off, findings = off_shares(workspace, cohort, hours, settings), all_with_days(findings, hours, settings)
    among = comparison(model, standardize_by, workspace.cohort(cohort), own.tested)
    fit = [row for row, about in zip(rows, findings, strict=True) if not refused(about)]
    codes = workspace.codes(cohort, [row.participant for row in fit]) if among.same and not workspace.read_only else [""] * len(fit)
    if among.calibration is not None:
        among.calibration.compute(np.array([known[row.row].logit for row in fit]))
    code_of = {row.participant: code for row, code in zip(fit, codes, strict=True)}
    besides = {row.row: among.beside(known[row.row].logit, row.participant, code) for row, code in zip(fit, codes, strict=True)}
    pooled = pooled_people(model, fit, known, lambda who, logit: among.beside(logit, who, code_of[who]))
    held_out = held_out_answers(model, own)
    about_each = PersonCautions(workspace, model, cohort, standardize_by, settings, own)
    predicted = []
    for row, of_week, share in zip(rows, findings, off, strict=True):
        unseen = held_out.get((row.participant, row.index))
        beside = besides.get(row.row) or BesideTest(known[row.row].logit, why=REFUSED)
        rests_on_unseen = unseen is not None and beside.below is not None
        cautions = about_each.of(row, _if_known(float(share)), of_week, rests_on_unseen)
        part, of_all = own.part(row.participant), pooled.get(row.participant)
        predicted.append(PredictedWeek(row, known[row.row], of_week, part, unseen, beside, cautions, of_all))
    return predicted


def pooled_people(
    model: Model, fit: Sequence[WeekRow], known: Mapping[int, Prediction], beside: Callable[[str, float], BesideTest]
) -> dict[str, Pooled]:
    """Participant -> their windows together, of those who have several that are fit. known: row -> prediction. beside: what the model's
    test says of a person's score."""
    if model.explains:
        return {}
    numbers: dict[str, list[tuple[float, ...]]] = {}
    for row in fit:
        numbers.setdefault(row.participant, []).append(known[row.row].outputs or (known[row.row].logit,))
    means = {who: np.mean(of_each, axis=0) for who, of_each in numbers.items() if len(of_each) > 1}
    together = {who: as_prediction(model, who, 0, mean if model.outputs != ONE_LOGIT else mean[0]) for who, mean in means.items()}
    return {who: Pooled(prediction, beside(who, prediction.logit), len(numbers[who])) for who, prediction in together.items()}


def _predictions(
    workspace: Workspace,
    model: Model,
    cohort: str,
    rows: Sequence[WeekRow],
    standardize_by: StandardizeBy,
    standardizer: Standardizer,
    progress: Progress,
    embedded: dict[int, np.ndarray] | None,
) -> dict[int, Prediction]:
    """row -> prediction for all rows; those that are new are kept as they come, also when the reader cancels."""
    weeks, flags = workspace.weeks_array(cohort, as_imported=True), workspace.device_flags(cohort)
    known = known_predictions(workspace, model.sha256, cohort, standardize_by, rows)
    todo = [row for row in rows if row.row not in known]
    groups = [[todo[place] for place in alike] for alike in by_length([row.report.minutes for row in todo])]
    batches = [group[first : first + WEEKS_AT_ONCE] for group in groups for first in range(0, len(group), WEEKS_AT_ONCE)]
    waiting: list[tuple[WeekRow, Prediction]] = []
    try:
        done = 0
        for some in batches:
            values = np.stack([week_of(row, weeks, flags).values for row in some])
            logits, pooled = read_through(model, apply(standardizer, values, [row.start for row in some]), embed=embedded is not None)
            if embedded is not None and pooled is not None:
                embedded.update(zip([row.row for row in some], pooled, strict=True))
            waiting += [(row, as_prediction(model, row.participant, row.index, logit)) for row, logit in zip(some, logits, strict=True)]
            if len(waiting) >= KEPT_AT_ONCE:
                known |= keep_predictions(workspace, model, cohort, standardize_by, waiting)
            done += len(some)
            progress.at(BEFORE_LAST * done / len(todo), f"Predicting: {done:,} of {len(todo):,} windows")
    finally:
        known |= keep_predictions(workspace, model, cohort, standardize_by, waiting)
    return known


def keep_predictions(
    workspace: Workspace, model: Model, cohort: str, standardize_by: StandardizeBy, waiting: list[tuple[WeekRow, Prediction]]
) -> dict[int, Prediction]:
    """Keep what is waiting, of weeks that marks alter under what is read of them, and empty it."""
    lasting = [(row.row, prediction) for row, prediction in waiting if not row.altered]
    if lasting:
        try:
            workspace.save_predictions(model.sha256, cohort, standardize_by, lasting)
        except WorkspaceTrouble as error:  # they are shown all the same, and made again next time
            logger.warning("predictions were not kept: %s", error)
    for row, prediction in waiting:
        if row.altered:
            numbers = [np.nan if value is None else value for value in _numbers(prediction)]
            workspace.keep(_altered(workspace, model.sha256, cohort, standardize_by, row), np.array(numbers), NUMBERS)
    stored = {row.row: prediction for row, prediction in waiting}
    waiting.clear()
    return stored


def known_predictions(
    workspace: Workspace, sha256: str, cohort: str, standardize_by: StandardizeBy, rows: Sequence[WeekRow]
) -> dict[int, Prediction]:
    """row -> prediction that this model made before of the week as it is read today. rows: those of the cohort, with their marks.

    A cohort's table of predictions is of the weeks as they came in; those that marks alter have theirs in the cache, one for each set of
    marks, so that a mark taken back finds the former one.
    """
    altered = {row.row: row for row in rows if row.altered}
    known = {row: stored for row, stored in workspace.predictions(sha256, cohort, standardize_by).items() if row not in altered}
    for number, row in altered.items():
        stored = workspace.kept(_altered(workspace, sha256, cohort, standardize_by, row), NUMBERS)
        if stored is not None:
            logit, raw, probability, prevalence, *rest = map(float, stored)
            count = int(rest[0]) if rest else 0
            several = tuple(rest[1 : 1 + count]), tuple(rest[1 + count :])
            known[number] = Prediction(row.participant, row.index, logit, raw, _if_known(probability), _if_known(prevalence), *several)
    return known


def _numbers(prediction: Prediction) -> tuple[float | None, ...]:
    one = prediction.logit, prediction.probability_raw, prediction.probability, prediction.prevalence
    several = (len(prediction.outputs), *prediction.outputs, *prediction.probabilities) if prediction.outputs else ()
    return *one, *several


def _altered(workspace: Workspace, sha256: str, cohort: str, standardize_by: StandardizeBy, row: WeekRow) -> Question:
    parts = {"cohort": workspace.cohort(cohort).as_imported, "row": row.row, "week": row.as_read}
    return Question("prediction of a week with marks", parts | {"model": sha256, "whose": standardize_by})


def predict_logits(model: Model, z: np.ndarray) -> np.ndarray:
    """(people,) logits of standardized weeks (people, minutes), (people, count) numbers of a head of several outputs.

    Refuses a model without a trained head, or whose score is no number.
    """
    return read_through(model, z)[0]


def read_through(model: Model, z: np.ndarray, embed: bool = False) -> tuple[np.ndarray, np.ndarray | None]:
    """`predict_logits`, and with `embed` the pooled embeddings (people, width) that the head has read; None without, and of a baseline."""
    require_head(model)
    if len(z) and (why := unreadable(model.config, z.shape[1])):
        raise WeekError(f"{model.name} cannot read these weeks. {why}")
    import torch  # a second to import, for those alone whose predictions are not kept yet

    pat = require_attention(model) if embed and not isinstance(model.config, BaselineConfig) else None
    parts, pooled = [], []
    with torch.no_grad():
        for first in range(0, len(z), WEEKS_AT_ONCE):
            weeks = torch.from_numpy(z[first : first + WEEKS_AT_ONCE])
            if pat is not None:
                pooled.append(pat.tokens(weeks).mean(dim=1))
            parts.append((model.network(weeks) if pat is None else pat.head(pooled[-1])).numpy())
    several = () if model.outputs.count == 1 or model.explains else (model.outputs.count,)
    logits = np.concatenate(parts) if parts else np.empty((0, *several), dtype=np.float32)
    if not np.isfinite(logits[np.isfinite(z).all(axis=1)]).all():
        raise WeightsError(
            f"{model.name} gives scores that are not numbers: expected weights of ordinary size, got some that are far too large. "
            "Get the model again from its source, or train it again."
        )
    return logits, torch.cat(pooled).numpy() if pooled else None


def as_prediction(model: Model, participant: str, index: int, logit: float | np.ndarray) -> Prediction:
    """A logit as a prediction, corrected to the model's training prevalence where its card states one; also the numbers of another head."""
    if model.explains:  # one number of several, or a value: what is explained, and no prediction
        return Prediction(participant, index, float(logit), math.nan, None, None, (float(logit),))
    if model.outputs != ONE_LOGIT:
        return with_several(model.outputs, model.card, participant, index, np.asarray(logit))
    logit = float(logit)
    prevalence = _prevalence(model.card.get("prevalence"))
    corrected = None if prevalence is None else float(sigmoid(correct_logit(float(logit), prevalence)))
    return Prediction(participant, index, float(logit), float(sigmoid(float(logit))), corrected, prevalence)


def held_out_answers(model: Model, own: Seen) -> dict[WeekKey, float]:
    """What models of the run that had not seen a person answered: probabilities of two classes, values; of several classes none is kept."""
    if model.outputs.kind == "value":
        return dict(own.held_out)
    return {key: shown_probability(as_prediction(model, *key, logit)) for key, logit in own.held_out.items()}


def _if_known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _prevalence(stated: Any) -> float | None:
    """A card is written by whoever wrote the file: what is no share above 0 and below 1 counts as not told."""
    known = isinstance(stated, int | float) and not isinstance(stated, bool) and 0 < stated < 1
    return float(stated) if known else None


@dataclass(frozen=True, eq=False)
class ReadWeek:
    """The answer to a `WeekQuestion`, which says in `question` whose people the minutes are compared with.

    week: as stored, with its marks. z: (minutes,) what the model reads, by `standardizer`. findings: of the input gate, and whether there
    are too few valid days.
    """

    question: WeekQuestion
    week: Week
    z: np.ndarray
    standardizer: Standardizer
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """The input gate holds this week to be unfit for the model, or too few of its days are valid."""
        return refused(self.findings)


def read_week(workspace: Workspace, model: Model, question: WeekQuestion, settings: QualitySettings | None = None) -> ReadWeek:
    """settings: how wear is judged, those of the workspace unless given. Raises WorkspaceError where nobody is called so, WeekError where
    the standardizer cannot be had."""
    by = question.standardize_by or default_standardizer(model, workspace.cohort(question.cohort).lengths)
    question = replace(question, standardize_by=by)
    week = workspace.week(question.cohort, question.participant, question.index)
    standardizer = cohort_standardizer(workspace, question.cohort, model, by)
    return as_read(model, question, week, standardizer, settings or quality_settings(workspace))


def as_read(model: Model, question: WeekQuestion, week: Week, standardizer: Standardizer, settings: QualitySettings) -> ReadWeek:
    """A week that is at hand, read by a standardizer that is. question: with `standardize_by`. settings: how wear is judged."""
    z = apply(standardizer, week.values[None], [week.start])[0]
    by_gate = findings(week, standardizer, model, str(question.standardize_by), z)
    return ReadWeek(question, week, z, standardizer, with_days(by_gate, few_days_of(week, settings)))
