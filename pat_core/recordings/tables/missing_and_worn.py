"""What stands beside activity or in its place: flags of when the device was worn, and numbers that stand for a missing value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pat_core.plurals import counted
from pat_core.recordings.source import quoted
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.coded_text import Coded, coded
from pat_core.wear.nonwear import runs

_ENDING = "(time|flag|status|state|mask|marker|detection|detected)?"
_NOT_WORN = re.compile(
    r".*(non|not|un)(wear|worn|wearing).*|nw|no(wear|worn|wearing).*|.*off(wrist|body).*|(watch|device|sensor)?(removed|off|takenoff)|takenoff"
    r"|nicht(getragen|tragen)|non(port|us|indoss)\w*|no(us|puest|gedragen)\w*|nietgedragen|ejburen|ikkebaret"
)
_WORN = re.compile(
    rf"(is|device|watch|sensor)?(wear|worn|wearing|on(wrist|body)){_ENDING}|(device|watch)on|skincontact|(ge)?tragen|gedragen|portee?"
    r"|indossato|usado|puesto|buren|baret"
)
_DOUBTFUL = re.compile(
    r".*(wear(?!er|able)|worn(?!by)|valid|choi|troiano|mask|imput|exclud|art[ei]fact|capsens|skincontact|intervalstatus|paxpredm|paxqfm).*|cap"
)
"""Names of columns that may tell which rows are to be believed, in ways of their own."""
_YES = ("1", "10", "true", "yes", "y", "t", "x", "ja", "j", "oui", "si", "sim", "on")
_NO = ("0", "00", "false", "no", "n", "f", "nein", "nee", "nej", "nei", "non", "nao", "off")
"""Cells without signs and accents and in lower case ("1.0" is "10"): what the column's name says holds, or does not."""
_SAYS_WORN = ("worn", "wear", "wearing", "onwrist", "onbody", "w")
_PLAINLY_NOT = ("nonwear", "notworn", "notwearing", "offwrist", "offbody", "unworn", "nonwearing", "nowear", "watchoff", "deviceoff")
"""Words that say so in a column of any name."""
_SAYS_NOT = (*_PLAINLY_NOT, "removed", "nw")
_MOST_WORDS = 20
_FEWEST = 60
"""Rows not worn from which their movement is looked at."""


def worn_of(column: pd.Series) -> tuple[np.ndarray | None, str]:
    """(rows,) bool, whether the device was worn; None where a cell says neither, and that cell. Empty cells are as those beside them say
    not: not worn where all others say worn, else worn."""
    cells, worn, off, nothing = told_of(column, _says(str(column.name)) == "not worn")
    unknown = ~(worn | off | nothing)
    if unknown.any():
        return None, str(cells.texts[unknown].iloc[0])
    empty_is_worn = off.any() or not worn.any() or _says(str(column.name)) != "worn"
    return cells.spread(worn | (nothing & empty_is_worn), empty_is_worn), ""


def told_of(column: pd.Series, says_not: bool) -> tuple[Coded, np.ndarray, np.ndarray, np.ndarray]:
    """The different cells of a column, and for each of them, bool: whether it says worn, not worn, or nothing at all.

    says_not: marks mean that it was not worn; words such as nonwear speak for themselves.
    """
    cells = coded(column)
    keys = cells.texts.map(_key)
    yes, no = keys.isin(_YES), keys.isin(_NO)
    worn = ((no if says_not else yes) | keys.isin(_SAYS_WORN)).to_numpy(bool)
    off = ((yes if says_not else no) | keys.isin(_SAYS_NOT)).to_numpy(bool)
    nothing = cells.texts.str.lower().isin(("", "nan", "na", "none", "<na>")).to_numpy(bool)
    return cells, worn & ~off, off, nothing


def rows_worn(frame: pd.DataFrame, names: Sequence[str]) -> tuple[np.ndarray | None, list[str], tuple[str, ...]]:
    """(rows,) bool by the columns of these names that tell it, None where none does; those columns; what is told of the others."""
    worn, used, notes = None, [], []
    for name in names:
        flags, cell = worn_of(frame[name]) if _says(name) else (_by_words(frame[name]), "")
        if flags is not None:
            used.append(name)
            worn = flags if worn is None else worn & flags
        elif cell:
            notes.append(
                f"The column {name} holds {quoted(cell)}, which means neither worn nor not worn; it was not used. Write 0 and 1 there, or "
                "say what the columns mean."
            )
        elif _DOUBTFUL.fullmatch(_key(name)) and frame[name].nunique(dropna=False) > 1:
            notes.append(
                f"The column {name} may say which rows are reliable; it was not used. If it says when the device was worn, call it worn "
                "(0 and 1), or say what the columns mean."
            )
    return worn, used, tuple(notes)


