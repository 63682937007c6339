"""How good a model is, with intervals by person, and what its numbers mean at a prevalence.

Everything takes arrays with a row a week or a person: labels (n,) 0/1, scores or probabilities (n,), and people (n,) where a person has
several rows. Figures are `Interval`s in frozen records.

    which order        auc, auc_interval, within_folds_auc_interval, repeated_auc, average_precision
    at a threshold     threshold_figures, sensitivity_at_specificity, predictive_values, decision_curve
    probabilities      probability_figures (Brier, calibration line, ICI, reliability curve), calibration (in bins),
                       recalibration_effect, recalibration_change, supports_percentage
    sets, intervals    fit_conformal_classes, fit_conformal_values and their measured coverage
    two models         paired_aucs (DeLong, bootstrap), permutation_test
    other tasks        kinds: class_figures, ordinal_figures, value_figures
    the study          study: study_size, people_needed, adjustment_check, bootstrap_optimism, instability
    people             folds, at_most_folds, train_validation, split_people
"""

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
from pat_core.evaluation.conformal import (
    ConformalClasses,
    ConformalValues,
    MeasuredCoverage,
    coverage_of_classes,
    coverage_of_values,
    fit_conformal_classes,
    fit_conformal_values,
)
from pat_core.evaluation.decision_curve import DecisionCurve, decision_curve
from pat_core.evaluation.discrimination import AUC_METHOD, auc, auc_interval, likely_range, within_folds_auc_interval
from pat_core.evaluation.feature_floor import logistic_baseline
from pat_core.evaluation.kinds.class_figures import ClassFigures, class_figures
from pat_core.evaluation.kinds.value_figures import OrdinalFigures, ValueFigures, ordinal_figures, value_figures
from pat_core.evaluation.localization import Localization, evidence_share, localization
from pat_core.evaluation.paired_models import PairedAucs, PermutationTest, paired_aucs, permutation_test
from pat_core.evaluation.percentage_rule import RecalibrationChange, recalibration_change, supports_percentage
from pat_core.evaluation.probability_figures import ProbabilityFigures, probability_figures
from pat_core.evaluation.recalibration import Recalibration, RecalibrationEffect, fit_recalibration, recalibration_effect
from pat_core.evaluation.reliability import ReliabilityCurve
from pat_core.evaluation.repeated_folds import RepeatedAuc, corrected_interval, repeated_auc
from pat_core.evaluation.splits import folds, split_people, train_validation
from pat_core.evaluation.study.adjustment import AdjustmentCheck, adjustment_check
from pat_core.evaluation.study.optimism import Instability, Optimism, bootstrap_optimism, instability
from pat_core.evaluation.study.study_size import StudySize, people_needed, study_size
from pat_core.evaluation.thresholds import (
    SensitivityAtSpecificity,
    ThresholdFigures,
    average_precision,
    predictive_values,
    sensitivity_at_specificity,
    threshold_figures,
)

__all__ = [
    "AUC_METHOD",
    "AdjustmentCheck",
    "Calibration",
    "CalibrationBin",
    "ClassFigures",
    "ConformalClasses",
    "ConformalValues",
    "DecisionCurve",
    "Instability",
    "Localization",
    "MeasuredCoverage",
    "Optimism",
    "OrdinalFigures",
    "PairedAucs",
    "PermutationTest",
    "ProbabilityFigures",
    "Recalibration",
    "RecalibrationChange",
    "RecalibrationEffect",
    "ReliabilityCurve",
    "RepeatedAuc",
    "SensitivityAtSpecificity",
    "StudySize",
    "ThresholdFigures",
    "ValueFigures",
    "adjustment_check",
    "auc",
    "auc_interval",
    "average_precision",
    "bootstrap_optimism",
    "brier",
    "calibration",
    "class_figures",
    "correct_logit",
    "corrected_interval",
    "coverage_of_classes",
    "coverage_of_values",
    "decision_curve",
    "evidence_share",
    "fit_conformal_classes",
    "fit_conformal_values",
    "fit_recalibration",
    "folds",
    "frequency_near",
    "instability",
    "likely_range",
    "localization",
    "log_odds",
    "logistic_baseline",
    "ordinal_figures",
    "paired_aucs",
    "people_needed",
    "permutation_test",
    "predictive_values",
    "probability_figures",
    "recalibration_change",
    "recalibration_effect",
    "repeated_auc",
    "sensitivity_at_specificity",
    "sigmoid",
    "split_people",
    "study_size",
    "supports_percentage",
    "threshold_figures",
    "train_validation",
    "value_figures",
    "wilson",
    "within_folds_auc_interval",
]
