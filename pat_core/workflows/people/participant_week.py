"""All that the page of one person shows of one week, but its explanations (see week_maps.py)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

import numpy as np
import pandas as pd

from pat_core import __version__
from pat_core.cohorts import CohortInfo, Mark, Person, Workspace
from pat_core.explain import METHODS
from pat_core.explain.judging.stability import Stability
from pat_core.explain.windows import NO_VALUE, NOT_WORN, WORN, WearMass, wear_mass
from pat_core.models.outputs import ONE_LOGIT
from pat_core.records import Attribution, Finding, Prediction, RhythmFigures, Standardizer, Week, WeekQuestion
from pat_core.rhythms.sleep_diary import DiaryNight
from pat_core.wear import QualitySettings
from pat_core.weeks import span, standardizer_sha
from pat_core.weights import Model
from pat_core.weights.catalogue import CITATION
from pat_core.workflows.explanations.map_quality import SCHEMA, explanation_receipt, sealed
from pat_core.workflows.explanations.unusual_weeks import WeekDistance
from pat_core.workflows.explanations.week_maps import sha256_of
from pat_core.workflows.models.answers import BY_RANK, USUAL, Answer, Wish
from pat_core.workflows.models.cautions import condition
from pat_core.workflows.models.model_cards import versions
from pat_core.workflows.models.person_cautions import PersonCautions
from pat_core.workflows.models.predictions import ReadWeek, as_prediction, held_out_answers, predict_logits, read_week
from pat_core.workflows.models.similar_scores import REFUSED, BesideTest, comparison
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.read.worn_days import quality_settings
from pat_core.workflows.week.week_diary import WeekDiary, diary_periods, week_diary
from pat_core.workflows.week.week_nights import SetByHand, WeekNights, by_score, week_nights, week_rhythm

BY_SETTINGS = ("valid_days", "nonwear_share")
"""Of a week's stored report, made with the default settings of wear: a receipt has them as they were shown."""
SHOWN_ANYWAY = "The reader asked for the answer, although the week was refused."


@dataclass(frozen=True, eq=False)
class WeekView:
    """One week of one person, read by one model.

    read: the week itself, as the model reads it. weeks: how many full weeks this person has. prediction: None without a trained
    head, and for a week that the input gate refused. cautions: what to know of the model on these people.
    beside: what the model's test says of the score, or why it says nothing.
    split: part this person had in the model's training. held_out: the probability from a model of the same run that had not seen this
    person, where this week was in the run's test.
    nights: by the sleep score made for the device, or another one (`scored_by`), with how wear was judged. marks: those by hand that hold.
    truth: planted evidence by trait (minutes,) bool, where the person is simulated. diary: the nights of the person's sleep diary that
    hold, whenever they were.
    """

    cohort: CohortInfo
    person: Person
    read: ReadWeek
    weeks: int
    prediction: Prediction | None
    cautions: tuple[Finding, ...]
    beside: BesideTest
    split: str | None
    held_out: float | None
    nights: WeekNights
    marks: tuple[Mark, ...]
    rhythm: RhythmFigures
    truth: dict[str, np.ndarray]
    diary: tuple[DiaryNight, ...] = ()

    @property
    def week(self) -> Week:
        """As stored, with its marks."""
        return self.read.week

    @property
    def z(self) -> np.ndarray:
        """(minutes,) what the model reads, by `standardizer`."""
        return self.read.z

    @property
    def standardizer(self) -> Standardizer:
        """By which the week was standardized."""
        return self.read.standardizer

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of the input gate, and whether there are too few valid days."""
        return self.read.findings

    def answer(self, wish: Wish = USUAL) -> Answer | None:
        """The one number that a reader is given; None without a prediction, and of other targets than two classes."""
        return None if self.prediction is None or self.prediction.outputs else self.beside.answer(self.prediction, wish)

    @property
    def refused(self) -> bool:
        """The week is unfit for the model, or too few of its days are valid."""
        return self.read.refused

    @property
    def sleep(self) -> np.ndarray | None:
        """(minutes,) bool, for shading: the nights, and rest that was marked by hand; None where neither is known."""
        return self.nights.rest

    @property
    def score(self) -> str | None:
        """The sleep score that rest is told by, a key of SLEEP_SCORES; None where none is."""
        return None if self.nights.report is None else self.nights.report.method

    @property
    def beside_diary(self) -> WeekDiary | None:
        """The diary's nights of this week beside the estimates; None where it has none."""
        return week_diary(self.week, self.nights, self.diary)

    @property
    def nonwear(self) -> np.ndarray:
        """(minutes,) bool, for shading: off the body by rule, by the device's flags or by hand."""
        return self.nights.nonwear


