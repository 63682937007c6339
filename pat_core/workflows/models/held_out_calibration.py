"""What the percentages of a model are worth, by its own test: measured on people whom it had not seen, as it gives them and recalibrated.

A recalibration is fitted on the test's scores and measured on people whom the fit had not seen either (cross-fitted), so that its figures
are no better than it is. It is kept in the model's card as plain values, and made again from the card's test for models of before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation import (
    ConformalClasses,
    ProbabilityFigures,
    Recalibration,
    RecalibrationChange,
    correct_logit,
    coverage_of_classes,
    fit_conformal_classes,
    probability_figures,
    recalibration_effect,
    sigmoid,
    supports_percentage,
)
from pat_core.evaluation.logistic_fits import covariance
from pat_core.records import Interval
from pat_core.workflows.models.answers import ISOTONIC, OWN, PLATT, RECALIBRATIONS, VENN_ABERS

CALIBRATION = "calibration"
"""Where a card keeps it."""
VERSION = 3
"""Raised when it is measured in another way: what a card keeps of before is made again."""
MANY_TESTED = 200
"""From so many tested people on Venn-Abers is the usual recalibration, which brings an interval; Platt's two figures need fewer."""
RULE = (
    "Unless you choose, it is the first of these that the test bears out: people who scored alike; the model's own probability; "
    f"recalibrated by Platt (by Venn-Abers from {MANY_TESTED} tested people on), then by the other two; and else the rank. A recalibration "
    "that made the probabilities of the test worse is none of them."
)
RESAMPLES, MANY = 400, 500
"""Draws behind an interval; of more tested people than MANY a quarter, for their intervals are narrow and each draw is slow."""
FEW_SCORES = 200
REACH = 1.96
"""Standard errors on either side of a 95 % interval."""


@dataclass(frozen=True)
class Measured:
    """How the percentages of one way met what happened to the people of the test. slope: 1 is right. large: calibration in the large, in
    log-odds, 0 is right. ici: mean distance from the smooth curve, 0 to 1. brier: mean squared error. supported: they may be shown as
    percentages; why: a sentence why, or why not, with its figures; words: the same in a clinician's words."""

    slope: Interval
    large: Interval
    ici: Interval
    brier: float
    supported: bool
    why: str
    words: str


COVERAGE = 0.9
"""Asked of a set of classes: so many people in 100 are in a class of their set."""


@dataclass(frozen=True)
class Sets:
    """Which of the two groups stay possible for a score, so that the right one is among them for `COVERAGE` of people (split
    conformal, class by class).

    fitted: on everyone who was tested. measured: the coverage on people whom the fit had not seen. by_group: the same among negatives and
    positives. single: share of sets with one group.
    """

    fitted: ConformalClasses
    measured: Interval
    by_group: tuple[Interval, ...]
    single: float

    def possible(self, logit: float) -> tuple[bool, bool]:
        """(negative, positive): whether each group stays possible."""
        low, high = self.fitted.sets(np.array([sigmoid(logit)]), COVERAGE)[0]
        return bool(low), bool(high)


