"""The methods that pages, command line and benchmarks offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pat_core.errors import ExplanationError, UntrainedError
from pat_core.explain.authors import authors_map
from pat_core.explain.integrated_gradients import integrated_gradients
from pat_core.explain.rollout import rollout_map
from pat_core.model import Classifier
from pat_core.records import Attribution


@dataclass(frozen=True)
class Method:
    """name: for the command line. title, sentence: for readers. needs_head: it explains the logit."""

    name: str
    title: str
    kind: Literal["attention", "attribution"]
    needs_head: bool
    sentence: str
    run: Callable[..., Attribution]


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "rollout", "Attention rollout", "attention", False, "Where the model attended, followed through all its blocks.", rollout_map
        ),
        Method(
            "authors", "Authors' attention map", "attention", False, "The attention each patch receives in the last block.", authors_map
        ),
        Method(
            "integrated_gradients",
            "Integrated gradients",
            "attribution",
            True,
            "Which minutes raised and which lowered the score, in logits, compared with the mean week.",
            integrated_gradients,
        ),
    )
}


def method_for(name: str) -> Method:
    """The method of that name, or a sentence with the names there are."""
    if name not in METHODS:
        raise ExplanationError(f"Expected a method out of {', '.join(METHODS)}, got {name!r}.")
    return METHODS[name]


def explain(network: Classifier, z: np.ndarray, name: str, *, has_head: bool, **settings: object) -> Attribution:
    """Explain one standardized week z (minutes,) by the named method; `settings` go to it as they are."""
    method = method_for(name)
    if method.needs_head and not has_head:
        raise UntrainedError(
            f"{method.title} explains a score, but this model has no trained head and therefore no score. "
            "Choose an attention method, or fine-tune the model first."
        )
    return method.run(network, np.asarray(z, dtype=np.float32), **settings)