def week_view(workspace: Workspace, model: Model, question: WeekQuestion, settings: QualitySettings | None = None) -> WeekView:
    """Read one week. settings: how wear is judged, those of the workspace unless given. Raises WorkspaceError where nobody is called so,
    WeekError where the standardizer cannot be had."""
    judged = settings or quality_settings(workspace)
    read = read_week(workspace, model, question, judged)
    cohort, participant, index, by = question.cohort, question.participant, question.index, str(read.question.standardize_by)
    info = workspace.cohort(cohort)
    person = next(person for person in workspace.people(cohort) if person.participant == participant)
    own = seen(workspace, model, cohort)
    nights = week_nights(read.week, None, judged)
    prediction, beside, unseen = None, BesideTest(math.nan, why=REFUSED), None
    if not read.refused:
        unseen = own.held_out.get((participant, index))
        prediction = as_prediction(model, participant, index, predict_logits(model, read.z[None])[0]) if model.has_head else None
        logit = prediction.logit if prediction else float("nan")
        code = _code(workspace, info, model, participant)
        beside = comparison(model, by, info, own.tested).beside(logit, participant, code)
    held_out = None if unseen is None else held_out_answers(model, own).get((participant, index))
    return WeekView(
        cohort=info,
        person=person,
        read=read,
        weeks=person.weeks,
        prediction=prediction,
        cautions=PersonCautions(workspace, model, cohort, by, judged, own).of(
            read.week, _off_share(nights), read.findings, held_out is not None and beside.below is not None
        ),
        beside=beside,
        split=own.part(participant),
        held_out=held_out,
        nights=nights,
        marks=tuple(mark for mark in workspace.marks(cohort, participant, index) if mark.in_force),
        rhythm=week_rhythm(read.week, nights),
        truth=_truth(workspace, info, participant, index),
        diary=workspace.diary_nights(cohort, participant).get(participant, ()),
    )


def _off_share(nights: WeekNights) -> float | None:
    return None if nights.quality.valid_days is None else float(nights.nonwear.mean())


def scored_by(view: WeekView, score: str | None, settings: QualitySettings, *, by_diary: bool = False) -> WeekView:
    """The same week with its rest, nights and rhythm told by another sleep score; None: by the one made for the device. by_diary: the
    diary's times in bed take the place of the estimated ones."""
    nights = by_score(view.nights, score, settings, diary_periods(view.week, view.diary) if by_diary else ())
    return replace(view, nights=nights, rhythm=week_rhythm(view.week, nights))


def answer_anyway(view: WeekView, model: Model) -> Prediction:
    """What the model says of a week that the input gate refused, for a reader who asks for it. UntrainedError without a trained head."""
    return as_prediction(model, view.week.participant, view.week.index, predict_logits(model, view.z[None])[0])


def _code(workspace: Workspace, cohort: CohortInfo, model: Model, participant: str) -> str:
    """What stands for this participant in the model's card; "" where it is not of this cohort."""
    if cohort.id != model.card.get("cohort_id") or workspace.read_only:
        return ""
    return workspace.codes(cohort.name, [participant])[0]


def _truth(workspace: Workspace, cohort: CohortInfo, participant: str, index: int) -> dict[str, np.ndarray]:
    """Planted evidence of one week by trait, those that it shows. Only a simulated cohort has any, so only there the rows are looked up."""
    if not cohort.simulated:
        return {}
    row = next(row.row for row in workspace.week_rows(cohort.name, participant) if row.index == index)
    return {name: np.array(masks[row]) for name, masks in workspace.truth(cohort.name).items() if masks[row].any()}


