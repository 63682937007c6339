"""Sleep or wake for every minute from counts, and how regular that is. A score's weights belong to the counts of one device family.

Cole-Kripke and Sadeh as ActiLife computes them, for counts of an ActiGraph: Cole et al. 1992 (doi 10.1093/sleep/15.5.461), Sadeh et al.
1994 (doi 10.1093/sleep/17.3.201). Oakley, for counts of an Actiwatch: Oakley 1997, technical report to Cambridge Neurotechnology, with the
weights and thresholds that the maker's manual prints. Sleep regularity: Phillips et al. 2017 (doi 10.1038/s41598-017-03171-4).
With MIMS, mg or steps none of them means anything, so callers show no score there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pat_core.records import body_site
from pat_core.settings import MINUTES_PER_DAY

_COLE_KRIPKE = np.array([106.0, 54.0, 58.0, 76.0, 230.0, 74.0, 67.0])
"""Weights of the four minutes before, this one and the two after."""
_CAP = 300.0
_OAKLEY = np.array([1.0, 5.0, 25.0, 5.0, 1.0])
"""Weights of the two minutes before, this one and the two after, times 25: whole numbers, so that no rounding decides at the threshold."""

OAKLEY_LOW, OAKLEY_MEDIUM, OAKLEY_HIGH = 20.0, 40.0, 80.0
"""The maker's wake thresholds, in counts a minute; above it a minute is wake."""
IMMOBILE_BELOW = 4.0
"""Counts a minute: an Actiwatch's minute with fewer is immobile (one for each 15 seconds)."""


ASLEEP, AWAKE = 1, -1
"""What a person sets over a score."""


def with_hand(scored: np.ndarray, by_hand: np.ndarray, known: np.ndarray) -> np.ndarray:
    """(minutes,) bool, what a score says of each minute, with what a person set in its place where there is a value. by_hand:
    (minutes,) int8, ASLEEP, AWAKE, 0 where it was left alone."""
    return np.where(known & (by_hand != 0), by_hand == ASLEEP, scored).astype(bool)


def cole_kripke(counts: np.ndarray) -> np.ndarray:
    """(minutes,) bool, True asleep, from (minutes,) counts. A missing minute is not asleep, and counts as still for its neighbours."""
    counts, present = _present(counts)
    scaled = np.minimum(counts / 100, _CAP)
    padded = np.concatenate([np.zeros(4), scaled, np.zeros(2)])
    depth = 0.001 * np.correlate(padded, _COLE_KRIPKE, "valid")
    return (depth < 1) & present


def sadeh(counts: np.ndarray) -> np.ndarray:
    """(minutes,) bool, True asleep, from (minutes,) counts. A missing minute is not asleep, and counts as still for its neighbours."""
    counts, present = _present(counts)
    capped = np.minimum(counts, _CAP)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(capped, 5), 11)
    before = np.lib.stride_tricks.sliding_window_view(np.pad(capped, (5, 0)), 6)
    moderate = ((around >= 50) & (around < 100)).sum(axis=1)
    score = 7.601 - 0.065 * around.mean(axis=1) - 1.08 * moderate - 0.056 * before.std(axis=1, ddof=1) - 0.703 * np.log(capped + 1)
    return (score > -4) & present


def oakley(counts: np.ndarray, threshold: float = OAKLEY_MEDIUM) -> np.ndarray:
    """(minutes,) bool, True asleep, from (minutes,) counts. A missing minute is not asleep, and counts as still for its neighbours.

    Asleep where c0 + (c-1 + c1) / 5 + (c-2 + c2) / 25 is at most `threshold`.
    """
    counts, present = _present(counts)
    return (np.correlate(np.pad(counts, 2), _OAKLEY, "valid") <= 25 * threshold) & present


@dataclass(frozen=True)
class SleepScore:
    """One way to tell sleep from wake. score: (minutes,) counts -> (minutes,) bool asleep. made_for: devices whose counts it belongs to.

    families: beginnings of words in a device's name by which those are known, in small letters. immobile_below: counts a minute below
    which falling asleep is looked for; None where the score itself serves. source: where weights and thresholds are from.
    """

    name: str
    score: Callable[[np.ndarray], np.ndarray]
    made_for: str
    families: tuple[str, ...]
    source: str
    immobile_below: float | None = None

    def fits(self, device: str | None) -> bool:
        """Whether a device's name says that it is of the family that the thresholds were made for."""
        words = (device or "").lower().replace("-", " ").split()
        return any(word.startswith(self.families) for word in words)

    def still(self, counts: np.ndarray) -> np.ndarray:
        """(minutes,) bool, minutes in which someone falling asleep lies still; never a missing one."""
        if self.immobile_below is None:
            return self.score(counts)
        return np.asarray(counts) < self.immobile_below


