"""A cohort's people as a reader asked for them: filtered and in order, for the list and for walking through it person by person."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

ALL = (0, 100)
ORDERS = {
    "": ("In order of import", "", True),
    "answer": ("Answer, high to low", "Answer", False),
    "-answer": ("Answer, low to high", "Answer", True),
    "participant": ("Participant, A to Z", "Participant", True),
    "-participant": ("Participant, Z to A", "Participant", False),
    "quality": ("Quality, most things to know first", "Quality", False),
    "-quality": ("Quality, nothing found first", "Quality", True),
    "days": ("Valid days, most first", "Valid days", False),
    "-days": ("Valid days, fewest first", "Valid days", True),
    "off": ("Not worn, most first", "Not worn", False),
    "-off": ("Not worn, least first", "Not worn", True),
    "training": ("Part in training, A to Z", "Part in training", True),
    "-training": ("Part in training, Z to A", "Part in training", False),
    "label": ("Label, A to Z", "", True),
    "-label": ("Label, Z to A", "", False),
}
"""Word of the address -> what a reader is told, the column of `participants_table`, and whether it ascends. "": no column, the cohort's
own order; of "label" it is the label that is shown."""

SEVERITY = {"Not fit for the model": 99, "Nothing found": 0}


@dataclass(frozen=True)
class Listing:
    """Which people, in which order. find: part of an identifier. quality, only: values that are let through, () all. between: percent.

    days: at least so many valid ones. label: whose values `only` are. order: a key of ORDERS.
    """

    find: str = ""
    quality: tuple[str, ...] = ()
    between: tuple[int, int] = ALL
    days: int = 0
    label: str | None = None
    only: tuple[str, ...] = ()
    order: str = ""

    @property
    def asked(self) -> bool:
        """Whether anything is filtered or sorted at all."""
        return bool(self.find.strip() or self.quality or self.between != ALL or self.days or self.only or self.order)

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of `participants_table` that fit, in order. People whose week is unfit have no answer: they show while all answers are
        asked for, and come last where the answers sort; so do others of whom a figure is not known."""
        kept = table["Participant"].str.contains(self.find.strip(), case=False, regex=False)
        if self.label in table and self.only:
            kept &= table[self.label].isin(self.only)
        if self.quality:
            kept &= table["Quality"].isin(self.quality)
        if self.days:
            kept &= (table["Valid days"] >= self.days).fillna(False).astype(bool)
        if self.between != ALL:
            kept &= table["Answer"].round().between(*self.between)
        return self._sorted(table[kept])

    def _sorted(self, table: pd.DataFrame) -> pd.DataFrame:
        _, figure, ascending = ORDERS.get(self.order, ORDERS[""])
        column = self.label if self.order.removeprefix("-") == "label" else figure
        if not column or column not in table:
            return table
        key = (lambda values: values.map(severity)) if column == "Quality" else _natural
        return table.sort_values(column, ascending=ascending, kind="stable", na_position="last", key=key)

    def words(self) -> str:
        """What was asked for, in a line: "late wake is planted; sorted by answer, high to low"; "" where it is everyone."""
        said = [f"“{self.find.strip()}” in the name"] if self.find.strip() else []
        said += [f"{self.label} is {' or '.join(self.only)}"] if self.only else []
        said += [" or ".join(self.quality).lower()] if self.quality else []
        said += [f"{self.between[0]} to {self.between[1]} of 100"] if self.between != ALL else []
        said += [f"{self.days} valid days or more"] if self.days else []
        said += [f"sorted by {ORDERS[self.order][0].lower()}"] if self.order else []
        return "; ".join(said)


def _natural(values: pd.Series) -> pd.Series:
    """Text so that numbers in it sort by size (p2 before p10), whatever the case; numbers as they are."""
    if values.dtype != object and not pd.api.types.is_string_dtype(values):
        return values
    return values.map(lambda text: re.sub(r"\d+", lambda digits: digits[0].zfill(12), str(text).casefold()), na_action="ignore")


def severity(words: object) -> int:
    """How much there is to know by the words of `participants_table.quality_words`, for sorting."""
    said = str(words)
    return SEVERITY[said] if said in SEVERITY else int(said.split()[0])
