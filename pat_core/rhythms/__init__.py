"""Figures of the rest-activity rhythm, sleep scores from counts, and nights."""

from pat_core.rhythms.cosinor import Cosinor, cosinor
from pat_core.rhythms.figures import FEATURE_NAMES, figures, six_features
from pat_core.rhythms.mean_day import least_active, mean_day, most_active
from pat_core.rhythms.night_records import Nap, Night, NightSummary, SleepReport, Spread
from pat_core.rhythms.nights import nights
from pat_core.rhythms.periods import SleepPeriod, TudorLocke, sleep_periods
from pat_core.rhythms.regularity import hourly_means, interdaily_stability, intradaily_variability
from pat_core.rhythms.rest import rest_periods
from pat_core.rhythms.sleep_scores import SLEEP_SCORES, SleepScore, asleep_by_device, cole_kripke, oakley, sadeh, score_for, sri

__all__ = [
    "FEATURE_NAMES",
    "SLEEP_SCORES",
    "Cosinor",
    "Nap",
    "Night",
    "NightSummary",
    "SleepPeriod",
    "SleepReport",
    "SleepScore",
    "Spread",
    "TudorLocke",
    "asleep_by_device",
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
    "rest_periods",
    "sadeh",
    "score_for",
    "six_features",
    "sleep_periods",
    "sri",
]
