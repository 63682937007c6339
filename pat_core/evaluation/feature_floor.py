"""What a handful of features reaches without a network: the floor that a fine-tuned model should beat."""

from __future__ import annotations

import numpy as np

from pat_core.errors import TrainingError


def logistic_baseline(train_x: np.ndarray, train_y: np.ndarray, test_x: np.ndarray) -> np.ndarray:
    """(test people,) logits of a logistic regression, class weights balanced, everything fitted on the training people alone.

    train_x, test_x: (people, features), NaN where a feature is missing: it counts as the training mean. train_y: (people,) 0/1.
    Raises TrainingError where the shapes do not fit or the training people are all of one kind.
    """
    train_x, test_x = np.asarray(train_x, dtype=np.float64), np.asarray(test_x, dtype=np.float64)
    train_y = np.asarray(train_y).astype(bool)
    if train_x.ndim != 2 or test_x.ndim != 2 or train_x.shape != (len(train_y), test_x.shape[1]):
        raise TrainingError(
            f"The baseline needs features (people, features) with the same features to train and to test, and a label for each training "
            f"person; got {train_x.shape}, {test_x.shape} and {len(train_y)} labels."
        )
    if train_y.all() or not train_y.any():
        raise TrainingError(f"The baseline needs positives and negatives to train; all {len(train_y)} people are of one kind.")
    # a second to import, for those alone who train
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(
        StandardScaler(),
        SimpleImputer(strategy="constant", fill_value=0.0),  # the mean, once features are standardized
        LogisticRegression(class_weight="balanced", max_iter=1000),
    )
    known = np.isfinite(train_x).any(axis=0)
    return model.fit(_gaps(train_x, known), train_y).decision_function(_gaps(test_x, known))


def _gaps(x: np.ndarray, known: np.ndarray) -> np.ndarray:
    """NaN where a feature is missing, and 0 everywhere in a feature that no training person has."""
    return np.where(known, np.where(np.isfinite(x), x, np.nan), 0.0)
