"""What is trained on a split, by family: a PAT with a new head, a baseline drawn anew, or one that is solved at once."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from pat_core.errors import TrainingError
from pat_core.evaluation import auc
from pat_core.models.baselines import FAMILIES, BaselineConfig
from pat_core.models.baselines.baseline_network import BaselineNetwork, untrained
from pat_core.models.baselines.wavelet_logistic import Network as WaveletLogistic
from pat_core.models.baselines.wavelet_logistic import coefficients
from pat_core.models.pat.heads import Classifier, ClassifierHead, seeded
from pat_core.progress import Progress
from pat_core.training.labelled_people import LabelledWeeks
from pat_core.training.loop import Fitted

Trainee = Classifier | BaselineNetwork
STRENGTHS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Of the logistic regression on wavelets (C of scikit-learn): the smaller, the more its weights are held back."""


def fresh(start: Trainee, data: LabelledWeeks, seed: int) -> Trainee:
    """The network that learns: a copy of a PAT whose head is drawn anew for what is learned, or a baseline drawn anew for this length.

    TrainingError where a baseline is asked for more than two classes.
    """
    answers = data.task.outputs()
    if isinstance(start, BaselineNetwork):
        if not data.task.two_classes:
            raise TrainingError(
                f"{start.config.title} is a baseline and tells two groups apart, but {data.task.kind} was asked for. Choose two classes, a "
                "threshold on the label, or a PAT."
            )
        config = start.config
        if np.unique(data.lengths()).size > 1:
            raise TrainingError(f"{config.title} reads windows of one length, but these differ. Import windows of so many days each.")
        return untrained(BaselineConfig(config.family, data.weeks.shape[1], config.smoothed), seed)
    network = copy.deepcopy(start)
    network.outputs = answers
    network.head = seeded(lambda: ClassifierHead(answers.count, answers.ordinal), seed)
    return network


def head_of(network: Trainee) -> Any:
    """The part that an objective may prepare: a PAT's head; of a baseline the whole, of which no objective of two classes asks anything."""
    return network.head if isinstance(network, Classifier) else network


def solved_at_once(network: Trainee) -> bool:
    """Whether it has no epochs."""
    return isinstance(network, BaselineNetwork) and FAMILIES[network.config.family].fitted


@torch.no_grad()
def solve(
    network: Trainee,
    read: Callable[[np.ndarray], np.ndarray],
    positive: np.ndarray,
    train: np.ndarray,
    validation: np.ndarray,
    progress: Progress,
) -> Fitted:
    """Fit the logistic regression on wavelets to the training rows, held back as the validation rows' AUC calls for.

    read: rows -> (rows, minutes) standardized. positive: (all rows,). There are no epochs: the steps of the curve are the
    strengths that were tried. Classes
    are balanced and coefficients divided by the training people's deviation; both are folded into the weights.
    """
    from sklearn.linear_model import LogisticRegression  # a second to import, for those alone who train

    if not isinstance(network, WaveletLogistic):
        raise TrainingError(f"Expected a model that is solved at once, got {type(network).__name__}.")

    def features(rows: np.ndarray) -> np.ndarray:
        return coefficients(network.smooth(torch.from_numpy(read(rows))).numpy().astype(np.float32))

    x, held = features(train), features(validation)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    scale = np.where(deviation > 1e-6, deviation, 1.0)
    x -= mean
    x /= scale
    best: tuple[float, int, np.ndarray, float] = (-1.0, 0, np.zeros(x.shape[1]), 0.0)
    curves: list[tuple[int, str, float]] = []
    for step, strength in enumerate(STRENGTHS, start=1):
        progress.at(step / len(STRENGTHS), f"Logistic regression on wavelets: strength {step} of {len(STRENGTHS)}")
        model = LogisticRegression(C=strength, class_weight="balanced", max_iter=300).fit(x, positive[train])
        weights = model.coef_[0].astype(np.float64) / scale
        bias = float(model.intercept_[0] - mean @ weights)
        value = auc(positive[validation], held @ weights + bias)
        curves.append((step, "validation AUC", value))
        if value > best[0]:
            best = (value, step, weights, bias)
    network.learn(best[2], best[3])
    state = {name: value.detach().clone() for name, value in network.state_dict().items()}
    kept = f"C = {STRENGTHS[best[1] - 1]:g}, out of {len(STRENGTHS)} strengths the one with the highest validation AUC"
    chosen = f"a logistic regression with {kept}"
    return Fitted(state, 0, 0, best[0], 0, chosen, tuple(curves))
