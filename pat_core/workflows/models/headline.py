"""The one number that stands for a model's answer about a week: the same in the list, the sentence, the picture, What-if and the files."""

from __future__ import annotations

from dataclasses import dataclass

from pat_core.records import Interval, Prediction

FREQUENCY, PROBABILITY = "share of test people who scored alike", "probability by the model"
"""What the number is: of people whose group is known, as far as the model's test allows; else the model's own word for it."""


@dataclass(frozen=True)
class Answer:
    """value: 0 to 1, of `what`. low, high: the 95 % interval of a FREQUENCY, from n people; None of a PROBABILITY, which brings none."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None

    @property
    def what(self) -> str:
        """FREQUENCY or PROBABILITY."""
        return PROBABILITY if self.low is None else FREQUENCY


def answer_of(prediction: Prediction, like: Interval | None) -> Answer:
    """Of people who scored alike in the model's test where that is known (see `similar_scores.comparison`), else the model's own
    probability, corrected to the prevalence among its training people where that is known."""
    if like is None:
        return Answer(shown_probability(prediction))
    return Answer(like.value, like.low, like.high, like.n)


def shown_probability(prediction: Prediction) -> float:
    """The corrected probability where a prevalence is known, else the one before correction."""
    return prediction.probability_raw if prediction.probability is None else prediction.probability
