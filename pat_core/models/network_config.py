"""The configuration of any network there is: plain values that say how it is built and what it can read."""

from __future__ import annotations

from pat_core.models.baselines import BaselineConfig
from pat_core.models.pat import PatConfig

NetworkConfig = PatConfig | BaselineConfig
"""Both have size, embedding, patch, blocks, heads, tokens, leftover and as_dict. Without blocks there is no attention."""


def unreadable(config: NetworkConfig, minutes: int) -> str | None:
    """Why such a network cannot read so many minutes, in a sentence; None where it can."""
    if isinstance(config, BaselineConfig):
        return config.refused(minutes)
    return None if minutes >= config.patch else f"It needs at least one patch of {config.patch} minutes, and this week has {minutes}."
