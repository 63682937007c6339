"""Figures of the rest-activity rhythm, sleep scores from counts, and nights."""

from pat_core.rhythms.figures import (
    FEATURE_NAMES,
    Cosinor,
    cosinor,
    figures,
    hourly_means,
    interdaily_stability,
    intradaily_variability,
    least_active,
    mean_day,
    most_active,
    six_features,
)
from pat_core.rhythms.night_records import Device, Nap, Night, NightSummary, SleepReport, Spread
from pat_core.rhythms.nights import nights
from pat_core.rhythms.regularity import Regularity, regularity
from pat_core.rhythms.sleep_scores import SLEEP_SCORES, ScoreChoice, SleepScore, cole_kripke, oakley, sadeh, score_choice, score_for, sri

__all__ = [
    "FEATURE_NAMES",
    "SLEEP_SCORES",
    "Cosinor",
    "Device",
    "Nap",
    "Night",
    "NightSummary",
    "Regularity",
    "ScoreChoice",
    "SleepReport",
    "SleepScore",
    "Spread",
    "cole_kripke",
    "cosinor",
    "figures",
    "hourly_means",
    "interdaily_stability",
    "intradaily_variability",
    "least_active",
    "mean_day",
    "most_active",
    "nights",
    "oakley",
    "regularity",
    "sadeh",
    "score_choice",
    "score_for",
    "six_features",
    "sri",
]
