"""Lesson 6, believing a model: labels that are shuffled, people who leak, a device that drifts, days without it, a rarer condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pat_core import settings
from pat_core.evaluation import auc, correct_logit, sigmoid
from pat_core.progress import Progress
from pat_core.records import COUNTS, Week
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pat_core.simulate import simulate
from pat_core.simulate.cohort import START
from pat_core.weeks import report
from pat_core.weeks.gate import check
from pat_core.weeks.standardizer import apply
from pat_core.workflows.lessons.lesson_files import read_arrays, write_arrays
from pat_core.workflows.lessons.lesson_models import first_model
from pat_core.workflows.people.demo import LABEL

NAME = "believing"
PEOPLE, SEED = 120, 91
"""With two weeks each, days 1 to 7 and 2 to 8, for labels that are shuffled and people who leak."""
TESTED, TESTED_SEED = 200, 77
"""The people of lesson 4, whom the demonstration's model has not seen."""
SHARES = tuple(range(0, 101, 10))
"""Percent of the people whose labels are shuffled, or of whom another week is among the training weeks."""
DRAWS = 20
FOLDS = 5
GAINS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
"""What a device counts, beside the one that the model learned from."""
DAYS_OFF = tuple(range(7))
PREVALENCE = 0.4
"""Share of positives among the people of the test."""
GROUPS = 5
Learn = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(training weeks (n, 96), their labels (n,), tested weeks (m, 96)) -> scores (m,)."""


@dataclass(frozen=True, eq=False)
class Experiments:
    """shuffled, leaked: (SHARES, DRAWS) AUC, of a linear probe, and of the label of the nearest training week where all are shuffled.

    drifted: (GAINS, people), off: (DAYS_OFF, people) logits of the demonstration's model. warned, refused: (GAINS + DAYS_OFF, people) bool,
    what the input check says. positive: (people,) bool, the truth of these."""

    shuffled: np.ndarray
    leaked: np.ndarray
    drifted: np.ndarray
    off: np.ndarray
    warned: np.ndarray
    refused: np.ndarray
    positive: np.ndarray


@dataclass(frozen=True, eq=False)
class Shown:
    """What a test says. auc; predicted, observed: mean probability, and share of positives; groups: (GROUPS, 2) both by fifths of the
    probability; warned, refused: shares of the weeks that the input check warns about, and refuses."""

    auc: float
    predicted: float
    observed: float
    groups: np.ndarray
    warned: float
    refused: float


@lru_cache(maxsize=1)
def experiments() -> Experiments:
    """Of the lesson's file. PatError where it is missing."""
    arrays = read_arrays(NAME)
    floats = {key: arrays[key].astype(np.float64) for key in ("shuffled", "leaked", "drifted", "off")}
    return Experiments(**floats, **{key: arrays[key] for key in ("warned", "refused", "positive")})


def drift(gain: float) -> Shown:
    """The test with a device that counts so many times as much. gain: one of GAINS."""
    row, seen = GAINS.index(gain), experiments()
    return _shown(seen, seen.drifted[row], row)


def days_off(days: int) -> Shown:
    """The test with so many days without the device in every week."""
    seen = experiments()
    return _shown(seen, seen.off[days], len(GAINS) + days)


def _shown(seen: Experiments, logits: np.ndarray, row: int) -> Shown:
    probabilities = probability_of(logits, PREVALENCE)
    fifths = np.array_split(np.argsort(probabilities, kind="stable"), GROUPS)
    groups = np.array([[probabilities[part].mean(), seen.positive[part].mean()] for part in fifths])
    shares = (float(seen.warned[row].mean()), float(seen.refused[row].mean()))
    return Shown(auc(seen.positive, logits), float(probabilities.mean()), float(seen.positive.mean()), groups, *shares)


def probability_of(logits: np.ndarray, prevalence: float) -> np.ndarray:
    """(people,) out of logits that were trained as if half of all people were positive."""
    return sigmoid(correct_logit(logits, prevalence))


@dataclass(frozen=True)
class Flagged:
    """Of 1,000 people at a prevalence, flagged where their score is above even odds: who has it and is flagged, who has not and is, who has
    it and is missed, who has not and is not."""

    hits: float
    false_alarms: float
    missed: float
    rest: float

    @property
    def right(self) -> float:
        """Share of the flagged who have it."""
        return self.hits / (self.hits + self.false_alarms)


def flagged(prevalence: float) -> Flagged:
    """The same scores and threshold, another prevalence (0 to 1): sensitivity and specificity stay."""
    seen = experiments()
    called = seen.drifted[GAINS.index(1.0)] > 0
    sensitivity, false_rate = called[seen.positive].mean(), called[~seen.positive].mean()
    have, have_not = 1000 * prevalence, 1000 * (1 - prevalence)
    return Flagged(have * sensitivity, have_not * false_rate, have * (1 - sensitivity), have_not * (1 - false_rate))


