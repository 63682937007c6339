"""A model as it travels: the network with its configuration, standardizer, provenance and hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import torch

from pat_core.errors import UntrainedError, WeightsError
from pat_core.models.pat import SIZES, Classifier, PatConfig, config_for, seeded
from pat_core.models.pat.pat_config import Embedding
from pat_core.records import Standardizer

Origin = Literal["published", "bundled", "own", "fine-tuned", "random"]
BLOCKS_AT_MOST, HEADS_AT_MOST = 64, 64
PARAMETERS_AT_MOST = 50_000_000
"""PAT-huge has about 4 million; a file far beyond it wants memory, and is no PAT."""

ORIGINS: tuple[str, ...] = get_args(Origin)

UNTRAINED_HEAD_SEED = 0
"""A file without a head still needs one to stand in the network: it is drawn from this seed and never gives a result."""


@dataclass(frozen=True, eq=False)
class Model:
    """One model, ready to read weeks: network in evaluation mode on the CPU.

    has_head: False where the head is untrained, so no probability may be shown (see `require_head`).
    encoder_trained: False for a random encoder, which must say so wherever its numbers stand.
    standardizer: the per-minute mean and deviation that the weeks need, None where none travelled with the file.
    card: what is known of the model, plain JSON values. sha256: of the file's bytes (of the parameters for a random model).
    """

    name: str
    config: PatConfig
    network: Classifier
    has_head: bool
    encoder_trained: bool
    origin: Origin
    standardizer: Standardizer | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""


def require_head(model: Model) -> None:
    """Raise UntrainedError where a probability or a gradient explanation is asked of a model without a trained head."""
    if not model.has_head:
        raise UntrainedError(
            f"{model.name} has no trained head: it gives tokens and attention, no probability and no explanation of one. "
            "Expected a fine-tuned model: fine-tune it first, or choose one that is fine-tuned."
        )


def random_model(size: str, embedding: Embedding = "linear", seed: int = 0) -> Model:
    """An untrained network of a size ("small", "medium", "large", "huge"), drawn from `seed`: for tests and as a null to compare with."""
    if size not in SIZES:
        raise WeightsError(f"There is no PAT of size {size!r}: expected one of {', '.join(SIZES)}.")
    if embedding not in get_args(Embedding):
        raise WeightsError(f"There is no patch embedding {embedding!r}: expected one of {', '.join(get_args(Embedding))}.")
    config = config_for(size, embedding)
    network = empty_network(config, seed)
    card = {
        "name": "Random (untrained)",
        "first_line": f"Random weights (seed {seed}): nothing was learned, so nothing it shows is a result.",
        "seed": seed,
    }
    return Model("Random (untrained)", config, network, False, False, "random", None, card, parameters_sha256(network))


def empty_network(config: PatConfig, seed: int = UNTRAINED_HEAD_SEED) -> Classifier:
    """A seeded, untrained network in evaluation mode."""
    return seeded(lambda: Classifier(config), seed).eval()


def parameters_sha256(network: torch.nn.Module) -> str:
    """SHA-256 over names, shapes and float32 bytes of all parameters, in the order of their names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        values = np.ascontiguousarray(tensor.detach().cpu().numpy(), dtype="<f4")
        digest.update(f"{name} {values.shape}\n".encode())
        digest.update(values.data)
    return digest.hexdigest()


def size_name(patch: int, heads: int, blocks: int) -> str:
    """The published size with these figures, or "custom"."""
    return next((size for size, figures in SIZES.items() if figures == (patch, heads, blocks)), "custom")
