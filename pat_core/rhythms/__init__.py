"""Figures of the rest-activity rhythm, and sleep scores from counts."""

from pat_core.rhythms.cosinor import Cosinor, cosinor
from pat_core.rhythms.figures import FEATURE_NAMES, figures, six_features
from pat_core.rhythms.mean_day import least_active, mean_day, most_active
from pat_core.rhythms.regularity import hourly_means, interdaily_stability, intradaily_variability
from pat_core.rhythms.rest import rest_periods
from pat_core.rhythms.sleep_scores import cole_kripke, sadeh, sri

__all__ = [
    "FEATURE_NAMES",
    "Cosinor",
    "cole_kripke",
    "cosinor",
    "figures",
    "hourly_means",
    "interdaily_stability",
    "intradaily_variability",
    "least_active",
    "mean_day",
    "most_active",
    "rest_periods",
    "sadeh",
    "six_features",
    "sri",
]