def build_believing(folder: Path, progress: Progress) -> Path:
    """Make all experiments; the file."""
    shuffled, leaked = _cheated(progress)
    drifted, findings, positive = _disturbed(progress)
    warned, refused = (
        np.array([[any(one.severity == kind for one in each) for each in row] for row in findings]) for kind in ("warn", "refuse")
    )
    arrays = {
        "shuffled": shuffled.astype(np.float32),
        "leaked": leaked.astype(np.float32),
        "drifted": drifted[: len(GAINS)].astype(np.float32),
        "off": drifted[len(GAINS) :].astype(np.float32),
        "warned": warned,
        "refused": refused,
        "positive": positive,
    }
    return write_arrays(folder, NAME, arrays)


def _cheated(progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """`shuffled` and `leaked` of the Experiments."""
    embedded, labels = _embedded(progress)
    shuffled, leaked = np.zeros((len(SHARES), DRAWS)), np.zeros((len(SHARES), DRAWS))
    for draw in range(DRAWS):
        progress.at(0.1 + 0.4 * draw / DRAWS, f"Shuffling labels and leaking people, {draw + 1} of {DRAWS}")
        rng = np.random.default_rng(draw)
        order, noise = rng.permutation(PEOPLE), rng.permutation(labels)
        for row, share in enumerate(SHARES):
            chosen = order[: round(PEOPLE * share / 100)]
            mixed = labels.copy()
            mixed[chosen] = rng.permutation(labels[chosen])
            shuffled[row, draw] = auc(mixed, _tested(embedded, mixed, np.zeros(PEOPLE, bool), draw, _probe))
            leaked[row, draw] = auc(noise, _tested(embedded, noise, np.isin(np.arange(PEOPLE), chosen), draw, _nearest))
    return shuffled, leaked


def _embedded(progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """(people, 2, 96) embeddings of both weeks by an encoder that has learned no label, each number standardized; (people,) bool labels."""
    from pat_core.explain.embedding_distance import pooled
    from pat_core.weights import load

    people = simulate(PEOPLE, SEED, label=LABEL, days=8)
    both = [people.weeks[:, start : start + MINUTES_PER_WEEK] for start in (0, MINUTES_PER_DAY)]
    weeks = np.stack(both, axis=1).reshape(PEOPLE * 2, MINUTES_PER_WEEK)
    encoder: Any = load(settings.ASSETS / "models" / "pat-s-simulated.safetensors").network
    means: Any = first_model().standardizer
    progress.at(0.0, "Reading everybody's two weeks")
    tokens = pooled(encoder, apply(means, weeks)).astype(np.float64)
    return ((tokens - tokens.mean(axis=0)) / tokens.std(axis=0)).reshape(PEOPLE, 2, -1), people.positive


def _tested(embedded: np.ndarray, labels: np.ndarray, leaked: np.ndarray, seed: int, learn: Learn) -> np.ndarray:
    """(people,) scores of everybody's second week by what has not learned from it: nor from the first, but of those who leak."""
    scores, fold = np.zeros(len(labels)), np.random.default_rng(seed).permutation(len(labels)) % FOLDS
    for number in range(FOLDS):
        others, tested = fold != number, fold == number
        x = np.concatenate([embedded[others, 0], embedded[others, 1], embedded[tested & leaked, 0]])
        y = np.concatenate([labels[others], labels[others], labels[tested & leaked]])
        scores[tested] = learn(x, y, embedded[tested, 1])
    return scores


def _probe(x: np.ndarray, y: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """(tested,) logits of a logistic regression."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=500).fit(x, y).decision_function(tested)


def _nearest(x: np.ndarray, y: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """(tested,) the label of the most similar week."""
    distances = np.square(tested[:, None] - x[None]).sum(axis=2)
    return y[distances.argmin(axis=1)].astype(float)


def _disturbed(progress: Progress) -> tuple[np.ndarray, list[list[tuple[Any, ...]]], np.ndarray]:
    """(GAINS + DAYS_OFF, people) logits of weeks that were changed, what the input check finds in each, and the truth."""
    import torch

    from pat_core.explain.logit_function import logits

    model: Any = first_model()
    people = simulate(TESTED, TESTED_SEED, label=LABEL)
    scores, findings = [], []
    for number, weeks in enumerate(_changes(people.weeks)):
        progress.at(0.5 + 0.5 * number / (len(GAINS) + len(DAYS_OFF)), "Disturbing the recordings")
        z = apply(model.standardizer, weeks)
        scores.append(logits(model.network, torch.from_numpy(z), 8).numpy())
        findings.append([check(_week(values), model.standardizer, COUNTS, z=each) for values, each in zip(weeks, z, strict=True)])
    return np.stack(scores), findings, people.positive


def _changes(weeks: np.ndarray) -> Iterator[np.ndarray]:
    """(people, minutes) whole counts for each of GAINS, then for each of DAYS_OFF, on days drawn for each person."""
    for gain in GAINS:
        yield np.rint(weeks * gain).astype(np.float32)
    days = np.argsort(np.random.default_rng(0).random((len(weeks), 7)), axis=1)
    for count in DAYS_OFF:
        worn = np.repeat(days >= count, MINUTES_PER_DAY, axis=1)
        yield np.where(worn, weeks, 0).astype(np.float32)


def _week(values: np.ndarray) -> Week:
    return Week("simulated", 0, values, START, False, COUNTS, None, "start", report(values, COUNTS))
