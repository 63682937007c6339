"""Numbers with their nouns, right in the singular too."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """“1 row” or “1,204 rows”. `plural` is the singular with an s unless given; both may bring a verb along (“row has”, “rows have”)."""
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"


def listed(names: Sequence[str]) -> str:
    """“age, sex and hours of wear”; at least one name."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
