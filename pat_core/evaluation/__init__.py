"""How good a model is, with intervals, and what its numbers mean at a prevalence."""

from pat_core.evaluation.calibration import (
    Calibration,
    CalibrationBin,
    brier,
    calibration,
    correct_logit,
    frequency_near,
    log_odds,
    sigmoid,
    wilson,
)
from pat_core.evaluation.discrimination import (
    Localization,
    auc,
    auc_interval,
    evidence_share,
    likely_range,
    localization,
    within_folds_auc_interval,
)
from pat_core.evaluation.feature_floor import logistic_baseline
from pat_core.evaluation.splits import folds, split_people, train_validation

__all__ = [
    "Calibration",
    "CalibrationBin",
    "Localization",
    "auc",
    "auc_interval",
    "brier",
    "calibration",
    "correct_logit",
    "evidence_share",
    "folds",
    "frequency_near",
    "likely_range",
    "localization",
    "log_odds",
    "logistic_baseline",
    "sigmoid",
    "split_people",
    "train_validation",
    "wilson",
    "within_folds_auc_interval",
]