_ACTIGRAPH = ("actigraph", "actilife", "gt1m", "gt3x", "gt9x", "wgt3x", "am7164", "7164", "cpiw")

SLEEP_SCORES = {
    "cole_kripke": SleepScore(
        "Cole-Kripke",
        cole_kripke,
        "counts of an ActiGraph, vertical axis, as ActiLife scales them",
        _ACTIGRAPH,
        "Cole et al. 1992, in ActiLife's form",
    ),
    "sadeh": SleepScore(
        "Sadeh",
        sadeh,
        "counts of an ActiGraph, vertical axis, as ActiLife scales them, of adolescents and young adults",
        _ACTIGRAPH,
        "Sadeh et al. 1994, in ActiLife's form",
    ),
    "oakley": SleepScore(
        "Oakley",
        oakley,
        "counts of an Actiwatch on the wrist, wake threshold 40 (medium)",
        ("actiwatch", "spectrum", "respironics"),
        "Oakley 1997, as the maker's manual prints it",
        IMMOBILE_BELOW,
    ),
}
"""Name -> score. Those of one family do not serve another: the counts of an Actiwatch are several times smaller than an ActiGraph's, so
that Cole-Kripke takes most of its day for sleep."""


@dataclass(frozen=True)
class ScoreChoice:
    """The score for a week. name: a key of SLEEP_SCORES. known: False where nothing tells which one belongs, so that it is the default.

    why: a clause, "for the device (Actiwatch 4) is of the family it was made for".
    """

    name: str
    known: bool
    why: str


DEFAULT_SCORE = "cole_kripke"
"""Where device or placement are not known: the most used on counts of a wrist."""


def score_choice(device: str | None, placement: str | None = None) -> ScoreChoice:
    """Oakley for an Actiwatch, Cole-Kripke for an ActiGraph on the wrist, Sadeh for one on the hip; else the default, and that is said.

    Sadeh on the hip: all three were made on the wrist, and of them Sadeh's is the one that published work then used on counts of an
    ActiGraph at the waist (Tudor-Locke et al. 2014, doi 10.1139/apnm-2013-0173).
    """
    site = body_site(placement)
    if SLEEP_SCORES["oakley"].fits(device):
        away = f"; it was made for the wrist, and this one was worn at the {site}" if site not in (None, "wrist") else ""
        return ScoreChoice("oakley", True, f"for the device ({device}) is of the family it was made for{away}")
    if not SLEEP_SCORES[DEFAULT_SCORE].fits(device):
        missing = f"no score here was made for counts of this device ({device})" if device else "the recording does not name its device"
        return ScoreChoice(DEFAULT_SCORE, False, f"the default, for {missing}: the minutes asleep can be hours off")
    if site == "hip":
        return ScoreChoice(
            "sadeh", True, f"for the device ({device}) was worn at the hip, where published work used it (Tudor-Locke et al. 2014)"
        )
    if site == "wrist":
        return ScoreChoice(DEFAULT_SCORE, True, f"for the device ({device}) was worn on the wrist, where it was made")
    where = f"it was worn at the {site}, for which no score was made" if site else "it is not known where it was worn"
    return ScoreChoice(DEFAULT_SCORE, False, f"the default for this device ({device}), for {where}: take minutes asleep as a rough guide")


def score_for(device: str | None, placement: str | None = None) -> str:
    """Name of the score that `score_choice` comes to."""
    return score_choice(device, placement).name


def sri(asleep: np.ndarray, missing: np.ndarray | None = None, epochs_per_day: int = MINUTES_PER_DAY) -> float:
    """Sleep regularity index: -100 (every day the reverse of the one before) to 100 (all days alike); about 0 for sleep at random.

    asleep: (epochs,) bool over more than a day. missing: (epochs,) bool, left out of the comparison. Twice the share of epochs in the same
    state as 24 hours before, in percent, minus 100. NaN where no two epochs are a day apart.
    """
    asleep = np.asarray(asleep, dtype=bool)
    here, there = asleep[:-epochs_per_day], asleep[epochs_per_day:]
    known = np.ones(len(here), dtype=bool)
    if missing is not None:
        missing = np.asarray(missing, dtype=bool)
        known = ~(missing[:-epochs_per_day] | missing[epochs_per_day:])
    return float(-100 + 200 * np.mean((here == there)[known])) if known.any() else float("nan")


def _present(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    counts = np.asarray(counts, dtype=np.float64)
    present = np.isfinite(counts)
    return np.where(present, counts, 0.0), present
