"""Percentages of several classes are shown where the model's test bears out those of each."""

import numpy as np
import pytest

from pat_core.workflows.models.class_calibration import class_percentages

OUTPUTS = {"kind": "classes", "classes": ["mild", "moderate", "severe"], "unit": ""}


def card(people: int, times: float = 1.0, **more) -> dict[str, object]:
    """A model whose logits are right, but for how many times too large they are."""
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 1.5, (people, 3))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    targets = (rng.random((people, 1)) > shares.cumsum(axis=1)).sum(axis=1)
    return {"outputs": OUTPUTS, "test": {"outputs": (times * logits).tolist(), "targets": targets.tolist()} | more}


@pytest.mark.parametrize(("made", "borne_out", "words"), [
    (card(900), True, "In a test on 900 people, percentages of a class were off by"),
    (card(900, 4.0), False, "does not show that its percentages mean what they say"),
    (card(30), False, "The test on 30 people does not show"),
    ({"outputs": OUTPUTS}, False, "no test"),
    (card(30, targets=[1]), False, "no test"),
    ({"outputs": {"kind": "value", "classes": [], "unit": "years"}, "test": {"outputs": [[1.0]], "targets": [1.0]}}, False, "no test"),
])  # fmt: skip
def test_percentages_of_classes_are_borne_out_by_the_test_or_not_shown(made, borne_out, words):
    supported, sentence = class_percentages(made)
    assert supported is borne_out and words in sentence