def week_indices(workspace: Workspace, cohort: str, participant: str) -> list[int]:
    """The weeks this person has; numbers can skip where a window held no value at all."""
    return [row.index for row in workspace.week_rows(cohort, participant)]


def receipt(
    view: WeekView,
    model: Model,
    attributions: Sequence[Attribution],
    *,
    distance: WeekDistance | None = None,
    stability: Mapping[str, Stability] | None = None,
    shown_anyway: Prediction | None = None,
    nights: WeekNights | None = None,
    wish: Wish = USUAL,
) -> dict[str, object]:
    """What was shown and what it was made with, as plain values for a JSON file, with hashes that `check_receipt` compares.

    Weeks count from 1, as on the page. distance: of the week from people the model knows; stability: by method, where it was asked for.
    shown_anyway: the prediction of a week that the input gate refused, where the reader asked for it. nights: by the score that the reader
    chose, those of the view unless given. wish: how the reader wanted the answer.
    """
    cohort, known = view.cohort, stability or {}
    return sealed(
        {
            "schema": SCHEMA,
            "made": datetime.now().isoformat(timespec="seconds"),
            "cohort": {"name": cohort.name, "id": cohort.id, "simulated": cohort.simulated},
            **_about_week(view),
            **_about_wear(nights or view.nights),
            "model": about_model(model),
            **_about_answer(view, model, shown_anyway, wish),
            "distance": asdict(distance) if distance else None,
            "explanations": [
                explanation_receipt(attribution, model, view.z, known.get(attribution.method), mass_of(view, attribution))
                for attribution in attributions
            ],
            "pat_core": __version__,
            "versions": versions(),
            "citation": CITATION,
            "use": "Research and education only. Not a diagnosis.",
        }
    )


def mass_of(view: WeekView, attribution: Attribution) -> WearMass:
    """How much of a map of this week lies on minutes that were worn, not worn and missing."""
    return wear_mass(attribution, view.week.values, view.nonwear)


def mass_table(view: WeekView, attributions: Sequence[Attribution]) -> pd.DataFrame:
    """A row a map and one for the week's minutes: Map, Worn, Not worn, Missing, in percent."""
    masses = [(METHODS[attribution.method].title, mass_of(view, attribution)) for attribution in attributions]
    rows = [(title, *(100 * share for share in (mass.worn, mass.not_worn, mass.missing))) for title, mass in masses]
    gone = ~np.isfinite(view.week.values)
    minutes = [float(100 * part.mean()) for part in (~view.nonwear & ~gone, view.nonwear & ~gone, gone)]
    return pd.DataFrame(
        [(f"Minutes of the {span(view.week.values.size)}", *minutes), *rows], columns=["Map", "Worn", "Not worn", "Missing"]
    )


def _about_week(view: WeekView) -> dict[str, object]:
    """Whose week it is, what was measured, and what the input check found."""
    week = view.week
    return {
        "participant": view.person.participant,
        "week": week.index + 1,
        "week_sha256": sha256_of(week.values),
        "input_sha256": sha256_of(view.z),
        "minutes": week.values.size,
        "start": week.start.isoformat() if week.start and week.date_known else None,
        "alignment": week.alignment,
        "device": week.device,
        "placement": week.placement,
        "zone": week.zone,
        "unit": week.unit,
        "report": {name: value for name, value in asdict(week.report).items() if value is not None and name not in BY_SETTINGS},
        **({"marks": [_about_mark(mark) for mark in view.marks]} if view.marks else {}),
        **({"diary": [_about_diary(pair.diary) for pair in diary.pairs]} if (diary := view.beside_diary) else {}),
        "findings": [asdict(finding) for finding in view.findings],
        "refused": view.refused,
    }


def _about_mark(mark: Mark) -> dict[str, object]:
    return {name: getattr(mark, name) for name in ("kind", "first", "end", "who", "why")} | {"made": mark.created.isoformat()}


def _about_diary(night: DiaryNight) -> dict[str, object]:
    known = {name: value for name, value in asdict(night).items() if value is not None}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in known.items()}


