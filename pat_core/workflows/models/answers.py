"""What a reader is given of a model's score of one week, and why that: a share of people, a probability, a rank, or the score alone.

A share stands only where people whom the model had not seen bear it out (`held_out_calibration`). It holds at one prevalence: that of the
people who were tested, or the one that the reader states for their own setting.
"""

from __future__ import annotations

from dataclasses import dataclass

from pat_core.errors import PatError
from pat_core.evaluation import correct_logit, log_odds, sigmoid
from pat_core.records import Interval

FREQUENCY = "share of test people who scored alike"
RECALIBRATED = "probability, recalibrated on test people"
PROBABILITY = "probability by the model"
RANK = "rank among test people"
SCORE = "score alone"
"""What an answer is."""

ALIKE, OWN, PLATT, ISOTONIC, VENN_ABERS, BY_RANK = "alike", "model", "platt", "isotonic", "venn-abers", "rank"
RECALIBRATIONS = {PLATT: "Platt", ISOTONIC: "isotonic regression", VENN_ABERS: "Venn-Abers"}
WAYS = (ALIKE, OWN, *RECALIBRATIONS, BY_RANK)
"""Ways in which an answer can be asked for, by name."""


@dataclass(frozen=True)
class Wish:
    """How a reader wants answers. way: one of WAYS, None for the usual one of the model. prevalence: the share of the group in the reader's
    own setting, 0 to 1, both excluded; None: as among the people who were tested. PatError for anything else."""

    way: str | None = None
    prevalence: float | None = None

    def __post_init__(self) -> None:
        if self.way is not None and self.way not in WAYS:
            raise PatError(f"Expected an answer to be asked for as one of {', '.join(WAYS)}, got {self.way!r}.")
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise PatError(f"A prevalence is a share above 0 and below 1; got {self.prevalence:g}. For 5 in 100 give 0.05.")


USUAL = Wish()


@dataclass(frozen=True)
class Answer:
    """value: a share, 0 to 1: of people (FREQUENCY), a probability, or of the tested people who scored lower (RANK); of SCORE the logit.

    low, high: the 95 % interval of a FREQUENCY, from n people, or the interval of a recalibration, from n people; None where there is
    none. what: one of the words above. by: the recalibration. below: of a RANK, how many of the n tested people scored lower.
    prevalence: the share of the group at which a share or probability holds; None of the others, and where it is not known. stated: the
    reader stated it. why: why it is this and nothing else, in a sentence; "" where nothing is to be said.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    what: str = SCORE
    by: str = ""
    below: int | None = None
    prevalence: float | None = None
    stated: bool = False
    why: str = ""

    @property
    def share(self) -> float | None:
        """0 to 1; None of a SCORE."""
        return None if self.what == SCORE else self.value

    @property
    def of_the_group(self) -> bool:
        """Whether it is a share or a probability of the model's positive group."""
        return self.what in (FREQUENCY, RECALIBRATED, PROBABILITY)


CANNOT_TELL, NEITHER = "cannot tell", "neither"


def set_words(possible: tuple[bool, bool], negative: str, positive: str) -> str:
    """Which of two groups stay possible, (negative, positive), in words: the name of one, "cannot tell" of both, "neither" of none."""
    if all(possible):
        return CANNOT_TELL
    return positive if possible[1] else negative if possible[0] else NEITHER


def at_prevalence(share: float, prevalence: float, of_sample: float) -> float:
    """A share or probability of the positive group, 0 to 1, that holds at the prevalence `of_sample`, moved to another one: its odds times
    the ratio of prior odds (Bayes' rule). It takes for granted that people score alike within each group in both places."""
    return float(sigmoid(correct_logit(log_odds(share), prevalence, of_sample)))


def interval_at(interval: Interval, prevalence: float, of_sample: float) -> Interval:
    """The same for a share with its interval."""
    value, low, high = (at_prevalence(bound, prevalence, of_sample) for bound in (interval.value, interval.low, interval.high))
    return Interval(value, low, high, interval.n)
