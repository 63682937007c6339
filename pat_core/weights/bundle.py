"""A model as it travels: the network with its configuration, standardizer, provenance and hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np

from pat_core.errors import ExplanationError, UntrainedError, WeightsError
from pat_core.models.baselines import FAMILIES, BaselineConfig
from pat_core.models.network_config import NetworkConfig
from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.models.pat import SIZES, config_for
from pat_core.models.pat.pat_config import Embedding
from pat_core.records import Standardizer
from pat_core.weights.ensemble_layout import Members

if TYPE_CHECKING:
    from pat_core.models.baselines.baseline_network import BaselineNetwork
    from pat_core.models.ensemble import Ensemble
    from pat_core.models.pat.heads import Classifier

    Network = Classifier | BaselineNetwork | Ensemble
    """Of a model: a PAT with its head, a baseline, or several PATs together."""

Origin = Literal["published", "bundled", "own", "fine-tuned", "random"]
BLOCKS_AT_MOST, HEADS_AT_MOST = 64, 64
PARAMETERS_AT_MOST = 50_000_000
"""PAT-huge has about 4 million; a file far beyond it wants memory, and is no PAT."""

DECODER = "autoencoder."
"""In a file, before the names of a masked autoencoder's weights beside its encoder."""
ORIGINS: tuple[str, ...] = get_args(Origin)


@dataclass(frozen=True, eq=False)
class Model:
    """One model, checked and ready to read weeks.

    build: makes its network, see `network`.
    has_head: False where the head is untrained, so no probability may be shown (see `require_head`).
    encoder_trained: False for a random encoder, which must say so wherever its numbers stand.
    standardizer: the per-minute mean and deviation that the weeks need, None where none travelled with the file.
    card: what is known of the model, plain JSON values. sha256: of the file's bytes (of the parameters for a random model).
    outputs: what the numbers of its head are. explains: which one number its network answers, in words, where that is one of several or
    no logit (see `kind_answers.explained`); "" else. members: how those of an ensemble are stored, None of a single network.
    decoder: name -> weights of what its masked autoencoder has beside the encoder (`networks.autoencoder_of`), None where no file kept it.
    """

    name: str
    config: NetworkConfig
    build: Callable[[], Network]
    has_head: bool
    encoder_trained: bool
    origin: Origin
    standardizer: Standardizer | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""
    outputs: Outputs = ONE_LOGIT
    explains: str = ""
    members: Members | None = None
    decoder: Mapping[str, np.ndarray] | None = None

    @cached_property
    def network(self) -> Network:
        """In evaluation mode on the CPU. It is built when first asked for: what is known of a model is known without waiting for torch."""
        return self.build()


def require_head(model: Model) -> None:
    """Raise UntrainedError where a probability or a gradient explanation is asked of a model without a trained head."""
    if not model.has_head:
        raise UntrainedError(
            f"{model.name} has no trained head: it gives tokens and attention, no probability and no explanation of one. "
            "Expected a fine-tuned model: fine-tune it first, or choose one that is fine-tuned."
        )


def require_attention(model: Model) -> Classifier:
    """The network of a PAT, whose blocks and heads can be looked into. ExplanationError for a baseline, which has none."""
    if isinstance(model.config, BaselineConfig):
        raise ExplanationError(
            f"{model.name} is a baseline ({model.config.title}): it has no tokens, blocks or attention to look at. Choose a PAT, or a "
            "method that looks at the score alone: gradients, or stretches of time replaced."
        )
    return cast("Classifier", model.network)


def random_model(size: str, embedding: Embedding = "linear", seed: int = 0) -> Model:
    """An untrained network of a size ("small", "medium", "large", "huge"), drawn from `seed`: for tests and as a null to compare with."""
    if size not in SIZES:
        raise WeightsError(f"There is no PAT of size {size!r}: expected one of {', '.join(SIZES)}.")
    if embedding not in get_args(Embedding):
        raise WeightsError(f"There is no patch embedding {embedding!r}: expected one of {', '.join(get_args(Embedding))}.")
    from pat_core.weights.networks import empty_network, parameters_sha256

    config = config_for(size, embedding)
    network = empty_network(config, seed)
    card = {
        "name": "Random (untrained)",
        "first_line": f"Random weights (seed {seed}): nothing was learned, so nothing it shows is a result.",
        "seed": seed,
    }
    return Model("Random (untrained)", config, lambda: network, False, False, "random", None, card, parameters_sha256(network))


def untrained_baseline(config: BaselineConfig, seed: int = 0) -> Model:
    """A baseline before it is trained, to start a training from. sha256: of its description, since it has no weights of its own."""

    def build() -> Network:
        from pat_core.models.baselines.baseline_network import untrained

        return untrained(config, seed)

    family = FAMILIES[config.family]
    first_line = f"{family.sentence} It has learned nothing yet: train it on the Fine-tune page, as a baseline for PAT."
    sha256 = hashlib.sha256(f"untrained {config.reference}".encode()).hexdigest()
    return Model(config.title, config, build, False, False, "random", None, {"name": config.title, "first_line": first_line}, sha256)


def builder(
    config: NetworkConfig, weights: Mapping[str, np.ndarray], outputs: Outputs = ONE_LOGIT, members: Members | None = None
) -> Callable[[], Network]:
    """For `Model.build`, of checked weights by their names in the network (see `network_of`), or in an ensemble's file."""

    def build() -> Network:
        from pat_core.weights.networks import ensemble_of, network_of

        if members is None or isinstance(config, BaselineConfig):
            return network_of(config, weights, outputs)
        return ensemble_of(config, weights, members, outputs)

    return build


def size_name(patch: int, heads: int, blocks: int) -> str:
    """The published size with these figures, or "custom"."""
    return next((size for size, figures in SIZES.items() if figures == (patch, heads, blocks)), "custom")
