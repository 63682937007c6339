"""Columns that say in every row whether a device was worn: by their names, and by cells of 0 and 1 or of words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from . import columns
from .coded import Coded, coded
from .quoting import quoted

_ENDING = "(time|flag|status|state|mask|marker|detection)?"
_OFF = r"(non|not|un|no)(wear|worn|wearing)|off(wrist|body)|removed|takenoff|nichtgetragen"
_NOT_WORN = re.compile(rf"(is|device|watch|sensor)?({_OFF}){_ENDING}")
_WORN = re.compile(rf"(is|device|watch|sensor)?(wear|worn|wearing|on(wrist|body)|getragen){_ENDING}")
_YES, _NO = ("1", "10", "true", "yes", "y", "t", "x"), ("0", "00", "false", "no", "n", "f")
"""Cells without signs and in lower case ("1.0" is "10"): what the column's name says holds, or does not."""
_SAYS_WORN = ("worn", "wear", "wearing", "onwrist", "onbody", "w")
_SAYS_NOT = ("nonwear", "notworn", "notwearing", "offwrist", "offbody", "unworn", "removed", "nonwearing", "nowear", "nw")
_FEWEST = 60
"""Rows not worn from which their movement is looked at."""


def flag_columns(names: Sequence[str]) -> list[str]:
    """Those of the columns whose names say that they tell when the device was worn."""
    return [name for name in names if _says(name) is not None]


def worn_of(column: pd.Series) -> tuple[np.ndarray | None, str]:
    """(rows,) bool, whether the device was worn, empty cells as worn; None where a cell says neither, and that cell."""
    cells, worn, off, nothing = told_of(column, _says(str(column.name)) == "not worn")
    unknown = ~(worn | off | nothing)
    if unknown.any():
        return None, str(cells.texts[unknown].iloc[0])
    return cells.spread(~off, True), ""


def told_of(column: pd.Series, says_not: bool) -> tuple[Coded, np.ndarray, np.ndarray, np.ndarray]:
    """The different cells of a column, and for each of them, bool: whether it says worn, not worn, or nothing at all.

    says_not: marks mean that it was not worn; words such as nonwear speak for themselves.
    """
    cells = coded(column)
    keys = cells.texts.map(columns.key)
    yes, no = keys.isin(_YES), keys.isin(_NO)
    worn = ((no if says_not else yes) | keys.isin(_SAYS_WORN)).to_numpy(bool)
    off = ((yes if says_not else no) | keys.isin(_SAYS_NOT)).to_numpy(bool)
    nothing = cells.texts.str.lower().isin(("", "nan", "na", "none", "<na>")).to_numpy(bool)
    return cells, worn & ~off, off, nothing


def rows_worn(frame: pd.DataFrame, names: Sequence[str]) -> tuple[np.ndarray | None, list[str], tuple[str, ...]]:
    """(rows,) bool by the columns of these names that tell it, None where none does; those columns; what is told of the others."""
    worn, used, notes = None, [], []
    for name in flag_columns(names):
        flags, cell = worn_of(frame[name])
        if flags is None:
            notes.append(
                f"The column {name} holds {quoted(cell)}, which says neither worn nor not worn; it was not used. Write 0 and 1 there, or "
                "say what the columns mean."
            )
            continue
        used.append(name)
        worn = flags if worn is None else worn & flags
    return worn, used, tuple(notes)


def believed(worn: np.ndarray, values: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """One person's (epochs,) flags, and what a reader is told of them; None where they say that a moving device was hardly ever worn."""
    off, on = ~worn & np.isfinite(values), worn & np.isfinite(values)
    if not off.any():
        return worn, ()
    named, moving = " and ".join(names), float(values[off].mean(dtype=np.float64))
    doubtful = moving > 0 and (not on.any() or (off.sum() >= _FEWEST and moving > values[on].mean(dtype=np.float64)))
    if doubtful and off.sum() > on.sum():
        return None, (
            f"By {named} the device was not worn in {int(off.sum()):,} of {values.size:,} epochs, and moved more then than otherwise; so "
            "the marks may be the other way round, and were not used. Say what the columns mean, if they are.",
        )  # fmt: skip
    caution = " It moved more then than while it was worn: look whether the marks are the other way round." if doubtful else ""
    return worn, (f"By {named} the device was not worn in {int(off.sum()):,} of {values.size:,} epochs; these count as non-wear.{caution}",)


def _says(name: str) -> str | None:
    key = columns.key(name)
    return "not worn" if _NOT_WORN.fullmatch(key) else "worn" if _WORN.fullmatch(key) else None