@dataclass(frozen=True, eq=False)
class TestCalibration:
    """Of one model's test. people, positives: who were tested. measured: the model's own probability and its recalibrations by name -> how
    they did. maps: recalibrations by name, fitted on everyone who was tested. spread: covariance of Platt's intercept and slope, row by
    row. sets: of groups that stay possible; None where there are too few people to leave any out. computed:
    recalibrations of scores that were computed together (`compute`)."""

    people: int
    positives: int
    measured: Mapping[str, Measured]
    maps: Mapping[str, Recalibration] = field(default_factory=dict)
    spread: tuple[float, ...] = ()
    sets: Sets | None = None
    computed: dict[tuple[str, float], tuple[float, float | None, float | None]] = field(default_factory=dict, repr=False)

    @property
    def prevalence(self) -> float:
        """Share of positives among the people who were tested."""
        return self.positives / self.people

    @property
    def supported(self) -> tuple[str, ...]:
        """The ways whose percentages the test bears out, the usual one first (`RULE`)."""
        return tuple(way for way in (OWN, *self._usual()) if way in self.measured and self.bears_out(way))

    def bears_out(self, way: str) -> bool:
        """Whether percentages may be shown this way: the test bears them out, and they are no worse than the model's own."""
        change = self.change(way)
        return self.measured[way].supported and not (change is not None and change.harmful)

    def change(self, way: str) -> RecalibrationChange | None:
        """What a recalibration did to the model's own probabilities; None of these themselves."""
        before, after = self.measured.get(OWN), self.measured[way]
        if way == OWN or before is None:
            return None
        pairs = ((before.brier, after.brier), (before.slope.value, after.slope.value), (before.ici.value, after.ici.value))
        return RecalibrationChange(*pairs)

    def change_words(self, way: str) -> str:
        """The same in a sentence; "" of the model's own."""
        change = self.change(way)
        return "" if change is None else change.words(RECALIBRATIONS[way], self.bears_out(OWN))

    def words(self, way: str) -> str:
        """Whether the test bears out percentages of this way, in a clinician's words."""
        change = self.change(way)
        if change is not None and change.harmful and self.measured[way].supported:
            return f"In the test on {self.people} people this recalibration made percentages worse than the model's own."
        return self.measured[way].words

    @property
    def usual_map(self) -> str:
        """The recalibration that is usual for a test of this size, by name; "" where there is none."""
        return next((name for name in self._usual() if name in self.maps), "")

    def recalibrated(self, name: str, logit: float) -> tuple[float, float | None, float | None]:
        """(probability, low, high) of a score by one recalibration, at the prevalence of the people who were tested. Of Venn-Abers the two
        probabilities of which one is right; of Platt the 95 % interval of its line; isotonic regression brings none."""
        if (name, logit) in self.computed:
            return self.computed[name, logit]
        fitted, at = self.maps[name], np.array([logit], dtype=np.float64)
        value = float(fitted.probability(at)[0])
        if name == PLATT and self.spread:
            x = np.array([1.0, logit])
            away = REACH * float(np.sqrt(max(x @ np.reshape(self.spread, (2, 2)) @ x, 0.0)))
            line = fitted.slope * logit + fitted.intercept
            return value, float(sigmoid(line - away)), float(sigmoid(line + away))
        bounds = fitted.interval(at)
        return (value, None, None) if bounds is None else (value, float(bounds[0][0]), float(bounds[1][0]))

    def compute(self, logits: np.ndarray) -> None:
        """Recalibrate many scores (n,) by Venn-Abers at once, which by itself takes long for each, for `recalibrated` to look up."""
        fitted = self.maps.get(VENN_ABERS)
        if fitted is None or len(logits) < FEW_SCORES:
            return
        bounds = fitted.interval(logits)
        if bounds is None:
            return
        values = zip(fitted.probability(logits).tolist(), bounds[0].tolist(), bounds[1].tolist(), strict=True)
        self.computed.clear()
        self.computed.update({(VENN_ABERS, float(logit)): three for logit, three in zip(logits, values, strict=True)})

    def why_none(self) -> str:
        """Why no percentage is shown, in a sentence: of the recalibration that would be the usual one, else of the model's own."""
        return next((self.words(way) for way in (*self._usual(), OWN) if way in self.measured), "")

    def _usual(self) -> tuple[str, ...]:
        return (VENN_ABERS, PLATT, ISOTONIC) if self.people >= MANY_TESTED else (PLATT, VENN_ABERS, ISOTONIC)


def calibration_of(card: Mapping[str, Any], logits: np.ndarray, labels: np.ndarray) -> TestCalibration | None:
    """Of the test that a card tells of: as the card keeps it where that is of these very people, else measured now and remembered.

    logits, labels: (people,) of the test. None where the test has one kind of people alone.
    """
    labels, logits = np.asarray(labels, bool), np.asarray(logits, np.float64)
    if not 0 < labels.sum() < len(labels):
        return None
    kept = card.get(CALIBRATION)
    if isinstance(kept, Mapping) and (kept.get("version"), kept.get("of")) == (VERSION, _content(logits, labels)):
        try:
            return _from_plain(kept)
        except (PatError, KeyError, TypeError, ValueError):  # written by whoever made the file: measured again
            pass
    prevalence = card.get("prevalence")
    known = isinstance(prevalence, float) and 0 < prevalence < 1
    return _measure(logits.tobytes(), labels.tobytes(), prevalence if known else 0.5)


def draws_for(people: int) -> int:
    """Resamples behind an interval of a recalibration, wherever it is shown."""
    return RESAMPLES if people <= MANY else RESAMPLES // 4


