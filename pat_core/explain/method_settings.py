"""What can be set of a method, with the defaults: known without a network, so that pages and the keys of kept maps need no torch."""

from __future__ import annotations

from operator import index
from typing import Any, Literal, get_args

from pat_core.errors import ExplanationError
from pat_core.models.pat import PatConfig

TOLERANCE, MOST = 0.01, 256
"""Of the methods that walk a path: the gap they are refined to, as a share of the score's change, and gradients at the most."""
QUICK = 5
"""Gradients of the first, quick map: as few as the rule can be made of."""

Fusion = Literal["mean", "max", "min"]
FUSIONS: tuple[Fusion, ...] = get_args(Fusion)
"""How the heads of a block become one map, the default first."""

Replacement = Literal["mean week", "own day"]
REPLACEMENTS: tuple[Replacement, ...] = get_args(Replacement)
"""What stands where a part is taken out, the default first. One replacement alone can mislead: compare the two."""


def block_number(config: PatConfig, block: int) -> int:
    """Index of a block, 0 for the first; counted from the end where negative, as the last is -1."""
    return _number(block, config.blocks, "block")


def head_number(config: PatConfig, head: int | str | None) -> int | None:
    """Index of a head, or None for the mean over heads (None or "mean")."""
    return None if head is None or head == "mean" else _number(head, config.heads, "head")


def _number(wanted: Any, there: int, what: str) -> int:
    try:
        number = None if isinstance(wanted, bool) else index(wanted)
    except TypeError:
        number = None
    if number is None or not -there <= number < there:
        mean = ' or "mean" for the mean over heads,' if what == "head" else ""
        raise ExplanationError(
            f"This model has {there} {what}{'s' if there > 1 else ''}: expected a {what} from 0, the first, to {there - 1}, the last,"
            f"{mean} got {wanted!r}. Choose one of these."
        )
    return number % there