def _by_words(column: pd.Series) -> np.ndarray | None:
    """(rows,) bool, whether the device was worn, by the words of a column of any name; None where none of its cells says so."""
    if pd.api.types.is_numeric_dtype(column) or column.nunique() > _MOST_WORDS:
        return None
    cells = coded(column)
    keys = cells.texts.map(_key)
    plainly, off = keys.isin(_PLAINLY_NOT), keys.isin(_SAYS_NOT)
    known = off | keys.isin(_SAYS_WORN) | (cells.texts == "")
    if not (plainly.any() or (off.any() and known.all() and not off.all())):
        return None
    return cells.spread(~off.to_numpy(bool), True)


def _key(text: str) -> str:
    """A name or cell reduced to letters and digits, lower case, without accents."""
    return columns.key("".join(letter for letter in unicodedata.normalize("NFKD", str(text)) if not unicodedata.combining(letter)))


def believed(worn: np.ndarray, values: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """One person's (epochs,) flags, and what a reader is told of them; None where they say that a moving device was hardly ever worn."""
    off, on = ~worn & np.isfinite(values), worn & np.isfinite(values)
    if not off.any():
        return worn, ()
    named, moving = " and ".join(names), float(values[off].mean(dtype=np.float64))
    doubtful = moving > 0 and (not on.any() or (off.sum() >= _FEWEST and moving > values[on].mean(dtype=np.float64)))
    if doubtful and off.sum() > on.sum():
        return None, (
            f"By {named} the device was not worn in {int(off.sum()):,} of {values.size:,} epochs, yet it moved more then than otherwise; "
            "the marks may be reversed, and were not used. If they are, say what the columns mean.",
        )
    caution = " It moved more then than while it was worn: check whether the marks are reversed." if doubtful else ""
    return worn, (f"By {named} the device was not worn in {int(off.sum()):,} of {values.size:,} epochs; these count as non-wear.{caution}",)


def _says(name: str) -> str | None:
    key = _key(name)
    return "not worn" if _NOT_WORN.fullmatch(key) else "worn" if _WORN.fullmatch(key) else None


NEGATIVE = (-1, -8, -9, -77, -88, -99, -777, -888, -999, -8888, -9999, -99999, -999999, -32767, -32768, -2147483648)
"""Codes below zero, which no activity is."""
_NINES = tuple(10**digits - 1 for digits in range(3, 13))
CEILINGS = (*_NINES, *(8 * nines // 9 for nines in _NINES), 32767, 32768, 65535, 8388607, 16777215, 2147483647, 4294967295)
"""Codes above all activity: nines, eights, and the largest numbers that computers keep in so many bits."""
_FAR, _VERY_FAR = 4.0, 10.0
"""So many times the largest of the other values is what may be a code; and what is one whatever its number, where it comes again."""
_FEWEST_VALUES, _RUN, _MOST_SHARE = 20, 5, 0.9
"""Different other values from which they tell how large activity gets; epochs in a row of a code of any number; share that are a code."""
_MOST_CODES = 3


def without_codes(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n,) float32 activity with codes for missing values as NaN, and a sentence on each code.

    A negative number is one where all negative numbers are codes and there is activity. A largest number is one where it is a usual
    code, or stands in a row, far above everything else: below the ceiling of a device there is activity too.
    """
    notes: list[str] = []
    for code in _negative(values):
        values = _taken(values, code, "below zero, which activity never is", notes)
    for _ in range(_MOST_CODES):
        highest = _above(values)
        if highest is None:
            break
        rest = values[values < highest / _FAR].max()
        values = _taken(values, highest, f"far above all other values, which reach {rest:,.10g}", notes)
    return values, tuple(notes)


def _taken(values: np.ndarray, code: float, where: str, notes: list[str]) -> np.ndarray:
    at = values == np.float32(code)
    notes.append(
        f"{counted(int(at.sum()), 'epoch holds', 'epochs hold')} {code:.10g}, {where}: a code for a missing value, counted as missing."
    )
    return np.where(at, np.float32(np.nan), values)


def _negative(values: np.ndarray) -> list[float]:
    below = np.unique(values[values < 0])
    known = np.asarray(NEGATIVE, np.float32)
    moving = np.unique(values[np.isfinite(values) & (values > 0)]).size
    return below.tolist() if 0 < below.size <= _MOST_CODES and np.isin(below, known).all() and moving > below.size else []


def _above(values: np.ndarray) -> float | None:
    present = values[np.isfinite(values)]
    if present.size == 0 or (largest := present.max()) <= 0:
        return None
    rest = present[present < largest / _FAR]
    if np.unique(present[present >= largest / _FAR]).size > _MOST_CODES or rest.size < (1 - _MOST_SHARE) * present.size:
        return None
    if np.unique(rest).size < _FEWEST_VALUES or rest.max() <= 0:
        return None
    if any(largest == np.float32(code) for code in CEILINGS):
        return _code(float(largest))
    starts, lengths = runs(values == largest)
    together = lengths[values[starts] == largest]
    return float(largest) if largest >= _VERY_FAR * rest.max() and together.max() >= _RUN else None


def _code(value: float) -> float:
    """The code that a float32 was, for sentences: it keeps no more than seven digits."""
    return float(next(code for code in CEILINGS if np.float32(code) == np.float32(value)))