def as_plain(calibration: TestCalibration | None, logits: np.ndarray, labels: np.ndarray) -> dict[str, Any] | None:
    """For a card: plain values, with what they were measured on."""
    if calibration is None:
        return None
    plain = {name: value for name, value in asdict(calibration).items() if name != "computed"} | {
        "maps": {name: fitted.as_values() for name, fitted in calibration.maps.items()}
    }
    return _as_json({"version": VERSION, "of": _content(np.asarray(logits, np.float64), np.asarray(labels, bool)), **plain})


def _as_json(value: Any) -> Any:
    """What is no number (the slope of groups that are wholly apart) as None, for JSON has no word for it."""
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _interval(plain: Mapping[str, Any]) -> Interval:
    value, low, high = (math.nan if plain[name] is None else float(plain[name]) for name in ("value", "low", "high"))
    return Interval(value, low, high, int(plain["n"]))


def _from_plain(plain: Mapping[str, Any]) -> TestCalibration:
    measured = {str(way): _measured(values) for way, values in plain["measured"].items()}
    maps = {str(name): Recalibration.from_values(values) for name, values in plain["maps"].items()}
    sets = None if plain["sets"] is None else _sets_of(plain["sets"])
    return TestCalibration(int(plain["people"]), int(plain["positives"]), measured, maps, tuple(map(float, plain["spread"])), sets)


def _sets_of(plain: Mapping[str, Any]) -> Sets:
    scores = tuple(tuple(float(score) for score in known) for known in plain["fitted"]["scores"])
    if len(scores) != 2:
        raise ValueError("sets are of two groups")
    by_group = tuple(map(_interval, plain["by_group"]))
    return Sets(ConformalClasses(scores), _interval(plain["measured"]), by_group, float(plain["single"]))


def _measured(values: Mapping[str, Any]) -> Measured:
    slope, large, ici = (_interval(values[name]) for name in ("slope", "large", "ici"))
    return Measured(slope, large, ici, float(values["brier"]), bool(values["supported"]), str(values["why"]), str(values["words"]))


def _content(logits: np.ndarray, labels: np.ndarray) -> str:
    return sha256(logits.tobytes() + labels.tobytes()).hexdigest()[:16]


@lru_cache(maxsize=32)
def _measure(logits_: bytes, labels_: bytes, prevalence: float) -> TestCalibration:
    """logits_, labels_: the bytes of both arrays, float64 and bool. prevalence: to which the model's own probability is corrected."""
    logits, labels = np.frombuffer(logits_), np.frombuffer(labels_, dtype=bool)
    draws = draws_for(len(labels))
    own = probability_figures(labels, np.asarray(sigmoid(correct_logit(logits, prevalence))), resamples=draws)
    measured, maps, spread = {OWN: _judged(own)}, {}, ()
    for name in RECALIBRATIONS:
        try:
            effect = recalibration_effect(labels, logits, name, resamples=draws)
        except PatError:  # too few people of a kind to fit on
            continue
        measured[name], maps[name] = _judged(effect.after), effect.recalibration
        if name == PLATT:
            fitted, x = effect.recalibration, np.column_stack([np.ones(len(logits)), logits])
            spread = tuple(covariance(x, labels, np.array([fitted.intercept, fitted.slope])).ravel().tolist())
    return TestCalibration(len(labels), int(labels.sum()), measured, maps, spread, _sets(labels, np.asarray(sigmoid(logits))))


def _sets(labels: np.ndarray, probabilities: np.ndarray) -> Sets | None:
    """None where a group has so few people that none of them could ever be ruled out with `COVERAGE`."""
    if min(labels.sum(), (~labels).sum()) + 1 < 1 / (1 - COVERAGE):
        return None
    covered = coverage_of_classes(labels.astype(int), probabilities, coverage=COVERAGE)
    return Sets(fit_conformal_classes(labels.astype(int), probabilities), covered.overall, covered.by_class, covered.single)


def _judged(figures: ProbabilityFigures) -> Measured:
    supported, why = supports_percentage(figures)
    off = f"{100 * figures.ici.value:.0f} points"
    words = (
        f"In a test on {figures.people} people, percentages like this one were off by {off} on average."
        if supported
        else (f"The test on {figures.people} people does not show that its percentages mean what they say.")
    )
    return Measured(figures.slope, figures.in_the_large, figures.ici, figures.brier.value, supported, why, words)
