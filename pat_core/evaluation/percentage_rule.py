"""Whether calibration on people held out supports showing a probability as a percentage.

A percentage claims more than an order: that of people with 30 % about 30 in 100 are positive. Van Calster et al. (2016,
doi 10.1016/j.jclinepi.2015.12.005; 2019, doi 10.1186/s12916-019-1466-7) ask for at least weak calibration before a risk is used (mean and
slope), and judge it by intervals, not by tests, in which few people always pass. So the rule asks what is shown to hold, as tests of
equivalence do: the whole interval of each figure must lie within a margin. The margins do the counting. In 300 simulations each with an AUC
of 0.85 (benchmarks/coverage.py), right probabilities pass in 6 % of tests with 30 people of each kind, 56 % with 50, 89 % with 70 and 95 %
with 100, the number that Collins, Ogundimu & Altman (2016, doi 10.1002/sim.6787) ask of the rarer kind in an external validation; those
with log-odds 1.4 times too large in 0 %, 16 %, 32 % and 44 %; twice too large, in at most 2 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.evaluation.probability_figures import ProbabilityFigures
from pat_core.records import Interval

FEWEST_OF_A_KIND = 20
"""Held-out people of the rarer kind below whom the intervals themselves are not to be trusted."""
SLOPE_WITHIN = (0.5, 2.0)
"""The calibration slope's interval. At 0.5 a shown 90 % is 75 %: the largest distortion that still leaves likely likely."""
LARGE_WITHIN = 0.7
"""The interval of calibration in the large, in log-odds on either side of 0: 17 points at 50 %, odds up to twice or half as high."""
ICI_AT_MOST = 0.10
"""The upper end of the ICI's interval: shown percentages are off by less than 10 points on average."""


def supports_percentage(figures: ProbabilityFigures) -> tuple[bool, str]:
    """(whether to show percentages, a sentence why or why not) for the figures of the very probabilities that would be shown.

    They must have been measured on people who were in neither the training nor the fit of a recalibration (`recalibration_effect` gives
    such figures, `after`). Supported where at least 20 people of each kind were held out, the interval of the slope lies within 0.5 to 2,
    that of calibration in the large within 0.7 of 0, and the upper end of the ICI is at most 0.1.
    """
    rarer = min(figures.positives, figures.negatives)
    who = f"{figures.people} people held out from training ({figures.positives} positive, {figures.negatives} negative)"
    if rarer < FEWEST_OF_A_KIND:
        return False, f"With {who} nobody can tell whether a percentage is right; at least {FEWEST_OF_A_KIND} of each kind are needed."
    if not np.isfinite([figures.slope.value, figures.ici.value]).all():
        return False, f"Among {who} the calibration slope cannot be measured, so no percentage is supported."
    slope, large = figures.slope, figures.in_the_large
    if not (SLOPE_WITHIN[0] <= slope.low and slope.high <= SLOPE_WITHIN[1]):
        return False, (
            f"Among {who} the calibration slope is {_words(slope)}; to show a percentage its whole interval must lie within "
            f"{SLOPE_WITHIN[0]:g} to {SLOPE_WITHIN[1]:g}."
        )
    if not (large.low >= -LARGE_WITHIN and large.high <= LARGE_WITHIN):
        return False, (
            f"Among {who} calibration in the large is {_words(large)} in log-odds; its whole interval must lie within {LARGE_WITHIN:g} of "
            "0, or percentages may be too high or too low for everyone."
        )
    off = f"{100 * figures.ici.value:.0f} points ({100 * figures.ici.low:.0f} to {100 * figures.ici.high:.0f})"
    if figures.ici.high > ICI_AT_MOST:
        return False, f"Among {who} percentages were off by {off} on average; the upper end may be at most {100 * ICI_AT_MOST:.0f}."
    return True, f"Among {who} percentages were off by {off} on average, and the calibration slope was {_words(slope)}."


NO_CHANGE = {"brier": 0.0005, "slope": 0.005, "ici": 0.0005}
"""Figure -> a change smaller than this is none that a table shows."""
LITTLE = 0.05
"""Share by which a Brier score may rise where slope and ICI improve: the fit to few people adds some error of its own to each."""


@dataclass(frozen=True)
class RecalibrationChange:
    """What a recalibration did to probabilities, on people whom its fit had not seen: each figure (before, after), NaN where it has none.

    brier, ici: 0 is perfect. slope: 1 is right.
    """

    brier: tuple[float, float]
    slope: tuple[float, float]
    ici: tuple[float, float]

    @property
    def worse(self) -> tuple[str, ...]:
        """The figures that are worse than before."""
        return tuple(name for name, change in self._changes().items() if change >= NO_CHANGE[name])

    @property
    def better(self) -> tuple[str, ...]:
        """The figures that are better than before."""
        return tuple(name for name, change in self._changes().items() if change <= -NO_CHANGE[name])

    @property
    def harmful(self) -> bool:
        """Whether the recalibrated probabilities are not to be used: a figure became worse. Not where the two others became better and it
        is the slope, a part of what these two measure whole, or a Brier score that rose by less than `LITTLE`."""
        if len(self.better) == 2 and len(self.worse) == 1:
            return self.worse == ("ici",) or (self.worse == ("brier",) and self.brier[1] >= (1 + LITTLE) * self.brier[0])
        return bool(self.worse)

    def words(self, name: str, own_is_borne_out: bool) -> str:
        """What it did, and where it did harm, what to use. name: of the recalibration. own_is_borne_out: whether the probabilities
        of before may be shown as percentages."""
        if self.harmful:
            instead = (
                "the model's own probability" if own_is_borne_out else "the rank, for the model's own percentages are not borne out either"
            )
            better = f" Better: {self._listed(self.better)}." if self.better else ""
            return (
                f"Recalibration ({name}) made these probabilities worse on people whom its fit had not seen: "
                f"{self._listed(self.worse)}.{better} Do not use the recalibrated ones; use {instead}."
            )
        if not self.better and not self.worse:
            return f"Recalibration ({name}) changes next to nothing here."
        but = f"; worse: {self._listed(self.worse)}" if self.worse else ""
        return f"Recalibration ({name}) brought these probabilities closer to what happened: {self._listed(self.better)}{but}."

    def _changes(self) -> dict[str, float]:
        """Figure -> how much worse it is than before; below 0 better, NaN where that is not known."""
        slope = abs(self.slope[1] - 1) - abs(self.slope[0] - 1)
        return {"brier": self.brier[1] - self.brier[0], "slope": slope, "ici": self.ici[1] - self.ici[0]}

    def _listed(self, names: tuple[str, ...]) -> str:
        texts = {
            "brier": "Brier score {:.3f} before and {:.3f} after".format(*self.brier),
            "slope": "calibration slope {:.2f} before and {:.2f} after (1 is right)".format(*self.slope).replace("-", "\u2212"),
            "ici": "mean distance from what happened (ICI) {:.1f} before and {:.1f} points after".format(*(100 * ici for ici in self.ici)),
        }
        return "; ".join(texts[name] for name in names)


def recalibration_change(before: ProbabilityFigures, after: ProbabilityFigures) -> RecalibrationChange:
    """Of the figures of the same people's probabilities before and after a recalibration (`recalibration_effect`)."""
    both = before, after
    brier, slope, ici = ([getattr(of, name).value for of in both] for name in ("brier", "slope", "ici"))
    return RecalibrationChange((brier[0], brier[1]), (slope[0], slope[1]), (ici[0], ici[1]))


def _words(interval: Interval) -> str:
    return f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})".replace("-", "\u2212")
