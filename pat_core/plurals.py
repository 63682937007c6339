"""Numbers with their nouns, right in the singular too."""

from __future__ import annotations


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """“1 row” or “1,204 rows”. `plural` is the singular with an s unless given; both may bring a verb along (“row has”, “rows have”)."""
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"
