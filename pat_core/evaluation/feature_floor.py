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
    from sklearn.linear_model import LogisticRegression  # a second to import, for those alone who train

    mean, scale = _moments(train_x)
    model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(_standard(train_x, mean, scale), train_y)
    return model.decision_function(_standard(test_x, mean, scale))


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(features,) mean and deviation of what is present; a feature that is absent or constant has scale 1."""
    present = np.isfinite(x)
    count = np.maximum(present.sum(0), 1)
    mean = np.where(present, x, 0.0).sum(0) / count
    scale = np.sqrt(np.where(present, (x - mean) ** 2, 0.0).sum(0) / count)
    return mean, np.where(scale > 1e-12 * np.maximum(1.0, np.abs(mean)), scale, 1.0)


def _standard(x: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(x), (x - mean) / scale, 0.0)
