"""Numbers as files write them, for every reader of text: 1234, 1,234, 1.234,5, 1'234, 12,5.

A comma or a point before three digits stands between thousands or before decimals; the cell alone does not tell. So cells are read one by
one, and what such an open cell means is settled by all cells of the column. Blanks and apostrophes only ever stand between thousands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.recordings.tables.coded_text import Coded
from pat_core.recordings.tables.text_shape import MISSING

Sign = Literal[".", ","]
Usual = Literal["whole", "fractions", ".", ","]
"""What is known of a column beforehand, for where its cells do not tell: whole numbers or fractions, or the decimal sign."""
PARSED = np.dtype([("value", np.float64), ("kind", np.uint8)])
"""A cell as read alone. value: NaN where there is none; of an open cell the number without its sign (1234 of both 1,234 and 1.234)."""

NOTHING, CODE, TEXT, SMALL, BIG, OTHER, OPEN_COMMA, OPEN_POINT, DECIMAL_COMMA, DECIMAL_POINT = range(10)
"""Kinds of cells: empty; a word for a missing value; text that is no number; 1 to 999 and 1000 and more, in digits alone; numbers that
tell nothing of signs; open ones; decimals, whose sign is followed by other than three digits, or not preceded by one to three."""
GROUP_COMMA, GROUP_POINT, GROUP_MARK, GROUP_COMMA_POINT, GROUP_POINT_COMMA, GROUP_MARK_POINT, GROUP_MARK_COMMA = range(10, 17)
"""Thousands with a comma, a point, or a blank or apostrophe; and those with decimals, whose sign is named last."""
_KINDS = 17
_THOUSANDS = {",": (GROUP_COMMA, GROUP_COMMA_POINT), ".": (GROUP_POINT, GROUP_POINT_COMMA)}
_MARKED = (GROUP_MARK, GROUP_MARK_POINT, GROUP_MARK_COMMA)
_DECIMALS = {",": (DECIMAL_COMMA, GROUP_POINT_COMMA, GROUP_MARK_COMMA), ".": (DECIMAL_POINT, GROUP_COMMA_POINT, GROUP_MARK_POINT)}
_OPEN = {",": OPEN_COMMA, ".": OPEN_POINT}
_SIGNS: tuple[Sign, ...] = (",", ".")
_OTHER_SIGN: dict[str, Sign] = {",": ".", ".": ","}
_NAMES = {",": "comma", ".": "point"}
_DILUTED = 50
"""Of decimals one in ten ends in a zero, which most programs leave out: where open cells are so many times as many, they are none."""

_FEWEST_DASHES, _DASH_SHARE = 60, 0.05
"""Rows, and their share, from which dashes are too many to be passed over."""

_SIGN, _FIRST = "[+-]?", r"[+-]?[1-9][0-9]{0,2}"
_FORMS = tuple(
    (re.compile(pattern), kind, away, decimal)
    for pattern, kind, away, decimal in (
        (rf"{_FIRST},[0-9]{{3}}", OPEN_COMMA, ",", "."),
        (rf"{_SIGN}(?:[0-9]+,[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?", DECIMAL_COMMA, "", ","),
        (rf"{_FIRST}(?:,[0-9]{{2,3}})+,[0-9]{{3}}", GROUP_COMMA, ",", "."),
        (rf"{_FIRST}(?:\.[0-9]{{2,3}})+\.[0-9]{{3}}", GROUP_POINT, ".", ","),
        (rf"{_FIRST}(?:,[0-9]{{2,3}})*,[0-9]{{3}}\.[0-9]*", GROUP_COMMA_POINT, ",", "."),
        (rf"{_FIRST}(?:\.[0-9]{{2,3}})*\.[0-9]{{3}},[0-9]*", GROUP_POINT_COMMA, ".", ","),
        (rf"{_FIRST}(?:(?: [0-9]{{3}})+|(?:'[0-9]{{3}})+)", GROUP_MARK, " '", "."),
        (rf"{_FIRST}(?:(?: [0-9]{{3}})+|(?:'[0-9]{{3}})+)\.[0-9]*", GROUP_MARK_POINT, " '", "."),
        (rf"{_FIRST}(?:(?: [0-9]{{3}})+|(?:'[0-9]{{3}})+),[0-9]*", GROUP_MARK_COMMA, " '", ","),
    )
)
"""Forms of cells that are no number as they stand, the commonest two first: form, kind, the signs to leave out, the decimal sign."""
_OPEN_POINT = rf"{_FIRST}\.[0-9]{{3}}"
_OPEN_POINT_ANYWHERE = re.compile(rf"^{_OPEN_POINT}$", re.MULTILINE)
_BLANKS = "\u00a0\u202f\u2009\u2007\u2008"
_PLAIN = str.maketrans(dict.fromkeys(_BLANKS, " ") | dict.fromkeys("\u2019\u02bc\u00b4\x92", "'") | {"\u2212": "-"})
_NEEDS_CARE = re.compile(rf"[,' _a-zA-Z\"{_BLANKS}\u2019\u02bc\u00b4\x92\u2212]")


def parse(texts: pd.Series) -> np.ndarray:
    """(n,) PARSED of (n,) texts, each read alone; missing texts count as empty."""
    texts = texts.astype("str").str.strip()
    parsed = np.zeros(len(texts), PARSED)
    parsed["value"] = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    number = ~np.isnan(parsed["value"])
    kind = parsed["kind"]
    kind[number] = OTHER
    pointed = number & _mask(texts.str.contains(".", regex=False))
    kind[pointed] = DECIMAL_POINT
    if pointed.any():
        opened = np.flatnonzero(pointed)[_mask(texts[pointed].str.fullmatch(_OPEN_POINT))]
        kind[opened] = OPEN_POINT
        parsed["value"][opened] = np.rint(parsed["value"][opened] * 1000)
    digits = np.flatnonzero(number & ~pointed)
    digits = digits[_mask(texts.iloc[digits].str.fullmatch(r"[+-]?[1-9][0-9]*"))]
    kind[digits] = np.where(np.abs(parsed["value"][digits]) < 1000, SMALL, BIG)
    unread = np.flatnonzero(~number & _mask(texts.notna() & (texts != "")))
    for form, kind_of, away, _ in _FORMS[:2]:
        fits = _mask(texts.iloc[unread].str.fullmatch(form.pattern))
        bare = texts.iloc[unread[fits]].str.replace(",", "" if away else ".", regex=False)
        parsed["value"][unread[fits]], kind[unread[fits]] = pd.to_numeric(bare).to_numpy(np.float64), kind_of
        unread = unread[~fits]
    for at, text in zip(unread.tolist(), texts.iloc[unread].tolist(), strict=True):
        parsed[at] = _one(text)
    return parsed


def parse_cells(cells: Sequence[str]) -> np.ndarray:
    """(n,) PARSED of (n,) cells, as `parse`; faster for lists of plain numbers."""
    whole = "\n".join(cells)
    if _NEEDS_CARE.search(whole) or _OPEN_POINT_ANYWHERE.search(whole):
        return parse(pd.Series(list(cells), dtype="str"))
    parsed = np.zeros(len(cells), PARSED)
    try:
        parsed["value"] = [float(cell or "nan") for cell in cells]
    except ValueError:
        return parse(pd.Series(list(cells), dtype="str"))
    values = parsed["value"]
    if "." in whole:
        # Which of the whole numbers have a point of their own is not looked at: one with decimals tells enough.
        parsed["kind"] = np.where(np.isnan(values), NOTHING, np.where(values == np.rint(values), OTHER, DECIMAL_POINT))
        return parsed if (parsed["kind"] == DECIMAL_POINT).any() else parse(pd.Series(list(cells), dtype="str"))
    size = np.abs(values)
    parsed["kind"] = np.where(size >= 1000, BIG, np.where(size >= 1, SMALL, np.where(size == 0, OTHER, NOTHING)))
    return parsed


def certain(text: str) -> float | None:
    """The number that a text alone is, whatever stands beside it; None where it is none, or may be two."""
    value, kind = _one(text.strip())
    return None if kind in (NOTHING, CODE, TEXT, OPEN_COMMA, OPEN_POINT) or not np.isfinite(value) else value


def is_number(text: str) -> bool:
    """Whether a text is a number, empty, or a word for a missing value."""
    return _one(text)[1] != TEXT


@dataclass(frozen=True)
class SignFound:
    """A decimal sign, and the first cell that tells it, with its line."""

    sign: Sign
    cell: str
    line: int


class Evidence:
    """What the cells of a column say of its signs. Cells come in pieces; `thousands` is asked once all are there."""

    def __init__(self, name: str, usual: Usual | None = None) -> None:
        self.name, self._usual = name, usual
        self._rows = np.zeros(_KINDS, np.int64)
        self._first: dict[int, tuple[float, int]] = {}

    def add(self, parsed: np.ndarray, lines: np.ndarray, times: np.ndarray | None = None) -> None:
        """More cells, the lines in which they (first) stand, and how many times each does (default: once)."""
        self._rows += np.bincount(parsed["kind"], times, _KINDS).astype(np.int64)
        for kind in np.flatnonzero(np.bincount(parsed["kind"], minlength=_KINDS)).tolist():
            if kind not in self._first:
                at = int((parsed["kind"] == kind).argmax())
                self._first[kind] = float(parsed["value"][at]), int(lines[at])

    def has(self, *kinds: int) -> int:
        """In how many rows cells of these kinds stand."""
        return int(self._rows[list(kinds)].sum())

    @property
    def decimal(self) -> SignFound | None:
        """The decimal sign where the cells tell it. Raises RecordingError as `thousands`."""
        for sign in _SIGNS:
            if self.has(*_DECIMALS[sign]) or (self.has(_OPEN[sign]) and not self.thousands(sign)):
                return self._sign_found(sign, *_DECIMALS[sign], _OPEN[sign])
        for sign in _SIGNS:
            if self.has(_OPEN[sign], *_THOUSANDS[sign]):
                return self._sign_found(_OTHER_SIGN[sign], *_THOUSANDS[sign], _OPEN[sign])
        return None

    def _sign_found(self, sign: Sign, *kinds: int) -> SignFound:
        kind = next(kind for kind in kinds if self.has(kind))
        value, line = self._first[kind]
        return SignFound(sign, written(value, kind), line)

    def thousands(self, sign: str) -> bool:
        """Whether a comma or point before three digits stands between thousands.

        Raises RecordingError, naming column, cell and line, where the cells contradict one another, and where they may be both.
        """
        decimals, groups = list(_DECIMALS[sign]), [*_THOUSANDS[sign], *_DECIMALS[_OTHER_SIGN[sign]]]
        if self.has(*decimals) and self.has(*groups):
            raise self._contradiction(sign, decimals, groups)
        if self.has(*groups):
            return True
        grouped = self.has(SMALL) and not self.has(BIG, *_THOUSANDS[_OTHER_SIGN[sign]], *_MARKED)
        if self.has(*decimals):
            if grouped and self.has(*decimals) * _DILUTED < self.has(_OPEN[sign]):
                raise self._contradiction(sign, decimals, [_OPEN[sign]])
            return False
        if self._usual is not None:
            return self._usual not in ("fractions", sign)
        if grouped and not self.has(_OPEN[_OTHER_SIGN[sign]]):
            return True
        value, line = self._first[_OPEN[sign]]
        raise RecordingError(
            f"The column {self.name} can be read in two ways: {written(value, _OPEN[sign])} in line {line} is {value:.0f} or "
            f"{value / 1000:.3f}, and nothing shows whether its {_NAMES[sign]} separates thousands or decimals. Write thousands without a "
            "separator, or decimals with two or four places; or say what the columns mean, and which sign is the decimal sign."
        )

    def notes(self) -> tuple[str, ...]:
        """What a reader is told once all cells are there: signs between thousands that were left out."""
        signs = [kind for sign in (",", ".") for kind in ((_OPEN[sign],) if self.has(_OPEN[sign]) and self.thousands(sign) else ())]
        signs += [kind for kinds in (*_THOUSANDS.values(), _MARKED) for kind in kinds if self.has(kind)]
        if not signs:
            return ()
        value, line = min((self._first[kind] for kind in signs), key=lambda first: first[1])
        return (
            f"{counted(self.has(*signs), 'number')} in the column {self.name} had thousands separators, first in line {line} "
            f"({value:.12g}); they were removed.",
        )

    def missing_note(self) -> tuple[str, ...]:
        """What a reader is told of cells that hold a word or sign for a missing value."""
        count = self.has(CODE)
        where = f"first in line {self._first[CODE][1]}" if count else ""
        return (
            (f"{counted(count, 'cell')} of the column {self.name} with a word or sign for no value, {where}: counted as missing.",)
            if count
            else ()
        )

    def _contradiction(self, sign: str, decimals: list[int], groups: list[int]) -> RecordingError:
        shown = []
        for kinds in (decimals, groups):
            kind = next(kind for kind in kinds if self.has(kind))
            value, line = self._first[kind]
            shown.append(f"{written(value, kind)} in line {line}")
        return RecordingError(
            f"The numbers of the column {self.name} contradict each other: {shown[0]} and {shown[1]}. It is unclear whether the "
            f"{_NAMES[sign]} separates thousands or decimals. Write all numbers the same way, without thousands separators."
        )


def settle(values: np.ndarray, kinds: np.ndarray, evidence: Evidence) -> np.ndarray:
    """(n,) values with those of open cells as the whole column means them. Raises RecordingError as Evidence.thousands."""
    for sign in (",", "."):
        opened = kinds == _OPEN[sign]
        if opened.any() and not evidence.thousands(sign):
            values = np.where(opened, values / values.dtype.type(1000), values)
    return values


def numbers_of(column: Coded, lines: np.ndarray, name: str, usual: Usual | None = None) -> tuple[np.ndarray, np.ndarray, Evidence]:
    """A whole column, kept as its different texts: (rows,) float64, (rows,) bool where text stands that is no number, and the evidence.

    lines: (rows,) where they stand. Raises RecordingError where the numbers can be read in two ways.
    """
    parsed = parse(column.texts)
    evidence = Evidence(name, usual)
    evidence.add(parsed, lines[column.first_rows()], column.counts())
    values = settle(parsed["value"], parsed["kind"], evidence)
    if name:
        _refuse_accounting(column, parsed["kind"], values, name)
    return column.spread(values, np.nan), column.spread(parsed["kind"] == TEXT, False), evidence


def _refuse_accounting(column: Coded, kinds: np.ndarray, values: np.ndarray, name: str) -> None:
    """Refuse a column of whole numbers in which a dash stands often, and 0 never: Excel's accounting format writes zeros so."""
    known = values[np.isfinite(values)]
    dashes = int(column.counts()[((kinds == CODE) & column.texts.isin(("-", "\u2013")).to_numpy(bool))].sum())
    if dashes < max(_FEWEST_DASHES, _DASH_SHARE * column.codes.size) or not known.size or (known == 0).any() or (known % 1 != 0).any():
        return
    raise RecordingError(
        f"The column {name} holds “-” in {dashes:,} of {counted(column.codes.size, 'row')} and never 0: Excel's accounting format writes "
        "zeros like that, other programs missing values. Write 0 for zeros, or leave the cells of missing minutes empty."
    )