def _about_wear(nights: WeekNights) -> dict[str, object]:
    """By which settings wear was judged and by which score sleep, and the figures that were shown of both."""
    judged, report = nights.quality, nights.report
    wear = {
        "settings": dict(judged.settings),
        "valid_days": judged.valid_days,
        "days_needed": judged.days_needed,
        "hours_worn": [day.hours_worn for day in judged.days],
        "nonwear_minutes": int(nights.nonwear.sum()),
    }
    if report is None:
        return {"wear": wear, "sleep": None}
    summary = report.summary
    means = {f"mean_{name}": getattr(summary, name).mean for name in ("time_in_bed", "sleep", "efficiency", "latency", "waso")}
    return {
        "wear": wear,
        "sleep": {
            "score": report.method,
            "nights": summary.nights,
            "left_out": summary.left_out,
            **({"set_by_hand": asdict(nights.hand)} if nights.hand != SetByHand() else {}),
            **({"rest_of_diary": sum(nights.of_diary)} if any(nights.of_diary) else {}),
            **means,
            "sri": nights.regularity and nights.regularity.index,
        },
    }


def _about_answer(view: WeekView, model: Model, shown_anyway: Prediction | None, wish: Wish) -> dict[str, object]:
    """What the model says of the week, by which standardizer, and what to know beside it."""
    used, answer, beside = view.standardizer, view.prediction or shown_anyway, view.beside
    by = {
        "whose": view.read.question.standardize_by,
        "people": used.people,
        "source": used.source,
        "unit": used.unit,
        "sha256": standardizer_sha(used),
        **({"per": used.per} if used.per == "day" else {}),
    }
    return {
        "cautions": [asdict(caution) for caution in view.cautions],
        "standardizer": by,
        "prediction": prediction_in_words(answer) if answer else None,
        "probability_of": condition(model.card) if model.outputs == ONE_LOGIT else "",
        **({} if model.outputs == ONE_LOGIT else {"answers": model.outputs.as_dict()}),
        "wish": asdict(wish),
        "percentages_supported": [way for way in beside.ways() if way != BY_RANK],
        "answer": asdict(beside.answer(answer, wish)) if answer and not answer.outputs else None,
        "like": asdict(beside.like) if beside.like else None,
        "like_why": beside.why,
        "set": None if beside.possible() is None else beside.possible(),
        "rank": None if beside.below is None else {"below": beside.below, "tested": beside.tested},
        "part_in_training": view.split,
        "held_out": view.held_out,
        **({"shown_anyway": SHOWN_ANYWAY} if shown_anyway else {}),
    }


def prediction_in_words(prediction: Prediction) -> dict[str, object]:
    """A prediction as a receipt has it: of two classes without the numbers of other heads, of those without the one probability."""
    plain = asdict(prediction)
    left_out = ("probability_raw", "probability", "prevalence") if prediction.outputs else ("outputs", "probabilities")
    return {name: value for name, value in plain.items() if name not in left_out}


def about_model(model: Model) -> dict[str, object]:
    """Where a model is from, what it tells apart, and how its test went, with its interval and how many people that was."""
    card = model.card
    stated = card.get("test")
    test = stated if isinstance(stated, Mapping) else {}
    known = {name: card.get(name) for name in ("first_line", "label", "positive", "negative", "prevalence", "device")}
    return {"name": model.name, "sha256": model.sha256, "origin": model.origin, "encoder_trained": model.encoder_trained, **known} | {
        "test_auc": test.get("auc"),
        "test_how": test.get("how"),
    }


def week_table(view: WeekView, attributions: Sequence[Attribution]) -> pd.DataFrame:
    """A row a minute: minute of the week, wall clock where known, activity, whether it was worn, not worn or missing, what the model read,
    and each explanation."""
    wear = np.select([~np.isfinite(view.week.values), view.nonwear], [NO_VALUE, NOT_WORN], WORN)
    whole = {"minute": np.arange(view.week.values.size), "activity": view.week.values, "wear": wear, "standardized": view.z}
    table = pd.DataFrame(whole)
    if view.week.start and view.week.date_known:
        table.insert(1, "time", pd.date_range(view.week.start, periods=len(table), freq="min"))
    for attribution in attributions:
        table[attribution.method] = attribution.values
    return table
