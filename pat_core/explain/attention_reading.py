"""Reading attention out of the encoder, a block at a time, so that no more than one block's weights exist at once.

This is for cohorts, and for what all maps of attention share; encoder_blocks.py is how the maps of one week read it, in less memory yet.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from pat_core.errors import ExplanationError
from pat_core.models.contract import TokenNetwork, minutes_read
from pat_core.models.pat.encoder import Encoder
from pat_core.models.pat.pat_config import WIDTH
from pat_core.records import Attribution

PEOPLE_AT_ONCE = 4
"""Weeks whose attention is formed together: one block of large is 60 MB a week."""


def as_weeks(network: TokenNetwork, z: np.ndarray) -> Tensor:
    """Standardized weeks (people, minutes), or one (minutes,), as a batch on the network's device and in its precision.

    Refuses what no patch covers.
    """
    first = next(network.parameters())
    weeks = np.atleast_2d(np.asarray(z, dtype=np.float64 if first.dtype == torch.float64 else np.float32))
    if weeks.shape[1] < network.minutes_per_token:
        raise ExplanationError(
            f"An explanation needs at least one patch of {network.minutes_per_token} minutes, but this week has {weeks.shape[1]}. "
            "Bring a longer recording."
        )
    return torch.from_numpy(np.ascontiguousarray(weeks)).to(first)


@torch.no_grad()
def attention_received(encoder: Encoder, z: np.ndarray) -> np.ndarray:
    """(blocks, people, heads, patches): attention each patch receives, summed over the queries, so that the mean over patches is 1.

    This is the axis that the authors' code sums over; the sum over keys would be 1 for every query and show nothing.
    """
    return _received(encoder, as_weeks(encoder, z), None)


@torch.no_grad()
def encode(encoder: Encoder, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tokens (people, patches, 96) and `attention_received`, in one pass."""
    weeks = as_weeks(encoder, z)
    tokens = np.empty((weeks.shape[0], encoder.config.tokens(weeks.shape[1]), WIDTH), dtype=np.float32)
    return tokens, _received(encoder, weeks, tokens)


def _received(encoder: Encoder, weeks: Tensor, tokens: np.ndarray | None) -> np.ndarray:
    """See `attention_received`; a few people at a time. tokens: takes the tokens (people, patches, 96) where these are wanted."""
    people, patches = weeks.shape[0], encoder.config.tokens(weeks.shape[1])
    received = np.empty((encoder.config.blocks, people, encoder.config.heads, patches), dtype=np.float32)
    for first in range(0, people, PEOPLE_AT_ONCE):
        rows = slice(first, first + PEOPLE_AT_ONCE)

        def read(block: int, weights: Tensor, rows: slice = rows) -> None:
            received[block, rows] = weights.sum(dim=-2).cpu().numpy()

        encoded = encoder(weeks[rows], read)
        if tokens is not None:
            tokens[rows] = encoded.cpu().numpy()
    return received


def over_minutes(per_patch: np.ndarray, patch: int, minutes: int) -> np.ndarray:
    """(patches,) -> (minutes,): each value repeated over its patch; NaN on minutes that no whole patch covers."""
    spread = np.full(minutes, np.nan, dtype=np.float32)
    spread[: per_patch.size * patch] = np.repeat(per_patch, patch)
    return spread


EVEN = "1 is the level of evenly spread attention."


def attention_map(
    method: str,
    levels: Tensor,
    network: TokenNetwork,
    z: np.ndarray,
    settings: Mapping[str, object],
    note: str,
    flag: str = "",
    passes: int = 1,
) -> Attribution:
    """The record of a map of attention. levels: (patches,), mean 1. note: with what a level of 1 means, such as EVEN."""
    patch = network.minutes_per_token
    return Attribution(
        method=method,
        kind="attention",
        values=over_minutes(levels.detach().cpu().numpy(), patch, np.shape(z)[-1]),
        patch=patch,
        settings={"method": method, **settings},
        note=note,
        resolution=patch,
        evaluations=passes,
        flag=flag,
    )


def one_week(network: TokenNetwork, z: np.ndarray) -> Tensor:
    """One standardized week (minutes,) as (1, minutes); refuses several weeks, and minutes that are not numbers."""
    week = as_weeks(network, z)
    if week.ndim != 2 or week.shape[0] != 1:
        raise ExplanationError(f"A map explains one week at a time, got an array of shape {np.shape(z)}. Give one week's minutes.")
    read = week[:, : minutes_read(network, week.shape[1])]
    if missing := int((~torch.isfinite(read)).sum()):
        raise ExplanationError(
            f"An explanation needs a number for every minute, but {missing} of the {read.shape[1]} minutes of this week have none. "
            "Fill the gaps on the Data page, or choose another week."
        )
    return week