def unmistakable(value: float) -> str:
    """A number as text that means nothing else: 1.234 has a zero more, for before three digits a point may stand between thousands."""
    text = repr(value)
    return f"{text}0" if re.fullmatch(_OPEN_POINT, text) else text


def written(value: float, kind: int) -> str:
    """How a number of this kind is written, for sentences."""
    if kind in (OPEN_POINT, GROUP_POINT):
        return f"{value:,.0f}".replace(",", ".")
    if kind in (OPEN_COMMA, GROUP_COMMA):
        return f"{value:,.0f}"
    if kind in (GROUP_MARK, GROUP_MARK_POINT, GROUP_MARK_COMMA):
        plain = f"{value:,}".removesuffix(".0")
        return plain.replace(",", " ").replace(".", "," if kind == GROUP_MARK_COMMA else ".")
    text = f"{value:,}" if kind in (GROUP_COMMA_POINT, GROUP_POINT_COMMA) else f"{value:.12g}"
    return text.translate(str.maketrans(",.", ".,")) if kind in (GROUP_POINT_COMMA, DECIMAL_COMMA) else text


def _one(text: str) -> tuple[float, int]:
    """Value and kind of one text."""
    plain = text.translate(_PLAIN).strip('" ')
    if not plain.isascii():
        plain = "".join(str(unicodedata.decimal(letter, letter)) for letter in plain)
    for form, kind, away, decimal in _FORMS:
        if form.fullmatch(plain):
            bare = plain.translate(dict.fromkeys(map(ord, away)))
            return float(bare.replace(",", ".") if decimal == "," else bare), kind
    if plain.lower() in MISSING:
        return np.nan, CODE if plain else NOTHING
    if re.fullmatch(_OPEN_POINT, plain):
        return float(plain.replace(".", "")), OPEN_POINT
    if not re.fullmatch(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?inf(?:inity)?", plain, re.IGNORECASE):
        return np.nan, TEXT
    value = float(plain)
    if "." in plain:
        return value, DECIMAL_POINT
    return value, (SMALL if abs(value) < 1000 else BIG) if re.fullmatch(r"[+-]?[1-9][0-9]*", plain) else OTHER


def _mask(matches: pd.Series) -> np.ndarray:
    return matches.to_numpy(bool, na_value=False)
