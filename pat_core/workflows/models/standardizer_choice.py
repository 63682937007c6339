"""Whose people a model's minutes are compared with: what can be chosen for windows of these lengths, and what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pat_core.records import StandardizeBy
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weeks import span
from pat_core.weights import Model

BY_DAY = "Compare by minute of the day instead (`--standardizer cohort-day`)."
OTHERWISE = (
    "Compare with the people of these windows instead (`--standardizer cohort`, or `cohort-day` by minute of the day), or train a model "
    "that standardizes by minute of the day: it reads any length."
)


def standardizer_facts(model: Model) -> dict[str, Any]:
    """What a list of models remembers of a model's own standardizer: whether there is one, and the minutes of the windows that it reads, 0
    where it reads windows of any length."""
    own = model.standardizer
    return {"has_standardizer": own is not None, "standardizer_minutes": own.mean.size if own is not None and own.per == "window" else 0}


def own_reads(card: Mapping[str, Any], lengths: tuple[int, int]) -> bool:
    """Whether a model brings a standardizer that reads windows of these lengths (of the shortest, of the longest).

    card: with `standardizer_facts`; of lists of before the minutes were remembered, those of a week.
    """
    minutes = card.get("standardizer_minutes", MINUTES_PER_WEEK)
    return bool(card.get("has_standardizer")) and (minutes == 0 or lengths == (minutes, minutes))


def standardizers_offered(card: Mapping[str, Any], lengths: tuple[int, int]) -> list[StandardizeBy]:
    """Whose people the minutes of windows of these lengths can be compared with, the usual choice first."""
    offered: list[StandardizeBy] = ["model"] if own_reads(card, lengths) else []
    if lengths[0] == lengths[1]:
        offered.append("cohort")
    return [*offered, "cohort_day"]


def default_standardizer(model: Model, lengths: tuple[int, int] | None = None) -> StandardizeBy:
    """The model's own where it has one that reads windows of these lengths, else the cohort's. Without lengths: the model's own, if any."""
    facts = standardizer_facts(model)
    if lengths is None:
        return "model" if facts["has_standardizer"] else "cohort"
    return standardizers_offered(facts, lengths)[0]


def only_its_length(name: str, minutes: int) -> str:
    """A sentence on a standardizer per minute of the window that windows of other lengths cannot be read by."""
    return (
        f"{name} compares each minute of a {span(minutes)} ({minutes:,} minutes) with the same minute of its own people, so windows of "
        "another length cannot be read that way."
    )
