"""People drawn from distributions whose true figures are known."""

import numpy as np

from pat_core.evaluation import sigmoid


def two_normals(n, shift, seed, share=0.4):
    """Labels, and scores that lie `shift` standard deviations higher for positives."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) < share * n)
    return labels, rng.normal(size=n) + shift * labels


def calibrated(n, seed=0, spread=1.5):
    """Labels, and the logits that they were drawn from."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-0.5, spread, n)
    return rng.random(n) < sigmoid(logits), logits
